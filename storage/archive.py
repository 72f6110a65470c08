"""Archive: a category's history in the order in which its entries arrived there, in pages of ``PAGE`` places.

A page that is full stays as it was when it filled, but for the entries that are withdrawn or leave the category: a
tombstone stands in their places. What happens later to an entry with a place on a full page (a correction, leaving)
takes one more place, on the page that grows. So whoever has read a page once need never read it again, and the history
read from its first place to its last leads to what the category holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam, func, select, update

from storage.archive_page import PAGE, Page
from storage.bulk import Query, adding
from storage.database import batches
from storage.entry import Entry, InfoCode, Tombstone
from storage.entry_rows import EntryRows
from storage.listing import Listed
from storage.rows import entry_of_payload, entry_row
from storage.tables import ArchivedRow, ArchivePageRow, ArrivalRow, CategoryRow, EntryRow, table_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from storage.category import Category
    from storage.places import Placed

_ARRIVAL = table_of(ArrivalRow)
_PAGE = table_of(ArchivePageRow)
_ARCHIVED = table_of(ArchivedRow)
_CATEGORY = table_of(CategoryRow)
_ENTRY = table_of(EntryRow)

_ARRIVE = adding(_ARRIVAL)
_FILL = adding(_PAGE)
_KEEP = adding(_ARCHIVED)
_COUNTED = select(_CATEGORY.c.slug, _CATEGORY.c.arrivals, _CATEGORY.c.title).where(
    _CATEGORY.c.slug.in_(bindparam("slugs", expanding=True))
)
_COUNT = update(_CATEGORY).where(_CATEGORY.c.slug == bindparam("of")).values(arrivals=bindparam("now"))
_STANDING = (
    select(_ARRIVAL.c.category, _ARRIVAL.c.info_code, func.max(_ARRIVAL.c.number))
    .where(_ARRIVAL.c.info_code.in_(bindparam("codes", expanding=True)), _ARRIVAL.c.gone.is_(None))
    .group_by(_ARRIVAL.c.category, _ARRIVAL.c.info_code)
)
_PLACES = select(_ARRIVAL.c.number).where(
    _ARRIVAL.c.category == bindparam("category"), _ARRIVAL.c.info_code == bindparam("code"), _ARRIVAL.c.gone.is_(None)
)
_BURY = (
    update(_ARRIVAL)
    .where(_ARRIVAL.c.category == bindparam("of"), _ARRIVAL.c.number == bindparam("at"))
    .values(gone=bindparam("when"))
)
# One by one: of many keys of two columns SQLite looks at the whole table.
_TOUCH = (
    update(_PAGE)
    .where(_PAGE.c.category == bindparam("of"), _PAGE.c.page == bindparam("at"))
    .values(version=bindparam("number"))
)
_LAST_FILLED = (
    select(_ARRIVAL.c.info_code, func.max(_PAGE.c.filled))
    .join(_PAGE, (_PAGE.c.category == _ARRIVAL.c.category) & (_PAGE.c.page == (_ARRIVAL.c.number - 1) // PAGE + 1))
    .where(_ARRIVAL.c.info_code.in_(bindparam("codes", expanding=True)), _ARRIVAL.c.gone.is_(None))
    .group_by(_ARRIVAL.c.info_code)
)
_LAST_KEPT = (
    select(_ARCHIVED.c.info_code, func.max(_ARCHIVED.c.until))
    .where(_ARCHIVED.c.info_code.in_(bindparam("codes", expanding=True)))
    .group_by(_ARCHIVED.c.info_code)
)
_FULL = select(_PAGE).where(_PAGE.c.category == bindparam("category"), _PAGE.c.page == bindparam("page"))
_RUN = (
    select(_ENTRY, _ARRIVAL.c.gone)
    .join(_ARRIVAL, _ARRIVAL.c.info_code == _ENTRY.c.info_code)
    .where(
        _ARRIVAL.c.category == bindparam("category"), _ARRIVAL.c.number.between(bindparam("first"), bindparam("last"))
    )
    .order_by(_ARRIVAL.c.number)
)
_ROWS = EntryRows(_ARRIVAL.c.gone)
_EARLIER = (
    select(_ARCHIVED.c.info_code, _ARCHIVED.c.payload)
    .where(_ARCHIVED.c.info_code.in_(bindparam("codes", expanding=True)), _ARCHIVED.c.until > bindparam("filled"))
    .order_by(_ARCHIVED.c.until.desc())
)
_TAIL = Query(
    select(
        *(_ARRIVAL.c.info_code, _ARRIVAL.c.again, _ARRIVAL.c.gone),
        *(_ENTRY.c.atom_id, _ENTRY.c.change, _ENTRY.c.updated, _ENTRY.c.published),
    )
    # Of most places nothing is asked but whose they are.
    .join(
        _ENTRY,
        (_ENTRY.c.info_code == _ARRIVAL.c.info_code) & (_ARRIVAL.c.again | _ARRIVAL.c.gone.is_not(None)),
        isouter=True,
    )
    .where(_ARRIVAL.c.category == bindparam("category"), _ARRIVAL.c.number > bindparam("full"))
    .order_by(_ARRIVAL.c.number)
)


class Place(NamedTuple):
    """A place in a category's history."""

    category: str
    info_code: InfoCode


