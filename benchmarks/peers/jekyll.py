"""Jekyll with jekyll-feed: an Atom feed of the newest 50 whole posts for every category and for all, and their pages.

Its time grows with posts times categories: of a whole store it is given an eighth.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from benchmarks.peers.posts import copy_store
from benchmarks.running import Run, run, tool

if TYPE_CHECKING:
    from pathlib import Path

SHARE = 8


def find() -> Path | str:
    """Where Jekyll is; or a sentence that it is missing."""
    return tool("jekyll", "jekyll ruby-jekyll-feed")


def prepare(store: Path, folder: Path) -> int:
    """Make a site of Jekyll's in *folder* of one of eight posts of *store*; how many categories they have."""
    slugs = copy_store(store, posts(folder), SHARE)
    settings: dict[str, object] = {"title": "Posts", "url": "http://127.0.0.1", "timezone": "Asia/Shanghai"}
    settings |= {"plugins": ["jekyll-feed"], "feed": {"posts_limit": 50, "categories": slugs}}
    (folder / "_config.yml").write_text(json.dumps(settings))
    return len(slugs)


def posts(folder: Path) -> Path:
    """Where the posts of the site in *folder* are."""
    return folder / "_posts"


def build(program: Path, folder: Path) -> Run:
    """Build the site in *folder*."""
    return run([program, "build", "--quiet"], folder)


def feeds(folder: Path) -> list[Path]:
    """The feeds of categories that were built."""
    return list((folder / "_site/feed").glob("*.xml"))


def feed(folder: Path, slug: str) -> Path:
    """Where the feed of the category *slug* is."""
    return folder / f"_site/feed/{slug}.xml"
