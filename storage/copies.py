"""Copies: where each entry was found, so that only what changed is read again."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.sqlite import insert

from storage.database import batches
from storage.entry import InfoCode
from storage.rows import copy_of, copy_row
from storage.tables import CopyRow, table_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from storage.copy import Copy

_COPY = table_of(CopyRow)


@dataclass(frozen=True, slots=True)
class Seen:
    """The mark of a place as it was last read: *size* in bytes, *modified_ns* in nanoseconds (0 for a feed's item)."""

    size: int
    modified_ns: int
    digest: bytes
    gone: bool


def seen(connection: Connection, source: str) -> dict[str, Seen]:
    """The mark of every place of *source*."""
    columns = (_COPY.c.place, _COPY.c.size, _COPY.c.modified_ns, _COPY.c.digest, _COPY.c.gone)
    rows = connection.execute(select(*columns).where(_COPY.c.source == source))
    return {place: Seen(size, modified, digest, gone) for place, size, modified, digest, gone in rows}


def at(connection: Connection, source: str, places: Iterable[str]) -> dict[str, Copy]:
    """The copies at those *places* of *source* that were read before."""
    found: dict[str, Copy] = {}
    for batch in batches(sorted(set(places))):
        statement = select(_COPY).where(_COPY.c.source == source, _COPY.c.place.in_(batch))
        found |= {row["place"]: copy_of(row) for row in connection.execute(statement).mappings()}
    return found


def of(connection: Connection, codes: Iterable[str]) -> dict[InfoCode, list[Copy]]:
    """Every copy of each of *codes*, in all sources."""
    found: dict[InfoCode, list[Copy]] = defaultdict(list)
    for batch in batches(sorted(set(codes))):
        for row in connection.execute(select(_COPY).where(_COPY.c.info_code.in_(batch))).mappings():
            found[InfoCode(row["info_code"])].append(copy_of(row))
    return found


def save(connection: Connection, copies: Sequence[Copy]) -> None:
    """Remember *copies*, in place of what was remembered of their places."""
    if not copies:
        return
    statement = insert(_COPY)
    updates = {column.name: statement.excluded[column.name] for column in _COPY.c if not column.primary_key}
    connection.execute(
        statement.on_conflict_do_update(index_elements=["source", "place"], set_=updates),
        [copy_row(copy) for copy in copies],
    )


def remark(connection: Connection, source: str, marks: Mapping[str, Seen]) -> None:
    """Note that files were written again with the same bytes, or came back."""
    statement = update(_COPY)
    for place, mark in marks.items():
        values = {"size": mark.size, "modified_ns": mark.modified_ns, "gone": mark.gone}
        connection.execute(statement.where(_COPY.c.source == source, _COPY.c.place == place).values(values))


def problems(connection: Connection, source: str) -> dict[str, str]:
    """What is wrong with each place of *source* that cannot be read."""
    statement = select(_COPY.c.place, _COPY.c.problem).where(
        _COPY.c.source == source, _COPY.c.problem != "", ~_COPY.c.gone
    )
    return dict(connection.execute(statement.order_by(_COPY.c.place)).tuples().all())


def forget(connection: Connection, copies: Iterable[Copy]) -> None:
    """Forget *copies*: their files were moved, and stand elsewhere now."""
    for copy in copies:
        connection.execute(delete(_COPY).where(_COPY.c.source == copy.source, _COPY.c.place == copy.place))
