"""Entries that are already normalised are stored, beside the same rows put in by sqlite3 alone.

    python -m benchmarks.storing [--sources N] [--rounds N]

The floor is ``executemany`` of the very rows that the store holds in the end, into the same tables with the same keys
and indexes, in as many transactions. Then the same entries come again, and nothing of them is different. Processor
time; each round has a new store.
"""

from __future__ import annotations

import sqlite3
import time
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from aggregator.config import load_config
from aggregator.document_group import Group, read_of
from aggregator.feed_documents import Desk, Document, Prepared, Taking, prepare_apart
from aggregator.keep import keep
from benchmarks.pulling import ROOM_OF_SOURCE, prepare
from benchmarks.pulls.feeds import ENTRIES, addresses, feed
from benchmarks.results import Goal, Job, Line, parser, tell
from benchmarks.running import timed, workplace
from feeds.processes import look_for_garbage_seldom
from storage import aliases
from storage.database import open_database
from storage.source import PullState, SourceKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from storage.database import Database

_TOGETHER = 16  # documents in a transaction, as ``aggregator.ingest`` has it
_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_STORED, _UNCHANGED, _RAW = "Feedmill, new entries", "Feedmill, unchanged entries", "floor: sqlite3.executemany"
# The tables that stored entries have rows in, and one row for each of them or more.
_TABLES = ("entry", "copy", "membership", "alias", "band", "arrival", "event")
_OTHERS = ("category", "category_name", "source_day")

Rows = dict[str, list[tuple[object, ...]]]


def main() -> None:
    """Measure, and tell."""
    given = parser(__doc__)
    given.add_argument("--sources", type=int, default=160)
    given.add_argument("--rounds", type=int, default=3)
    options = given.parse_args()
    with workplace(options.sources * options.rounds * ROOM_OF_SOURCE, options.folder) as folder:
        tell(measure(folder, options.sources, options.rounds), options.results)


def measure(folder: Path, sources: int, rounds: int) -> Job:
    """Store the entries of so many *sources*, store them again, and put the same rows into a store by hand."""
    groups = list(_groups(folder, sources))
    look_for_garbage_seldom()
    found: dict[str, list[float]] = {_STORED: [], _UNCHANGED: [], _RAW: []}
    for number in range(rounds):
        path = folder / f"{number}.db"
        database = open_database(f"sqlite:///{path}")
        found[_STORED].append(timed(partial(_store, database, groups), time.process_time))
        found[_UNCHANGED].append(timed(partial(_keep_again, database, groups), time.process_time))
        database.close()
        transactions, empty = _rows(path), folder / f"{number}-raw.db"
        open_database(f"sqlite:///{empty}").close()
        found[_RAW].append(timed(partial(_put, empty, transactions), time.process_time))
    lines = [
        Line(name, "ms", tuple(seconds * 1e3 for seconds in times), _STORED if name == _RAW else "")
        for name, times in found.items()
    ]
    title = f"storing the {sources * ENTRIES:,} normalised entries of {sources} documents, {_TOGETHER} in a transaction"
    return Job("storing", title, tuple(lines), (Goal(_STORED, 1.3, _RAW), Goal(_UNCHANGED, 0.3, _RAW)))


def _groups(folder: Path, sources: int) -> Iterator[Group]:
    """The documents of so many *sources*, read and normalised, as they are kept together."""
    prepare(folder, addresses(sources, 80))
    config = load_config(folder / "feedmill.toml")
    desk = Desk(config.published_site, config.site.timezone, f"sqlite:///{folder}/empty.db")
    takings = []
    for number, source in enumerate(config.source):
        served = feed(number)
        document = Document(served.body, source.url, served.content_type, served.etag, served.modified)
        takings.append(Taking(source, document, PullState(source.name, SourceKind.FEED), _NOW))
    for start in range(0, sources, _TOGETHER):
        group = Group()
        part = takings[start : start + _TOGETHER]
        for taking, found in zip(part, prepare_apart(desk, part), strict=True):
            assert isinstance(found, Prepared)
            group.add(taking, found)
        yield group


def _store(database: Database, groups: Sequence[Group]) -> None:
    for group in groups:
        with database.writing() as connection:
            keep(connection, [read_of(*one) for one in group.good])
            aliases.save(connection, group.aliases)


def _keep_again(database: Database, groups: Sequence[Group]) -> None:
    for group in groups:
        with database.writing() as connection:
            kept = keep(connection, [read_of(*one) for one in group.good])
            assert not any(one.created or one.corrected for one in kept)


def _rows(path: Path) -> list[Rows]:
    """The rows of a store, by the change that brought them."""
    with sqlite3.connect(path) as store:
        changes = dict(store.execute("SELECT info_code, change FROM entry"))
        found: list[Rows] = [{} for _ in range(max(changes.values()) + 1)]
        for table in (*_TABLES, *_OTHERS):
            columns = [row[1] for row in store.execute(f"PRAGMA table_info({table})")]
            code = columns.index("info_code") if table in _TABLES else None
            for row in store.execute(f"SELECT * FROM {table}"):
                change = changes[row[code]] if code is not None else 0
                found[change].setdefault(table, []).append(row)
    store.close()
    return found


def _put(path: Path, transactions: Sequence[Rows]) -> None:
    store = sqlite3.connect(path, isolation_level=None)
    store.execute("PRAGMA synchronous = NORMAL")
    store.execute("PRAGMA cache_size = -8192")
    for rows in transactions:
        store.execute("BEGIN IMMEDIATE")
        for table, these in rows.items():
            places = ",".join("?" * len(these[0]))
            store.executemany(f"INSERT INTO {table} VALUES ({places})", these)
        store.execute("COMMIT")
    store.close()


if __name__ == "__main__":
    main()
