"""Entries read in bulk, from rows as the driver gives them: SQLAlchemy looks at every value of every row several times.

Most of what an entry has beside its texts comes again and again: no tags, the medium, the categories. It is frozen, and
so it is made once for all entries that have it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from sqlalchemy import JSON
from sqlmodel.sql.sqltypes import UTCDateTime

from storage.rows import PARTS, entry_of_parts
from storage.tables import EntryRow, table_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Column, Connection, Dialect, Select

    from storage.entry import Entry

    Make = Callable[[Any], Any]

_COLUMNS = tuple(table_of(EntryRow).columns)
_NUMBER = len(_COLUMNS)
# Of what lies in a column of JSON so much is remembered, and nothing that is longer.
_REMEMBERED = 2_048
_LONGEST = 400


class Beside(NamedTuple):
    """An entry, and what was selected beside it."""

    entry: Entry
    others: tuple[Any, ...]


class EntryRows:
    """Rows that have all columns of the entry table, and then *others*."""

    def __init__(self, *others: Column[Any]) -> None:
        self._columns = (*_COLUMNS, *others)
        self._made: tuple[Dialect, tuple[tuple[int, Make], ...]] | None = None

    def fetch(self, connection: Connection, statement: Select[Any], known: Mapping[str, Any]) -> Iterator[Beside]:
        """Each row that *statement* finds with the parameters *known*; it selects these columns in this order."""
        result = connection.execute(statement, known)
        rows = result.cursor.fetchall()
        result.close()
        return self.read(rows, connection.dialect)

    def read(self, rows: Iterable[Sequence[Any]], dialect: Dialect) -> Iterator[Beside]:
        """What *rows* say, whose values are as the driver of *dialect* gives them."""
        if self._made is None or self._made[0] is not dialect:
            tried = ((number, _make(column, dialect)) for number, column in enumerate(self._columns))
            self._made = (dialect, tuple((number, make) for number, make in tried if make is not None))
        _, makes = self._made
        for row in rows:
            values = list(row)
            for number, make in makes:
                values[number] = make(values[number])
            yield Beside(entry_of_parts(dict(zip(_NAMES, values, strict=False))), tuple(values[_NUMBER:]))


_NAMES = tuple(column.name for column in _COLUMNS)


def _make(column: Column[Any], dialect: Dialect) -> Make | None:
    """What makes a part of an entry of what the driver gives; None where they are the same."""
    part = PARTS.get(column.name) if column.table is _COLUMNS[0].table else None
    if dialect.name == "sqlite" and isinstance(column.type, UTCDateTime):
        return _moment
    if dialect.name == "sqlite" and isinstance(column.type, JSON):
        return _remembering(part)
    process = column.type.dialect_impl(dialect).result_processor(dialect, None)
    if process is None or part is None:
        return process or part
    return lambda value: part(process(value))


def _remembering(part: Make | None) -> Make:
    def of_text(text: str) -> Any:
        value = orjson.loads(text)
        return value if part is None else part(value)

    remembered = lru_cache(_REMEMBERED)(of_text)
    return lambda text: remembered(text) if len(text) < _LONGEST else of_text(text)


@lru_cache(4_096)
def _moment(text: str | None) -> datetime | None:
    """As SQLModel makes it."""
    return None if text is None else datetime.fromisoformat(text).replace(tzinfo=UTC)
