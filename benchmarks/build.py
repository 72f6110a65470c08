"""``make bench``: a generated store, from nothing to feeds on disk, as ratios to reading its files.

    python -m benchmarks.build [--posts N] [--categories N] [--size BYTES] [--folder DIR]

Machines differ and are noisy: what counts is the ratio of figures from one run. Everything is put on a memory disk
where there is one, so that no disk is measured.
"""

from __future__ import annotations

import argparse
import http.client
import os
import shutil
import signal
import statistics
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.running import environment, free_port, until
from benchmarks.site import address, command, feedmill, write_settings
from benchmarks.store import ROLLING, add_post, write_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MEMORY_DISK = Path("/dev/shm") if Path("/dev/shm").is_dir() else None
"""Where nothing that is written waits for a disk; None where there is none."""
_ADDED = 25


def main() -> None:
    """Measure, and print a line for each job."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--posts", type=int, default=16_844)
    parser.add_argument("--categories", type=int, default=1_975)
    parser.add_argument("--size", type=int, default=5_000, help="bytes of a post, about")
    parser.add_argument("--folder", type=Path, default=MEMORY_DISK)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="feedmill-bench-", dir=options.folder) as folder:
        _measure(Path(folder), options.posts, options.categories, options.size)


def _measure(folder: Path, posts: int, categories: int, size: int) -> None:
    store, out = folder / "store", folder / "out"
    write_store(store, posts, categories, size)
    config = write_settings(folder, free_port())
    print(f"{posts} posts in {categories} categories, {os.cpu_count()} cores; ratios to reading every file")
    floor = statistics.median(_seconds(lambda: _read_all(store)) for _ in range(5))
    _line("floor: read every file", floor, floor)
    feedmill(config, "--version")  # compiles what was not yet
    listing = statistics.median(_seconds(lambda: _list_all(store)) for _ in range(5))
    _line("floor: list and stat every file", listing, floor)
    first = _seconds(lambda: feedmill(config, "run", "--once"))
    _line("first build, feeds and pages on disk", first, floor)
    second = statistics.median(_seconds(lambda: feedmill(config, "run", "--once")) for _ in range(3))
    _line("second run, nothing changed", second, floor)
    with _running(config, out):
        waits = [_add(store, config, out, number) for number in range(_ADDED)]
    for what, times in zip(("feed answers with", "feed file has"), zip(*waits, strict=True), strict=True):
        _line(f"one post added, until its {what} it (median of {_ADDED})", statistics.median(times), floor)
        _line(f"one post added, until its {what} it (worst of {_ADDED})", max(times), floor)
    shutil.rmtree(out)


def _line(job: str, seconds: float, floor: float) -> None:
    print(f"{job:62} {seconds:9.3f} s {seconds / floor:9.2f} x floor", flush=True)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _files(store: Path) -> Iterator[Path]:
    for name in ("_posts", "old_post"):
        yield from (store / name).iterdir()


def _read_all(store: Path) -> int:
    return sum(len(path.read_bytes()) for path in _files(store))


def _list_all(store: Path) -> int:
    total = 0
    for name in ("_posts", "old_post"):
        with os.scandir(store / name) as found:
            total += sum(entry.stat().st_size for entry in found)
    return total


@contextmanager
def _running(config: Path, out: Path) -> Iterator[None]:
    """A running process that has read everything and watches for more."""
    log = out / "log"
    with log.open("w") as stream:
        process = subprocess.Popen(command(config, "--verbose", "run"), env=environment(), stderr=stream)
    try:
        until(lambda: "event=pulled" in log.read_text())
        time.sleep(1)  # the watch is open by then
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


def _add(store: Path, config: Path, out: Path, number: int) -> tuple[float, float]:
    """Save a post; the seconds until the feed of its category answers with it, and until the feed's file holds it."""
    feed = f"category/{ROLLING.slug}.json"
    server = http.client.HTTPConnection(address(config).removeprefix("http://"))
    begun = time.perf_counter()
    code = add_post(store, ROLLING.slug, number).stem[-18:].encode()

    def answers() -> bool:
        server.request("GET", f"/{feed}")
        return code in server.getresponse().read()

    until(answers)
    answered = time.perf_counter() - begun
    server.close()
    until(lambda: code in (out / "public" / feed).read_bytes())
    return answered, time.perf_counter() - begun


if __name__ == "__main__":
    main()
