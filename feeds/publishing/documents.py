"""Every document that is published, by its path: rendered when it is asked for, once for each version.

A path is a file's name in the output folder and, percent-encoded, an address; what stands where is decided here alone.
"""

from __future__ import annotations

import hashlib
import re
import threading
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import unquote

from feeds.publishing.cache import SizedCache
from feeds.publishing.rendering import SUFFIXES, Rendered
from feeds.site import SHORTENED, category_path, file_name, page_path
from feeds.writing import pages
from storage import categories, entries
from storage.category import ALL, Category
from storage.database import last_change
from storage.entry import InfoCode

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from sqlalchemy import Connection

    from feeds.publishing.rendering import Renderer
    from storage.database import Database

_DOCUMENT_BYTES = 64 * 2**20

HOME = "index.html"
OPML = "feeds.opml"
OLD_FEED = "feed.xml"

_CATEGORY = re.compile(r"category/(?P<name>.+)\.(?P<suffix>rss|atom|json|html)", re.DOTALL)
_ENTRY = re.compile(r"entry/(?P<code>[A-Z0-9]+)\.html")
_PAGED = re.compile(r"(?P<front>all|category/(?P<name>.+))/(?P<number>[1-9][0-9]{0,8})\.html", re.DOTALL)
_MEDIA_TYPES = {
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "opml": "text/x-opml; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class Document:
    """What stands at a path. ``etag`` is strong and the same wherever the same bytes are served (RFC 9110, 8.8.3);
    ``modified`` is when what it shows last changed (UTC), None where that means nothing.
    """

    body: bytes
    media_type: str
    etag: str
    modified: datetime | None


@dataclass(frozen=True, slots=True)
class Gone:
    """A withdrawn entry stood there (410)."""

    info_code: InfoCode
    withdrawn: datetime


class Documents:
    """The published documents of one site, as they are stored at the moment of asking. Safe for any thread."""

    def __init__(self, database: Database, renderer: Renderer) -> None:
        self._database = database
        self._renderer = renderer
        self._held: SizedCache[str, tuple[int, Document]] = SizedCache(_DOCUMENT_BYTES)
        self._lock = threading.Lock()
        self._of_all = {HOME: renderer.home, OPML: renderer.opml, pages.SUBSCRIBE_PATH: renderer.subscribe}

    def find(self, path: str) -> Document | Gone | None:
        """The document at *path*; None where nothing stands."""
        with self._database.reading() as connection:
            if path == pages.STYLESHEET_PATH:
                return self._at(path, 0, lambda: Rendered(pages.stylesheet(), None))
            if path == pages.SCRIPT_PATH:
                return self._at(path, 0, lambda: Rendered(pages.script(), None))
            if (render := self._of_all.get(path)) is not None:
                return self._at(path, last_change(connection), partial(render, connection))
            if found := _ENTRY.fullmatch(path):
                return self._entry(connection, path, found["code"])
            if (named := _category(connection, path)) is None:
                return self._paged(connection, path)
            category, suffix = named
            render_all = partial(self._renderer.category, connection, category, [suffix])
            return self._at(path, category.version, lambda: render_all()[suffix])

    def opml(self, chosen: Collection[str]) -> Document:
        """The feeds of the *chosen* slugs as OPML, of those that there are; it is not kept, since choices are many."""
        with self._database.reading() as connection:
            rendered = self._renderer.opml(connection, chosen)
        return Document(rendered.body, media_type(OPML), etag_of(rendered.body), rendered.updated)

    def _paged(self, connection: Connection, path: str) -> Document | None:
        """One of the pages of all that a category holds."""
        found = _PAGED.fullmatch(path)
        if found is None:
            return None
        number = int(found["number"])
        category = _everything(connection) if found["name"] is None else _by_folder(connection, found["name"])
        if category is None or path != page_path(category.slug, number):
            return None
        if not 0 < number <= self._renderer.pages_of(connection, category):
            return None
        return self._at(path, category.version, lambda: self._renderer.paged(connection, category, number))

    def _entry(self, connection: Connection, path: str, code: str) -> Document | Gone | None:
        entry = entries.find(connection, [code]).get(InfoCode(code))
        if entry is None:
            return None
        if entry.withdrawn:
            return Gone(entry.info_code, entry.withdrawn)
        return self._at(path, entry.change, lambda: self._renderer.entries(connection, [entry])[0])

    def _at(self, path: str, version: int, render: Callable[[], Rendered]) -> Document:
        """What was rendered at this *version* already, or is now; what one thread renders, another waits for."""
        if (held := self._holding(path, version)) is not None:
            return held
        with self._renderer.turn:
            if (held := self._holding(path, version)) is not None:
                return held
            rendered = render()
            document = Document(rendered.body, media_type(path), etag_of(rendered.body), rendered.updated)
            with self._lock:
                self._held.put(path, (version, document), len(document.body))
            return document

    def _holding(self, path: str, version: int) -> Document | None:
        with self._lock:
            held = self._held.get(path)
        return held[1] if held is not None and held[0] == version else None


def media_type(path: str) -> str:
    """The media type of what stands at *path*, by its ending."""
    return _MEDIA_TYPES["atom" if path == OLD_FEED else path.rpartition(".")[2]]


def etag_of(body: bytes) -> str:
    """A strong entity tag: the same bytes have the same one on any machine."""
    return f'"{hashlib.blake2b(body, digest_size=16).hexdigest()}"'


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


def _everything(connection: Connection) -> Category:
    return categories.find(connection, [ALL]).get(ALL) or Category(ALL, "")


def _by_folder(connection: Connection, name: str) -> Category | None:
    """The category whose pages can be in the folder *name*."""
    return _by_file_name(connection, name) or _by_file_name(connection, unquote(name, errors="surrogateescape"))


def _by_file_name(connection: Connection, name: str) -> Category | None:
    if name.startswith(SHORTENED):
        return next((found for found in categories.listed(connection) if file_name(found.slug) == name), None)
    slug = unquote(name, errors="surrogateescape") if "%" in name else name
    return categories.find(connection, [slug]).get(slug) if slug != ALL and file_name(slug) == name else None
