"""Events: what happened to entries, in the order in which it was stored, for those who follow categories.

Written in the transaction of the entries themselves, so nothing can be stored of which nobody is told. The log is kept
for ever: whoever remembers the number of the last event that they know can go on from there.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select

from storage.bulk import adding
from storage.entry import InfoCode
from storage.event import Event, EventKind
from storage.tables import EventRow, StoreRow, table_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sqlalchemy import Connection, Row

    from storage.places import Placed

_EVENT = table_of(EventRow)
_STORE = table_of(StoreRow)

_ADD = adding(_EVENT)
_TAKE = _STORE.update().values(events=_STORE.c.events + bindparam("more")).returning(_STORE.c.events)
_NAMED = select(_EVENT).where(
    _EVENT.c.category == bindparam("slug"), _EVENT.c.number.in_(bindparam("numbers", expanding=True))
)
_NEWEST = select(func.max(_EVENT.c.number)).where(_EVENT.c.category == bindparam("slug"))
_COUNT = select(func.count(_EVENT.c.number.distinct())).where(
    _EVENT.c.category.in_(bindparam("slugs", expanding=True)), _EVENT.c.number > bindparam("after")
)
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
    moment = int(now.timestamp())
    rows = []
    for number, one in enumerate(seen, taken - len(seen) + 1):
        code, revision, was, after = one.after.info_code, one.after.revision, one.was, one.now
        rows += [(slug, number, code, revision, moment, slug in was, slug in after) for slug in sorted(was | after)]
    _ADD.put(connection, rows)


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
    found = _events(rows)[:most]
    if until is None:
        return found
    late = next((place for place, event in enumerate(found) if event.moment > until), len(found))
    return found[:late]


def named(connection: Connection, numbers: Iterable[int], slugs: Collection[str]) -> list[Event]:
    """Those of the events with these *numbers* that concern the categories *slugs*, as their followers see them."""
    wanted = sorted(numbers)
    return _events([r for slug in slugs for r in connection.execute(_NAMED, {"slug": slug, "numbers": wanted})])


def newest(connection: Connection, slug: str) -> int:
    """The number of the last event that concerns a category; 0 where there is none."""
    return connection.execute(_NEWEST, {"slug": slug}).scalar() or 0


def count(connection: Connection, number: int, slugs: Collection[str]) -> int:
    """How many events after *number* concern the categories *slugs*."""
    return int(connection.execute(_COUNT, {"after": number, "slugs": sorted(slugs)}).scalar_one())


def _events(rows: Sequence[Row[Any]]) -> list[Event]:
    """The events that lie in *rows*, which are of one or several categories, in their order."""
    was, now = _numbers(row for row in rows if row.was), _numbers(row for row in rows if row.now)
    return [
        Event(
            row.number,
            _kind(row.number in was, row.number in now),
            InfoCode(row.info_code),
            row.revision,
            datetime.fromtimestamp(row.moment, UTC),
        )
        for _, row in sorted({row.number: row for row in rows}.items())
    ]


def _numbers(rows: Iterable[Row[Any]]) -> frozenset[int]:
    return frozenset(row.number for row in rows)


def _kind(was: bool, now: bool) -> EventKind:  # noqa: FBT001
    if not now:
        return EventKind.WITHDRAWN
    return EventKind.CORRECTED if was else EventKind.CREATED
