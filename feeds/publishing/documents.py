"""Every document that is published, by its path: rendered when it is asked for, once for each version.

A path is a file's name in the output folder and, percent-encoded, an address; what stands where is decided here alone.
"""

from __future__ import annotations

import hashlib
import re
import threading
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, overload
from urllib.parse import unquote

from feeds.publishing import archives, differences
from feeds.publishing.cache import SizedCache
from feeds.publishing.found import Difference, Document, Gone, Moved, Unchanged, Validators
from feeds.publishing.rendered import Rendered
from feeds.publishing.rendering import FEED_SUFFIXES, SUFFIXES
from feeds.site import SHORTENED, archive_folder, category_path, file_name, page_path
from feeds.writing import pages
from feeds.writing.sitemap import NEWS_PATH, SITEMAP_PATH
from storage import archive, categories, entries, search
from storage.category import ALL, Category
from storage.database import last_change
from storage.entry import InfoCode
from storage.places import named_in

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from sqlalchemy import Connection

    from feeds.publishing.rendering import Renderer
    from feeds.publishing.view import View
    from feeds.query import Query
    from feeds.site import Site
    from storage.database import Database

    Unless = Callable[["Validators"], bool]
    """Asked whether the bytes of a document with these validators are of no use."""

_DOCUMENT_BYTES = 16 * 2**20
# For some 20,000 documents whose bytes had to go: who polls them and has them is answered all the same.
_KNOWN_BYTES = 8 * 2**20
_VALIDATORS_BYTES = 400
# Of their own, so that nobody who asks for many things makes us forget what all ask for.
_SEARCH_BYTES = 16 * 2**20
# A view that a partner has beside everybody's, of few categories.
_VIEW_BYTES = 4 * 2**20

HOME = "index.html"
OPML = "feeds.opml"
OLD_FEED = "feed.xml"

_CATEGORY = re.compile(r"category/(?P<name>.+)\.(?P<suffix>rss|atom|json|html)", re.DOTALL)
_ENTRY = re.compile(r"entry/(?P<code>[A-Z0-9]+)\.html")
_ARCHIVE = re.compile(r"(?:category/(?P<name>[^/]+)/)?archive/(?P<page>[1-9][0-9]{0,8})\.atom", re.DOTALL)
_PAGED = re.compile(r"(?P<front>all|category/(?P<name>.+))/(?P<number>[1-9][0-9]{0,8})\.html", re.DOTALL)
_MEDIA_TYPES = {
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "opml": "text/x-opml; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "xml": "application/xml; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
}


class _Place(NamedTuple):
    """Where a document stands, in which version, and since when."""

    path: str
    version: int
    modified: datetime | None


