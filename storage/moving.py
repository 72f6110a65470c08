"""A whole store into another database, which may be of another kind: the same rows, and so the same bytes published.

What can be found is indexed anew (``search``), since each database keeps words in its own way.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sqlalchemy import func, select
from sqlmodel import SQLModel

from storage.bulk import adding
from storage.errors import StorageError
from storage.tables import SearchDocumentRow, SearchMarkRow, StoreRow, table_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Connection, Row, Table

    from storage.database import Database

_AT_ONCE: Final = 500
_STORE = table_of(StoreRow)
_MARK = table_of(SearchMarkRow)
_DOCUMENT = table_of(SearchDocumentRow)
_FIRST_ROWS = (_STORE, _MARK)
"""The tables of which a new store has a row."""


class NotEmptyError(StorageError):
    """There is something in a store that was to be a copy of another."""


class _Sum(NamedTuple):
    """What tells whether two tables hold the same."""

    rows: int
    digest: bytes


def copy_store(source: Database, target: Database, told: Callable[[int, int], None] | None = None) -> int:
    """Copy all that *source* holds at this moment into *target*, which is new; it is *source* from then on, with its
    identity. *told* hears of how many rows of how many are copied and compared.

    Returns:
        How many rows there are.

    Raises:
        NotEmptyError: there is something in *target*; it is left as it is.
        StorageError: a database cannot be read or written, or the copy is not the same; *target* is as it was.
    """
    with source.reading() as there, target.writing() as here:
        _refuse_if_used(here, target)
        tables = [table for table in SQLModel.metadata.sorted_tables if table is not _DOCUMENT]
        total = 2 * sum(_count(there, table) for table in tables)
        done = 0

        def more(rows: int) -> None:
            nonlocal done
            done += rows
            if told is not None:
                told(done, total)

        for table in _FIRST_ROWS:
            here.execute(table.delete())
        sums = {table.name: _copy(there, here, table, more) for table in tables}
        for table in tables:
            if _sum(here, table, more) != sums[table.name]:
                raise StorageError(
                    f"{target.name}: the copy of the table {table.name!r} is not the same: nothing is kept"
                )
        here.execute(_MARK.update().values(change=0, emptied=_MARK.c.numbers))
    return sum(one.rows for one in sums.values())


def _refuse_if_used(connection: Connection, target: Database) -> None:
    changed = connection.execute(select(_STORE.c.change + _STORE.c.events)).scalar_one()
    tables = [table for table in SQLModel.metadata.sorted_tables if table not in _FIRST_ROWS]
    if changed or any(connection.execute(select(table).limit(1)).first() is not None for table in tables):
        raise NotEmptyError(f"{target.name} is not empty: name a database that nothing is in yet")


def _count(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _copy(source: Connection, target: Connection, table: Table, more: Callable[[int], None]) -> _Sum:
    adding_to = adding(table)
    names = table.c.keys()
    summed = _Summing()
    for rows in _rows(source, table):
        adding_to.run(target, [dict(zip(names, row, strict=True)) for row in rows])
        summed.add(rows)
        more(len(rows))
    return summed.sum


def _sum(connection: Connection, table: Table, more: Callable[[int], None]) -> _Sum:
    summed = _Summing()
    for rows in _rows(connection, table):
        summed.add(rows)
        more(len(rows))
    return summed.sum


def _rows(connection: Connection, table: Table) -> Iterator[Sequence[Row[Any]]]:
    """All rows of *table* by its key, some at once."""
    ordered = select(table).order_by(*table.primary_key.columns)
    with connection.execute(ordered, execution_options={"yield_per": _AT_ONCE}) as result:
        yield from result.partitions()


class _Summing:
    """Rows that are added up, in their order."""

    def __init__(self) -> None:
        self._rows = 0
        self._digest = hashlib.blake2b(digest_size=16)

    def add(self, rows: Sequence[Row[Any]]) -> None:
        self._rows += len(rows)
        for row in rows:
            # As everything that PostgreSQL holds: see ``postgresql``.
            self._digest.update(repr(tuple(row)).replace("\\x00", "\ufffd").encode(errors="backslashreplace"))

    @property
    def sum(self) -> _Sum:
        return _Sum(self._rows, self._digest.digest())
