"""Many rows at once. SQLAlchemy looks at every value of every row several times, which costs more than the database."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson
from sqlalchemy import JSON, Boolean, LargeBinary, bindparam, column, select
from sqlmodel.sql.sqltypes import UTCDateTime

from storage.dialects import inserting
from storage.staging import Staged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, Dialect, Select, Table
    from sqlalchemy.sql.base import ReadOnlyColumnCollection
    from sqlalchemy.types import TypeEngine

    from storage.dialects import Insert

    Columns = ReadOnlyColumnCollection[str, Any]
    Process = Callable[[Any], Any]
    Row = tuple[Any, ...]

# For fewer rows, a statement for each takes less time than the way by a table of the connection's own.
_MANY: Final = 20
# A statement is made for so many keys, and the last of fewer keys is named again: each is made, and parsed by the
# database, once. Far below SQLite's limit of 32,766 parameters in a statement.
_SIZES: Final = tuple(2**power for power in range(10))


class Bulk:
    """A statement that puts rows into a table, for use again and again.

    Each row names every column of the table. Where a row's primary key is taken, *taken* says what becomes of what is
    there, in terms of what was to be put in; nothing does where it is not given.
    """

    def __init__(self, table: Table, taken: Callable[[Columns], Mapping[str, Any]] | None = None) -> None:
        self._table = table
        self._taken = taken
        self._values = itemgetter(*table.c.keys())
        self._keys = [table.c.keys().index(column.name) for column in table.primary_key.columns]
        self._made: _Made | None = None

    def run(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Put *rows* in; nothing happens where there are none."""
        self.put(connection, list(map(self._values, rows)))

    def put(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Put *rows* in, which have their values in the order of the table's columns."""
        if not rows:
            return
        if self._made is None or self._made.dialect is not connection.dialect:
            self._made = self._make(connection.dialect)
        made = self._made
        values = _processed(rows, made.processes)
        if made.staged is not None and len(rows) >= _MANY and self._are_distinct(rows):
            made.staged.put(connection, values)
        else:
            connection.exec_driver_sql(made.statement, values)

    def _are_distinct(self, rows: Sequence[Row]) -> bool:
        """Whether each row has a key of its own: one statement can change a row of the table once."""
        return len({tuple([row[key] for key in self._keys]) for row in rows}) == len(rows)

    def _make(self, dialect: Dialect) -> _Made:
        names = self._table.c.keys()
        compiled = self._statement(inserting(self._table, dialect)).compile(dialect=dialect, column_keys=names)
        assert compiled.positiontup == names  # noqa: S101  an insert names its columns in their order
        processes = _needed([_binds(column.type, dialect) for column in self._table.columns])
        staged = None
        if dialect.name == "postgresql":
            there = Staged.name_of(self._table)
            whole = inserting(self._table, dialect).from_select(names, select(*map(column, names)).select_from(there))
            staged = Staged(self._table.name, names, str(self._statement(whole).compile(dialect=dialect)))
        return _Made(dialect, str(compiled), processes, staged)

    def _statement(self, insert: Insert) -> Insert:
        if self._taken is None:
            return insert.on_conflict_do_nothing()
        keys = [column.name for column in self._table.primary_key.columns]
        return insert.on_conflict_do_update(index_elements=keys, set_=self._taken(insert.excluded))


class _Made(NamedTuple):
    """A statement as a database has it, and what makes values such as the driver takes.

    *staged* is another way for many rows, where there is one.
    """

    dialect: Dialect
    statement: str
    processes: Sequence[tuple[int, Process]]
    staged: Staged | None


class Lookup:
    """A query for the rows that have one of many keys, for use again and again.

    *statement* chooses the columns, *key* is the column of the keys, and *within* are those that must have one value.
    A statement that names many keys takes SQLAlchemy longer to make than the database to run.
    """

    def __init__(self, statement: Select[Any], key: ColumnElement[Any], *within: ColumnElement[Any]) -> None:
        self._statement = statement.where(*(one == "" for one in within))
        self._key = key
        self._columns = [one.name for one in statement.selected_columns]
        self._types = [one.type for one in statement.selected_columns]
        self._dialect: Dialect | None = None
        self._made: dict[int, str] = {}
        self._processes: list[tuple[int, Process]] = []

    def rows(self, connection: Connection, keys: Iterable[Any], *within: Any) -> Iterator[Row]:
        """The rows that have one of *keys*, in no order."""
        for batch in self._batches(connection, keys, within):
            yield from _processed(batch, self._processes)

    def as_driven(self, connection: Connection, keys: Iterable[Any], *within: Any) -> Iterator[Sequence[Any]]:
        """The same rows, their values as the driver gives them."""
        for batch in self._batches(connection, keys, within):
            yield from batch

    def _batches(self, connection: Connection, keys: Iterable[Any], within: Row) -> Iterator[Sequence[Any]]:
        if self._dialect is not connection.dialect:
            self._made, self._dialect = {}, connection.dialect
            self._processes = _needed([_result(kind, connection.dialect) for kind in self._types])
        there = sorted(set(keys))
        for start in range(0, len(there), _SIZES[-1]):
            batch = there[start : start + _SIZES[-1]]
            size = next(size for size in _SIZES if size >= len(batch))
            values = (*within, *batch, *(batch[-1:] * (size - len(batch))))
            yield connection.exec_driver_sql(self._sized(size, connection.dialect), values).all()

    def mappings(self, connection: Connection, keys: Iterable[Any], *within: Any) -> Iterator[dict[str, Any]]:
        """The same rows, each by the names of its columns."""
        for row in self.rows(connection, keys, *within):
            yield dict(zip(self._columns, row, strict=True))

    def _sized(self, size: int, dialect: Dialect) -> str:
        if size not in self._made:
            keys = bindparam("keys", [""] * size, self._key.type, expanding=True)
            statement = self._statement.where(self._key.in_(keys))
            compiled = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
            self._made[size] = str(compiled)
        return self._made[size]


class Query:
    """A query whose parameters have names, for use again and again; none of them is a list."""

    def __init__(self, statement: Select[Any]) -> None:
        self._statement = statement
        self._dialect: Dialect | None = None
        self._said = ""
        self._order: Sequence[str] | None = None
        self._literals: Mapping[str, Any] = {}
        self._binds: list[tuple[str, Process]] = []
        self._processes: list[tuple[int, Process]] = []

    def rows(self, connection: Connection, known: Mapping[str, Any]) -> Sequence[Row]:
        """The rows that are found with the parameters *known*, in the query's order."""
        if self._dialect is not connection.dialect:
            self._make(connection.dialect)
        values = {**self._literals, **known}
        for name, process in self._binds:
            values[name] = process(values[name])
        given = values if self._order is None else tuple([values[name] for name in self._order])
        return _processed(connection.exec_driver_sql(self._said, given).all(), self._processes)

    def _make(self, dialect: Dialect) -> None:
        compiled = self._statement.compile(dialect=dialect)
        self._said, self._order, self._literals = str(compiled), compiled.positiontup, compiled.params
        tried = ((name, _binds(parameter.type, dialect)) for name, parameter in compiled.binds.items())
        self._binds = [(name, process) for name, process in tried if process is not None]
        kinds = [column.type for column in self._statement.selected_columns]
        self._processes = _needed([_result(kind, dialect) for kind in kinds])
        self._dialect = dialect


class Removal:
    """A statement that takes rows out of *table* by its primary key, for use again and again.

    Each is looked for alone: of many keys of several columns SQLite looks at the whole table.
    """

    def __init__(self, table: Table) -> None:
        keys = list(table.primary_key.columns)
        self._statement = table.delete().where(*(column == bindparam(column.name) for column in keys))
        self._keys = keys
        self._made: tuple[Dialect, str, list[tuple[int, Process]]] | None = None

    def run(self, connection: Connection, keys: Sequence[Row]) -> None:
        """Take those out that have one of *keys*; nothing happens where there are none."""
        if not keys:
            return
        if self._made is None or self._made[0] is not connection.dialect:
            dialect = connection.dialect
            compiled = self._statement.compile(dialect=dialect)
            self._made = dialect, str(compiled), _needed([_binds(column.type, dialect) for column in self._keys])
        _, statement, processes = self._made
        connection.exec_driver_sql(statement, _processed(keys, processes))


def upsert(table: Table) -> Bulk:
    """Puts rows into *table*, in place of those that have their primary keys."""
    others = [column.name for column in table.columns if not column.primary_key]
    return Bulk(table, lambda new: {name: new[name] for name in others})


def adding(table: Table) -> Bulk:
    """Puts rows into *table* that are not there yet, by their primary keys."""
    return Bulk(table)


def _needed(processes: Sequence[Process | None]) -> list[tuple[int, Process]]:
    return [(place, process) for place, process in enumerate(processes) if process is not None]


def _processed(rows: Sequence[Row], processes: Sequence[tuple[int, Process]]) -> Sequence[Row]:
    """*rows* with the values of some columns made others: column by column, so that Python sees few of the values."""
    if not processes or not rows:
        return rows
    columns: list[Any] = list(zip(*rows, strict=True))
    for place, process in processes:
        columns[place] = map(process, columns[place])
    return list(zip(*columns, strict=True))


def _binds(kind: TypeEngine[Any], dialect: Dialect) -> Process | None:
    """What makes a value of a column one that the driver takes; None where they are the same."""
    if isinstance(kind, UTCDateTime):
        return _moment if dialect.name == "sqlite" else _moment_and_zone
    if isinstance(kind, JSON):
        return _json
    if dialect.name == "sqlite" and isinstance(kind, Boolean | LargeBinary):
        return None
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _result(kind: TypeEngine[Any], dialect: Dialect) -> Process | None:
    """What makes a value of a column of what the driver gives."""
    if dialect.name == "sqlite" and isinstance(kind, UTCDateTime):
        return _moment_of
    return kind.dialect_impl(dialect).result_processor(dialect, None)


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
def _moment_of(said: str | None) -> datetime | None:
    return None if said is None else datetime.fromisoformat(said).replace(tzinfo=UTC)


def _json(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value).decode()


@lru_cache(4_096)
def _moment_and_zone(value: datetime | None) -> str | None:
    said = _moment(value)
    return None if said is None else f"{said}+00"