class Documents:
    """The published documents of one site, as they are stored at the moment of asking. Safe for any thread."""

    def __init__(self, database: Database, renderer: Renderer) -> None:
        self.database = database
        self._renderer = renderer
        self._view = renderer.view
        self._name = renderer.view.name(database.identity)
        self._held: SizedCache[str, tuple[int, Document]] = SizedCache(_DOCUMENT_BYTES)
        self._known: SizedCache[str, tuple[int, Validators]] = SizedCache(_KNOWN_BYTES)
        self._lock = threading.Lock()
        self._searched: SizedCache[str, tuple[int, Document]] = SizedCache(_SEARCH_BYTES)
        self._search_turn = threading.Lock()
        self._of_all = {HOME: renderer.home, OPML: renderer.opml, pages.SUBSCRIBE_PATH: renderer.subscribe}
        self._of_all |= {SITEMAP_PATH: renderer.sitemap, NEWS_PATH: renderer.news_sitemap}

    def seeing(self, view: View) -> Documents:
        """The same documents in *view*."""
        other = Documents(self.database, self._renderer.seeing(view))
        other._held, other._known = SizedCache(_VIEW_BYTES), SizedCache(_VIEW_BYTES // 8)
        return other

    @property
    def site(self) -> Site:
        """The site that they are of."""
        return self._renderer.site

    @overload
    def find(self, path: str) -> Document | Gone | Moved | None: ...

    @overload
    def find(self, path: str, unless: Unless) -> Document | Unchanged | Gone | Moved | None: ...

    def find(self, path: str, unless: Unless | None = None) -> Document | Unchanged | Gone | Moved | None:
        """The document at *path*; None where nothing stands.

        Where *unless* says so of a document that was rendered at this version before, it is not rendered again.
        """
        with self.database.reading() as connection:
            if path == pages.STYLESHEET_PATH:
                return self._at(_Place(path, 0, None), lambda: Rendered(pages.stylesheet(), None), unless)
            if path == pages.SCRIPT_PATH:
                return self._at(_Place(path, 0, None), lambda: Rendered(pages.script(), None), unless)
            if (render := self._of_all.get(path)) is not None:
                place = _Place(path, last_change(connection), _everything(connection).changed)
                return self._at(place, partial(render, connection), unless)
            if found := _ENTRY.fullmatch(path):
                return self._entry(connection, path, found["code"], unless)
            if found := _ARCHIVE.fullmatch(path):
                return self._archive(connection, path, found, unless)
            if (named := _category(connection, path)) is None:
                return self._paged(connection, path, unless)
            category, suffix = named
            if not self._view.shows(category):
                return self._moved(connection, category, suffix)
            return self._of_category(connection, path, category, suffix, unless)

    @property
    def held(self) -> list[str]:
        """The paths of what was asked for and is still held, in whatever version; the last that was asked for first."""
        with self._lock:
            return self._held.newest()

    def opml(self, chosen: Collection[str]) -> Document:
        """The feeds of the *chosen* slugs as OPML, of those that there are; it is not kept, since choices are many."""
        with self.database.reading() as connection:
            rendered = self._renderer.opml(connection, chosen)
            changed = _everything(connection).changed
        return Document(rendered.body, media_type(OPML), etag_of(rendered.body), changed)

    def search(self, query: Query, suffix: str) -> Document:
        """What *query* finds, in the format of *suffix*, as far as the index has come; one search at a time."""
        path = f"{query.parameters}.{suffix}"
        with self.database.reading() as connection:
            version = search.version(connection)
            if (known := self._searched_at(path, version)) is not None:
                return known
            with self._search_turn:
                if (known := self._searched_at(path, version)) is not None:
                    return known
                body = self._renderer.search(connection, query, suffix).body
                document = Document(body, media_type(path), etag_of(body), None)
                with self._lock:
                    self._searched.put(path, (version, document), len(body))
                return document

    def _searched_at(self, path: str, version: int) -> Document | None:
        with self._lock:
            held = self._searched.get(path)
        return held[1] if held is not None and held[0] == version else None

    def category_at(self, connection: Connection, path: str) -> Category | None:
        """The category that is at *path*, seen or not, with one of its feeds or a page of its archive."""
        if found := _ARCHIVE.fullmatch(path):
            return _by_folder(connection, found["name"])
        named = feed_at(connection, path)
        return named[0] if named else None

    def feed_until(self, connection: Connection, path: str, until: datetime) -> Document | Moved | None:
        """The feed at *path*, if there is one, of what was first seen *until* then (aware). It is not kept."""
        if (named := feed_at(connection, path)) is None:
            return None
        category, suffix = named
        if not self._view.shows(category):
            return self._moved(connection, category, suffix)
        shown = self._renderer.until(connection, category, suffix, until)
        return Document(shown.body, media_type(path), etag_of(shown.body), None, shown.entries)

    def _paged(self, connection: Connection, path: str, unless: Unless | None) -> Document | Unchanged | None:
        """One of the pages of all that a category holds."""
        found = _PAGED.fullmatch(path)
        if found is None:
            return None
        number = int(found["number"])
        category = _everything(connection) if found["name"] is None else _by_page_folder(connection, found["name"])
        if category is None or not self._view.shows(category) or path != page_path(category.slug, number):
            return None
        if not 0 < number <= self._renderer.pages_of(connection, category):
            return None
        place = _Place(path, category.version, category.changed)
        return self._at(place, lambda: self._renderer.paged(connection, category, number), unless)

    def difference(self, path: str, if_none_match: str) -> Difference | None:
        """What is new in the feed at *path* since the newest version that the field *if_none_match* names; None where
        there is no feed, or no such version (RFC 3229).
        """
        with self.database.reading() as connection:
            if (named := feed_at(connection, path)) is None:
                return None
            category, suffix = named
            had = differences.base(if_none_match, self._name, category.version)
            if had is None or not self._view.shows(category):
                return None
            etag, version = had
            new = self._renderer.difference(connection, category, suffix, version)
            whole = self._of_category(connection, path, category, suffix, None)
            assert isinstance(whole, Document)  # noqa: S101  it was asked for without conditions
            return Difference(replace(whole, body=new.body, entries=new.entries), etag)

    def _of_category(
        self, connection: Connection, path: str, category: Category, suffix: str, unless: Unless | None
    ) -> Document | Unchanged:
        render_all = partial(self._renderer.category, connection, category, [suffix])
        place = _Place(path, category.version, category.changed)
        return self._at(place, lambda: render_all()[suffix], unless, feed=suffix != "html")

    def _entry(
        self, connection: Connection, path: str, code: str, unless: Unless | None
    ) -> Document | Unchanged | Gone | None:
        entry = entries.find(connection, [code]).get(InfoCode(code))
        if entry is None or ALL not in named_in(entry, categories.private(connection)):
            return None
        if entry.withdrawn:
            return Gone(entry.info_code, entry.withdrawn)
        # Its page also shows what others say of it, and when that came it does not know: it has a tag, and no date.
        place = _Place(path, entry.change, None)
        return self._at(place, lambda: self._renderer.entries(connection, [entry])[0], unless)

    def _archive(
        self, connection: Connection, path: str, found: re.Match[str], unless: Unless | None
    ) -> Document | Unchanged | None:
        category = _by_folder(connection, found["name"])
        number = int(found["page"])
        if category is None or not self._view.shows(category) or number > archives.growing(category, self.site):
            return None
        place = _Place(path, archive.version(connection, category, number), None)
        return self._at(place, lambda: self._renderer.archive(connection, category, number), unless)

    def _moved(self, connection: Connection, category: Category, suffix: str) -> Moved | None:
        """Where the document of a category that is not to be seen (any more) stands now."""
        now = categories.find(connection, [category.moved_to]).get(category.moved_to) if category.moved_to else None
        return Moved(category_path(now.slug, suffix)) if now is not None and self._view.shows(now) else None

    def _at(
        self, place: _Place, render: Callable[[], Rendered], unless: Unless | None, *, feed: bool = False
    ) -> Document | Unchanged:
        """What was rendered at this version already, or is now; what one thread renders, another waits for."""
        if (known := self._holding(place, unless)) is not None:
            return known
        with self._renderer.turn:
            if (known := self._holding(place, unless)) is not None:
                return known
            rendered = render()
            etag = etag_of(rendered.body)
            if feed:
                etag = differences.tagged(etag, self._name, place.version)
            document = Document(rendered.body, media_type(place.path), etag, place.modified, rendered.entries)
            with self._lock:
                self._held.put(place.path, (place.version, document), len(document.body))
                self._known.put(place.path, (place.version, document.validators), _VALIDATORS_BYTES)
            return document

    def _holding(self, place: _Place, unless: Unless | None) -> Document | Unchanged | None:
        with self._lock:
            known = self._known.get(place.path) if unless is not None else None
            held = self._held.get(place.path)
        if unless is not None and known is not None and known[0] == place.version and unless(known[1]):
            return Unchanged(known[1])
        return held[1] if held is not None and held[0] == place.version else None


def media_type(path: str) -> str:
    """The media type of what stands at *path*, by its ending."""
    return _MEDIA_TYPES["atom" if path == OLD_FEED else path.rpartition(".")[2]]


def is_feed(path: str) -> bool:
    """Whether a category's feed, or that of everything, can stand at *path*: what can be subscribed to at a hub."""
    name, _, suffix = path.rpartition(".")
    of_category = name.startswith("category/") and name.count("/") == 1
    return path == OLD_FEED or (suffix in FEED_SUFFIXES and (of_category or path == category_path(ALL, suffix)))


def feed_at(connection: Connection, path: str) -> tuple[Category, str] | None:
    """The category whose feed stands at *path*, or did before it got another slug, and in which format."""
    return _category(connection, path) if is_feed(path) else None


def etag_of(body: bytes) -> str:
    """A strong entity tag: the same bytes have the same one on any machine."""
    # Where processors know it, which is nearly everywhere, this takes half the time of BLAKE2; half of it is enough.
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def _category(connection: Connection, path: str) -> tuple[Category, str] | None:
    """The category whose document stands at *path*, and in which format."""
    if path == OLD_FEED:
        path = category_path(ALL, "atom")
    for suffix in SUFFIXES:
        if path == category_path(ALL, suffix):
            return _everything(connection), suffix
    found = _CATEGORY.fullmatch(path)
    category = _by_file_name(connection, found["name"]) if found else None
    return (category, found["suffix"]) if found and category else None


def _by_folder(connection: Connection, name: str | None) -> Category | None:
    """The category whose archive lies in the folder *name*; everything's lies in none."""
    if name is None:
        return categories.find(connection, [ALL]).get(ALL)
    first = "%2E" if name.startswith("%2E") else ""  # in a file's name the first dot is written so as well
    found = _by_file_name(connection, first + name.removeprefix(first).replace("%2E", "."))
    return found if found and archive_folder(found.slug) == name else None


def _everything(connection: Connection) -> Category:
    return categories.find(connection, [ALL]).get(ALL) or Category(ALL, "")


def _by_page_folder(connection: Connection, name: str) -> Category | None:
    """The category whose pages can be in the folder *name*."""
    return _by_file_name(connection, name) or _by_file_name(connection, unquote(name, errors="surrogateescape"))


def _by_file_name(connection: Connection, name: str) -> Category | None:
    if name.startswith(SHORTENED):
        slugs = (slug for slug in categories.slugs(connection) if file_name(slug) == name)
        slug = next(slugs, ALL)
        return categories.find(connection, [slug]).get(slug) if slug != ALL else None
    slug = unquote(name, errors="surrogateescape") if "%" in name else name
    return categories.find(connection, [slug]).get(slug) if slug != ALL and file_name(slug) == name else None
