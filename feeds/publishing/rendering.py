"""From the store to bytes: a pure function of the rows. An entry is rendered once per format and change."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from feeds.publishing.cache import SizedCache
from feeds.writing import atom, json_feed, opml, pages, rss
from storage import categories, entries
from storage.category import ALL, Category

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from feeds.site import Site
    from storage.entries import Listed
    from storage.entry import Entry, InfoCode

    Fragment = Callable[[Entry, Site, Mapping[str, str]], bytes]
    Joined = Callable[[Category, Site, Sequence[bytes]], bytes]

# Entries on the first page.
_LATEST = 20
# Enough for the newest entries of some hundred categories in three formats.
_FRAGMENT_BYTES = 48 * 2**20

_FORMATS: Mapping[str, tuple[Fragment, Joined]] = MappingProxyType(
    {
        "rss": (rss.fragment, rss.document),
        "atom": (atom.fragment, atom.document),
        "json": (json_feed.fragment, json_feed.document),
    }
)
SUFFIXES = (*_FORMATS, "html")
"""The endings of a category's documents."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A document's bytes, and when what it shows last changed (UTC; None for one that shows nothing yet)."""

    body: bytes
    updated: datetime | None


class Renderer:
    """Renders documents of one site from the rows of a connection's snapshot; one at a time, whoever asks, since
    feedgen is not made for threads.
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        self.turn = threading.RLock()  # whoever renders holds it
        self._fragments: SizedCache[tuple[str, InfoCode, int], bytes] = SizedCache(_FRAGMENT_BYTES)

    def category(self, connection: Connection, category: Category, suffixes: Sequence[str]) -> dict[str, Rendered]:
        """The documents of *category* with these *suffixes*."""
        with self.turn:
            return self._category(connection, category, suffixes)

    def _category(self, connection: Connection, category: Category, suffixes: Sequence[str]) -> dict[str, Rendered]:
        limit = self.site.entries_per_feed
        listed = entries.listed(connection, category.slug, limit)
        graves = entries.tombstones(connection, category.slug, limit)
        moments = [entry.updated for entry in listed] + [grave.withdrawn for grave in graves]
        category = replace(category, updated=max(moments, default=None))
        found: dict[InfoCode, Entry] = {}
        fragments = {}
        for suffix in suffixes:
            if suffix != "html":
                fragments[suffix] = self._of(connection, suffix, listed, found)
        if "atom" in fragments:
            fragments["atom"] += [atom.tombstone(grave, self.site) for grave in graves]
        bodies = {suffix: _FORMATS[suffix][1](category, self.site, parts) for suffix, parts in fragments.items()}
        if "html" in suffixes:
            self._load(connection, listed, found)
            shown = [found[entry.info_code] for entry in listed]
            bodies["html"] = pages.category(self.site, category, shown, self._titles(connection, shown, category))
        return {suffix: Rendered(bodies[suffix], category.updated) for suffix in suffixes}

    def entry(self, connection: Connection, entry: Entry) -> Rendered:
        """An entry's page."""
        with self.turn:
            return Rendered(pages.entry(self.site, entry, self._titles(connection, [entry])), entry.updated)

    def home(self, connection: Connection) -> Rendered:
        """The first page."""
        listed = entries.listed(connection, ALL, _LATEST)
        found: dict[InfoCode, Entry] = {}
        self._load(connection, listed, found)
        latest = [found[entry.info_code] for entry in listed]
        named = categories.listed(connection)
        titles = {category.slug: category.title for category in named}
        with self.turn:
            return Rendered(pages.home(self.site, named, latest, titles), _newest(named))

    def opml(self, connection: Connection) -> Rendered:
        """The list of all feeds."""
        named = categories.listed(connection)
        with self.turn:
            return Rendered(opml.document(named, self.site), _newest(named))

    def _of(
        self, connection: Connection, suffix: str, listed: Sequence[Listed], found: dict[InfoCode, Entry]
    ) -> list[bytes]:
        """The fragments of the entries that are *listed*; *found* is filled with those that had to be read for it."""
        held = {entry.info_code: self._fragments.get((suffix, entry.info_code, entry.change)) for entry in listed}
        missing = [entry for entry in listed if held[entry.info_code] is None]
        if missing:
            self._load(connection, missing, found)
            titles = self._titles(connection, [found[entry.info_code] for entry in missing])
            for entry in missing:
                body = _FORMATS[suffix][0](found[entry.info_code], self.site, titles)
                self._fragments.put((suffix, entry.info_code, entry.change), body, len(body))
                held[entry.info_code] = body
        return [body for body in held.values() if body is not None]

    def _load(self, connection: Connection, listed: Sequence[Listed], found: dict[InfoCode, Entry]) -> None:
        wanted = [entry.info_code for entry in listed if entry.info_code not in found]
        found |= entries.find(connection, wanted)

    def _titles(
        self, connection: Connection, shown: Sequence[Entry], category: Category | None = None
    ) -> dict[str, str]:
        slugs = {slug for entry in shown for slug in entry.categories}
        if category is not None:
            slugs.discard(category.slug)
        titles = categories.titles(connection, slugs)
        return titles if category is None else titles | {category.slug: category.title}


def _newest(named: Sequence[Category]) -> datetime | None:
    return max((category.updated for category in named if category.updated), default=None)
