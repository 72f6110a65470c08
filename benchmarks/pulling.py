"""Thousands of sources pulled, beside bare aiohttp, a prototype with SQLite, and the reader library.

    python -m benchmarks.pulling [--sources N] [--rounds N]

Everyone has a process of its own, one after the other, and asks the same server: generated feeds of 30 entries, a few
on each of many addresses of this machine. First everything is new, then everything is answered by 304. reader's process
is of the environment ``.venv/bench``, which ``make bench`` makes.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from benchmarks.pulls.feeds import ENTRIES, addresses
from benchmarks.pulls.report import ROUNDS, Report, parsed
from benchmarks.results import Goal, Job, Line, parser, tell
from benchmarks.running import BENCH_PYTHON, ROOT, free_port, interleaved, run, workplace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ROOM_OF_SOURCE = 2 * 10**6
"""Bytes on disk for each source, with what everyone makes of it."""
_OWN, _STORED, _MEMORY = "Feedmill", "Feedmill, stored, not yet published", "Feedmill, memory"
_PROTOTYPE, _READER = "prototype: aiohttp, lxml, SQLite", "reader, stored, nothing published"
_BARE = "floor: aiohttp alone, nothing read"
_NAMES = {"feedmill": _OWN, "prototype": _PROTOTYPE, "aiohttp": _BARE, "reader": _READER}

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
    """Measure, and tell."""
    given = parser(__doc__)
    given.add_argument("--sources", type=int, default=2_000)
    given.add_argument("--rounds", type=int, default=2, help="of everyone but reader, which is slow and pulls once")
    options = given.parse_args()
    with workplace(options.sources * ROOM_OF_SOURCE, options.folder) as folder, serving(options.sources) as port:
        for job in measure(folder, port, options.sources, options.rounds):
            tell(job, options.results)


def measure(folder: Path, port: int, sources: int, rounds: int) -> tuple[Job, Job]:
    """Pull from the server at *port* in turns: the first pull, and what is answered by 304."""

    def once(by: str) -> Callable[[], Report]:
        return lambda: pulled(by, folder / by, port, sources)

    reports = interleaved({by: once(by) for by in ("aiohttp", "prototype", "feedmill")}, rounds)
    missing: tuple[str, ...] = ()
    if BENCH_PYTHON.exists():
        reports["reader"] = [once("reader")()]
    else:
        missing = (f"reader: {BENCH_PYTHON} is missing (make .venv/bench/made)",)
    first = [line for by, found in reports.items() for line in _first(_NAMES[by], found)]
    first.append(Line(_STORED, "s", tuple(report.first for report in reports["feedmill"])))
    again = [_again(_NAMES[by], found) for by, found in reports.items()]
    goals = (Goal(_OWN, 2, _PROTOTYPE), Goal(_READER, 10, _OWN, at_least=True), Goal(_MEMORY, 512))
    title = f"{sources:,} sources of {ENTRIES} entries, first pull, stored and published"
    unchanged = f"{sources:,} sources, all answered by 304"
    return (
        Job("first_pull", title, tuple(first), goals, missing),
        Job("unchanged_pull", unchanged, tuple(again), (Goal(_OWN, 1.3, _BARE),), missing),
    )


def _first(name: str, reports: list[Report]) -> tuple[Line, Line]:
    beside = "" if name == _OWN else _OWN
    seconds = tuple(report.first + report.published for report in reports)
    memory = tuple(report.memory / 1e6 for report in reports)
    return Line(name, "s", seconds, beside), Line(f"{name}, memory", "MB", memory, beside and _MEMORY)


def _again(name: str, reports: list[Report]) -> Line:
    seconds = tuple(seconds for report in reports for seconds in report.again)
    return Line(name, "s", seconds, "" if name == _OWN else _OWN)


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
    shutil.rmtree(folder, ignore_errors=True)
    prepare(folder, addresses(sources, port))
    before = _tally(port)
    python = BENCH_PYTHON if by == "reader" else sys.executable
    done = run([python, "-m", f"benchmarks.pulls.with_{by}", folder])
    sent = {status: count - before.get(status, 0) for status, count in _tally(port).items()}
    expected = {"200": sources, "304": sources * ROUNDS}
    if sent != expected:
        raise SystemExit(f"{by} was sent {sent}, not {expected}")
    report = parsed(done.output)
    return replace(report, memory=max(report.memory, done.memory))


def _tally(port: int) -> dict[str, int]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/tally") as answer:
        tally: dict[str, int] = json.load(answer)
    return tally


if __name__ == "__main__":
    main()
