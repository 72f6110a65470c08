"""What becomes of whole categories by the operator's hand: another slug, another title, out of sight; in the caller's
transaction. Whether that may be is for the caller to see.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import select, union, update

from storage import categories, entries
from storage.category import ALL
from storage.database import next_change
from storage.entries import EntryChange
from storage.tables import CategoryRow, MembershipRow, TombstoneRow, table_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from storage.entry import Entry

_CATEGORY = table_of(CategoryRow)
_MEMBERSHIP = table_of(MembershipRow)
_TOMBSTONE = table_of(TombstoneRow)


def settled(entry: Entry, moved: Mapping[str, str]) -> Entry:
    """*entry* with the slugs that have *moved* (old slug → the one it is now) as they are now."""
    if moved.keys().isdisjoint(entry.categories):
        return entry
    return replace(
        entry,
        categories=tuple(dict.fromkeys(moved.get(slug, slug) for slug in entry.categories)),
        category_names=tuple(
            dict.fromkeys(replace(vote, slug=moved.get(vote.slug, vote.slug)) for vote in entry.category_names)
        ),
    )


def move(connection: Connection, old: str, new: str, now: datetime) -> int:
    """Let all that is in *old*, withdrawn entries too, be in *new*, and all that comes later.

    *new* may have entries; it is shown or hidden as it is, and as *old* is if it is only begun by this. Slugs that had
    moved to *old* have moved to *new*, and one that had moved itself is a category again.

    Returns:
        How many entries were in *old*, withdrawn ones among them.
    """
    was = connection.execute(select(_CATEGORY).where(_CATEGORY.c.slug == old)).mappings().one()
    begins = connection.execute(select(_CATEGORY.c.moved_to).where(_CATEGORY.c.slug == new)).scalar() in {None, old}
    members = select(_MEMBERSHIP.c.info_code).where(_MEMBERSHIP.c.category == old)
    graves = select(_TOMBSTONE.c.info_code).where(_TOMBSTONE.c.category == old)
    held = entries.find(connection, connection.execute(union(members, graves)).scalars())
    changes = [EntryChange(before, settled(before, {old: new})) for before in held.values()]
    number = entries.save(connection, changes, now) or next_change(connection, now)
    categories.begin(connection, (ALL, old, new), number)
    if begins:
        kept = ("page_title", "given_title", "source", "hidden")
        values = {name: was[name] for name in kept} | {"moved_to": ""}
        connection.execute(update(_CATEGORY).where(_CATEGORY.c.slug == new).values(values))
    gone = {"moved_to": new, "page_title": "", "given_title": "", "hidden": False}
    there = (_CATEGORY.c.slug == old) | (_CATEGORY.c.moved_to == old)
    connection.execute(update(_CATEGORY).where(there).values(gone))
    categories.name_anew(connection, (new,), number)
    return len(changes)


def hide(connection: Connection, slug: str, now: datetime, *, hidden: bool) -> None:
    """Take a category out of sight, with all that names it, or bring it back."""
    number = next_change(connection, now)
    connection.execute(update(_CATEGORY).where(_CATEGORY.c.slug == slug).values(hidden=hidden))
    categories.show_again(connection, slug, number)


def give_title(connection: Connection, slug: str, title: str, now: datetime) -> None:
    """Let a category be called *title*, whatever pages and entries say; by them again if that is empty."""
    number = next_change(connection, now)
    categories.begin(connection, (ALL, slug), number)
    connection.execute(update(_CATEGORY).where(_CATEGORY.c.slug == slug).values(given_title=title))
    categories.name_anew(connection, (slug,), number)
