"""Entry and tombstone in one document: which of them counts (RFC 6721, 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from feeds.document import SourceEntry


def standing(entries: Iterable[SourceEntry]) -> list[SourceEntry]:
    """A document's *entries* without the tombstones that do not count.

    An entry and a tombstone may share an id (the tombstone's ``ref``). The later one counts, by the entry's ``updated``
    and the tombstone's ``when``; the tombstone where both are of one time or one of them has no time or zone.
    """
    entries = list(entries)
    updated: dict[str, datetime] = {}
    for entry in entries:
        moment = entry.updated or entry.published
        if entry.id and not entry.withdrawn and moment and moment.tzinfo:
            updated[entry.id] = max(moment, updated.get(entry.id, moment))
    return [entry for entry in entries if not (entry.withdrawn and _is_overruled(entry, updated.get(entry.id)))]


def _is_overruled(tombstone: SourceEntry, updated: datetime | None) -> bool:
    when = tombstone.updated
    return updated is not None and when is not None and when.tzinfo is not None and updated > when
