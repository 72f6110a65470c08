"""First build: a generated store, from nothing to feeds on disk, beside Hugo, Jekyll and the plainest Python.

    python -m benchmarks.first_build [--posts N] [--categories N] [--size BYTES] [--rounds N]

Feedmill reads, cleans and stores, and writes RSS, Atom and JSON of every category; a page for each category and entry,
archives and sitemaps come with them. Hugo and the plainest Python write RSS alone. Jekyll, whose time grows with posts
times categories, is given an eighth of the posts. Everyone is a process of its own, from its start to its end.
"""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

from benchmarks.peers import hugo, jekyll
from benchmarks.peers.posts import paths
from benchmarks.results import Goal, Job, Line, parser, tell
from benchmarks.running import Run, free_port, interleaved, run, timed, workplace
from benchmarks.site import feedmill, write_settings
from benchmarks.store import CATEGORIES, POSTS, SIZE, write_store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_ROOM = 20
"""Bytes on disk for each byte of posts, with what everyone makes of them."""
_OWN, _HUGO, _PLAIN, _READ = (
    "Feedmill",
    "Hugo, RSS alone",
    "floor: plainest Python, RSS alone, one process",
    "floor: read every file",
)
_MEMORY, _JEKYLL = "Feedmill, memory", "Jekyll, an eighth of the posts, Atom alone"


def main() -> None:
    """Measure, and tell."""
    given = parser(__doc__)
    given.add_argument("--posts", type=int, default=POSTS)
    given.add_argument("--categories", type=int, default=CATEGORIES)
    given.add_argument("--size", type=int, default=SIZE, help="mean bytes of a post (default: %(default)s)")
    given.add_argument("--rounds", type=int, default=3)
    options = given.parse_args()
    with workplace(options.posts * options.size * _ROOM, options.folder) as folder:
        write_store(folder / "store", options.posts, options.categories, options.size)
        tell(measure(folder, options.categories, options.rounds), options.results)


def measure(folder: Path, categories: int, rounds: int) -> Job:
    """Build everything of *folder*``/store`` in turns, so many *rounds*; Jekyll, which is slow, builds once."""
    store = folder / "store"
    config = write_settings(folder, free_port())
    feedmill(config, "--version")  # compiles what was not yet

    def own() -> Run:
        shutil.rmtree(folder / "out", ignore_errors=True)
        done = feedmill(config, "run", "--once")
        for kind in ("rss", "atom", "json"):
            _all_there(f"Feedmill ({kind})", len(list((folder / "out/public/category").glob(f"*.{kind}"))), categories)
        return done

    def plain() -> Run:
        shutil.rmtree(folder / "plain", ignore_errors=True)
        return run([sys.executable, "-m", "benchmarks.peers.plain", store, folder / "plain"])

    jobs: dict[str, Callable[[], Run]] = {_OWN: own, _PLAIN: plain}
    missing = []
    if isinstance(program := hugo.find(), str):
        missing.append(program)
    else:
        expected = hugo.prepare(store, folder / "hugo")
        jobs[_HUGO] = lambda: _built_by_hugo(program, folder / "hugo", expected)
    runs = interleaved(jobs, rounds)
    slow = jekyll.find()
    if isinstance(slow, str):
        missing.append(slow)
    else:
        expected = jekyll.prepare(store, folder / "jekyll")
        runs[_JEKYLL] = [jekyll.build(slow, folder / "jekyll")]
        _all_there("Jekyll", len(jekyll.feeds(folder / "jekyll")), expected)
    lines = [line for name, found in runs.items() for line in _lines(name, found)]
    reading = [timed(lambda: [path.read_bytes() for path in paths(store)]) for _ in range(2 * rounds + 1)]
    lines.append(Line(_READ, "s", tuple(reading), _OWN))
    goals = (Goal(_OWN, 1.0, _HUGO), Goal(_MEMORY, 400))
    title = f"first build of {len(paths(store)):,} posts in {categories:,} categories"
    return Job("first_build", title, tuple(lines), goals, tuple(missing))


def _built_by_hugo(program: Path, folder: Path, expected: int) -> Run:
    shutil.rmtree(folder / "public", ignore_errors=True)
    done = hugo.build(program, folder)
    _all_there("Hugo", len(hugo.feeds(folder)), expected)
    return done


def _all_there(who: str, made: int, expected: int) -> None:
    """End, unless there are feeds of all categories but a few, whose only post is not published."""
    if not 0.99 * expected <= made <= expected:
        raise SystemExit(f"{who} made {made} feeds of {expected} categories")


def _lines(name: str, runs: list[Run]) -> tuple[Line, Line, Line]:
    beside = "" if name == _OWN else _OWN
    return (
        Line(name, "s", tuple(run.seconds for run in runs), beside),
        Line(f"{name}, processor", "s", tuple(run.processor for run in runs), beside and f"{beside}, processor"),
        Line(f"{name}, memory", "MB", tuple(run.memory / 1e6 for run in runs), beside and f"{beside}, memory"),
    )


if __name__ == "__main__":
    main()
