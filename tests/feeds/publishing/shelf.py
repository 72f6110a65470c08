"""A store to publish from, filled by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from feeds.publishing.documents import Documents
from feeds.publishing.found import Document
from feeds.publishing.rendering import Renderer
from feeds.site import Site, archive_path, category_path, entry_path, page_path
from storage import categories, entries
from storage.archive_page import PAGE
from storage.category import ALL
from storage.entries import EntryChange
from storage.entry import CategoryName, Entry, InfoCode, Origin, WithdrawnBy
from storage.tables import StoreRow, table_of
from tests import stores

if TYPE_CHECKING:
    from feeds.publishing.search_index import SearchIndex

SITE = Site(
    title="潮汐观察 & more",
    url="https://tide.example",
    timezone=ZoneInfo("Asia/Shanghai"),
    language="zh-CN",
    author="编辑部",
)
SUFFIXES = ("rss", "atom", "json", "html")
ROOT = Path(__file__).parents[3]
"""Where another process finds the packages."""

NOON = datetime(2022, 3, 14, 4, 0, tzinfo=UTC)

ODD_SLUGS: tuple[str, ...] = (
    "zhengquanshibao", "TechWeb", "Techweb", "TECHWEB", "all", "ALL", "index", "style.css", "证券时报",
    "haitang(xianggang)", "two words", " ", "50%", "%", "%25", "%2E", "%-", "a/b", "a%2Fb", "/", "..", ".", "...",
    ".hidden", "../../etc/passwd",
    "a\\b", "C:\\x", "a:b?c=d#e&f", "<b>\"'&amp;", "a.rss", "a.atom.html", "~tilde", "new\nline", "tab\tbed", "nul\0l",
    "é", "e\u0301", "\u202eright to left", "\U0001f30a" * 3, "-", "con", "x" * 300, "x" * 299, "证" * 300, "%" * 67,
    "y" * 200, "y" * 201,
)  # fmt: skip
if stores.POSTGRESQL:  # which holds no U+0000; nor does an entry that was read from somewhere
    ODD_SLUGS = tuple(slug for slug in ODD_SLUGS if "\0" not in slug)


def code(number: int) -> InfoCode:
    return InfoCode(f"NW20220314{number:010}")


def made(number: int, *slugs: str, **values: Any) -> Entry:
    """An entry; a later *number* is a later entry."""
    published = NOON + timedelta(minutes=number)
    entry = Entry(
        info_code=code(number),
        title=f"第{number}条 <tide>",
        content=f"<p>潮水 {number}，<b>high</b> &amp; low.</p>",
        published=published,
        updated=published,
        first_seen=published,
        scope="site",
        source="posts",
        origin=Origin("潮汐日报", "https://tide.example/"),
        link=f"https://tide.example/{number}",
        categories=slugs,
        category_names=tuple(CategoryName(slug, f"Name of {slug}") for slug in slugs),
        guid=SITE.tag_uri(code(number), published.date()),
    )
    return replace(entry, **values)


class Shelf:
    """An open store and what is done to it."""

    def __init__(self, path: Path, identity: str = "") -> None:
        self.now = NOON + timedelta(days=30)
        self.database = stores.open_at(path)
        self.url = self.database.url
        if identity:
            with self.database.writing() as connection:
                connection.execute(table_of(StoreRow).update().values(identity=identity))
            self.database.close()
            self.database = stores.open_at(path)

    def put(self, *new: Entry) -> None:
        """Store entries; one that is there already is corrected."""
        with self.database.writing() as connection:
            known = entries.find(connection, [entry.info_code for entry in new])
            entries.save(connection, [EntryChange(known.get(entry.info_code), entry) for entry in new], self.now)

    def get(self, number: int) -> Entry:
        with self.database.reading() as connection:
            return entries.find(connection, [code(number)])[code(number)]

    def correct(self, number: int, **values: Any) -> None:
        entry = self.get(number)
        later = entry.updated + timedelta(days=1)
        self.put(replace(entry, revision=entry.revision + 1, updated=later, **values))

    def withdraw(self, number: int) -> None:
        when = NOON + timedelta(days=2, minutes=number)
        self.put(replace(self.get(number), withdrawn=when, withdrawn_by=WithdrawnBy.AUTHOR))

    def name(self, **titles: str) -> None:
        """What the categories' pages call them."""
        with self.database.writing() as connection:
            categories.set_page_titles(connection, titles, self.now)

    def paths(self) -> list[str]:
        """Where something stands, worked out apart from what is tested."""
        with self.database.reading() as connection:
            slugs = [category.slug for category in categories.listed(connection)]
            every = categories.find(connection, [ALL, *slugs]).values()
            room = SITE.entries_per_feed
            pages = [
                archive_path(one.slug, number)
                for one in every
                for number in range(1, one.arrivals // PAGE + (one.arrivals > min(room, PAGE - 1)) + 1)
            ]
            counts = {one.slug: one.entries for one in every if one.entries > room}
            codes = [change for change, withdrawn in entries.changed_since(connection, -1) if not withdrawn]
        found = ["index.html", "style.css", "find.js", "subscribe.html", "feeds.opml", "feed.xml"]
        found += ["sitemap.xml", "news-sitemap.xml"]
        found += [category_path(slug, suffix) for slug in (ALL, *slugs) for suffix in SUFFIXES]
        pages += [page_path(slug, n) for slug, number in counts.items() for n in range(1, 2 + (number - 1) // 100)]
        return found + pages + [entry_path(code) for code in codes]


def files(folder: Path) -> dict[str, bytes]:
    """Every file below *folder* but those that only Feedmill reads."""
    there = (path for path in folder.rglob("*") if path.is_file())
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in there}
    return {path: body for path, body in found.items() if not path.startswith(".feedmill.")}


def times(folder: Path) -> dict[str, tuple[int, int]]:
    """Which file stands where, and since when: it differs when one was written again."""
    there = (path for path in folder.rglob("*") if path.is_file() and path.name != ".feedmill.lock")
    there = (path for path in there if not path.is_relative_to(folder / ".feedmill.last"))
    return {p.relative_to(folder).as_posix(): (p.stat().st_ino, p.stat().st_mtime_ns) for p in there}


def served(shelf: Shelf) -> dict[str, bytes]:
    """What the server answers at every path."""
    documents = Documents(shelf.database, Renderer(SITE))
    found = {path: documents.find(path) for path in shelf.paths()}
    return {path: one.body for path, one in found.items() if isinstance(one, Document)}


def catch_up(index: SearchIndex) -> None:
    """Let *index* have all that there is to index."""
    while index.step():
        pass
