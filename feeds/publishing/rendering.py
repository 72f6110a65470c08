"""From the store to bytes: a pure function of the rows. An entry is rendered once per format and change."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from feeds.publishing import archives, searching
from feeds.publishing.cache import SizedCache
from feeds.publishing.directory import Directory
from feeds.publishing.rendered import Rendered
from feeds.publishing.telling import shortened
from feeds.publishing.view import PUBLIC, View, without_private
from feeds.writing import atom, json_feed, opml, pages, rss, sitemap
from feeds.writing.common import Found, with_others
from feeds.writing.kept_lines import KeptLines
from feeds.writing.search_parts import title_of_query
from storage import categories, entries, listing, paging, stories
from storage.archive import Tail
from storage.category import ALL, Category
from storage.story import Stories

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
    from datetime import datetime

    from sqlalchemy import Connection

    from feeds.query import Query
    from feeds.site import Site
    from feeds.writing.common import Subject
    from storage.entry import Entry, InfoCode, Tombstone
    from storage.head import Head
    from storage.listing import Listed

    Fragment = Callable[[Entry, Site, Mapping[str, str]], bytes]
    Joined = Callable[[Subject, Site, Sequence[bytes], str], bytes]

Told = TypeVar("Told", "Entry", "Head")

# Entries on the first page.
_LATEST = 20
# Enough for the newest entries of some hundred categories in three formats.
_FRAGMENT_BYTES = 16 * 2**20
# A view that a partner has beside everybody's, of few categories.
_VIEW_FRAGMENT_BYTES = 2**20

_FORMATS: Mapping[str, tuple[Fragment, Joined]] = MappingProxyType(
    {
        "rss": (rss.fragment, rss.document),
        "atom": (atom.fragment, atom.document),
        "json": (json_feed.fragment, json_feed.document),
    }
)
FEED_SUFFIXES = frozenset(_FORMATS)
"""The endings of a category's feeds."""
SUFFIXES = (*_FORMATS, "html")
"""The endings of a category's documents."""


class _Drawn(NamedTuple):
    """What a category's documents are to show; *held* are the fragments that are rendered already, by suffix.

    Its feeds list those as well that were *corrected*, and say where *earlier* ones are; its page says on which of the
    pages of all that it holds the *rest* begins.
    """

    category: Category
    listed: Sequence[Listed]
    corrected: Sequence[Listed]
    graves: Sequence[Tombstone]
    earlier: str
    rest: int
    held: Mapping[str, Mapping[InfoCode, bytes]]
    page: bool

    @property
    def in_feeds(self) -> list[Listed]:
        """What its feeds list."""
        return [*self.listed, *self.corrected]

    @property
    def missing(self) -> list[Listed]:
        """Those of which more is needed than their fragments."""
        return [e for e in self.in_feeds if self.page or any(e.info_code not in kept for kept in self.held.values())]