class Arrival(NamedTuple):
    """Who takes a place: ``order`` decides among those of one change, ``gone`` is when they left."""

    category: str
    order: tuple[datetime, InfoCode]
    again: bool
    gone: datetime | None


@dataclass(frozen=True, slots=True)
class Tail:
    """What lies on the page that grows: the entries there, those of them that were *corrected* when they lay on a full
    page (by ``published``, then infoCode, both descending), and who left.
    """

    entries: frozenset[InfoCode] = frozenset()
    corrected: tuple[Listed, ...] = ()
    graves: tuple[Tombstone, ...] = ()


def record(connection: Connection, placed: Sequence[Placed], number: int) -> None:
    """Give entries, which are stored and are the change *number*, their places in histories."""
    known = [one.after.info_code for one in placed if one.before is not None]
    standing = _standing(connection, known)
    counted = _counted(connection, {slug for one in placed for slug in one.touches})
    full = {slug: arrivals // PAGE * PAGE for slug, (arrivals, _) in counted.items()}
    arrivals: list[Arrival] = []
    left: list[tuple[Place, datetime]] = []
    for change in placed:
        after, before, now = change.after, change.was, change.now
        order = (after.published, after.info_code)
        arrivals += [Arrival(slug, order, again=False, gone=None) for slug in now - before]
        corrected = change.before is not None and after.revision > change.before.revision
        for slug in before & now if corrected else ():
            if standing[Place(slug, after.info_code)] <= full[slug]:
                arrivals.append(Arrival(slug, order, again=True, gone=None))
        for slug in before - now:
            place = Place(slug, after.info_code)
            # There is no other moment for one that only leaves a category; a reader believes it: none is earlier.
            when = after.withdrawn or after.updated
            left.append((place, when))
            if standing[place] <= full[slug]:
                arrivals.append(Arrival(slug, order, again=True, gone=when))
    _bury(connection, left, number)
    _keep(connection, [one.before for one in placed if one.before is not None], number)
    _arrive(connection, sorted(arrivals, key=lambda one: (one.category, one.order)), counted, number)


def page(connection: Connection, category: Category, number: int) -> Page:
    """The page of *category* with this *number*, from 1 on; what is not full yet may be empty."""
    filled = connection.execute(_FULL, {"category": category.slug, "page": number}).mappings().first()
    run = {"category": category.slug, "first": (number - 1) * PAGE + 1, "last": number * PAGE}
    rows = [(entry, gone) for entry, (gone,) in _ROWS.fetch(connection, _RUN, run)]
    if filled is None:
        places = [_place(gone, entry) for entry, gone in rows]
        return Page(number, full=False, title=category.title, places=places)
    codes = [entry.info_code for entry, _ in rows]
    earlier = {
        code: entry_of_payload(payload)
        for code, payload in connection.execute(_EARLIER, {"codes": codes, "filled": filled["filled"]})
    }  # the oldest of several is the last here
    places = [_place(gone, earlier.get(entry.info_code) or entry) for entry, gone in rows]
    return Page(number, full=True, title=filled["title"], places=places)


def version(connection: Connection, category: Category, number: int) -> int:
    """The number of the change that last touched the page *number* of *category*."""
    filled = connection.execute(_FULL, {"category": category.slug, "page": number}).mappings().first()
    return category.version if filled is None else int(filled["version"])


def tail(connection: Connection, category: Category) -> Tail:
    """What lies on the page of *category* that grows."""
    full = category.arrivals // PAGE * PAGE
    if category.arrivals == full:
        return Tail()
    rows = _TAIL.rows(connection, {"category": category.slug, "full": full})
    there = frozenset(code for code, _, gone, *_ in rows if gone is None)
    again = [row for row in rows if row[1] and row[2] is None]
    again.sort(key=lambda row: (row[6], row[0]), reverse=True)  # by published, then infoCode
    corrected = tuple(Listed(code, change, updated) for code, _, _, _, change, updated, _ in again)
    graves = {code: Tombstone(code, atom_id, gone) for code, _, gone, atom_id, *_ in rows if gone}
    return Tail(there, corrected, tuple(grave for code, grave in graves.items() if code not in there))


def touch(connection: Connection, slugs: Iterable[str], number: int) -> None:
    """Let the full pages of categories be rendered again."""
    for batch in batches(sorted(slugs)):
        connection.execute(update(_PAGE).where(_PAGE.c.category.in_(batch)).values(version=number))


def filled_since(connection: Connection, change: int) -> list[tuple[str, int]]:
    """The category and the number of every full page that a later change than *change* touched."""
    statement = select(_PAGE.c.category, _PAGE.c.page).where(_PAGE.c.version > change)
    # Ordered here: SQLite would read the whole table for the order.
    return sorted((slug, number) for slug, number in connection.execute(statement))


def _place(gone: datetime | None, entry: Entry) -> Entry | Tombstone:
    return entry if gone is None else Tombstone(entry.info_code, entry.atom_id, gone)


def _standing(connection: Connection, codes: Sequence[InfoCode]) -> dict[Place, int]:
    """The last place that each of the entries has in each of its categories."""
    found: dict[Place, int] = {}
    for batch in batches(codes):
        rows = connection.execute(_STANDING, {"codes": batch})
        found |= {Place(slug, InfoCode(code)): number for slug, code, number in rows}
    return found


def _counted(connection: Connection, slugs: Iterable[str]) -> dict[str, tuple[int, str]]:
    """How many places each category's history has, and what it is called."""
    found: dict[str, tuple[int, str]] = {}
    for batch in batches(sorted(slugs)):
        rows = connection.execute(_COUNTED, {"slugs": batch})
        found |= {slug: (arrivals, title) for slug, arrivals, title in rows}
    return found


def _bury(connection: Connection, left: Sequence[tuple[Place, datetime]], number: int) -> None:
    """Let tombstones stand in all the places of entries that left."""
    buried = [
        {"of": place.category, "at": at, "when": when}
        for place, when in left
        for at in connection.execute(_PLACES, {"category": place.category, "code": place.info_code}).scalars()
    ]
    if not buried:
        return
    connection.execute(_BURY, buried)
    pages = sorted({(row["of"], (int(row["at"]) - 1) // PAGE + 1) for row in buried})
    connection.execute(_TOUCH, [{"of": slug, "at": page, "number": number} for slug, page in pages])


def _keep(connection: Connection, before: Sequence[Entry], number: int) -> None:
    """Keep those entries as they were *before* this change that a full page shows so."""
    known = {entry.info_code: entry for entry in before}
    for batch in batches(sorted(known)):
        last_kept = {code: change for code, change in connection.execute(_LAST_KEPT, {"codes": batch})}  # noqa: C416
        filled = connection.execute(_LAST_FILLED, {"codes": batch}).all()
        shown = [known[InfoCode(code)] for code, change in filled if change >= last_kept.get(code, 0)]
        rows: list[dict[str, Any]] = [
            {"info_code": entry.info_code, "until": number, "payload": entry_row(entry)} for entry in shown
        ]
        _KEEP.run(connection, rows)


def _arrive(
    connection: Connection, arrivals: Sequence[Arrival], counted: dict[str, tuple[int, str]], number: int
) -> None:
    """Let *arrivals*, which are in order, take the next places of their categories; note which pages are full now."""
    if not arrivals:
        return
    now = {slug: count for slug, (count, _) in counted.items()}
    rows = []
    for one in arrivals:
        now[one.category] += 1
        rows.append((one.category, now[one.category], one.order[1], one.again, one.gone))
    _ARRIVE.put(connection, rows)
    moved = {slug: count for slug, count in now.items() if count > counted[slug][0]}
    connection.execute(_COUNT, [{"of": slug, "now": count} for slug, count in moved.items()])
    full = [
        {"category": slug, "page": one, "filled": number, "version": number, "title": counted[slug][1]}
        for slug, count in moved.items()
        for one in range(counted[slug][0] // PAGE + 1, count // PAGE + 1)
    ]
    _FILL.run(connection, full)
