"""Where two revisions of an entry differ, sentence by sentence: for the command line, and for its page."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, NamedTuple

from feeds.plain_text import plain_text, sentences

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from storage.entry import Revision

# A block begins a line of its own, and a line break does.
_BLOCK = re.compile(
    r"(?=<(?:p|div|h[1-6]|li|tr|blockquote|pre|figure|figcaption|table|ul|ol|dl|dt|dd|hr|section|article|br)\b)"
)
# Comparing takes the product of both sides' lines, and more for hostile ones: where what is left after the common
# beginning and end is longer than this, it counts as replaced whole.
_COMPARABLE = 40_000

PUBLISHED = "published"
"""The part that is a time, in ISO 8601."""
GONE, NEW, SAME = "-", "+", " "
"""How a line of a difference is marked."""


class Part(NamedTuple):
    """A part in which two revisions differ, and its lines, each with its mark."""

    name: str
    lines: list[tuple[str, str]]


def changed(before: Revision, after: Revision) -> tuple[str, ...]:
    """The names of the parts in which two revisions differ."""
    return tuple(part.name for part in differences(before, after))


def differences(before: Revision, after: Revision) -> Iterator[Part]:
    """The parts in which two revisions differ, with every sentence of both in their order."""
    told, tells = _parts(before), _parts(after)
    for name in told:
        if told[name] != tells[name]:
            yield Part(name, list(_compared(told[name], tells[name])))


def lines_of(markup: str) -> list[str]:
    """The sentences of *markup* as plain text, one a line; blocks and line breaks begin one."""
    blocks = (plain_text(block) for block in _BLOCK.split(markup))
    return [sentence for block in blocks for sentence in sentences(block)]


def _compared(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, str]]:
    start = _common(old, new)
    end = _common(old[: start - 1 - len(old) : -1], new[: start - 1 - len(new) : -1])
    before, after = old[start : len(old) - end], new[start : len(new) - end]
    yield from ((SAME, line) for line in old[:start])
    for kind, i, j, k, m in _steps(before, after):
        if kind == "equal":
            yield from ((SAME, line) for line in before[i:j])
        else:
            yield from ((GONE, line) for line in before[i:j])
            yield from ((NEW, line) for line in after[k:m])
    yield from ((SAME, line) for line in old[len(old) - end :])


def _steps(old: Sequence[str], new: Sequence[str]) -> Sequence[tuple[str, int, int, int, int]]:
    if len(old) * len(new) > _COMPARABLE:
        return [("replace", 0, len(old), 0, len(new))]
    return difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many lines both begin with."""
    pairs = zip(one, other, strict=False)
    return next((number for number, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _parts(said: Revision) -> dict[str, list[str]]:
    return {
        "title": [said.title] if said.title else [],
        "link": [said.link] if said.link else [],
        PUBLISHED: [said.published.isoformat()],
        "summary": sentences(said.summary),
        "content": lines_of(said.content),
        "enclosures": [enclosure.url for enclosure in said.enclosures],
    }
