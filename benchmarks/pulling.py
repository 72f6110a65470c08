"""``make bench``: thousands of sources pulled, as ratios to bare aiohttp and to the reader library.

    python -m benchmarks.pulling [--sources N] [--folder DIR]

Everyone has a process of its own, one after the other, and asks the same server: generated feeds of 30 entries, a few
on each of many addresses of this machine. First everything is new, then everything is answered by 304. What is written
goes to a memory disk where there is one. reader's process is of the environment ``.venv/bench``, which ``make bench``
makes; where that is missing, reader is left out.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING

from benchmarks.build import MEMORY_DISK
from benchmarks.process_tree import watched
from benchmarks.pulls.feeds import ENTRIES, addresses
from benchmarks.pulls.report import ROUNDS, Report, parsed
from benchmarks.running import environment, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
READER = ROOT / ".venv/bench/bin/python"
FASTER_THAN_READER = 5.0
SLOWER_THAN_AIOHTTP = 1.5
LARGEST = 512 * 10**6

_SITE = """
[site]
url = "http://127.0.0.1:{port}"
[storage]
url = "sqlite:///feedmill.db"
[publish]
directory = "public"
[server]
port = {port}
"""
_SOURCE = """
[[source]]
name = "source{number}"
kind = "feed"
url = "{address}"
private = true
"""


def main() -> None:
    """Measure, and print a line for each job and each goal."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", type=int, default=2_000)
    parser.add_argument("--folder", type=Path, default=MEMORY_DISK)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # what was begun is ended and removed
    with tempfile.TemporaryDirectory(prefix="feedmill-bench-", dir=options.folder) as folder:
        _measure(Path(folder), options.sources)


def _measure(folder: Path, sources: int) -> None:
    print(f"pulling: {sources} sources of {ENTRIES} entries, {os.cpu_count()} cores", flush=True)
    with serving(sources) as port:
        prepare(folder, addresses(sources, port))
        bare = pulled("aiohttp", folder, port, sources)
        _line("bare aiohttp, documents", bare.first, f"{_mb(bare.memory)} MB")
        _line("bare aiohttp, 304", bare.again)
        own = pulled("feedmill", folder, port, sources)
        whole = own.first + own.published
        _line("Feedmill, pulled and stored", own.first, f"{own.first / bare.first:.2f} x aiohttp")
        _line("Feedmill, pulled, stored and published", whole, f"{whole / bare.first:.2f} x aiohttp")
        _line("Feedmill, 304", own.again, f"{own.again / bare.again:.2f} x aiohttp")
        _line("feedmill run --once, new store, whole process", run_once(folder / "once", addresses(sources, port)))
        if READER.exists():
            other = pulled("reader", folder, port, sources)
            _line("reader, pulled and stored", other.first, f"{other.first / bare.first:.2f} x aiohttp")
            _line("reader, 304", other.again, f"{other.again / bare.again:.2f} x aiohttp, {_mb(other.memory)} MB")
            _goal("times as fast as reader", other.first / whole, FASTER_THAN_READER, at_least=True)
        else:
            print(f"  reader: left out, {READER} is missing")
    _goal("MB at the peak, all processes together", _mb(own.memory), _mb(LARGEST), at_least=False)
    _goal(
        "times bare aiohttp where all is answered by 304", own.again / bare.again, SLOWER_THAN_AIOHTTP, at_least=False
    )


@contextmanager
def serving(sources: int) -> Iterator[int]:
    """The server of so many *sources*; its port."""
    command = [sys.executable, "-m", "benchmarks.pulls.server", str(sources)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.stdin.close()
            process.wait(10)


def prepare(folder: Path, there: list[str]) -> None:
    """Write the addresses, and a configuration of Feedmill that has them as sources."""
    folder.mkdir(exist_ok=True)
    (folder / "addresses").write_text("\n".join(there))
    sources = "".join(_SOURCE.format(number=number, address=address) for number, address in enumerate(there))
    (folder / "feedmill.toml").write_text(_SITE.format(port=free_port()) + sources)


def pulled(by: str, folder: Path, port: int, sources: int) -> Report:
    """What ``with_...`` *by* name tells. The server must have sent as many documents, and 304s, as there are pulls."""
    before = _tally(port)
    python = str(READER) if by == "reader" else sys.executable
    command = [python, "-m", f"benchmarks.pulls.with_{by}", str(folder)]
    log = folder / f"{by}.log"
    with log.open("w") as stream, _begun(command, stream) as process, watched(process.pid) as sizes:
        told, _ = process.communicate()
    if process.returncode:
        raise SystemExit(f"{by} ended with {process.returncode}:\n{log.read_text()[-2_000:]}")
    sent = {status: count - before.get(status, 0) for status, count in _tally(port).items()}
    expected = {"200": sources, "304": sources * ROUNDS}
    if sent != expected:
        raise SystemExit(f"{by} was sent {sent}, not {expected}")
    report = parsed(told)
    return replace(report, memory=max(report.memory, *sizes))


def run_once(folder: Path, there: list[str]) -> float:
    """Seconds of ``feedmill run --once`` from nothing, with the start of the program and all."""
    prepare(folder, there)
    command = [sys.executable, "-m", "aggregator", "--config", str(folder / "feedmill.toml"), "run", "--once"]
    start = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode:
        raise SystemExit(f"feedmill run --once ended with {done.returncode}:\n{done.stderr[-2_000:]}")
    return seconds


@contextmanager
def _begun(command: list[str], log: IO[str]) -> Iterator[subprocess.Popen[str]]:
    """A process that is ended with the block, should that break off."""
    with subprocess.Popen(
        command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=log, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _tally(port: int) -> dict[str, int]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/tally") as answer:
        tally: dict[str, int] = json.load(answer)
    return tally


def _line(job: str, seconds: float, more: str = "") -> None:
    print(f"  {job:46} {seconds:8.2f} s  {more}", flush=True)


def _goal(what: str, reached: float, goal: float, *, at_least: bool) -> None:
    well = reached >= goal if at_least else reached <= goal
    bound = "at least" if at_least else "at most"
    print(f"  goal: {bound} {goal:g} {what}: {reached:.2f}, {'reached' if well else 'NOT reached'}", flush=True)


def _mb(size: int) -> int:
    return round(size / 10**6)


if __name__ == "__main__":
    main()
