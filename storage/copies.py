"""Copies: where each entry was found, so that only what changed is read again."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from storage.bulk import Lookup, upsert
from storage.copy import Copy, Seen
from storage.entry import InfoCode
from storage.rows import copy_of, copy_row
from storage.tables import CopyRow, table_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

_COPY = table_of(CopyRow)
_SEEN = Lookup(select(_COPY.c.place, *(_COPY.c[name] for name in Seen._fields)), _COPY.c.source)
_AT = Lookup(select(_COPY), _COPY.c.place, _COPY.c.source)
_OF = Lookup(select(_COPY), _COPY.c.info_code)
_SAVE = upsert(_COPY)


def seen(connection: Connection, source: str) -> dict[str, Seen]:
    """The mark of every place of *source*."""
    return {row[0]: Seen(*row[1:]) for row in _SEEN.rows(connection, [source])}


def at(connection: Connection, source: str, places: Iterable[str]) -> dict[str, Copy]:
    """The copies at those *places* of *source* that were read before."""
    return {row["place"]: copy_of(row) for row in _AT.mappings(connection, places, source)}


def of(connection: Connection, codes: Iterable[str]) -> dict[InfoCode, list[Copy]]:
    """Every copy of each of *codes*, in all sources."""
    found: dict[InfoCode, list[Copy]] = defaultdict(list)
    for row in _OF.mappings(connection, codes):
        found[InfoCode(row["info_code"])].append(copy_of(row))
    return found


def save(connection: Connection, copies: Sequence[Copy]) -> None:
    """Remember *copies*, in place of what was remembered of their places."""
    _SAVE.run(connection, [copy_row(copy) for copy in copies])


def remark(connection: Connection, source: str, marks: Mapping[str, tuple[int, int]]) -> None:
    """Note that files were written again with the same bytes: place → size (bytes) and time of change (nanoseconds)."""
    statement = update(_COPY)
    for place, (size, modified_ns) in marks.items():
        here = statement.where(_COPY.c.source == source, _COPY.c.place == place)
        connection.execute(here.values(size=size, modified_ns=modified_ns))


def problems(connection: Connection, source: str) -> dict[str, str]:
    """What is wrong with each place of *source* that cannot be read."""
    statement = select(_COPY.c.place, _COPY.c.problem).where(
        _COPY.c.source == source, _COPY.c.problem != "", ~_COPY.c.gone
    )
    return {place: problem for place, problem in connection.execute(statement.order_by(_COPY.c.place))}  # noqa: C416


def forget(connection: Connection, copies: Iterable[Copy]) -> None:
    """Forget *copies*: their files were moved, and stand elsewhere now."""
    for copy in copies:
        connection.execute(delete(_COPY).where(_COPY.c.source == copy.source, _COPY.c.place == copy.place))
