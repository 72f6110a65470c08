"""Entries: save, find, list. Saving moves the versions of the categories that it touches in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, select, tuple_
from sqlalchemy.dialects.sqlite import insert

from storage import categories
from storage.category import ALL
from storage.database import batches, next_change
from storage.entry import Entry, InfoCode, Tombstone
from storage.rows import entry_of, entry_row, revision_row
from storage.tables import EntryRow, MembershipRow, RevisionRow, TombstoneRow, table_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

KEPT_REVISIONS = 20
"""How many earlier revisions of an entry are kept."""

_ENTRY = table_of(EntryRow)
_REVISION = table_of(RevisionRow)
_MEMBERSHIP = table_of(MembershipRow)
_TOMBSTONE = table_of(TombstoneRow)

# Statements that are run for every page and every entry are made once: making one costs more than running it.
_FIND = select(_ENTRY).where(_ENTRY.c.info_code.in_(bindparam("codes", expanding=True)))
_NEWEST = (
    select(_MEMBERSHIP.c.info_code, _MEMBERSHIP.c.published)
    .where(_MEMBERSHIP.c.category == bindparam("category"))
    .order_by(_MEMBERSHIP.c.published.desc(), _MEMBERSHIP.c.info_code.desc())
    .limit(bindparam("most"))
    .offset(bindparam("first"))
    .subquery()
)
_LISTED = (
    select(_ENTRY.c.info_code, _ENTRY.c.change, _ENTRY.c.updated)
    .join(_NEWEST, _NEWEST.c.info_code == _ENTRY.c.info_code)
    .order_by(_NEWEST.c.published.desc(), _NEWEST.c.info_code.desc())
)
_WITHDRAWN = select(_ENTRY.c.info_code).where(_ENTRY.c.withdrawn.is_not(None))
_TOMBSTONES = (
    select(_ENTRY.c.info_code, _ENTRY.c.atom_id, _TOMBSTONE.c.withdrawn)
    .join(_TOMBSTONE, _TOMBSTONE.c.info_code == _ENTRY.c.info_code)
    .where(_TOMBSTONE.c.category == bindparam("category"))
    .order_by(_TOMBSTONE.c.withdrawn.desc(), _TOMBSTONE.c.info_code.desc())
    .limit(bindparam("most"))
)


@dataclass(frozen=True, slots=True)
class EntryChange:
    """An entry as it was stored (None: not at all) and as it is to be."""

    before: Entry | None
    after: Entry

    @property
    def touches(self) -> frozenset[str]:
        """The categories that it touches, :data:`~storage.category.ALL` among them."""
        before = self.before.categories if self.before else ()
        return frozenset((ALL, *before, *self.after.categories))


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry's place in a category, and what is needed to know whether it was rendered already."""

    info_code: InfoCode
    change: int
    updated: datetime


def find(connection: Connection, codes: Iterable[str]) -> dict[InfoCode, Entry]:
    """The stored entries, withdrawn ones too, of those *codes* that there are."""
    found: dict[InfoCode, Entry] = {}
    for batch in batches(sorted(set(codes))):
        for row in connection.execute(_FIND, {"codes": batch}).mappings().all():
            entry = entry_of(row)
            found[entry.info_code] = entry
    return found


def named(connection: Connection, atom_ids: Iterable[str]) -> list[InfoCode]:
    """The entries, withdrawn ones too, that carry those ids."""
    found: list[InfoCode] = []
    for batch in batches(sorted(set(atom_ids))):
        found += connection.execute(select(_ENTRY.c.info_code).where(_ENTRY.c.atom_id.in_(batch))).scalars()
    return found


def save(connection: Connection, changes: Sequence[EntryChange]) -> int:
    """Store *changes*, with their places in categories, earlier revisions and the categories' versions.

    Returns:
        The number of this change; 0 when there was nothing to do.
    """
    if not changes:
        return 0
    number = next_change(connection)
    changes = _named(connection, changes, number)
    rows = [entry_row(change.after) for change in changes]
    statement = insert(_ENTRY)
    updates = {column.name: statement.excluded[column.name] for column in _ENTRY.c if not column.primary_key}
    connection.execute(statement.on_conflict_do_update(index_elements=["info_code"], set_=updates), rows)
    _keep_revisions(connection, changes)
    _place(connection, changes)
    categories.touch(connection, changes, number)
    return number


def listed(connection: Connection, category: str, limit: int, offset: int = 0) -> list[Listed]:
    """A category's newest entries: by ``published``, then infoCode, both descending."""
    rows = connection.execute(_LISTED, {"category": category, "most": limit, "first": offset}).all()
    return [Listed(InfoCode(code), change, updated) for code, change, updated in rows]


