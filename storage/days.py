"""How many entries each source brings, day by day. Days are in UTC."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, delete, func, select

from storage.bulk import Bulk
from storage.database import batches
from storage.tables import SourceDayRow, table_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection

_DAY = table_of(SourceDayRow)
_ADD = Bulk(_DAY, lambda more: {"entries": _DAY.c.entries + more.entries})
_OF_LATE = func.sum(_DAY.c.entries).filter(_DAY.c.day >= bindparam("since", type_=_DAY.c.day.type))
_SINCE = (
    select(_DAY.c.source, _OF_LATE, func.min(_DAY.c.day))
    .where(_DAY.c.source.in_(bindparam("sources", expanding=True)))
    .group_by(_DAY.c.source)
)

_RHYTHM_DAYS: Final = 14


def add(connection: Connection, entries: Mapping[tuple[str, date], int]) -> None:
    """Count new *entries* of sources, each for the day that it was published on."""
    rows = [{"source": source, "day": day, "entries": number} for (source, day), number in entries.items()]
    _ADD.run(connection, rows)


def rhythms(connection: Connection, sources: Sequence[str], today: date) -> dict[str, float]:
    """How many entries a day each of *sources* brought within two weeks until *today*, or since it first did."""
    since = today - timedelta(days=_RHYTHM_DAYS - 1)
    found = dict.fromkeys(sources, 0.0)
    for batch in batches(sorted(found)):
        for source, entries, begun in connection.execute(_SINCE, {"sources": batch, "since": since}):
            found[source] = int(entries or 0) / ((today - max(begun, since)).days + 1)
    return found


def recent(connection: Connection, since: date) -> dict[str, dict[date, int]]:
    """The days from *since* on that have entries, by source."""
    found: dict[str, dict[date, int]] = {}
    for source, day, entries in connection.execute(select(_DAY).where(_DAY.c.day >= since)):
        found.setdefault(source, {})[day] = entries
    return found


def forget(connection: Connection, before: date) -> None:
    """Forget every day that is older than *before*."""
    connection.execute(delete(_DAY).where(_DAY.c.day < before))
