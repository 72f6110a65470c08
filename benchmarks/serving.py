"""A feed of about 60 KB, asked for as fast as it is answered, beside nginx and the smallest application.

    python -m benchmarks.serving [--seconds N] [--rounds N]

Everyone has one process and is asked by the same program (wrk), in turns: Feedmill's server, nginx with one worker,
which serves the same bytes from a file, and the smallest application in the same uvicorn, which is the floor. Then
entries arrive and categories change while it is asked. Beside answers a second, which others on the machine disturb,
stands the processor time of one.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.live import fill_search
from benchmarks.process_tree import processor_of
from benchmarks.results import Goal, Job, Line, parser, tell
from benchmarks.running import began, free_port, interleaved, workplace
from benchmarks.serves import load, nginx
from benchmarks.site import address, command, feedmill, write_settings
from benchmarks.store import write_store
from storage import category_moves, entries
from storage.database import open_database
from storage.entries import EntryChange
from storage.entry import InfoCode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from storage.database import Database

SIZE = 60_000
CONNECTIONS = 32
PER_SECOND = 50

_ROOM = 500 * 10**6
_TITLE = "serving a feed"
_OWN, _NGINX, _FLOOR = "Feedmill", "nginx, one worker", "floor: smallest application, uvicorn"
_COST = "processor time"
_WAYS = ("200", "200 gzip", "304")
_CHANGING = f"while {PER_SECOND} entries a second arrive"
_SLOW = f"{_OWN}, 99 of 100 answers within, {_CHANGING}"
_GOALS = (
    *(Goal(f"{_OWN}, {way}", 0.5, f"{_NGINX}, {way}", at_least=True) for way in _WAYS),
    Goal(_SLOW, 5),
)


@dataclass(frozen=True, slots=True)
class _Server:
    name: str
    url: str
    etag: str
    process: int


def main() -> None:
    """Measure, and tell."""
    given = parser(__doc__)
    given.add_argument("--seconds", type=int, default=2, help="of each measurement (default: %(default)s)")
    given.add_argument("--rounds", type=int, default=3)
    options = given.parse_args()
    wrk = load.find()
    if isinstance(wrk, str):
        tell(Job("serving", _TITLE, (), _GOALS, (wrk,)), options.results)
        return
    with workplace(_ROOM, options.folder) as folder:
        tell(measure(wrk, folder, options.seconds, options.rounds), options.results)


def measure(wrk: Path, folder: Path, seconds: int, rounds: int) -> Job:
    """Ask everyone in turns; then Feedmill while its store changes."""
    write_store(folder / "store", 1_500, 60, 2_000)
    config = write_settings(folder, free_port())
    feedmill(config, "run", "--once")
    fill_search(config)
    site, missing = folder / "out", []
    feeds = [path for path in (site / "public/category").glob("*.atom") if path.stat().st_size > SIZE // 2]
    feed = min(feeds, key=lambda path: abs(path.stat().st_size - SIZE))
    with ExitStack() as stack:
        own = stack.enter_context(_feedmill(config, f"/category/{feed.name}"))
        body = urllib.request.urlopen(own.url).read()
        servers = [own, stack.enter_context(_floor(folder, body, own.etag))]
        if isinstance(found := nginx.find(), str):
            missing.append(found)
        else:
            port = free_port()
            process, path = stack.enter_context(nginx.serving(found, folder / "nginx", port, body))
            servers.append(_answering(f"http://127.0.0.1:{port}{path}", _NGINX, process))
        lines = _compared(wrk, servers, seconds, rounds)
        database = open_database(f"sqlite:///{site}/feedmill.db")
        loads = _while_it_changes(wrk, own, database, feed.stem, seconds, rounds)
    lines.append(Line(f"{_OWN}, {_CHANGING}", "a second", tuple(load.per_second for load in loads)))
    lines.append(Line(_SLOW, "ms", tuple(load.slow * 1e3 for load in loads)))
    title = f"{_TITLE}: {len(body):,} bytes, {CONNECTIONS} connections"
    return Job("serving", title, tuple(lines), _GOALS, tuple(missing))


def _compared(wrk: Path, servers: list[_Server], seconds: int, rounds: int) -> list[Line]:
    """Answers a second of everyone, and what each costs, for each way to ask."""
    lines = []
    for way in _WAYS:
        asked = {server.name: partial(_ask, wrk, server, way, seconds) for server in servers}
        for name, found in interleaved(asked, rounds).items():
            rates, costs = zip(*found, strict=True)
            own = f"{_OWN}, {way}"
            lines.append(Line(f"{name}, {way}", "a second", rates, "" if name == _OWN else own))
            beside = "" if name == _OWN else f"{own}, {_COST}"
            lines.append(Line(f"{name}, {way}, {_COST}", "µs", costs, beside))
    return lines


def _ask(wrk: Path, server: _Server, way: str, seconds: int) -> tuple[float, float]:
    """Answers a second, and microseconds of processor time for each."""
    headers = {"200": {}, "200 gzip": {"Accept-Encoding": "gzip"}, "304": {"If-None-Match": server.etag}}[way]
    before = processor_of(server.process)
    found = load.put_on(wrk, server.url, headers, seconds, CONNECTIONS)
    return found.per_second, (processor_of(server.process) - before) / found.answers * 1e6


def _while_it_changes(
    wrk: Path, own: _Server, database: Database, slug: str, seconds: int, rounds: int
) -> list[load.Load]:
    """Ask while so many entries a second arrive, the category that is asked for among theirs, and titles change."""
    ended = threading.Event()
    writer = threading.Thread(target=_change, args=(database, slug, ended))
    writer.start()
    try:
        return [load.put_on(wrk, own.url, {"Accept-Encoding": "gzip"}, seconds, 4) for _ in range(rounds)]
    finally:
        ended.set()
        writer.join()
        database.close()


def _change(database: Database, slug: str, ended: threading.Event) -> None:
    with database.reading() as connection:
        [like] = entries.find(connection, entries.chosen(connection, categories=[slug])[-1:]).values()
    number, begun = 0, time.monotonic()
    while not ended.is_set():
        now = datetime.now(UTC)
        number += 1
        code = InfoCode(f"NW{now:%Y%m%d}{number:010}")
        own = {"guid": f"tag:bench,{code}", "own_id": "", "atom_id": "", "title": f"Entry {number}"}
        new = replace(like, info_code=code, published=now, updated=now, first_seen=now, **own)  # type: ignore[arg-type]
        with database.writing() as connection:
            entries.save(connection, [EntryChange(None, new)], now)
            if number % PER_SECOND == 0:
                category_moves.give_title(connection, slug, f"Title {number}", now)
        ended.wait(max(begun + number / PER_SECOND - time.monotonic(), 0))


@contextmanager
def _feedmill(config: Path, path: str) -> Iterator[_Server]:
    with began(command(config, "serve"), stderr=subprocess.DEVNULL) as process:
        yield _answering(f"{address(config)}{path}", _OWN, process.pid)


@contextmanager
def _floor(folder: Path, body: bytes, etag: str) -> Iterator[_Server]:
    file, port = folder / "feed", free_port()
    file.write_bytes(body)
    smallest = [sys.executable, "-m", "benchmarks.serves.smallest", str(port), str(file), etag]
    with began(smallest, stderr=subprocess.DEVNULL) as process:
        yield _answering(f"http://127.0.0.1:{port}/", _FLOOR, process.pid)


def _answering(url: str, name: str, process: int) -> _Server:
    """The server at *url*, once it answers."""
    deadline = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(url) as answer:
                return _Server(name, url, answer.headers["ETag"], process)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


if __name__ == "__main__":
    main()
