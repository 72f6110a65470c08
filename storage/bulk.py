"""Many rows at once. SQLAlchemy looks at every value of every row several times, which costs more than the database."""

from __future__ import annotations

from datetime import UTC
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy.dialects.sqlite import Insert, insert
from sqlmodel.sql.sqltypes import UTCDateTime

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnClause, Connection, Dialect, Table

    Process = Callable[[Any], Any]


class Bulk:
    """A statement that puts rows into a table, for use again and again.

    Each row names every column of the table. *statement* may say what is to be done where a row's primary key is taken,
    in terms of what is there and what was to be put in (``excluded``).
    """

    def __init__(self, statement: Insert) -> None:
        self._statement = statement
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
        table = self._statement.table
        names = table.c.keys()
        compiled = self._statement.compile(dialect=dialect, column_keys=names)
        order = compiled.positiontup or names
        return dialect, str(compiled), [(name, _process(table.c[name], dialect)) for name in order]


def upsert(table: Table) -> Bulk:
    """Puts rows into *table*, in place of those that have their primary keys."""
    statement = insert(table)
    keys = [column.name for column in table.primary_key.columns]
    updates = {name: statement.excluded[name] for name in table.c.keys() if name not in keys}  # noqa: SIM118
    return Bulk(statement.on_conflict_do_update(index_elements=keys, set_=updates))


def adding(table: Table) -> Bulk:
    """Puts rows into *table* that are not there yet, by their primary keys."""
    return Bulk(insert(table).on_conflict_do_nothing())


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
