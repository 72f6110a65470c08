"""What becomes of whole categories by the operator's hand: another slug, another title, out of sight; in the caller's
transaction. Whether that may be is for the caller to see.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, union, update

from storage import archive, categories, entries, events, partners
from storage.category import ALL
from storage.database import batches, next_change
from storage.entries import EntryChange
from storage.entry import InfoCode
from storage.places import Placed, named_in
from storage.tables import CategoryRow, MembershipRow, TombstoneRow, table_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
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

    *new* may have entries; it is shown, hidden or private as it is, and as *old* is if it is only begun by this. Slugs
    that had moved to *old* have moved to *new*, and one that had moved itself is a category again. Partners who follow
    *old* and did not follow *new* are told of all that is in it.

    Returns:
        How many entries were in *old*, withdrawn ones among them.
    """
    was = connection.execute(select(_CATEGORY).where(_CATEGORY.c.slug == old)).mappings().one()
    begins = connection.execute(select(_CATEGORY.c.moved_to).where(_CATEGORY.c.slug == new)).scalar() in {None, old}
    if begins:  # before its entries come, which everybody sees unless it is private
        categories.begin(connection, (new,), next_change(connection, now))
        kept = ("page_title", "given_title", "source", "hidden", "private")
        values = {name: was[name] for name in kept} | {"moved_to": ""}
        connection.execute(update(_CATEGORY).where(_CATEGORY.c.slug == new).values(values))
    untold = [] if begins or not _brings_followers(connection, old, new) else _only_in(connection, new, old)
    changes = [EntryChange(before, settled(before, {old: new})) for before in _of(connection, old)]
    number = entries.save(connection, changes, now) or next_change(connection, now)
    _tell(connection, new, untold, now)
    categories.begin(connection, (ALL, old, new), number)
    gone = {"moved_to": new, "page_title": "", "given_title": "", "hidden": False, "private": False}
    there = (_CATEGORY.c.slug == old) | (_CATEGORY.c.moved_to == old)
    connection.execute(update(_CATEGORY).where(there).values(gone))
    categories.name_anew(connection, (new,), number)
    return len(changes)


def hide(connection: Connection, slug: str, now: datetime, *, hidden: bool) -> None:
    """Take a category out of sight, with all that names it, or bring it back."""
    number = next_change(connection, now)
    connection.execute(update(_CATEGORY).where(_CATEGORY.c.slug == slug).values(hidden=hidden))
    categories.show_again(connection, slug, number)
    _tell_again(connection, _of(connection, slug), now)


def keep_private(connection: Connection, slug: str, now: datetime, *, private: bool) -> int:
    """Let a category, with the entries that are in it alone, be for partners only, or for everybody again. One that
    there is not yet begins with this.

    Returns:
        How many of its entries are to be seen by others than before, withdrawn ones among them.
    """
    number = next_change(connection, now)
    categories.begin(connection, (slug,), number)
    before = categories.private(connection)
    connection.execute(update(_CATEGORY).where(_CATEGORY.c.slug == slug).values(private=private))
    after = categories.private(connection)
    held = _of(connection, slug)
    moved = [EntryChange(entry, entry) for entry in held if named_in(entry, before) != named_in(entry, after)]
    number = entries.save(connection, moved, now, before) or number
    known = {one.after.info_code for one in moved}
    _tell_again(connection, [entry for entry in held if entry.info_code not in known], now)
    categories.show_again(connection, slug, number)
    archive.touch(connection, {ALL, slug}.union(*(entry.categories for entry in held)), number)
    return len(moved)


def give_title(connection: Connection, slug: str, title: str, now: datetime) -> None:
    """Let a category be called *title*, whatever pages and entries say; by them again if that is empty."""
    number = next_change(connection, now)
    categories.begin(connection, (ALL, slug), number)
    connection.execute(update(_CATEGORY).where(_CATEGORY.c.slug == slug).values(given_title=title))
    categories.name_anew(connection, (slug,), number)


def _brings_followers(connection: Connection, old: str, new: str) -> bool:
    """Whether a partner follows *old* and not *new*."""
    follow = (categories.followed(connection, partner.categories) for partner in partners.all(connection))
    return any(old in slugs and new not in slugs for slugs in follow)


def _only_in(connection: Connection, slug: str, other: str) -> list[str]:
    """What is in one category and not in the *other*."""
    of = select(_MEMBERSHIP.c.info_code).where(_MEMBERSHIP.c.category == bindparam("of"))
    there = set(connection.execute(of, {"of": other}).scalars())
    return [code for code in connection.execute(of, {"of": slug}).scalars() if code not in there]


def _tell(connection: Connection, slug: str, codes: Sequence[str], now: datetime) -> None:
    """Let the followers of a category hear of entries of it as if those had just come."""
    for batch in batches(codes):
        found = entries.find(connection, batch)
        nowhere, here = frozenset[str](), frozenset({slug})
        placed = [Placed(None, found[InfoCode(code)], "", nowhere, here) for code in batch]
        events.record(connection, placed, now)


def _tell_again(connection: Connection, held: Sequence[Entry], now: datetime) -> None:
    """Let those hear of entries who follow categories of them: they name another set of those now."""
    private = categories.private(connection)
    named = [(entry, named_in(entry, private)) for entry in held if not entry.withdrawn]
    events.record(connection, [Placed(entry, entry, "", slugs, slugs) for entry, slugs in named], now)


def _of(connection: Connection, slug: str) -> list[Entry]:
    """All that is in a category, withdrawn entries too."""
    members = select(_MEMBERSHIP.c.info_code).where(_MEMBERSHIP.c.category == slug)
    graves = select(_TOMBSTONE.c.info_code).where(_TOMBSTONE.c.category == slug)
    return list(entries.find(connection, connection.execute(union(members, graves)).scalars()).values())
