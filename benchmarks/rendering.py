"""Rendering: what one more entry costs, and a feed whose fragments are there already, beside feedgen.

    python -m benchmarks.rendering [--rounds N]

A store of 2,000 entries in 40 categories, of a size that makes a feed of 50 about 60 KB. One entry after the other is
stored, and what shows it is rendered, as a running process does it: everything's Atom feed, and the three feeds of a
category. Times are processor time of this process.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from feedgen.feed import FeedGenerator

from benchmarks.results import Goal, Job, Line, parser, tell
from benchmarks.running import workplace
from feeds.processes import look_for_garbage_seldom
from feeds.publishing.documents import etag_of
from feeds.publishing.rendering import Renderer
from feeds.site import Site
from feeds.writing import rss
from storage import categories, entries, listing
from storage.category import ALL
from storage.database import open_database
from storage.entries import EntryChange
from storage.entry import Author, CategoryName, Entry, InfoCode, Origin

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from storage.category import Category
    from storage.database import Database

_ENTRIES, _CATEGORIES = 2_000, 40
_ROOM = 50_000_000
_FEEDS = ("rss", "atom", "json")
_SITE = Site("The Mill", "https://mill.example", ZoneInfo("UTC"))
_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
_CONTENT = "<p>The river stood high this morning, and &quot;the mill&quot; ground what had come in overnight.</p>\n" * 6

_ALL, _CATEGORY = "all.atom after one change", "RSS, Atom and JSON of a category of 50 after one change"
_JOINED, _FEEDGEN = "RSS from fragments already rendered, with entity tag", "peer: feedgen, the same from entries"


def main() -> None:
    """Measure, and tell."""
    given = parser(__doc__)
    given.add_argument("--rounds", type=int, default=100)
    options = given.parse_args()
    look_for_garbage_seldom()
    with workplace(_ROOM, options.folder) as folder:
        tell(measure(folder, options.rounds), options.results)


def measure(folder: Path, rounds: int) -> Job:
    """Store an entry and render, so many *rounds*; then join what is rendered, and have feedgen write it."""
    database = open_database(f"sqlite:///{folder}/mill.db")
    try:
        _save(database, [_entry(number) for number in range(_ENTRIES)])
        renderer = Renderer(_SITE)
        everything, category = [], []
        for number in range(_ENTRIES, _ENTRIES + rounds):
            _save(database, [_entry(number)])
            everything.append(_rendered(database, renderer, ALL, ["atom"]))
            category.append(_rendered(database, renderer, _slug(number), _FEEDS))
        shown, told = _shown(database, _slug(0))
    finally:
        database.close()
    titles = {shown.slug: shown.title}
    fragments = [rss.fragment(entry, _SITE, titles) for entry in told]
    joined = [_milliseconds(lambda: etag_of(rss.document(shown, _SITE, fragments))) for _ in range(rounds)]
    whole = [_milliseconds(lambda: etag_of(_by_feedgen(shown, told))) for _ in range(rounds)]
    lines = (
        Line(_ALL, "ms", tuple(everything)),
        Line(_CATEGORY, "ms", tuple(category)),
        Line(_JOINED, "ms", tuple(joined)),
        Line(_FEEDGEN, "ms", tuple(whole), _JOINED),
        Line("size of that feed", "KB", (len(rss.document(shown, _SITE, fragments)) / 1000,)),
    )
    goals = (Goal(_ALL, 2.0), Goal(_CATEGORY, 2.0), Goal(_FEEDGEN, 50.0, _JOINED, at_least=True))
    return Job("rendering", f"rendering of {_ENTRIES:,} entries in {_CATEGORIES} categories", lines, goals)


def _slug(number: int) -> str:
    return f"reach-{number % _CATEGORIES}"


def _entry(number: int) -> Entry:
    code, published = InfoCode(f"NW20260101{number:010}"), _BEGIN + timedelta(minutes=number)
    return Entry(
        info_code=code,
        title=f"The level of the river at hour {number}",
        content=_CONTENT,
        published=published,
        updated=published,
        first_seen=published,
        scope="site",
        source="posts",
        origin=Origin("The Ledger", "https://ledger.example/"),
        link=f"https://ledger.example/{number}.html",
        authors=(Author("The miller"),),
        categories=(_slug(number),),
        category_names=(CategoryName(_slug(number), f"Reach {number % _CATEGORIES}"),),
        language="en",
        guid=_SITE.tag_uri(code, published.date()),
    )


def _save(database: Database, new: Sequence[Entry]) -> None:
    with database.writing() as connection:
        entries.save(connection, [EntryChange(None, entry) for entry in new], new[-1].published)


def _rendered(database: Database, renderer: Renderer, slug: str, suffixes: Sequence[str]) -> float:
    with database.reading() as connection:
        shown = categories.find(connection, [slug])[slug]
        return _milliseconds(lambda: renderer.category(connection, shown, suffixes))


def _shown(database: Database, slug: str) -> tuple[Category, list[Entry]]:
    """A category, and the entries that its feeds list."""
    with database.reading() as connection:
        codes = [one.info_code for one in listing.listed(connection, slug, _SITE.entries_per_feed)]
        found = entries.find(connection, codes)
        return categories.find(connection, [slug])[slug], [found[code] for code in codes]


def _by_feedgen(category: Category, told: Sequence[Entry]) -> bytes:
    """The RSS feed of *category* as one writes it who has feedgen and nothing else."""
    feed = FeedGenerator()
    feed.title(category.title)
    feed.description(category.title)
    feed.link(href=f"{_SITE.url}/{category.slug}")
    feed.lastBuildDate(told[0].updated)
    for entry in told:
        item = feed.add_entry(order="append")
        item.guid(entry.guid)
        item.title(entry.title)
        item.link(href=entry.link)
        item.description(entry.content)
        item.published(entry.published)
        item.author([{"name": author.name, "email": "mill@mill.example"} for author in entry.authors])
        item.category([{"term": vote.slug, "label": vote.name} for vote in entry.category_names])
        item.source(entry.origin.link, entry.origin.title)
    return bytes(feed.rss_str())


def _milliseconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


if __name__ == "__main__":
    main()
