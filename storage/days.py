"""How many entries each source brings, day by day. Days are in UTC."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select
from sqlalchemy.dialects.sqlite import insert

from storage.tables import SourceDayRow, table_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy import Connection

_DAY = table_of(SourceDayRow)

_RHYTHM_DAYS: Final = 14


def add(connection: Connection, source: str, entries: Mapping[date, int]) -> None:
    """Count new *entries* of a source for the days that they were published on."""
    if not entries:
        return
    statement = insert(_DAY)
    more = {"entries": _DAY.c.entries + statement.excluded.entries}
    rows = [{"source": source, "day": day, "entries": number} for day, number in entries.items()]
    connection.execute(statement.on_conflict_do_update(index_elements=["source", "day"], set_=more), rows)


def rhythm(connection: Connection, source: str, now: datetime) -> float:
    """How many entries a day a source brought within two weeks before *now*, or since it first brought one."""
    today = now.date()
    since = today - timedelta(days=_RHYTHM_DAYS - 1)
    first = select(func.min(_DAY.c.day)).where(_DAY.c.source == source).scalar_subquery()
    statement = select(func.sum(_DAY.c.entries), first).where(_DAY.c.source == source, _DAY.c.day >= since)
    entries, begun = connection.execute(statement).one()
    if not entries:
        return 0.0
    days: int = (today - max(begun, since)).days + 1
    return int(entries) / days
