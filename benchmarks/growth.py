"""How each cost grows, with posts and with sources: kept as JSON, from which `benchmarks.plots` draws.

    python -m benchmarks.growth [--posts N ...] [--sources N ...] [--results DIR]

A store of any size has one category for eight or nine posts, as the real one has. Each size is measured once, from
small to large, and what was measured is kept after each.
"""

from __future__ import annotations

import json
import statistics
from typing import TYPE_CHECKING, Any

from benchmarks.live import fill_search, running, save_post
from benchmarks.machine import machine
from benchmarks.nothing_changed import scanned
from benchmarks.process_tree import size_of
from benchmarks.pulling import ROOM_OF_SOURCE, pulled, serving
from benchmarks.results import number, parser
from benchmarks.running import ROOT, workplace
from benchmarks.site import feedmill, prepare
from benchmarks.store import CATEGORIES, POSTS, SIZE
from benchmarks.table import GROWTH

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

_POSTS = (10, 100, 1_000, 10_000, 100_000)
_SOURCES = (10, 100, 1_000, 10_000)
_ADDED = 20
_SCANS = 3
_ROOM = 20
"""Bytes on disk for each byte of posts, with what is made of them."""


def main() -> None:
    """Measure, size by size."""
    given = parser(__doc__)
    given.add_argument("--posts", type=int, nargs="*", default=_POSTS)
    given.add_argument("--sources", type=int, nargs="*", default=_SOURCES)
    options = given.parse_args()
    results = options.results or ROOT / "build/bench"
    results.mkdir(parents=True, exist_ok=True)

    def of_posts(size: int) -> dict[str, float]:
        with workplace(size * SIZE * _ROOM, options.folder) as folder:
            return measure_posts(folder, size)

    def of_sources(size: int) -> dict[str, float]:
        with workplace(size * ROOM_OF_SOURCE, options.folder) as folder:
            return measure_sources(folder, size)

    found: dict[str, Any] = {"machine": machine()}
    path = results / GROWTH
    _measure("posts", options.posts, of_posts, found, path)
    _measure("sources", options.sources, of_sources, found, path)


def measure_posts(folder: Path, posts: int) -> dict[str, float]:
    """What a store of so many *posts* costs: seconds and bytes, by what they are for."""
    config = prepare(folder / "site", posts, max(1, posts * CATEGORIES // POSTS), SIZE)
    out = folder / "site/out"
    first = feedmill(config, "run", "--once")
    store = sum(path.stat().st_size for path in out.glob("feedmill.db*"))
    published = sum(path.stat().st_size for path in (out / "public").rglob("*") if path.is_file())
    again = feedmill(config, "run", "--once")
    scans, listings = scanned(config, _SCANS)
    fill_search(config)
    with running(config) as process:
        saved = [save_post(config, number, SIZE) for number in range(_ADDED)]
        memory = size_of(process.pid)
    return {
        "first build, s": first.seconds,
        "second run --once, s": again.seconds,
        "scan, nothing changed, s": statistics.median(scans) / 1e3,
        "floor: list and stat, s": statistics.median(listings) / 1e3,
        "one post answered, s": statistics.median(post.answered for post in saved),
        "one post in its files, s": statistics.median(post.filed for post in saved),
        "first build, memory, B": first.memory,
        "running process, memory, B": memory,
        "store, B": store,
        "folder of feeds and pages, B": published,
    }


def measure_sources(folder: Path, sources: int) -> dict[str, float]:
    """What pulling so many *sources* costs."""
    with serving(sources) as port:
        own, bare = (pulled(by, folder / by, port, sources) for by in ("feedmill", "aiohttp"))
    return {
        "first pull, stored, s": own.first,
        "first pull, published too, s": own.first + own.published,
        "all answered by 304, s": statistics.median(own.again),
        "floor: aiohttp, 304, s": statistics.median(bare.again),
        "memory, B": own.memory,
        "floor: aiohttp, memory, B": bare.memory,
    }


def _measure(
    kind: str,
    sizes: Sequence[int],
    measure: Callable[[int], dict[str, float]],
    found: dict[str, Any],
    path: Path,
) -> None:
    """Measure each of *sizes*, tell it, and keep all that was *found* so far at *path*."""
    for size in sorted(sizes):
        values = measure(size)
        found.setdefault(kind, {})[str(size)] = values
        print(f"{size:,} {kind}: " + ", ".join(f"{name} {number(value)}" for name, value in values.items()), flush=True)
        path.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
