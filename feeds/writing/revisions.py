"""What an entry's page tells of its corrections: of each, what it took away and what it put there."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from feeds.writing.difference import PUBLISHED, SAME, Part, differences
from feeds.writing.page_parts import Time, local_time
from feeds.writing.page_words import words_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from feeds.site import Site
    from storage.entry import Revision

# An article that is replaced again and again must not make a page of megabytes.
_MOST_CHARACTERS = 60_000
_GAP = ("", "…")


class Changed(NamedTuple):
    """A part that was corrected, under its name; each line has its mark, empty for lines that are left out."""

    name: str
    lines: Sequence[tuple[str, str]]


class Correction(NamedTuple):
    """One correction: which revision it made, when, and where that differs from the one before."""

    number: int
    when: Time
    parts: Sequence[Changed]


class Corrections(NamedTuple):
    """Corrections, newest first; *cut* where there were more than a page can show."""

    shown: Sequence[Correction]
    cut: bool


def corrections_of(site: Site, said: Sequence[Revision]) -> Corrections:
    """What became of an entry; *said* are its revisions, oldest first, the last as it is now."""
    shown: list[Correction] = []
    left = _MOST_CHARACTERS
    for before, after in reversed(list(pairwise(said))):
        parts = [_changed(site, part) for part in differences(before, after)]
        left -= sum(len(text) for part in parts for _, text in part.lines)
        if left < 0:
            return Corrections(shown, cut=True)
        shown.append(Correction(after.number, local_time(site, after.updated), parts))
    return Corrections(shown, cut=False)


def _changed(site: Site, part: Part) -> Changed:
    lines = part.lines
    if part.name == PUBLISHED:
        lines = [(mark, local_time(site, datetime.fromisoformat(moment)).people) for mark, moment in lines]
    return Changed(words_for(site.language).part[part.name], list(_around_changes(lines)))


def _around_changes(lines: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """What changed, with the line before and the line after it."""
    marks = [mark for mark, _ in lines]
    skipped = False
    for number, line in enumerate(lines):
        if all(mark == SAME for mark in marks[max(number - 1, 0) : number + 2]):
            skipped = True
            continue
        if skipped:
            yield _GAP
        skipped = False
        yield line
    if skipped:
        yield _GAP
