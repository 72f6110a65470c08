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
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.store import ROLLING, add_post, write_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MEMORY_DISK = Path("/dev/shm") if Path("/dev/shm").is_dir() else None
"""Where nothing that is written waits for a disk; None where there is none."""
_SETTINGS = """
[site]
url = "http://127.0.0.1:{port}"
[storage]
url = "sqlite:///{out}/feedmill.db"
[publish]
directory = "{out}/public"
[server]
port = {port}
[[source]]
name = "posts"
kind = "posts"
path = "{store}"
"""
_ADDED = 25
_PATIENCE_SECONDS = 600


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


def _command(config: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "aggregator", "--config", str(config), *arguments]


def environment() -> dict[str, str]:
    """As anywhere but on machines that forbid Python to keep what it compiled."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def write_settings(folder: Path, port: int) -> Path:
    """Write a configuration that makes a site in *folder*``/out`` of the posts in *folder*``/store``."""
    config = folder / "feedmill.toml"
    config.write_text(_SETTINGS.format(port=port, out=folder / "out", store=folder / "store"))
    return config


def address(config: Path) -> str:
    """Where the site of that configuration is served."""
    return config.read_text().partition('url = "')[2].partition('"')[0]


def feedmill(config: Path, *arguments: str) -> None:
    """Run a command to its end.

    Raises:
        SystemExit: it failed.
    """
    command = _command(config, *arguments)
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"feedmill {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr}")


@contextmanager
def _running(config: Path, out: Path) -> Iterator[None]:
    """A running process that has read everything and watches for more."""
    log = out / "log"
    with log.open("w") as stream:
        process = subprocess.Popen(_command(config, "--verbose", "run"), env=environment(), stderr=stream)
    try:
        _until(lambda: "event=pulled" in log.read_text())
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

    _until(answers)
    answered = time.perf_counter() - begun
    server.close()
    _until(lambda: code in (out / "public" / feed).read_bytes())
    return answered, time.perf_counter() - begun


def _until(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not reached():
        if time.monotonic() > deadline:
            raise SystemExit("feedmill did not do in ten minutes what was waited for")
        time.sleep(0.002)


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
