"""A source is given another scope: its entries come along, so that none is read as a new one or as another's."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from aggregator import stories
from aggregator.resolve import resolve
from storage import aliases, categories, copies, entries
from storage.category_moves import settled
from storage.entries import EntryChange
from storage.story import Stories

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from storage.copy import Copy
    from storage.entry import InfoCode


def adopt(connection: Connection, source: str, scope: str, now: datetime, shown: Stories = Stories.ALL) -> None:
    """Take the entries of *source* from the scope that it had before into *scope*, with all that they are known by.

    What other sources of that scope tell as well stays theirs, and is no longer told by this one.
    """
    elsewhere = entries.of_other_scopes(connection, source, scope)
    if not elsewhere:
        return
    found = copies.of(connection, elsewhere)
    shared = {code: there for code, there in found.items() if any(copy.source != source for copy in there)}
    taken: dict[str, list[InfoCode]] = defaultdict(list)
    for code, old in elsewhere.items():
        if code not in shared:
            taken[old].append(code)
    for old, codes in taken.items():
        entries.give(connection, codes, scope)
        aliases.move(connection, codes, old, scope)
    _leave(connection, source, shared, now, shown)


def _leave(
    connection: Connection, source: str, shared: Mapping[InfoCode, Sequence[Copy]], now: datetime, shown: Stories
) -> None:
    """Let entries be as they would be without *source*."""
    stored = entries.find(connection, shared)
    moved = categories.moved(connection)
    changes: list[EntryChange] = []
    save: list[Copy] = []
    for code, there in shared.items():
        others = [copy for copy in there if copy.source != source]
        copies.forget(connection, (copy for copy in there if copy.source == source))
        resolution = resolve(stored[code], others, (), now)
        save += resolution.copies
        entry = resolution.entry and settled(resolution.entry, moved)
        if entry is not None and entry != stored[code]:
            changes.append(EntryChange(stored[code], entry))
    stories.save(connection, changes, now, shown=shown)
    copies.save(connection, save)
