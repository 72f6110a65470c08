"""Paging: all that a category holds, in the plain order of ``published``, so many entries a page.

Pages are counted from the oldest entry on, so that a new entry changes the newest page and none else. What a category
shows first is another question, answered by ``listing``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from storage.database import batches
from storage.entry import InfoCode, Origin
from storage.head import Head
from storage.listing import REPEATS
from storage.story import Stories
from storage.tables import EntryRow, MembershipRow, table_of

if TYPE_CHECKING:
    from collections.abc import Iterable
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