def chosen(
    connection: Connection, *, categories: Sequence[str] = (), since: datetime | None = None, source: str = ""
) -> list[InfoCode]:
    """The entries that are not withdrawn, oldest first: of any of *categories*, published *since*, from *source*."""
    statement = select(_ENTRY.c.info_code).where(_ENTRY.c.withdrawn.is_(None))
    if categories:
        members = select(_MEMBERSHIP.c.info_code).where(_MEMBERSHIP.c.category.in_(categories))
        statement = statement.where(_ENTRY.c.info_code.in_(members))
    if since is not None:
        statement = statement.where(_ENTRY.c.published >= since)
    if source:
        statement = statement.where(_ENTRY.c.source == source)
    ordered = statement.order_by(_ENTRY.c.published, _ENTRY.c.info_code)
    return [InfoCode(code) for code in connection.execute(ordered).scalars()]


def withdrawn(connection: Connection) -> list[InfoCode]:
    """Every entry that is withdrawn."""
    return [InfoCode(code) for code in connection.execute(_WITHDRAWN).scalars()]


def tombstones(connection: Connection, category: str, limit: int) -> list[Tombstone]:
    """The entries last withdrawn from a category, newest first."""
    rows = connection.execute(_TOMBSTONES, {"category": category, "most": limit})
    return [Tombstone(InfoCode(code), atom_id, when) for code, atom_id, when in rows]


def changed_since(connection: Connection, change: int) -> Iterator[tuple[InfoCode, bool]]:
    """Every entry that a later change than *change* touched, and whether it is withdrawn."""
    statement = select(_ENTRY.c.info_code, _ENTRY.c.withdrawn).where(_ENTRY.c.change > change)
    for code, withdrawn in connection.execute(statement):
        yield InfoCode(code), withdrawn is not None


def revisions(connection: Connection, code: str) -> list[Any]:
    """The numbers and times of an entry's earlier revisions, oldest first."""
    statement = (
        select(_REVISION.c.revision, _REVISION.c.updated, _REVISION.c.title)
        .where(_REVISION.c.info_code == code)
        .order_by(_REVISION.c.revision)
    )
    return list(connection.execute(statement).mappings())


def _named(connection: Connection, changes: Sequence[EntryChange], number: int) -> list[EntryChange]:
    """Give each entry its number and the ids that it keeps for ever.

    RFC 4287, 4.2.6: an entry that came in an Atom feed keeps its own id, if no other entry uses that.
    """
    new = [change.after for change in changes if change.before is None]
    guids = {entry.guid: entry.info_code for entry in new}
    wanted = {*guids, *(entry.own_id for entry in new)}
    taken: set[str] = set()
    for batch in batches(sorted(wanted)):
        taken.update(connection.execute(select(_ENTRY.c.atom_id).where(_ENTRY.c.atom_id.in_(batch))).scalars())
    named = []
    for change in changes:
        before, after = change.before, change.after
        if before is not None:
            kept = {"guid": before.guid, "atom_id": before.atom_id, "first_seen": before.first_seen}
        else:
            free = after.own_id not in taken and guids.get(after.own_id, after.info_code) == after.info_code
            atom_id = after.own_id if after.own_id and free else after.guid
            if atom_id in taken:  # a feed named an entry of its own so, before there was this one
                atom_id = f"{after.guid}-{number}"
            taken.add(atom_id)
            kept = {"guid": after.guid, "atom_id": atom_id, "first_seen": after.first_seen}
        named.append(EntryChange(before, replace(after, change=number, **kept)))  # type: ignore[arg-type]
    return named


def _keep_revisions(connection: Connection, changes: Sequence[EntryChange]) -> None:
    earlier = [c.before for c in changes if c.before is not None and c.after.revision > c.before.revision]
    if not earlier:
        return
    statement = insert(_REVISION).on_conflict_do_nothing()
    connection.execute(statement, [revision_row(entry) for entry in earlier])
    for entry in earlier:
        if entry.revision > KEPT_REVISIONS:
            oldest = _REVISION.c.revision <= entry.revision - KEPT_REVISIONS
            connection.execute(delete(_REVISION).where(_REVISION.c.info_code == entry.info_code, oldest))


def _place(connection: Connection, changes: Sequence[EntryChange]) -> None:
    """Move entries and tombstones to their places in categories."""
    removed, added, buried, raised = set(), set(), set(), set()
    for change in changes:
        before, after = _places(change.before), _places(change.after)
        removed |= before - after
        added |= after - before
        before, after = _graves(change.before), _graves(change.after)
        raised |= before - after
        buried |= after - before
    for table, gone, new in ((_MEMBERSHIP, removed, added), (_TOMBSTONE, raised, buried)):
        keys = tuple(table.primary_key.columns)
        for batch in batches(sorted(gone)):
            connection.execute(delete(table).where(tuple_(*keys).in_(batch)))
        if new:
            names = [key.name for key in keys]
            rows = [dict(zip(names, place, strict=True)) for place in sorted(new)]
            connection.execute(insert(table).on_conflict_do_nothing(), rows)


def _places(entry: Entry | None) -> set[tuple[str, datetime, str]]:
    if entry is None or entry.withdrawn:
        return set()
    return {(category, entry.published, entry.info_code) for category in (ALL, *entry.categories)}


def _graves(entry: Entry | None) -> set[tuple[str, datetime, str]]:
    if entry is None or entry.withdrawn is None:
        return set()
    return {(category, entry.withdrawn, entry.info_code) for category in (ALL, *entry.categories)}
