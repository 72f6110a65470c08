"""From all the copies of one entry, the entry: a pure decision, the same in whatever order they were read.

Two files, or two feeds of one scope, may tell the same entry. Its categories and tags are the union; the rest comes
from the copy with the later date, then the longer body, then the place that sorts first. Only an edit of a copy that
was known is a correction and gives a new revision: a second copy that is found makes the entry what it would have been
had both been read at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, TypeVar

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
    before = {(copy.source, copy.place): copy for copy in known}
    moved = tuple(copy for copy in known if _is_moved(copy, fresh))
    for copy in moved:
        del before[copy.source, copy.place]
    edited = any((copy.source, copy.place) in before for copy in fresh)
    copies = sorted({**before, **{(copy.source, copy.place): copy for copy in fresh}}.values(), key=_rank)
    told = [copy for copy in (_with_entry(copy, stored) for copy in copies) if copy.entry]
    if not told:
        return Resolution(stored, tuple(fresh), moved)
    merged = _merge(told)
    if any(copy.withdrawn and not copy.gone for copy in copies):
        entry = _withdrawn(stored, merged, now)
    elif stored is None:
        entry = merged
    elif stored.withdrawn and stored.withdrawn_by is not WithdrawnBy.AUTHOR:
        entry = _kept(stored, merged)
    else:
        entry = _revised(stored, merged, now, edited=edited)
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


def _rank(copy: Copy) -> tuple[bool, float, int, str, str]:
    date = copy.published.timestamp() if copy.published else 0.0
    return copy.gone, -date, -copy.length, copy.place, copy.source


def _with_entry(copy: Copy, stored: Entry | None) -> Copy:
    if copy.entry is not None or stored is None or copy.info_code is None:
        return copy
    own = replace(stored, categories=copy.categories, category_names=copy.category_names, tags=copy.tags)
    return replace(copy, entry=own)


def _merge(told: Sequence[Copy]) -> Entry:
    entries = [copy.entry for copy in told if copy.entry]
    return replace(
        entries[0],
        categories=_union(entry.categories for entry in entries),
        category_names=_union(entry.category_names for entry in entries),
        tags=_union(entry.tags for entry in entries),
    )


def _union(parts: Iterable[tuple[T, ...]]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(item for part in parts for item in part))


def _kept(stored: Entry, merged: Entry) -> Entry:
    """*merged* with all that an entry keeps whatever becomes of its words."""
    return replace(
        merged,
        scope=stored.scope,
        guid=stored.guid,
        atom_id=stored.atom_id,
        own_id=stored.own_id,
        first_seen=stored.first_seen,
        revision=stored.revision,
        change=stored.change,
        withdrawn=stored.withdrawn,
        withdrawn_by=stored.withdrawn_by,
        updated=stored.updated,
    )


def _withdrawn(stored: Entry | None, merged: Entry, now: datetime) -> Entry | None:
    """An entry that was never published simply is not there."""
    if stored is None:
        return None
    if stored.withdrawn:
        return _kept(stored, merged)
    return replace(_kept(stored, merged), withdrawn=now, withdrawn_by=WithdrawnBy.AUTHOR)


def _revised(stored: Entry, merged: Entry, now: datetime, *, edited: bool) -> Entry:
    entry = replace(_kept(stored, merged), withdrawn=None, withdrawn_by=None)
    if entry.material() == stored.material():
        # White space and the like: the words stay as they were published.
        same = ("title", "content", "summary", "link", "published", "enclosures")
        return replace(entry, **{name: getattr(stored, name) for name in same})
    if not edited:
        updated = merged.updated if stored.revision == 1 else max(stored.updated, merged.updated)
        return replace(entry, updated=updated)
    updated = merged.updated if merged.updated > stored.updated else now
    return replace(entry, revision=stored.revision + 1, updated=updated)
