"""``make bench``: a feed of about 60 KB, asked for as fast as it is answered, as ratios to nginx and to a floor.

    python -m benchmarks.serving [--seconds N] [--folder DIR]

Everyone has one process and is asked by the same program (wrk), in turns: Feedmill's server, nginx with one worker,
which serves the same bytes from a file, and the smallest application in the same uvicorn, which is the floor. Then
entries arrive and categories change while it is asked. Without wrk nothing is measured, without nginx only the floor's
ratio.
"""

from __future__ import annotations

import argparse
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.build import MEMORY_DISK
from benchmarks.running import environment, free_port
from benchmarks.serves import load, nginx
from benchmarks.site import address, feedmill, write_settings
from benchmarks.store import write_store
from storage import category_moves, entries
from storage.database import open_database
from storage.entries import EntryChange
from storage.entry import InfoCode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from storage.database import Database

ROOT = Path(__file__).parents[1]
SIZE = 60_000
ROUNDS = 3
CONNECTIONS = 32
PER_SECOND = 50
OF_NGINX = 0.5
SLOWEST = 0.005


@dataclass(frozen=True, slots=True)
class _Server:
    name: str
    url: str
    etag: str


def main() -> None:
    """Measure, and print a line for each job."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=4, help="of each measurement")
    parser.add_argument("--folder", type=Path, default=MEMORY_DISK)
    options = parser.parse_args()
    wrk = load.find()
    if wrk is None:
        print("serving: left out, wrk is missing (apt-get install wrk)")
        return
    with tempfile.TemporaryDirectory(prefix="feedmill-bench-", dir=options.folder) as folder:
        _measure(wrk, Path(folder), options.seconds)


def _measure(wrk: str, folder: Path, seconds: int) -> None:
    site = folder / "out"
    write_store(folder / "store", 1_500, 60, 2_000)
    config = write_settings(folder, free_port())
    feedmill(config, "run", "--once")
    feeds = [path for path in (site / "public/category").glob("*.atom") if path.stat().st_size > SIZE // 2]
    feed = min(feeds, key=lambda path: abs(path.stat().st_size - SIZE))
    with ExitStack() as stack:
        own = stack.enter_context(_feedmill(config, f"/category/{feed.name}"))
        body = urllib.request.urlopen(own.url).read()
        servers = {"own": own, "floor": stack.enter_context(_floor(folder, body, own.etag))}
        if (found := nginx.find()) is None:
            print("serving: nginx is missing (apt-get install nginx)")
        else:
            port = free_port()
            path = stack.enter_context(nginx.serving(found, folder / "nginx", port, body))
            servers["nginx"] = _answering(f"http://127.0.0.1:{port}{path}", "nginx, one worker")
        print(f"serving: a feed of {len(body):,} bytes, {CONNECTIONS} connections; ratios to each other")
        _compare(wrk, servers, seconds)
        _while_it_changes(wrk, own, open_database(f"sqlite:///{site}/feedmill.db"), feed.stem, seconds)


def _compare(wrk: str, servers: Mapping[str, _Server], seconds: int) -> None:
    for job in ("200", "200 gzip", "304"):
        rates: dict[str, list[float]] = {name: [] for name in servers}
        for _ in range(ROUNDS):
            for name, server in servers.items():
                headers = {"Accept-Encoding": "gzip"} if job == "200 gzip" else {}
                headers |= {"If-None-Match": server.etag} if job == "304" else {}
                rates[name].append(load.put_on(wrk, server.url, headers, seconds, CONNECTIONS).per_second)
        medians = {name: statistics.median(found) for name, found in rates.items()}
        for name, server in servers.items():
            ratio = "" if name == "own" else f"Feedmill {medians['own'] / medians[name]:.2f} of it"
            print(f"{job:10} {server.name:36} {medians[name]:9,.0f} a second  {ratio}", flush=True)
        if "nginx" in medians:
            reached = medians["own"] >= OF_NGINX * medians["nginx"]
            print(f"{job:10} goal {OF_NGINX} of nginx: {'reached' if reached else 'missed'}")


def _while_it_changes(wrk: str, own: _Server, database: Database, slug: str, seconds: int) -> None:
    """Ask while so many entries a second arrive, the category that is asked for among theirs, and titles change."""
    ended = threading.Event()
    writer = threading.Thread(target=_change, args=(database, slug, ended))
    writer.start()
    try:
        found = load.put_on(wrk, own.url, {"Accept-Encoding": "gzip"}, 2 * seconds, 4)
    finally:
        ended.set()
        writer.join()
        database.close()
    state = "reached" if found.slow <= SLOWEST else "missed"
    told = f"{found.per_second:,.0f} answers a second, 99 % of them within {found.slow * 1e3:.1f} ms"
    print(f"{PER_SECOND} entries a second arrive: {told}")
    print(f"           goal {SLOWEST * 1e3:.0f} ms: {state}", flush=True)


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
    command = [sys.executable, "-m", "aggregator", "--config", str(config), "serve"]
    with _process(command):
        yield _answering(f"{address(config)}{path}", "feedmill serve")


@contextmanager
def _floor(folder: Path, body: bytes, etag: str) -> Iterator[_Server]:
    file, port = folder / "feed", free_port()
    file.write_bytes(body)
    with _process([sys.executable, "-m", "benchmarks.serves.smallest", str(port), str(file), etag]):
        yield _answering(f"http://127.0.0.1:{port}/", "floor: smallest application, uvicorn")


@contextmanager
def _process(command: list[str]) -> Iterator[None]:
    with subprocess.Popen(command, cwd=ROOT, env=environment(), stderr=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)


def _answering(url: str, name: str) -> _Server:
    """The server at *url*, once it answers."""
    deadline = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(url) as answer:
                return _Server(name, url, answer.headers["ETag"])
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


if __name__ == "__main__":
    main()
