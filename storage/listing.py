"""Listing: which of a category's entries have a place in what is shown of it.

A category shows its newest entries. Where one source has more than half of them, it keeps half; the others' newest of
the last week have the rest, which is shared among them by the same rule. What they do not fill is its again.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sqlalchemy import bindparam, exists, select, tuple_

from storage.bulk import Query
from storage.database import batches
from storage.entry import InfoCode
from storage.story import Stories
from storage.tables import EntryRow, MembershipRow, StoryRow, table_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row, Select

HORIZON: Final = timedelta(days=7)
"""How long before a category's newest entry another was published that still takes a place from a flood."""

_ENTRY = table_of(EntryRow)
_MEMBERSHIP = table_of(MembershipRow)
_STORY = table_of(StoryRow)
_EARLIER, _THERE = _STORY.alias("earlier"), _MEMBERSHIP.alias("there")
# An entry of a category that tells what an earlier one there tells already.
REPEATS = exists(
    select(_EARLIER.c.info_code)
    .join(_STORY, _STORY.c.story == _EARLIER.c.story)
    .join(_THERE, (_THERE.c.published == _EARLIER.c.published) & (_THERE.c.info_code == _EARLIER.c.info_code))
    .where(
        _STORY.c.info_code == _MEMBERSHIP.c.info_code,
        _THERE.c.category == _MEMBERSHIP.c.category,
        tuple_(_EARLIER.c.published, _EARLIER.c.info_code) < tuple_(_STORY.c.published, _STORY.c.info_code),
    )
    .correlate(_MEMBERSHIP)
)


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry's place in a category, and what is needed to know whether it was rendered already."""

    info_code: InfoCode
    change: int
    updated: datetime


class _Row(NamedTuple):
    info_code: InfoCode
    change: int
    updated: datetime
    published: datetime
    source: str


def listed(
    connection: Connection, category: str, limit: int, stories: Stories = Stories.ALL, until: datetime | None = None
) -> list[Listed]:
    """The *limit* entries that a category shows: by ``published``, then infoCode, both descending.

    Of a story what *stories* say; nothing that was first seen later than *until* (aware). The answer depends on what is
    stored alone, not on when or in which order it was.
    """
    of: dict[str, Any] = {"category": category} if until is None else {"category": category, "until": until}
    statements = _STATEMENTS[stories, until is not None]
    rows: Sequence[_Row] = [_Row(*row) for row in statements.newest.rows(connection, of | {"most": limit})]
    flooding = _flooding(rows, limit)
    # Where the last row is older than the horizon, all that is younger is shown already.
    if flooding is not None and (since := rows[0].published - HORIZON) <= rows[-1].published:
        rows = _shared(connection, rows, limit, (flooding,), statements.others, of | {"since": since})
    return [Listed(row.info_code, row.change, row.updated) for row in rows]


def listed_of(
    connection: Connection, category: str, codes: Collection[str], stories: Stories = Stories.ALL
) -> list[Listed]:
    """Those of *codes* that a category holds, ordered as what it shows; of a story what *stories* say."""
    rows: list[Row[Any]] = []
    for batch in batches(sorted(codes)):
        rows += connection.execute(_OF[stories], {"category": category, "codes": batch})
    rows.sort(key=lambda row: (row.published, row.info_code), reverse=True)
    return [Listed(InfoCode(row.info_code), row.change, row.updated) for row in rows]


def _shared(
    connection: Connection,
    rows: Sequence[_Row],
    places: int,
    flooding: tuple[str, ...],
    statement: Select[Any],
    known: dict[str, Any],
) -> Sequence[_Row]:
    """Share *places*, which *rows* fill, between the last of the sources *flooding* and those that are none of them."""
    half = places // 2
    if not half:
        return rows
    found = connection.execute(statement, known | {"most": half, "flooding": flooding})
    others: Sequence[_Row] = [_Row(*row) for row in found]
    if not others:
        return rows  # which are all of that source: no other has anything so young
    if (next_one := _flooding(others, half)) is not None:
        others = _shared(connection, others, half, (*flooding, next_one), statement, known)
    own = [row for row in rows if row.source == flooding[-1]]
    both = [*own[: places - len(others)], *others]
    return sorted(both, key=lambda row: (row.published, row.info_code), reverse=True)


def _flooding(rows: Sequence[_Row], places: int) -> str | None:
    """The source that has more than half of *places*, if nothing is left of them."""
    if len(rows) < places or not rows:
        return None
    [(source, taken)] = Counter(row.source for row in rows).most_common(1)
    return source if taken * 2 > places else None


def _newest(placed: Select[Any]) -> Select[Any]:
    newest = (
        placed.order_by(_MEMBERSHIP.c.published.desc(), _MEMBERSHIP.c.info_code.desc())
        .limit(bindparam("most"))
        .subquery()
    )
    return (
        select(_ENTRY.c.info_code, _ENTRY.c.change, _ENTRY.c.updated, newest.c.published, newest.c.source)
        .join(newest, newest.c.info_code == _ENTRY.c.info_code)
        .order_by(newest.c.published.desc(), newest.c.info_code.desc())
    )


# These are run for every page of a category and made once: making one costs more than running it.
_PLACED = select(_MEMBERSHIP.c.info_code, _MEMBERSHIP.c.published, _MEMBERSHIP.c.source).where(
    _MEMBERSHIP.c.category == bindparam("category")
)
_CAME_BY = exists().where(_ENTRY.c.info_code == _MEMBERSHIP.c.info_code, _ENTRY.c.first_seen <= bindparam("until"))


class _Statements(NamedTuple):
    newest: Query
    others: Select[Any]


def _statements(placed: Select[Any]) -> _Statements:
    of_others = placed.where(
        _MEMBERSHIP.c.published >= bindparam("since"),
        _MEMBERSHIP.c.source.not_in(bindparam("flooding", expanding=True)),
    )
    return _Statements(Query(_newest(placed)), _newest(of_others))


_PLACED_OF = {Stories.ALL: _PLACED, Stories.FIRST: _PLACED.where(~REPEATS)}
_STATEMENTS = {
    (stories, late): _statements(placed.where(_CAME_BY) if late else placed)
    for stories, placed in _PLACED_OF.items()
    for late in (False, True)
}
_THESE = (
    select(_ENTRY.c.info_code, _ENTRY.c.change, _ENTRY.c.updated, _ENTRY.c.published)
    .join(
        _MEMBERSHIP,
        (_MEMBERSHIP.c.category == bindparam("category"))
        & (_MEMBERSHIP.c.published == _ENTRY.c.published)
        & (_MEMBERSHIP.c.info_code == _ENTRY.c.info_code),
    )
    .where(_ENTRY.c.info_code.in_(bindparam("codes", expanding=True)))
)
_OF = {Stories.ALL: _THESE, Stories.FIRST: _THESE.where(~REPEATS)}
