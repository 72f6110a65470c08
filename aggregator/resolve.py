"""From all the copies of one entry, the entry: a pure decision, the same in whatever order they were read.

Two files, or two feeds of one scope, may tell the same entry. Its categories and tags are the union; the rest comes
from the copy with the later date, then the longer body, then the place that sorts first. Only an edit of a copy that
was known is a correction and gives a new revision: a second copy that is found makes the entry what it would have been
had both been read at once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, TypeVar

from aggregator.words import same_words
from storage.entry import WithdrawnBy

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from storage.copy import Copy
    from storage.entry import Entry

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Resolution:
    """What is to be stored: the entry (None: there is to be none), every copy that is to be remembered differently, and
    the copies to forget, since their file was moved.
    """

    entry: Entry | None
    copies: tuple[Copy, ...]
    moved: tuple[Copy, ...] = ()


def resolve(stored: Entry | None, known: Sequence[Copy], fresh: Sequence[Copy], now: datetime) -> Resolution:
    """Decide what an entry is, from the copies *known* of it and those read just now.

    *fresh* copies carry their entry; of the *known*, the one that *stored* tells does not.
    """
    if stored is None and not known and len(fresh) == 1 and not fresh[0].withdrawn:  # nearly every new entry
        return Resolution(fresh[0].entry, (fresh[0].stored(),))
    before = {(copy.source, copy.place): copy for copy in known}
    moved = tuple(copy for copy in known if _is_moved(copy, fresh))
    for copy in moved:
        del before[copy.source, copy.place]
    edited = bool(moved) or any((copy.source, copy.place) in before for copy in fresh)
    rank = partial(_rank, first_seen=stored.first_seen if stored else None)
    copies = sorted({**before, **{(copy.source, copy.place): copy for copy in fresh}}.values(), key=rank)
    told = [copy for copy in (_with_entry(copy, stored) for copy in copies) if copy.entry]
    if not told:
        return Resolution(stored, tuple(fresh), moved)
    merged = _merge(told)
    withdrawn = any(copy.withdrawn and not copy.gone for copy in copies)
    entry: Entry | None
    if stored is not None:
        entry = _judged(stored, _revised(stored, merged, now, edited=edited), now, withdrawn=withdrawn)
    else:
        entry = None if withdrawn else merged  # what was never published simply is not there
    holder = told[0] if entry is not None else None
    remembered = tuple(replace(copy, entry=None) if copy is holder else copy for copy in told)
    return Resolution(entry, tuple(copy for copy in remembered if before.get((copy.source, copy.place)) != copy), moved)


def _is_moved(copy: Copy, fresh: Sequence[Copy]) -> bool:
    """Whether a file that is gone came back under another folder."""
    name = PurePosixPath(copy.place).name
    return copy.gone and any(
        other.source == copy.source and other.place != copy.place and PurePosixPath(other.place).name == name
        for other in fresh
    )


def _rank(copy: Copy, first_seen: datetime | None) -> tuple[bool, float, int, str, str]:
    age = math.inf
    if copy.published is not None:
        # As the entry itself is dated: no later than it was first seen.
        age = -min(copy.published, first_seen or copy.published).timestamp()
    return copy.gone, age, -copy.length, copy.place, copy.source


def _with_entry(copy: Copy, stored: Entry | None) -> Copy:
    if copy.entry is not None or stored is None or copy.info_code is None:
        return copy
    own = {"categories": copy.categories, "category_names": copy.category_names, "tags": copy.tags}
    return replace(copy, entry=replace(stored, withdrawn=None, withdrawn_by=None, **own))  # type: ignore[arg-type]


def _merge(told: Sequence[Copy]) -> Entry:
    entries = [copy.entry for copy in told if copy.entry]
    if len(entries) == 1:
        return entries[0]
    return replace(
        entries[0],
        categories=_union(entry.categories for entry in entries),
        category_names=_union(entry.category_names for entry in entries),
        tags=_union(entry.tags for entry in entries),
    )


def _union(parts: Iterable[tuple[T, ...]]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(item for part in parts for item in part))


def _kept(stored: Entry, merged: Entry) -> Entry:
    """*merged* with all that an entry keeps whatever becomes of its words; it stays dated before it was first seen."""
    return replace(
        merged,
        published=min(merged.published, stored.first_seen),
        scope=stored.scope,
        guid=stored.guid,
        atom_id=stored.atom_id,
        own_id=stored.own_id,
        first_seen=stored.first_seen,
        revision=stored.revision,
        change=stored.change,
        withdrawn=stored.withdrawn,
        withdrawn_by=stored.withdrawn_by,
        restored=stored.restored,
        updated=stored.updated,
    )


def _judged(stored: Entry, entry: Entry, now: datetime, *, withdrawn: bool) -> Entry:
    """Withdraw *entry*, or restore it where its author may."""
    if stored.withdrawn and (withdrawn or stored.withdrawn_by is not WithdrawnBy.AUTHOR):
        return entry
    if withdrawn:
        return replace(entry, withdrawn=now, withdrawn_by=WithdrawnBy.AUTHOR)
    return replace(entry, withdrawn=None, withdrawn_by=None)


def _revised(stored: Entry, merged: Entry, now: datetime, *, edited: bool) -> Entry:
    entry = _kept(stored, merged)
    if not edited:
        # One that is dated later than the entry was first seen has no date of its own to tell.
        told = merged.updated if merged.published <= stored.first_seen else stored.updated
        updated = told if stored.revision == 1 else max(stored.updated, told)
        return replace(entry, updated=max(updated, entry.published))
    if entry.material() == stored.material() or same_words(entry.said, stored.said):
        # White space and the like: the words stay as they were published.
        words = ("title", "content", "summary", "link", "published", "enclosures")
        return replace(entry, **{name: getattr(stored, name) for name in words})
    updated = merged.updated if merged.updated > stored.updated else now
    return replace(entry, revision=stored.revision + 1, updated=updated)
