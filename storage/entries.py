"""Entries: save, find, choose. Saving moves the versions of the categories that it touches in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, exists, select, update

from storage import archive, categories, events
from storage.bulk import Lookup, Removal, adding, upsert
from storage.category import ALL
from storage.database import batches, next_change
from storage.entry import Entry, InfoCode, Revision, Tombstone
from storage.entry_rows import EntryRows
from storage.places import Placed, named_in
from storage.rows import entry_of, entry_row, revision_of, revision_row
from storage.tables import CopyRow, EntryRow, MembershipRow, RevisionRow, TombstoneRow, table_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence, Set
    from datetime import datetime

    from sqlalchemy import Connection

KEPT_REVISIONS = 20
"""How many earlier revisions of an entry are kept."""

_ENTRY = table_of(EntryRow)
_COPY = table_of(CopyRow)
_REVISION = table_of(RevisionRow)
_MEMBERSHIP = table_of(MembershipRow)
_TOMBSTONE = table_of(TombstoneRow)

# Statements that are run for every page and every entry are made once: making one costs more than running it.
_SAVE = upsert(_ENTRY)
_KEEP = adding(_REVISION)
_ADD = {table.name: adding(table) for table in (_MEMBERSHIP, _TOMBSTONE)}
_REMOVE = {table.name: Removal(table) for table in (_MEMBERSHIP, _TOMBSTONE)}
_NAMED = Lookup(select(_ENTRY.c.atom_id, _ENTRY.c.info_code), _ENTRY.c.atom_id)
_FIND = Lookup(select(_ENTRY), _ENTRY.c.info_code)
_ROWS = EntryRows()
# That of everything holds what everybody may see.
_IS_PUBLIC = exists().where(
    _MEMBERSHIP.c.category == ALL,
    _MEMBERSHIP.c.published == _ENTRY.c.published,
    _MEMBERSHIP.c.info_code == _ENTRY.c.info_code,
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
    """An entry as it was stored (None: not at all) and as it is to be.

    ``brought_by`` is the source that was read just now, where several tell the entry; empty for the entry's own.
    """

    before: Entry | None
    after: Entry
    brought_by: str = ""


def find(connection: Connection, codes: Iterable[str]) -> dict[InfoCode, Entry]:
    """The stored entries, withdrawn ones too, of those *codes* that there are."""
    rows = _FIND.as_driven(connection, codes)
    return {entry.info_code: entry for entry, _ in _ROWS.read(rows, connection.dialect)}


def named(connection: Connection, atom_ids: Iterable[str]) -> dict[str, InfoCode]:
    """The entries, withdrawn ones too, that carry those ids, by id."""
    return {atom_id: InfoCode(code) for atom_id, code in _NAMED.rows(connection, atom_ids)}


def links(connection: Connection) -> Iterator[tuple[InfoCode, str]]:
    """The link of every entry that has one, withdrawn ones too."""
    for code, link in connection.execute(select(_ENTRY.c.info_code, _ENTRY.c.link).where(_ENTRY.c.link != "")):
        yield InfoCode(code), link


def of_other_scopes(connection: Connection, source: str, scope: str) -> dict[InfoCode, str]:
    """The entries that were found in *source*, and belong to another scope than *scope*: which one."""
    found = select(_ENTRY.c.info_code, _ENTRY.c.scope).join(_COPY, _COPY.c.info_code == _ENTRY.c.info_code)
    rows = connection.execute(found.where(_COPY.c.source == source, _ENTRY.c.scope != scope))
    return {InfoCode(code): other for code, other in rows}


def give(connection: Connection, codes: Iterable[str], scope: str) -> None:
    """Let entries belong to *scope* from now on; nothing that is published of them changes."""
    for batch in batches(sorted(codes)):
        connection.execute(update(_ENTRY).where(_ENTRY.c.info_code.in_(batch)).values(scope=scope))


def save(
    connection: Connection, changes: Sequence[EntryChange], now: datetime, private_before: Set[str] | None = None
) -> int:
    """Store *changes* as of *now* (aware), with their places and earlier revisions, what concerns their categories
    (versions and histories), and what their followers are to be told. *private_before* are the categories that were
    private until now, where those are others.

    Returns:
        The number of this change; 0 when there was nothing to do.
    """
    if not changes:
        return 0
    number = next_change(connection, now)
    private = categories.private(connection)
    before = private if private_before is None else private_before
    placed = [
        Placed(one.before, one.after, one.brought_by, named_in(one.before, before), named_in(one.after, private))
        for one in changes
    ]
    _SAVE.run(connection, _rows(connection, changes, number))
    _keep_revisions(connection, placed)
    _place(connection, placed)
    categories.touch(connection, placed, number)
    archive.record(connection, placed, number)
    events.record(connection, placed, now)
    return number


def of_source(connection: Connection, source: str, limit: int) -> list[Entry]:
    """The newest entries that were found in *source*, withdrawn ones too: by ``published``, descending."""
    there = select(_COPY.c.info_code).where(_COPY.c.source == source)
    newest = (_ENTRY.c.published.desc(), _ENTRY.c.info_code.desc())
    statement = select(_ENTRY).where(_ENTRY.c.info_code.in_(there)).order_by(*newest).limit(limit)
    return [entry_of(row) for row in connection.execute(statement).mappings()]


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
    """Every entry that a later change than *change* touched, and whether it is withdrawn, or for partners alone."""
    for code, is_public in connection.execute(select(_ENTRY.c.info_code, _IS_PUBLIC).where(_ENTRY.c.change > change)):
        yield InfoCode(code), not is_public


def revisions(connection: Connection, code: str) -> list[Revision]:
    """What an entry said before each of its corrections, oldest first: the last :data:`KEPT_REVISIONS`."""
    statement = select(_REVISION).where(_REVISION.c.info_code == code).order_by(_REVISION.c.revision)
    return [revision_of(row) for row in connection.execute(statement).mappings()]


def _rows(connection: Connection, changes: Sequence[EntryChange], number: int) -> list[dict[str, Any]]:
    """The rows of entries, with their number and the ids that they keep for ever.

    RFC 4287, 4.2.6: an entry that came in an Atom feed keeps its own id, if no other entry uses that.
    """
    new = [change.after for change in changes if change.before is None]
    guids = {entry.guid: entry.info_code for entry in new}
    taken: set[str] = set(named(connection, {*guids, *(entry.own_id for entry in new if entry.own_id)}))
    rows = []
    for change in changes:
        before, after = change.before, change.after
        row = entry_row(after)
        row["change"] = number
        if before is not None:
            row |= {"guid": before.guid, "atom_id": before.atom_id, "first_seen": before.first_seen}
        else:
            free = after.own_id not in taken and guids.get(after.own_id, after.info_code) == after.info_code
            atom_id = after.own_id if after.own_id and free else after.guid
            if atom_id in taken:  # a feed named an entry of its own so, before there was this one
                atom_id = f"{after.guid}-{number}"
            taken.add(atom_id)
            row["atom_id"] = atom_id
        rows.append(row)
    return rows


def _keep_revisions(connection: Connection, placed: Sequence[Placed]) -> None:
    earlier = [one.before for one in placed if one.before is not None and one.after.revision > one.before.revision]
    if not earlier:
        return
    _KEEP.run(connection, [revision_row(entry) for entry in earlier])
    for entry in earlier:
        if entry.revision > KEPT_REVISIONS:
            oldest = _REVISION.c.revision <= entry.revision - KEPT_REVISIONS
            connection.execute(delete(_REVISION).where(_REVISION.c.info_code == entry.info_code, oldest))


def _place(connection: Connection, placed: Sequence[Placed]) -> None:
    """Move entries and tombstones to their places in categories."""
    members = [(_places(one.before, one.was), _places(one.after, one.now)) for one in placed]
    graves = [(_graves(one.before, one.named_before), _graves(one.after, one.named_after)) for one in placed]
    for table, moved in ((_MEMBERSHIP, members), (_TOMBSTONE, graves)):
        gone = {place for before, after in moved for place in before - after}
        new = {place for before, after in moved for place in after - before}
        width = len(table.primary_key.columns)
        _REMOVE[table.name].run(connection, sorted({place[:width] for place in gone}))
        _ADD[table.name].put(connection, sorted(new))


def _places(entry: Entry | None, held_by: Iterable[str]) -> set[tuple[Any, ...]]:
    if entry is None:
        return set()
    return {(category, entry.published, entry.info_code, entry.source) for category in held_by}


def _graves(entry: Entry | None, named_in: Iterable[str]) -> set[tuple[Any, ...]]:
    if entry is None or entry.withdrawn is None:
        return set()
    return {(category, entry.withdrawn, entry.info_code) for category in named_in}
