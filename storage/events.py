"""Events: what happened to entries, in the order in which it was stored, for those who follow categories.

Written in the transaction of the entries themselves, so nothing can be stored of which nobody is told. The log is kept
for ever: whoever remembers the number of the last event that they know can go on from there.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from storage.bulk import adding
from storage.entry import InfoCode
from storage.event import Event, EventKind
from storage.tables import EventRow, StoreRow, table_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sqlalchemy import Connection

    from storage.places import Placed

_EVENT = table_of(EventRow)
_STORE = table_of(StoreRow)

_ADD = adding(_EVENT)
_TAKE = _STORE.update().values(events=_STORE.c.events + bindparam("more")).returning(_STORE.c.events)
_OF_ONE = (
    select(_EVENT)
    .where(_EVENT.c.category == bindparam("slug"), _EVENT.c.number > bindparam("after"))
    .order_by(_EVENT.c.number)
    .limit(bindparam("most"))
)


def record(connection: Connection, placed: Sequence[Placed], now: datetime) -> None:
    """Note what happens *now* (aware) to entries."""
    seen = [one for one in placed if one.was or one.now]
    if not seen:
        return
    taken = connection.execute(_TAKE, {"more": len(seen)}).scalar_one()
    rows = [
        {
            "category": slug,
            "number": number,
            "info_code": one.after.info_code,
            "revision": one.after.revision,
            "moment": int(now.timestamp()),
            "was": slug in one.was,
            "now": slug in one.now,
        }
        for number, one in enumerate(seen, taken - len(seen) + 1)
        for slug in sorted(one.was | one.now)
    ]
    _ADD.run(connection, rows)


def last(connection: Connection) -> int:
    """The number of the last event; 0 where nothing happened yet."""
    return int(connection.execute(select(_STORE.c.events)).scalar_one())


def after(
    connection: Connection, number: int, slugs: Collection[str], most: int, until: datetime | None = None
) -> list[Event]:
    """The first *most* events after *number* as those see them who follow the categories *slugs*, in their order, up to
    the first that was stored later than *until* (aware): a clock that was set back hides nothing from them.
    """
    known = {"after": number, "most": most}
    rows = [row for slug in sorted(slugs) for row in connection.execute(_OF_ONE, known | {"slug": slug})]
    first = sorted({row.number: row for row in rows}.items())[:most]
    was, now = _numbers(row for row in rows if row.was), _numbers(row for row in rows if row.now)
    found = []
    for _, row in first:
        moment = datetime.fromtimestamp(row.moment, UTC)
        if until is not None and moment > until:
            break
        kind = _kind(row.number in was, row.number in now)
        found.append(Event(row.number, kind, InfoCode(row.info_code), row.revision, moment))
    return found


def _numbers(rows: Iterable[object]) -> frozenset[int]:
    return frozenset(row.number for row in rows)  # type: ignore[attr-defined]


def _kind(was: bool, now: bool) -> EventKind:  # noqa: FBT001
    if not now:
        return EventKind.WITHDRAWN
    return EventKind.CORRECTED if was else EventKind.CREATED
