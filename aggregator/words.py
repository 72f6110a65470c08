"""What an entry says, revision by revision: whether the words are the same, and where they differ."""

from __future__ import annotations

import difflib
import re
from html import escape, unescape
from typing import TYPE_CHECKING

from aggregator.links import without_tracking
from aggregator.plain_text import plain_text, sentences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from storage.entry import Revision

# As nh3 writes them: names in lower case, every value in double quotes.
_TAG = re.compile(r'<([a-z][^\s/>]*)((?:\s[^\s=>/"]+="[^"]*")+)')
_ATTRIBUTE = re.compile(r'([^\s=]+)="([^"]*)"')
_ADDRESSES = frozenset({"href", "src", "cite", "poster"})
# A block begins a line of its own, and a line break does.
_BLOCK = re.compile(
    r"(?=<(?:p|div|h[1-6]|li|tr|blockquote|pre|figure|figcaption|table|ul|ol|dl|dt|dd|hr|section|article|br)\b)"
)


def same_words(one: Revision, other: Revision) -> bool:
    """Whether two revisions differ in nothing that a reader would call a correction: in white space, in the order of
    attributes or in tracking parameters only.
    """
    return _essence(one) == _essence(other)


def changed(before: Revision, after: Revision) -> tuple[str, ...]:
    """The names of the parts in which two revisions differ."""
    told, tells = _parts(before), _parts(after)
    return tuple(name for name in told if told[name] != tells[name])


def difference(before: Revision, after: Revision) -> Iterator[str]:
    """Every sentence of two revisions, first with "-" those that are gone, with "+" those that are new, else with " ".

    Parts that do not differ are left out.
    """
    told, tells = _parts(before), _parts(after)
    for name in changed(before, after):
        yield f"{name}:"
        old, new = told[name], tells[name]
        for kind, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            if kind == "equal":
                yield from (f"  {line}" for line in old[i:j])
            else:
                yield from (f"- {line}" for line in old[i:j])
                yield from (f"+ {line}" for line in new[k:m])


def lines_of(markup: str) -> list[str]:
    """The sentences of *markup* as plain text, one a line; blocks and line breaks begin one."""
    blocks = (plain_text(block) for block in _BLOCK.split(markup))
    return [sentence for block in blocks for sentence in sentences(block)]


def _parts(said: Revision) -> dict[str, list[str]]:
    return {
        "title": [said.title] if said.title else [],
        "link": [said.link] if said.link else [],
        "published": [said.published.isoformat()],
        "summary": sentences(said.summary),
        "content": lines_of(said.content),
        "enclosures": [enclosure.url for enclosure in said.enclosures],
    }


def _essence(said: Revision) -> tuple[object, ...]:
    addresses = (said.link, *(enclosure.url for enclosure in said.enclosures))
    words = (said.title, said.summary, _TAG.sub(_plain_tag, said.content))
    return *(" ".join(text.split()) for text in words), *map(without_tracking, addresses), said.published


def _plain_tag(tag: re.Match[str]) -> str:
    attributes = sorted((name, _plain_value(name, value)) for name, value in _ATTRIBUTE.findall(tag[2]))
    return f"<{tag[1]}" + "".join(f' {name}="{value}"' for name, value in attributes)


def _plain_value(name: str, value: str) -> str:
    return escape(without_tracking(unescape(value))) if name in _ADDRESSES else value
