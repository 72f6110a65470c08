"""One new post: until the feeds of a running Feedmill answer with it, beside building again with Hugo and Jekyll.

    python -m benchmarks.one_post [--posts N] [--categories N] [--size BYTES] [--added N] [--larger TIMES]

Each post is put into the largest category, and counts as answered once RSS, Atom and JSON all have it; when the files
have it too, the next is saved. A few are saved right after the first build, the others after search has been filled and
the program has begun again. With ``--larger``, a second site runs beside the first, of so many times as many posts and
categories, and posts are saved in turns.
"""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from typing import TYPE_CHECKING

from benchmarks.live import Saved, fill_search, running, save_post
from benchmarks.peers import hugo, jekyll
from benchmarks.peers.posts import copy_post
from benchmarks.results import Goal, Job, Line, parser, tell
from benchmarks.running import Run, interleaved, workplace
from benchmarks.site import feedmill, prepare
from benchmarks.store import CATEGORIES, POSTS, ROLLING, SIZE, add_post

if TYPE_CHECKING:
    from pathlib import Path

_ROOM = 20
_REBUILDS, _EARLY = 3, 10
_OWN, _WORST, _FILED = "Feedmill", "Feedmill, the worst", "Feedmill, until the files have it"
_HUGO, _JEKYLL = "Hugo, built again, RSS alone", "Jekyll, an eighth of the posts built again, Atom alone"
_INDEXING, _LARGER = "Feedmill, while search still comes up after a first build", "Feedmill, the larger site"


def main() -> None:
    """Measure, and tell."""
    given = parser(__doc__)
    given.add_argument("--posts", type=int, default=POSTS)
    given.add_argument("--categories", type=int, default=CATEGORIES)
    given.add_argument("--size", type=int, default=SIZE, help="mean bytes of a post (default: %(default)s)")
    given.add_argument("--added", type=int, default=100, help="posts that are saved (default: %(default)s)")
    given.add_argument("--larger", type=int, default=0, metavar="TIMES")
    options = given.parse_args()
    posts, categories, size = options.posts, options.categories, options.size
    with workplace(posts * size * _ROOM * (1 + options.larger), options.folder) as folder:
        own = prepare(folder / "own", posts, categories, size)
        feedmill(own, "run", "--once")
        if options.larger:
            larger = prepare(folder / "larger", posts * options.larger, categories * options.larger, size)
            feedmill(larger, "run", "--once")
            job = compare(own, larger, size, options.added, f"{posts * options.larger:,}")
        else:
            job = measure(own, size, options.added, f"{posts:,}")
    tell(job, options.results)


def measure(config: Path, size: int, added: int, posts: str) -> Job:
    """Save posts one after the other; then have the others build again with one post more each time."""
    store = config.parent / "store"
    with running(config):
        early = [save_post(config, number, size) for number in range(_EARLY)]
    fill_search(config)
    with running(config):
        saved = [save_post(config, _EARLY + number, size) for number in range(added)]
    lines, missing = _lines(saved), []
    lines.append(Line(_INDEXING, "ms", tuple(one.answered * 1e3 for one in early)))
    if isinstance(program := hugo.find(), str):
        missing.append(program)
    else:
        runs = _rebuilt_by_hugo(program, store, config.parent / "hugo", size)
        lines.append(Line(_HUGO, "ms", tuple(run.seconds * 1e3 for run in runs), _OWN))
    if isinstance(program := jekyll.find(), str):
        missing.append(program)
    else:
        again = _rebuilt_by_jekyll(program, store, config.parent / "jekyll", size)
        lines.append(Line(_JEKYLL, "ms", (again.seconds * 1e3,), _OWN))
    goals = (Goal(_OWN, 20), Goal(_WORST, 100), Goal(_HUGO, 150, _OWN, at_least=True))
    title = f"one new post of {posts}, until its feeds answer with it, median and worst of {added}"
    return Job("one_post", title, tuple(lines), goals, tuple(missing))


def compare(config: Path, larger: Path, size: int, added: int, posts: str) -> Job:
    """Save posts into two running sites in turns."""
    numbers = {_OWN: iter(range(added)), _LARGER: iter(range(added))}
    with ExitStack() as stack:
        for site in (config, larger):
            fill_search(site)
            stack.enter_context(running(site))
        jobs = {
            _OWN: lambda: save_post(config, next(numbers[_OWN]), size),
            _LARGER: lambda: save_post(larger, next(numbers[_LARGER]), size),
        }
        saved = interleaved(jobs, added)
    lines = [*_lines(saved[_OWN]), *_lines(saved[_LARGER], _LARGER)]
    title = f"the same with {posts} posts, beside the smaller site, {added} of each in turns"
    return Job("one_post_larger", title, tuple(lines), (Goal(_LARGER, 1.3, _OWN),))


def _lines(saved: list[Saved], name: str = _OWN) -> list[Line]:
    answered = tuple(one.answered * 1e3 for one in saved)
    return [
        Line(name, "ms", answered),
        Line(f"{name}, the worst", "ms", (max(answered),)),
        Line(f"{name}, until the files have it", "ms", tuple(one.filed * 1e3 for one in saved)),
    ]


def _rebuilt_by_hugo(program: Path, store: Path, folder: Path, size: int) -> list[Run]:
    hugo.prepare(store, folder)
    hugo.build(program, folder)
    runs = []
    for number in range(_REBUILDS):
        added = add_post(store, ROLLING.slug, 10**6 + number, size)
        copy_post(added, hugo.posts(folder))
        runs.append(hugo.build(program, folder))
        _check("Hugo", hugo.feed(folder, ROLLING.slug), added)
    shutil.rmtree(folder)
    return runs


def _rebuilt_by_jekyll(program: Path, store: Path, folder: Path, size: int) -> Run:
    jekyll.prepare(store, folder)
    jekyll.build(program, folder)
    added = add_post(store, ROLLING.slug, 10**6 + _REBUILDS, size)
    copy_post(added, jekyll.posts(folder))
    done = jekyll.build(program, folder)
    _check("Jekyll", jekyll.feed(folder, ROLLING.slug), added)
    return done


def _check(who: str, feed: Path, added: Path) -> None:
    if added.stem[-18:] not in feed.read_text(encoding="utf-8"):
        raise SystemExit(f"{who} did not put the new post into {feed}")


if __name__ == "__main__":
    main()
