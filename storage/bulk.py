"""Many rows at once. SQLAlchemy looks at every value of every row several times, which costs more than the database."""

from __future__ import annotations

from datetime import UTC
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlmodel.sql.sqltypes import UTCDateTime

from storage.dialects import inserting

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnClause, Connection, Dialect, Table
    from sqlalchemy.sql.base import ReadOnlyColumnCollection

    from storage.dialects import Insert

    Process = Callable[[Any], Any]
    Columns = ReadOnlyColumnCollection[str, Any]


class Bulk:
    """A statement that puts rows into a table, for use again and again.

    Each row names every column of the table. Where a row's primary key is taken, *taken* says what becomes of what is
    there, in terms of what was to be put in; nothing does where it is not given.
    """

    def __init__(self, table: Table, taken: Callable[[Columns], Mapping[str, Any]] | None = None) -> None:
        self._table = table
        self._taken = taken
        self._made: tuple[Dialect, str, list[tuple[str, Process | None]]] | None = None

    def run(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Put *rows* in; nothing happens where there are none."""
        if not rows:
            return
        if self._made is None or self._made[0] is not connection.dialect:
            self._made = self._make(connection.dialect)
        _, statement, columns = self._made
        values = [
            tuple([row[name] if process is None else process(row[name]) for name, process in columns]) for row in rows
        ]
        connection.exec_driver_sql(statement, values)

    def _make(self, dialect: Dialect) -> tuple[Dialect, str, list[tuple[str, Process | None]]]:
        names = self._table.c.keys()
        compiled = self._statement(dialect).compile(dialect=dialect, column_keys=names)
        order = compiled.positiontup or names
        return dialect, str(compiled), [(name, _process(self._table.c[name], dialect)) for name in order]

    def _statement(self, dialect: Dialect) -> Insert:
        statement = inserting(self._table, dialect)
        if self._taken is None:
            return statement.on_conflict_do_nothing()
        keys = [column.name for column in self._table.primary_key.columns]
        return statement.on_conflict_do_update(index_elements=keys, set_=self._taken(statement.excluded))


def upsert(table: Table) -> Bulk:
    """Puts rows into *table*, in place of those that have their primary keys."""
    others = [column.name for column in table.columns if not column.primary_key]
    return Bulk(table, lambda new: {name: new[name] for name in others})


def adding(table: Table) -> Bulk:
    """Puts rows into *table* that are not there yet, by their primary keys."""
    return Bulk(table)


def _process(column: ColumnClause[Any], dialect: Dialect) -> Process | None:
    """What makes a value of *column* one that the driver takes; None where they are the same."""
    if dialect.name == "sqlite" and isinstance(column.type, UTCDateTime):
        return _moment
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
