"""Paging: all that a category holds, in the plain order of ``published``, so many entries a page.

Pages are counted from the oldest entry on, so that a new entry changes the newest page and none else. What a category
shows first is another question, answered by ``listing``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select, tuple_

from storage.database import batches
from storage.entry import InfoCode, Origin
from storage.head import Head
from storage.listing import REPEATS
from storage.story import Stories
from storage.tables import EntryRow, MembershipRow, table_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import timedelta

    from sqlalchemy import Connection

_ENTRY = table_of(EntryRow)
_MEMBERSHIP = table_of(MembershipRow)
_HELD = (
    select(_MEMBERSHIP.c.info_code)
    .where(_MEMBERSHIP.c.category == bindparam("category"))
    .order_by(_MEMBERSHIP.c.published, _MEMBERSHIP.c.info_code)
)
_ALL = {Stories.ALL: _HELD, Stories.FIRST: _HELD.where(~REPEATS)}
_PAGE = {stories: held.limit(bindparam("most")).offset(bindparam("before")) for stories, held in _ALL.items()}
_LATEST = {
    stories: held.add_columns(_MEMBERSHIP.c.published)
    .order_by(None)
    .order_by(_MEMBERSHIP.c.published.desc(), _MEMBERSHIP.c.info_code.desc())
    .limit(bindparam("most"))
    for stories, held in _ALL.items()
}
_THESE = (
    select(_MEMBERSHIP.c.published, _MEMBERSHIP.c.info_code)
    .join(_ENTRY, (_ENTRY.c.published == _MEMBERSHIP.c.published) & (_ENTRY.c.info_code == _MEMBERSHIP.c.info_code))
    .where(
        _MEMBERSHIP.c.category == bindparam("category"),
        _ENTRY.c.info_code.in_(bindparam("codes", expanding=True)),
    )
    .order_by(_MEMBERSHIP.c.published, _MEMBERSHIP.c.info_code)
)
_FROM = select(func.count()).where(
    _MEMBERSHIP.c.category == bindparam("category"),
    tuple_(_MEMBERSHIP.c.published, _MEMBERSHIP.c.info_code) >= tuple_(bindparam("published"), bindparam("code")),
)
_HEADS = select(
    *(_ENTRY.c.info_code, _ENTRY.c.title, _ENTRY.c.language, _ENTRY.c.published, _ENTRY.c.updated),
    *(_ENTRY.c.origin, _ENTRY.c.categories),
).where(_ENTRY.c.info_code.in_(bindparam("codes", expanding=True)))


def heads(connection: Connection, codes: Iterable[str]) -> dict[InfoCode, Head]:
    """The heads of those *codes* that there are, withdrawn ones too."""
    found: dict[InfoCode, Head] = {}
    for batch in batches(sorted(set(codes))):
        for code, title, language, published, updated, origin, slugs in connection.execute(_HEADS, {"codes": batch}):
            found[code] = Head(code, title, language, published, updated, Origin(*origin), tuple(slugs))
    return found


def order(connection: Connection, category: str, stories: Stories = Stories.ALL) -> list[InfoCode]:
    """All that *category* holds, by ``published``, then infoCode, both ascending; of a story what *stories* say."""
    return [InfoCode(code) for code in connection.execute(_ALL[stories], {"category": category}).scalars()]


def last(connection: Connection, category: str, most: int) -> list[InfoCode]:
    """The last *most* of :func:`order`, in that order, whatever stories they tell."""
    found = connection.execute(_LATEST[Stories.ALL], {"category": category, "most": most}).all()
    return [InfoCode(code) for code, _ in reversed(found)]


def placed(connection: Connection, category: str, codes: Collection[str]) -> tuple[int, int]:
    """How many of *codes*, which one statement can name, *category* holds, and how many entries it holds from the
    first of them on.
    """
    found = connection.execute(_THESE, {"category": category, "codes": sorted(codes)}).all()
    if not found:
        return 0, 0
    published, code = found[0]
    known = {"category": category, "published": published, "code": code}
    return len(found), int(connection.execute(_FROM, known).scalar_one())


def page(
    connection: Connection, category: str, number: int, size: int, stories: Stories = Stories.ALL
) -> list[InfoCode]:
    """The page *number* (from 1, the oldest) of :func:`order`, of *size* entries; nothing where there is no such."""
    known = {"category": category, "most": size, "before": (number - 1) * size}
    return [InfoCode(code) for code in connection.execute(_PAGE[stories], known).scalars()]


def latest(
    connection: Connection, category: str, most: int, span: timedelta, stories: Stories = Stories.ALL
) -> list[InfoCode]:
    """The last *most* of :func:`order` that were published less than *span* before the last of all, that one first."""
    found = connection.execute(_LATEST[stories], {"category": category, "most": most}).all()
    return [InfoCode(code) for code, published in found if found[0].published - published < span]
