"""The memory of a running Feedmill over hours of pulls, posts and requests, which are made as fast as they go.

    python -m benchmarks.memory [--entries N] [--hours N] [--sources N]

So many entries are stored before. Sources on this machine bring thirty each and are asked again and again; readers ask
as fast as they are answered, every feed, page and entry with the same chance, and half of those who were there before
know what they ask for. An hour has so many posts, requests and, at least, pulls as are named below.
"""

from __future__ import annotations

import http.client
import json
import urllib.request
from random import Random
from typing import TYPE_CHECKING
from urllib.parse import quote

from benchmarks.live import running
from benchmarks.process_tree import size_of
from benchmarks.pulling import serving
from benchmarks.pulls.feeds import ENTRIES, addresses
from benchmarks.results import Goal, Job, Line, parser, tell
from benchmarks.running import until, workplace
from benchmarks.site import address, feedmill, prepare
from benchmarks.store import ROLLING, add_post

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

REQUESTS = 36_000
"""Of an hour: ten a second."""
POSTS = 60
PULLS_OF_A_SOURCE = 12
PARTS = 6
"""Looks at the memory in an hour."""
_SIZE, _ROOM = 2_000, 20
_START, _FIRST, _LAST = "after the start", "after the first hour", "after the last hour"
_SOURCE = """
[[source]]
name = "source {number}"
kind = "feed"
url = "{address}"
private = true
every = "1s"
"""


def main() -> None:
    """Measure, and tell."""
    given = parser(__doc__)
    given.add_argument("--entries", type=int, default=40_000)
    given.add_argument("--hours", type=int, default=2)
    given.add_argument("--sources", type=int, default=60)
    options = given.parse_args()
    posts = options.entries - options.sources * ENTRIES
    with workplace(posts * _SIZE * _ROOM, options.folder) as folder, serving(options.sources) as port:
        config = prepare(folder / "own", posts, max(posts // 10, 1), _SIZE)
        there = enumerate(addresses(options.sources, port))
        sources = "".join(_SOURCE.format(number=number, address=address) for number, address in there)
        config.write_text(config.read_text() + sources)
        feedmill(config, "run", "--once")
        tell(measure(config, options.entries, options.hours, options.sources, lambda: _answered(port)), options.results)


def measure(config: Path, entries: int, hours: int, sources: int, pulls: Callable[[], int]) -> Job:
    """Run it for so many *hours*; *pulls* says how often the sources were asked."""
    with running(config) as process:
        sizes = [_megabytes(process.pid)]
        for hour in range(hours):
            for part in range(PARTS):
                before = pulls()
                _part_of_an_hour(config, hour * PARTS + part)
                wanted = before + sources * PULLS_OF_A_SOURCE // PARTS
                until(lambda wanted=wanted: pulls() >= wanted, pause=0.1)  # type: ignore[misc]
                sizes.append(_megabytes(process.pid))
                print(f"hour {hour + 1}, part {part + 1} of {PARTS}: {sizes[-1]:.0f} MB", flush=True)
    lines = (
        Line(_START, "MB", (sizes[0],)),
        Line(_FIRST, "MB", (sizes[PARTS],)),
        Line(_LAST, "MB", (sizes[-1],)),
    )
    goals = (Goal(_FIRST, 250), Goal(_LAST, 1.05, _FIRST))
    title = f"memory of the whole process, {entries:,} entries stored, {hours} hours of pulls, posts and requests"
    return Job("memory", title, lines, goals)


def _part_of_an_hour(config: Path, number: int) -> None:
    """Save posts, and ask for whatever there is, as readers do."""
    store, published = config.parent / "store", config.parent / "out/public"
    rng = Random(number)
    paths = sorted(path.relative_to(published).as_posix() for path in published.rglob("*.*") if path.name[0] != ".")
    tags: dict[str, str] = {}
    server = http.client.HTTPConnection(address(config).removeprefix("http://"))
    posts = POSTS // PARTS
    for post in range(posts):
        add_post(store, ROLLING.slug, number * posts + post, _SIZE)
        for _ in range(REQUESTS // PARTS // posts):
            path = rng.choice(paths)
            fields = {"Accept-Encoding": rng.choice(("gzip", "br", "identity"))}
            if path in tags and rng.random() < 0.5:
                fields["If-None-Match"] = tags[path]
            server.request("GET", f"/{quote(path)}", headers=fields)
            answer = server.getresponse()
            answer.read()
            tags[path] = answer.headers["ETag"] or ""
    server.close()


def _answered(port: int) -> int:
    """How many documents and 304s the sources have sent."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/tally") as answer:
        tally: dict[str, int] = json.load(answer)
    return sum(tally.values())


def _megabytes(process: int) -> float:
    return size_of(process) / 1e6


if __name__ == "__main__":
    main()
