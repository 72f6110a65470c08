"""Sources: what came of their pulls, and when the next is due."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.dialects.sqlite import insert

from storage.rows import state_of, state_row
from storage.tables import CopyRow, SourceRow, table_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from storage.source import PullState

_SOURCE = table_of(SourceRow)
_COPY = table_of(CopyRow)


@dataclass(frozen=True, slots=True)
class Counts:
    """How much of a source is held: entries, places that cannot be read, claims that were rejected."""

    entries: int = 0
    problems: int = 0
    rejected: int = 0


def states(connection: Connection) -> dict[str, PullState]:
    """The state of every source that was ever pulled, by name."""
    return {row["name"]: state_of(row) for row in connection.execute(select(_SOURCE)).mappings()}


def record(connection: Connection, state: PullState) -> None:
    """Keep the state of a source."""
    statement = insert(_SOURCE)
    updates = {column.name: statement.excluded[column.name] for column in _SOURCE.c if not column.primary_key}
    connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_=updates), [state_row(state)])


def counts(connection: Connection) -> dict[str, Counts]:
    """How much of each source is held, by name."""
    held = func.count(_COPY.c.info_code.distinct()).filter(_COPY.c.info_code != "")
    wrong = func.count().filter(_COPY.c.problem != "", _COPY.c.owner == "", ~_COPY.c.gone)
    rejected = func.count().filter(_COPY.c.owner != "", ~_COPY.c.gone)
    rows = connection.execute(select(_COPY.c.source, held, wrong, rejected).group_by(_COPY.c.source))
    return {source: Counts(*numbers) for source, *numbers in rows}
