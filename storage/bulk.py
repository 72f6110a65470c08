"""Many rows at once. SQLAlchemy looks at every value of every row several times, which costs more than the database."""

from __future__ import annotations

from datetime import UTC
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson
from sqlalchemy import JSON, column, select
from sqlmodel.sql.sqltypes import UTCDateTime

from storage.dialects import inserting
from storage.staging import Staged

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnClause, Connection, Dialect, Table
    from sqlalchemy.sql.base import ReadOnlyColumnCollection

    from storage.dialects import Insert

    Process = Callable[[Any], Any]
    Columns = ReadOnlyColumnCollection[str, Any]

# For fewer rows, one statement for each of them takes less time than the way by a table of the connection's own.
_MANY: Final = 20


class Bulk:
    """A statement that puts rows into a table, for use again and again.

    Each row names every column of the table. Where a row's primary key is taken, *taken* says what becomes of what is
    there, in terms of what was to be put in; nothing does where it is not given.
    """

    def __init__(self, table: Table, taken: Callable[[Columns], Mapping[str, Any]] | None = None) -> None:
        self._table = table
        self._taken = taken
        self._made: _Made | None = None

    def run(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Put *rows* in; nothing happens where there are none."""
        if not rows:
            return
        if self._made is None or self._made.dialect is not connection.dialect:
            self._made = self._make(connection.dialect)
        made = self._made
        values = [
            tuple([row[name] if process is None else process(row[name]) for name, process in made.columns])
            for row in rows
        ]
        if made.staged is not None and len(rows) >= _MANY and self._are_distinct(rows):
            made.staged.put(connection, values)
        else:
            connection.exec_driver_sql(made.statement, values)

    def _are_distinct(self, rows: Sequence[Mapping[str, Any]]) -> bool:
        """Whether each row has a key of its own: one statement can change a row of the table once."""
        keys = [column.name for column in self._table.primary_key.columns]
        return len({tuple([row[key] for key in keys]) for row in rows}) == len(rows)

    def _make(self, dialect: Dialect) -> _Made:
        names = self._table.c.keys()
        compiled = self._statement(inserting(self._table, dialect)).compile(dialect=dialect, column_keys=names)
        order = compiled.positiontup or names
        columns = [(name, _process(self._table.c[name], dialect)) for name in order]
        staged = None
        if dialect.name == "postgresql":
            there = Staged.name_of(self._table)
            whole = inserting(self._table, dialect).from_select(order, select(*map(column, order)).select_from(there))
            staged = Staged(self._table.name, order, str(self._statement(whole).compile(dialect=dialect)))
        return _Made(dialect, str(compiled), columns, staged)

    def _statement(self, insert: Insert) -> Insert:
        if self._taken is None:
            return insert.on_conflict_do_nothing()
        keys = [column.name for column in self._table.primary_key.columns]
        return insert.on_conflict_do_update(index_elements=keys, set_=self._taken(insert.excluded))


class _Made(NamedTuple):
    """A statement as a database has it: what makes values of its *columns*, in order, such as the driver takes."""

    dialect: Dialect
    statement: str
    columns: Sequence[tuple[str, Process | None]]
    staged: Staged | None


def upsert(table: Table) -> Bulk:
    """Puts rows into *table*, in place of those that have their primary keys."""
    others = [column.name for column in table.columns if not column.primary_key]
    return Bulk(table, lambda new: {name: new[name] for name in others})


def adding(table: Table) -> Bulk:
    """Puts rows into *table* that are not there yet, by their primary keys."""
    return Bulk(table)


def _process(column: ColumnClause[Any], dialect: Dialect) -> Process | None:
    """What makes a value of *column* one that the driver takes; None where they are the same."""
    if isinstance(column.type, UTCDateTime):
        return _moment if dialect.name == "sqlite" else _moment_and_zone
    if isinstance(column.type, JSON) and dialect.name == "postgresql":
        null = column.type.none_as_null
        return lambda value: None if value is None and null else orjson.dumps(value).decode()
    return column.type.dialect_impl(dialect).bind_processor(dialect)


# Moments come again and again: of an entry in each of its categories, of all entries of a pull.
@lru_cache(4_096)
def _moment(value: datetime | None) -> str | None:
    """As SQLAlchemy writes it, which takes its time: there are several in every row."""
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError(f"{value} has no time zone")
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


@lru_cache(4_096)
def _moment_and_zone(value: datetime | None) -> str | None:
    said = _moment(value)
    return None if said is None else f"{said}+00"
