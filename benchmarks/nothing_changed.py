"""Nothing has changed: a scan by the running program, ``feedmill run --once`` again, and ``feedmill --help``.

    python -m benchmarks.nothing_changed [--posts N] [--categories N] [--size BYTES] [--rounds N]

The floor of a scan is to list the folders and look at every file's size and time, in the same process; that of a
command is to begin Python.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import time
from typing import TYPE_CHECKING

from aggregator.cli.main import with_mill
from aggregator.cli.terminal import set_up_log
from aggregator.config import load_config
from benchmarks.results import Goal, Job, Line, parser, tell
from benchmarks.running import interleaved, run, workplace
from benchmarks.site import command, feedmill, prepare
from benchmarks.store import CATEGORIES, POSTS, SIZE
from storage.source import PullOutcome

if TYPE_CHECKING:
    from pathlib import Path

    from aggregator.mill import Mill

_ROOM = 20
_SCAN, _LISTED = "Feedmill, a scan", "floor: list and stat every file"
_AGAIN, _HELP, _BEGUN = "Feedmill, run --once", "Feedmill, --help", "floor: begin Python"


def main() -> None:
    """Measure, and tell."""
    given = parser(__doc__)
    given.add_argument("--posts", type=int, default=POSTS)
    given.add_argument("--categories", type=int, default=CATEGORIES)
    given.add_argument("--size", type=int, default=SIZE, help="mean bytes of a post (default: %(default)s)")
    given.add_argument("--rounds", type=int, default=7)
    options = given.parse_args()
    with workplace(options.posts * options.size * _ROOM, options.folder) as folder:
        config = prepare(folder / "site", options.posts, options.categories, options.size)
        feedmill(config, "run", "--once")
        for job in measure(config, options.rounds, f"{options.posts:,}"):
            tell(job, options.results)


def measure(config: Path, rounds: int, posts: str) -> tuple[Job, Job]:
    """Scan, and start, in turns with their floors."""
    scans, listings = scanned(config, rounds)
    lines = (Line(_SCAN, "ms", scans), Line(_LISTED, "ms", listings, _SCAN))
    scan = Job("scan", f"a scan of {posts} posts that finds nothing changed", lines, (Goal(_SCAN, 3, _LISTED),))
    commands = {
        _AGAIN: command(config, "run", "--once"),
        _HELP: command(config, "--help"),
        _BEGUN: [sys.executable, "-c", "pass"],
    }
    seconds = interleaved({name: lambda of=of: run(of).seconds for name, of in commands.items()}, rounds)  # type: ignore[misc]
    starts = tuple(Line(name, "s", tuple(found), _AGAIN if name == _BEGUN else "") for name, found in seconds.items())
    title = f"whole processes that find nothing changed of {posts} posts, or tell how to use them"
    return scan, Job("starts", title, starts, (Goal(_AGAIN, 2), Goal(_HELP, 0.3)))


def scanned(config: Path, rounds: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Milliseconds of each scan by a program that has everything open, and of listing the same files."""
    store = config.parent / "store"

    async def measured(mill: Mill) -> dict[str, list[float]]:
        async def scan() -> float:
            start = time.perf_counter()
            [pull] = await mill.pull(mill.config.source)
            taken = time.perf_counter() - start
            if pull.state.outcome is not PullOutcome.UNCHANGED:
                raise SystemExit(f"a scan of what had not changed found it {pull.state.outcome}: {pull.state.failure}")
            return taken

        await scan()
        found: dict[str, list[float]] = {_SCAN: [], _LISTED: []}
        for _ in range(rounds):
            found[_SCAN].append(await scan() * 1e3)
            start = time.perf_counter()
            await asyncio.to_thread(_list_all, store)
            found[_LISTED].append((time.perf_counter() - start) * 1e3)
        return found

    set_up_log(logging.WARNING)
    found = with_mill(load_config(config), measured)
    return tuple(found[_SCAN]), tuple(found[_LISTED])


def _list_all(store: Path) -> int:
    total = 0
    for name in ("_posts", "old_post"):
        with os.scandir(store / name) as entries:
            total += sum(entry.stat().st_size for entry in entries)
    return total


if __name__ == "__main__":
    main()
