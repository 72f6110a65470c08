"""Sources: what came of their pulls, and when the next is due."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select

from storage.bulk import upsert
from storage.rows import state_of, state_row
from storage.tables import CopyRow, SourceRow, table_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from storage.source import PullState

_SOURCE = table_of(SourceRow)
_COPY = table_of(CopyRow)

# For more, it is cheaper to read them all.
_MOST_NAMES = 100
_ALL = select(_SOURCE)
_NAMED = _ALL.where(_SOURCE.c.name.in_(bindparam("names", expanding=True)))
_RECORD = upsert(_SOURCE)
_DUE = _ALL.where(
    (_SOURCE.c.next_pull <= bindparam("now"))
    | _SOURCE.c.next_pull.is_(None)
    | (_SOURCE.c.retry_until > bindparam("now"))
)


@dataclass(frozen=True, slots=True)
class Counts:
    """How much of a source is held: entries, places that cannot be read, claims that were rejected."""

    entries: int = 0
    problems: int = 0
    rejected: int = 0


def states(connection: Connection, names: Collection[str] | None = None) -> dict[str, PullState]:
    """The state of every source that was ever pulled, by name; or only of those *names*."""
    if names is None or len(names) > _MOST_NAMES:
        found = connection.execute(_ALL).mappings()
    else:
        found = connection.execute(_NAMED, {"names": list(names)}).mappings()
    return {row["name"]: state_of(row) for row in found}


def due(connection: Connection, now: datetime) -> list[PullState]:
    """The sources that are to be pulled at *now* (aware), never are by themselves, or ask to be left alone."""
    return [state_of(row) for row in connection.execute(_DUE, {"now": now}).mappings()]


def record(connection: Connection, states: Sequence[PullState]) -> None:
    """Keep the states of sources."""
    _RECORD.run(connection, [state_row(state) for state in states])


def counts(connection: Connection) -> dict[str, Counts]:
    """How much of each source is held, by name."""
    held = func.count(_COPY.c.info_code.distinct()).filter(_COPY.c.info_code != "")
    wrong = func.count().filter(_COPY.c.problem != "", _COPY.c.owner == "", ~_COPY.c.gone)
    rejected = func.count().filter(_COPY.c.owner != "", ~_COPY.c.gone)
    rows = connection.execute(select(_COPY.c.source, held, wrong, rejected).group_by(_COPY.c.source))
    return {source: Counts(*numbers) for source, *numbers in rows}
