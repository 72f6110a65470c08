"""``make bench``: entries that are already normalised are stored, as ratios to the same rows put in by sqlite3 alone.

    python -m benchmarks.storing [--sources N] [--folder DIR]

The floor is ``executemany`` of the very rows that the store holds in the end, into the same tables with the same keys
and indexes, in as many transactions. Then the same entries come again, and nothing of them is
different. Processor time, the best of several rounds, each with a new store.
"""

from __future__ import annotations

import argparse
import sqlite3
import tempfile
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from aggregator.config import load_config
from aggregator.document_group import Group, read_of
from aggregator.feed_documents import Desk, Document, Prepared, Taking, prepare_apart
from aggregator.keep import keep
from benchmarks.build import MEMORY_DISK
from benchmarks.pulling import prepare
from benchmarks.pulls.feeds import ENTRIES, addresses, feed
from feeds.processes import look_for_garbage_seldom
from storage import aliases
from storage.database import open_database
from storage.source import PullState, SourceKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from storage.database import Database

_ROUNDS = 3
_TOGETHER = 16  # documents in a transaction, as ``aggregator.ingest`` has it
_NOW = datetime(2026, 1, 1, tzinfo=UTC)
STORED = 1.3
UNCHANGED = 0.3
# The tables that stored entries have rows in, and one row for each of them or more.
_TABLES = ("entry", "copy", "membership", "alias", "band", "arrival", "event")
_OTHERS = ("category", "category_name", "source_day")

Rows = dict[str, list[tuple[object, ...]]]


def main() -> None:
    """Measure, and print a line for each job and each goal."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", type=int, default=160)
    parser.add_argument("--folder", type=Path, default=MEMORY_DISK)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="feedmill-bench-", dir=options.folder) as folder:
        _measure(Path(folder), options.sources)


def _measure(folder: Path, sources: int) -> None:
    print(f"storing: {sources} documents of {ENTRIES} entries, {_TOGETHER} in a transaction", flush=True)
    groups = list(_groups(folder, sources))
    look_for_garbage_seldom()
    stored, again, raw = [], [], []
    for number in range(_ROUNDS):
        path = folder / f"{number}.db"
        database = open_database(f"sqlite:///{path}")
        stored.append(_seconds(partial(_store, database, groups)))
        again.append(_seconds(partial(_keep_again, database, groups)))
        database.close()
        transactions, empty = _rows(path), folder / f"{number}-raw.db"
        open_database(f"sqlite:///{empty}").close()
        raw.append(_seconds(partial(_put, empty, transactions)))
    floor = min(raw)
    for job, seconds in (("sqlite3.executemany of the same rows", raw), ("stored", stored), ("unchanged", again)):
        best = min(seconds)
        print(f"  {job:40} {best / sources * 1000:7.2f} ms a document, {best / floor:.2f} x the rows alone", flush=True)
    for job, reached, goal in (("stored", min(stored) / floor, STORED), ("unchanged", min(again) / floor, UNCHANGED)):
        print(f"  goal: {job} in at most {goal} times: {'reached' if reached <= goal else 'NOT reached'}", flush=True)


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


def _seconds(work: Callable[[], None]) -> float:
    """Processor time of *work*."""
    start = time.process_time()
    work()
    return time.process_time() - start


if __name__ == "__main__":
    main()