class Renderer:
    """Renders documents of one site from the rows of a connection's snapshot; one at a time, whoever asks, since
    feedgen is not made for threads.
    """

    def __init__(self, site: Site) -> None:
        self.site = site
        self.view = PUBLIC
        self.turn = threading.RLock()  # whoever renders holds it
        self._fragments: SizedCache[tuple[str, InfoCode, int], bytes] = SizedCache(_FRAGMENT_BYTES)
        self._directory = Directory(self.view)
        # Of every list of all categories.
        self._index = KeptLines(partial(pages.index_line, site))
        self._choices = KeptLines(pages.choice_line)
        self._outlines = KeptLines(partial(opml.line, site))
        self._urls = KeptLines(partial(sitemap.line, site))

    def seeing(self, view: View) -> Renderer:
        """One that renders the same site as in *view*, and takes turns with this one."""
        other = Renderer(replace(self.site, hub=""))  # the hub tells of what everybody sees
        other.view, other.turn, other._fragments = view, self.turn, SizedCache(_VIEW_FRAGMENT_BYTES)
        other._directory = Directory(view)
        return other

    def category(self, connection: Connection, category: Category, suffixes: Sequence[str]) -> dict[str, Rendered]:
        """The documents of *category* with these *suffixes*."""
        [documents] = self.categories(connection, [category], suffixes)
        return documents

    def until(self, connection: Connection, category: Category, suffix: str, until: datetime) -> Rendered:
        """The feed of *category* in one format, of what was first seen *until* then (aware)."""
        [documents] = self.categories(connection, [category], [suffix], until=until)
        return documents[suffix]

    def difference(self, connection: Connection, category: Category, suffix: str, since: int) -> Rendered:
        """The feed of *category* in one format, with nothing but what a later change than *since* touched."""
        [documents] = self.categories(connection, [category], [suffix], since)
        return documents[suffix]

    def categories(
        self,
        connection: Connection,
        shown: Sequence[Category],
        suffixes: Sequence[str],
        since: int = -1,
        until: datetime | None = None,
    ) -> list[dict[str, Rendered]]:
        """The documents of each of *shown* with these *suffixes*; what they need is read from the store at once."""
        with self.turn:
            drawn = [self._draw(connection, category, suffixes, until) for category in shown]
            if since >= 0:
                drawn = [_new(connection, one, since) for one in drawn]
            return self._written(connection, drawn)

    def notice(
        self,
        connection: Connection,
        category: Category,
        suffix: str,
        listed: Sequence[Listed],
        graves: Sequence[Tombstone],
    ) -> Rendered:
        """The feed of *category* in one format, with nothing in it but these entries and tombstones."""
        moments = [*(entry.updated for entry in listed), *(grave.withdrawn for grave in graves)]
        category = replace(category, updated=max(moments, default=None))
        with self.turn:
            held = {suffix: self._held(suffix, listed)}
            drawn = _Drawn(category, listed, (), graves, earlier="", rest=0, held=held, page=False)
            [documents] = self._written(connection, [drawn])
            return documents[suffix]

    def _written(self, connection: Connection, drawn: Sequence[_Drawn]) -> list[dict[str, Rendered]]:
        found = entries.find(connection, {entry.info_code for one in drawn for entry in one.missing})
        found = self._as_told(connection, found.values())
        titles = _titles(connection, found.values()) | {one.category.slug: one.category.title for one in drawn}
        return [self._category(one, found, titles) for one in drawn]

    def search(self, connection: Connection, query: Query, suffix: str) -> Rendered:
        """What *query* finds now, in the format of *suffix*."""
        found = self._as_told(connection, searching.find(connection, query, self.site.entries_per_feed))
        titles = _titles(connection, found.values()) | searching.titles(connection, query)
        told = list(found.values())
        updated = max((entry.updated for entry in told), default=None)
        subject = Found(query, title_of_query(query, titles, self.site), updated)
        with self.turn:
            if suffix == "html":
                return Rendered(pages.search(self.site, subject, told, titles), updated)
            held = (self._fragments.get((suffix, entry.info_code, entry.change)) for entry in told)
            both = zip(told, held, strict=True)
            fragments = [kept or self._fragment(suffix, entry, titles) for entry, kept in both]
            # A hub tells of categories; what a search finds is known when it is asked.
            body = _FORMATS[suffix][1](subject, replace(self.site, hub=""), fragments, "")
        return Rendered(body, updated)

    def _as_told(self, connection: Connection, shown: Iterable[Entry]) -> dict[InfoCode, Entry]:
        """The entries, in their order, as feeds tell them: without what nobody is to see, with others' tellings."""
        found = {entry.info_code: entry for entry in self._seen(connection, shown)}
        if self.site.stories is Stories.FIRST:
            others = stories.others(connection, found)
            found |= {code: with_others(found[code], told, self.site) for code, told in others.items()}
        return found

    def _draw(
        self, connection: Connection, category: Category, suffixes: Sequence[str], until: datetime | None
    ) -> _Drawn:
        limit = self.site.entries_per_feed
        listed = listing.listed(connection, category.slug, limit, self.site.stories, until)
        # Its archive shows what came, and so it is of no use to who may not see all of that yet.
        tail = archives.tail(connection, category, self.site) if until is None else Tail()
        graves = archives.graves(connection, category, tail, limit)
        if until is not None:
            graves = _known(connection, graves, until)
        corrected = archives.corrected(tail, listed, self.site)
        shown = [*listed, *corrected]
        earlier = archives.earlier(category, self.site, tail, shown, graves) if until is None else ""
        moments = [entry.updated for entry in [*listed, *corrected]] + [grave.withdrawn for grave in graves]
        category = replace(category, updated=max(moments, default=None))
        if self.site.stories is Stories.FIRST:
            there = stories.repeated(connection, category.slug).get(category.slug, 0)
            category = replace(category, entries=category.entries - there)
        held = {suffix: self._held(suffix, [*listed, *corrected]) for suffix in suffixes if suffix != "html"}
        page = "html" in suffixes
        rest = self._rest(category, len(listed)) if page else 0
        return _Drawn(category, listed, corrected, graves, earlier, rest, held, page)

    @staticmethod
    def _rest(category: Category, shown: int) -> int:
        """The page of all that *category* holds on which what its own page shows ends; 0 where it shows all."""
        left = category.entries - shown
        return -(-left // pages.PAGE_SIZE) if shown and left > 0 else 0

    def _category(
        self, drawn: _Drawn, found: Mapping[InfoCode, Entry], titles: Mapping[str, str]
    ) -> dict[str, Rendered]:
        category, listed = drawn.category, drawn.listed
        bodies = {}
        for suffix, kept in drawn.held.items():
            fragments = [
                kept.get(e.info_code) or self._fragment(suffix, found[e.info_code], titles) for e in drawn.in_feeds
            ]
            if suffix == "atom":
                fragments += [atom.tombstone(grave, self.site) for grave in drawn.graves]
            bodies[suffix] = _FORMATS[suffix][1](category, self.site, fragments, drawn.earlier)
        if drawn.page:
            told = [found[e.info_code] for e in listed]
            bodies["html"] = pages.category(self.site, category, told, titles, drawn.rest)
        number = len(drawn.in_feeds)
        return {
            suffix: Rendered(body, category.updated, None if suffix == "html" else number)
            for suffix, body in bodies.items()
        }

    def archive(self, connection: Connection, category: Category, number: int) -> Rendered:
        """The page *number* of the archive of *category*, which has as many as :func:`archives.growing` says."""
        with self.turn:
            return archives.page(connection, category, self.site, number, self.view)

    def entries(self, connection: Connection, shown: Sequence[Entry]) -> list[Rendered]:
        """The pages of these entries."""
        shown = self._seen(connection, shown)
        titles = _titles(connection, shown)
        others = stories.others(connection, (entry.info_code for entry in shown))
        with self.turn:
            return [
                Rendered(pages.entry(self.site, entry, titles, others.get(entry.info_code, ()), said), entry.updated)
                for entry in shown
                for said in [entries.revisions(connection, entry.info_code) if entry.revision > 1 else ()]
            ]

    def paged(self, connection: Connection, category: Category, number: int) -> Rendered:
        """The page *number*, from 1 to :meth:`pages_of`, of all that *category* holds; the first has the oldest."""
        codes = paging.page(connection, category.slug, number, pages.PAGE_SIZE, self.site.stories)
        found = paging.heads(connection, codes)
        told = _named(categories.unseen(connection, self.view.granted), [found[code] for code in reversed(codes)])
        titles = _titles(connection, told) | {category.slug: category.title}
        last = number == self.pages_of(connection, category)
        with self.turn:
            body = pages.paged(self.site, category, number, told, titles, last=last)
        return Rendered(body, max(entry.updated for entry in told))

    def pages_of(self, connection: Connection, category: Category) -> int:
        """How many pages hold all of *category*; none where its own page shows all."""
        held = category.entries
        if self.site.stories is Stories.FIRST:
            held -= stories.repeated(connection, category.slug).get(category.slug, 0)
        return -(-held // pages.PAGE_SIZE) if held > self.site.entries_per_feed else 0

    def home(self, connection: Connection) -> Rendered:
        """The first page."""
        listed = listing.listed(connection, ALL, _LATEST, stories=self.site.stories)
        found = entries.find(connection, (entry.info_code for entry in listed))
        latest = self._seen(connection, [found[entry.info_code] for entry in listed])
        seen = self._directory.at(connection).by_size
        named = seen
        if self.site.stories is Stories.FIRST:
            there = stories.repeated(connection)
            named = [replace(one, entries=one.entries - there.get(one.slug, 0)) for one in seen]
        titles = {category.slug: category.title for category in named}
        shelves = self._shelves(connection, named)
        with self.turn:
            return Rendered(pages.home(self.site, named, latest, titles, shelves, self._index), _newest(seen))

    def subscribe(self, connection: Connection) -> Rendered:
        """The page of feeds to choose from."""
        named = self._directory.at(connection).by_size
        with self.turn:
            return Rendered(pages.subscribe(self.site, named, self._choices), _newest(named))

    def opml(self, connection: Connection, chosen: Collection[str] | None = None) -> Rendered:
        """The list of all feeds, or of those of the *chosen* slugs that there are."""
        named = self._directory.at(connection).by_slug
        if chosen is not None:
            named = [one for one in (Category(ALL, self.site.title), *named) if one.slug in chosen]
            return Rendered(opml.document(named, self.site, everything=False), _newest(named))
        with self.turn:
            return Rendered(opml.document(named, self.site, lines=self._outlines), _newest(named))

    def sitemap(self, connection: Connection) -> Rendered:
        """What leads search engines to all pages."""
        named = self._directory.at(connection).by_size
        everything = categories.find(connection, [ALL]).get(ALL) or Category(ALL, "")
        shown = [one for one in named if one.entries]
        updated = _newest(named)
        number = self.pages_of(connection, everything)
        with self.turn:
            return Rendered(sitemap.document(self.site, shown, number, updated, self._urls), updated)

    def news_sitemap(self, connection: Connection) -> Rendered:
        """What tells search engines of news."""
        codes = paging.latest(connection, ALL, sitemap.MOST_NEWS, sitemap.NEWS_SPAN, self.site.stories)
        found = paging.heads(connection, codes)
        told = [found[code] for code in codes]
        return Rendered(sitemap.news(self.site, told), max((one.updated for one in told), default=None))

    def _shelves(self, connection: Connection, named: Sequence[Category]) -> list[tuple[Category, list[Entry]]]:
        """The categories that hold most, with their latest entries."""
        largest = [one for one in pages.by_size(named)[: pages.SHELVES] if one.entries]
        listed = [listing.listed(connection, one.slug, pages.SHELF_SIZE, stories=self.site.stories) for one in largest]
        found = entries.find(connection, {entry.info_code for those in listed for entry in those})
        return [(one, [found[e.info_code] for e in those]) for one, those in zip(largest, listed, strict=True)]

    def _seen(self, connection: Connection, shown: Iterable[Entry]) -> list[Entry]:
        """The entries, in their order, in none of the categories that are not to be seen, with as much of their texts
        as is.
        """
        if unseen := categories.unseen(connection, self.view.granted):
            private = categories.private(connection) - self.view.granted
            shown = _named(unseen, [without_private(entry, private) for entry in shown])
        return [shortened(entry, self.view.terms) for entry in shown]

    def _held(self, suffix: str, listed: Sequence[Listed]) -> dict[InfoCode, bytes]:
        """The fragments of those of *listed* that are rendered already."""
        looked = ((e.info_code, self._fragments.get((suffix, e.info_code, e.change))) for e in listed)
        return {code: fragment for code, fragment in looked if fragment is not None}

    def _fragment(self, suffix: str, entry: Entry, titles: Mapping[str, str]) -> bytes:
        fragment = _FORMATS[suffix][0](entry, self.site, titles)
        self._fragments.put((suffix, entry.info_code, entry.change), fragment, len(fragment))
        return fragment


def _new(connection: Connection, drawn: _Drawn, since: int) -> _Drawn:
    """Of *drawn* what a later change than *since* touched."""
    gone = entries.find(connection, (grave.info_code for grave in drawn.graves))
    return drawn._replace(
        listed=[entry for entry in drawn.listed if entry.change > since],
        corrected=[entry for entry in drawn.corrected if entry.change > since],
        graves=[grave for grave in drawn.graves if gone[grave.info_code].change > since],
    )


def _named(unseen: Set[str], shown: Iterable[Told]) -> list[Told]:
    """The entries, in their order, in none of the *unseen* categories."""
    return [
        entry
        if unseen.isdisjoint(entry.categories)
        else replace(entry, categories=tuple(slug for slug in entry.categories if slug not in unseen))
        for entry in shown
    ]


def _known(connection: Connection, graves: Sequence[Tombstone], until: datetime) -> list[Tombstone]:
    """Those of *graves* whose entries were seen *until* then."""
    found = entries.find(connection, (grave.info_code for grave in graves))
    return [grave for grave in graves if found[grave.info_code].first_seen <= until]


def _titles(connection: Connection, shown: Iterable[Entry | Head]) -> dict[str, str]:
    return categories.titles(connection, {slug for entry in shown for slug in entry.categories})


def _newest(named: Sequence[Category]) -> datetime | None:
    return max((category.updated for category in named if category.updated), default=None)
