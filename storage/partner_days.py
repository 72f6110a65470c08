"""How much partners use what they were given, day by day. Days are in UTC."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, select

from storage.bulk import Bulk
from storage.tables import PartnerDayRow, table_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy import Connection

_DAY = table_of(PartnerDayRow)
_COUNTS = ("requests", "refused", "entries")
_ADD = Bulk(_DAY, lambda more: {name: _DAY.c[name] + more[name] for name in _COUNTS})


class PartnerDay(NamedTuple):
    """A partner's day."""

    partner: str
    day: date


class Use(NamedTuple):
    """How many *requests* came, how many of them were *refused* as too many, how many *entries* the others got."""

    requests: int = 0
    refused: int = 0
    entries: int = 0


def add(connection: Connection, used: Mapping[PartnerDay, Use]) -> None:
    """Count what was *used* since the last time."""
    _ADD.run(connection, [day._asdict() | use._asdict() for day, use in sorted(used.items())])


def recent(connection: Connection, partner: str, since: date) -> dict[date, Use]:
    """The days from *since* on on which a partner asked for something, in their order."""
    statement = select(_DAY).where(_DAY.c.partner == partner, _DAY.c.day >= since).order_by(_DAY.c.day)
    return {row.day: Use(row.requests, row.refused, row.entries) for row in connection.execute(statement)}


def forget(connection: Connection, before: date) -> None:
    """Forget every day that is older than *before*."""
    connection.execute(delete(_DAY).where(_DAY.c.day < before))
