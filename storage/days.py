"""How many entries each source brings, day by day. Days are in UTC."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, delete, func, select

from storage.bulk import Bulk
from storage.tables import SourceDayRow, table_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy import Connection

_DAY = table_of(SourceDayRow)
_ADD = Bulk(_DAY, lambda more: {"entries": _DAY.c.entries + more.entries})
_FIRST = select(func.min(_DAY.c.day)).where(_DAY.c.source == bindparam("source")).scalar_subquery()
_SINCE = select(func.sum(_DAY.c.entries), _FIRST).where(
    _DAY.c.source == bindparam("source"), _DAY.c.day >= bindparam("since")
)

_RHYTHM_DAYS: Final = 14


def add(connection: Connection, source: str, entries: Mapping[date, int]) -> None:
    """Count new *entries* of a source for the days that they were published on."""
    rows = [{"source": source, "day": day, "entries": number} for day, number in entries.items()]
    _ADD.run(connection, rows)


def rhythm(connection: Connection, source: str, now: datetime) -> float:
    """How many entries a day a source brought within two weeks before *now*, or since it first brought one."""
    today = now.date()
    since = today - timedelta(days=_RHYTHM_DAYS - 1)
    entries, begun = connection.execute(_SINCE, {"source": source, "since": since}).one()
    if not entries:
        return 0.0
    days: int = (today - max(begun, since)).days + 1
    return int(entries) / days


def recent(connection: Connection, since: date) -> dict[str, dict[date, int]]:
    """The days from *since* on that have entries, by source."""
    found: dict[str, dict[date, int]] = {}
    for source, day, entries in connection.execute(select(_DAY).where(_DAY.c.day >= since)):
        found.setdefault(source, {})[day] = entries
    return found


def forget(connection: Connection, before: date) -> None:
    """Forget every day that is older than *before*."""
    connection.execute(delete(_DAY).where(_DAY.c.day < before))
