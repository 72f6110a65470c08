"""Atom (RFC 4287) with tombstones (RFC 6721)."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator
from lxml import etree

from feeds.writing import plain
from feeds.writing.common import (
    GENERATOR,
    FeedTexts,
    entry_categories,
    entry_id,
    entry_link,
    feed_address,
    feed_id,
    feed_page,
    feed_title,
    feed_updated,
    has_extras,
    media_type,
    publisher,
)
from feeds.writing.extension import AtomEntry, AtomFeed
from feeds.writing.extras import person
from feeds.writing.fragments import IN_ATOM, TOMBSTONES, join, serialise
from feeds.writing.mould import Mould
from feeds.writing.text import clean, local, rfc3339

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from feeds.site import Site
    from feeds.writing.common import Subject
    from storage.entry import Entry, Tombstone

MEDIA_TYPE = "application/atom+xml"
TAIL = b"</feed>"
"""How a document ends."""


def fragment(entry: Entry, site: Site, titles: Mapping[str, str]) -> bytes:
    """One ``entry``. *titles* gives a category's name by its slug.

    Raises:
        ValueError: the entry has no ``atom:id`` yet.
    """
    if not has_extras(entry):
        return plain.atom_entry(entry, site, titles)
    return by_feedgen(entry, site, titles)


def by_feedgen(entry: Entry, site: Site, titles: Mapping[str, str]) -> bytes:
    """One ``entry``, whatever it has; as :func:`fragment`, which takes less time where it can."""
    return serialise(_entry(entry, site, titles).atom_entry(), IN_ATOM)


def tombstone(tombstone: Tombstone, site: Site) -> bytes:
    """What is left of a withdrawn entry: a fragment that belongs after those of the entries."""
    moment = rfc3339(tombstone.withdrawn, site)
    element = etree.Element(f"{{{TOMBSTONES}}}deleted-entry", ref=clean(tombstone.atom_id), when=moment)
    return serialise(element, IN_ATOM)


def document(category: Subject, site: Site, fragments: Sequence[bytes], earlier: str = "") -> bytes:
    """The feed of *category* with *fragments* in the order given; *earlier* is where its archive ends (RFC 5005, 4)."""
    texts = _texts(category, site)._replace(earlier=earlier)
    return join(_mould(site).fill(_escaped(texts)).encode(), TAIL, fragments)


def _escaped(texts: FeedTexts) -> Sequence[str]:
    """*texts* as they stand in the feed: addresses in attributes, all others in elements."""
    return texts._replace(
        title=plain.text_of(texts.title),
        id=plain.text_of(texts.id),
        address=plain.attribute(texts.address),
        page=plain.attribute(texts.page),
        earlier=plain.attribute(texts.earlier),
    )


# Making a head costs as much as all entries of most categories.
@lru_cache(maxsize=64)
def _mould(site: Site) -> Mould:
    """Of all that stands before a feed's entries."""

    def render(marks: Sequence[str]) -> str:
        texts = FeedTexts(*marks)
        feed = _head(texts, site)
        if texts.earlier:
            feed.link(href=texts.earlier, rel="prev-archive", type=MEDIA_TYPE)
        return str(feed.atom_str().decode())

    return Mould(render)


def _entry(entry: Entry, site: Site, titles: Mapping[str, str]) -> FeedEntry:
    """What feedgen writes of an entry by itself; :class:`AtomEntry` does the rest."""
    links = _links(entry, site)
    element = FeedEntry()
    element.id(entry_id(entry))
    element.title(clean(entry.title) or " ")  # feedgen refuses an empty one, which RFC 4287 allows
    element.updated(local(entry.updated, site))
    element.published(local(entry.published, site))
    element.author([person(author) for author in entry.authors])
    element.content(clean(entry.content), type="html")
    element.link(links)
    summary = clean(entry.summary)
    if summary:
        element.summary(summary, type="text")
    element.category([{"term": slug, "label": name} for slug, name in entry_categories(entry, titles)])
    element.register_extension("feedmill", partial(AtomEntry, entry, site, links))
    return element


def _links(entry: Entry, site: Site) -> list[dict[str, str]]:
    """The entry's page and its enclosures."""
    links = [{"href": entry_link(entry, site), "rel": "alternate", "type": "text/html"}]
    for enclosure in entry.enclosures:
        link = {"href": clean(enclosure.url), "rel": "enclosure", "type": media_type(enclosure)}
        if enclosure.length is not None:
            link["length"] = str(enclosure.length)
        if title := clean(enclosure.title):
            link["title"] = title
        links.append(link)
    return links


def head(category: Subject, site: Site) -> FeedGenerator:
    """The feed without its entries."""
    return _head(_texts(category, site), site)


def _texts(category: Subject, site: Site) -> FeedTexts:
    return FeedTexts(
        title=feed_title(category, site),
        id=feed_id(category, site),
        address=feed_address(category, site, "atom"),
        page=feed_page(category, site),
        moment=rfc3339(feed_updated(category), site),
        earlier="",
    )


def _head(texts: FeedTexts, site: Site) -> FeedGenerator:
    feed = FeedGenerator()
    feed.id(texts.id)
    feed.title(texts.title)
    feed.author(name=publisher(site), uri=site.address(""))
    feed.link(href=texts.address, rel="self", type=MEDIA_TYPE)
    feed.link(href=texts.page, rel="alternate", type="text/html")
    if site.hub:
        feed.link(href=site.hub, rel="hub")
    feed.language(site.language)
    feed.generator(GENERATOR)
    feed.register_extension("feedmill", partial(AtomFeed, texts.moment))
    return feed
