"""The plainest Python that makes the same RSS feeds: the floor of a first build.

    python -m benchmarks.peers.plain STORE OUT

Every post is read, its Markdown made HTML by comrak, that cleaned by nh3 and put into an item once; a feed is the items
of its newest 50 joined. Nothing is kept, and no care is taken.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import quote
from xml.sax.saxutils import escape

import comrak
import nh3

from benchmarks.peers.posts import Post, paths, read_post

_ENTRIES = 50


def build(store: Path, out: Path) -> int:
    """Write a feed of each category of *store*, and one of all, into *out*; how many."""
    rendering = comrak.RenderOptions()
    rendering.unsafe_ = True
    items: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for path in paths(store):
        post = read_post(path)
        if post.published:
            html = nh3.clean(comrak.render_markdown(post.body, None, None, rendering))
            item = (post.written, _item(post, html))
            for slug in {"all", *post.slugs}:
                items[slug].append(item)
    out.mkdir(parents=True)
    for slug, found in items.items():
        newest = sorted(found, reverse=True)[:_ENTRIES]
        text = "".join([_head(slug), *(item for _, item in newest), "</channel>\n</rss>\n"])
        (out / f"{quote(slug, safe='()')}.rss").write_text(text, encoding="utf-8")
    return len(items)


def _head(slug: str) -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">\n'
        f"<channel>\n<title>{escape(slug)}</title>\n<link>http://127.0.0.1/</link>\n<description/>\n"
    )


def _item(post: Post, html: str) -> str:
    date = format_datetime(datetime.fromisoformat(post.written))
    return (
        f"<item>\n<title>{escape(post.title)}</title>\n<guid>{post.name}</guid>\n<pubDate>{date}</pubDate>\n"
        f"<content:encoded>{escape(html)}</content:encoded>\n</item>\n"
    )


if __name__ == "__main__":
    build(Path(sys.argv[1]), Path(sys.argv[2]))
