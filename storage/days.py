"""Entries per day: how many a source brought that were published on each day, of the site's time zone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert

from storage.tables import SourceDayRow, table_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy import Connection

_DAY = table_of(SourceDayRow)


def add(connection: Connection, source: str, entries: Mapping[date, int]) -> None:
    """Add to each day the *entries* that *source* newly brought."""
    rows = [{"source": source, "day": day, "entries": number} for day, number in entries.items()]
    if not rows:
        return
    statement = insert(_DAY)
    updates = {"entries": _DAY.c.entries + statement.excluded.entries}
    connection.execute(statement.on_conflict_do_update(index_elements=["source", "day"], set_=updates), rows)


def recent(connection: Connection, since: date) -> dict[str, dict[date, int]]:
    """The days from *since* on that have entries, by source."""
    found: dict[str, dict[date, int]] = {}
    for source, day, entries in connection.execute(select(_DAY).where(_DAY.c.day >= since)):
        found.setdefault(source, {})[day] = entries
    return found


def forget(connection: Connection, before: date) -> None:
    """Forget every day that is older than *before*."""
    connection.execute(delete(_DAY).where(_DAY.c.day < before))
