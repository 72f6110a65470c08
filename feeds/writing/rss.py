"""RSS 2.0, by the RSS Advisory Board's specification and its Best Practices Profile."""

from __future__ import annotations

from functools import lru_cache, partial
from html import escape
from typing import TYPE_CHECKING

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator

from feeds.writing import plain
from feeds.writing.common import (
    GENERATOR,
    FeedTexts,
    entry_categories,
    entry_guid,
    entry_link,
    feed_address,
    feed_page,
    feed_title,
    feed_updated,
    has_extras,
    media_type,
)
from feeds.writing.extension import UNWRITTEN, RssEntry, RssFeed
from feeds.writing.extras import is_web
from feeds.writing.fragments import IN_RSS, join, serialise
from feeds.writing.mould import Mould
from feeds.writing.text import clean, rfc822

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from feeds.site import Site
    from feeds.writing.common import Subject
    from storage.entry import Entry

MEDIA_TYPE = "application/rss+xml"
_TAIL = b"</channel></rss>"


def fragment(entry: Entry, site: Site, titles: Mapping[str, str]) -> bytes:
    """One ``item``. *titles* gives a category's name by its slug.

    Raises:
        ValueError: the entry has no guid yet.
    """
    if not has_extras(entry):
        return plain.rss_item(entry, site, titles)
    return by_feedgen(entry, site, titles)


def by_feedgen(entry: Entry, site: Site, titles: Mapping[str, str]) -> bytes:
    """One ``item``, whatever the entry has; as :func:`fragment`, which takes less time where it can."""
    return serialise(_item(entry, site, titles).rss_entry(), IN_RSS)


def document(category: Subject, site: Site, fragments: Sequence[bytes], earlier: str = "") -> bytes:
    """The feed of *category* with *fragments* in the order given; *earlier* is where its archive ends, which is in Atom
    (RFC 5005, appendix B).
    """
    head = _mould(site).fill(_escaped(_texts(category, site, earlier)))
    return join(head.encode(), _TAIL, fragments)


def _texts(category: Subject, site: Site, earlier: str) -> FeedTexts:
    return FeedTexts(
        title=feed_title(category, site),
        id="",
        address=feed_address(category, site, "rss"),
        page=feed_page(category, site),
        moment=rfc822(feed_updated(category), site),
        earlier=earlier,
    )


def _escaped(texts: FeedTexts) -> Sequence[str]:
    """*texts* as they stand in the channel: an address in an attribute, all others in elements."""
    return texts._replace(
        title=plain.text_of(texts.title),
        address=plain.attribute(texts.address),
        page=plain.text_of(texts.page),
        earlier=plain.attribute(texts.earlier),
    )


# Making a head costs as much as all items of most categories.
@lru_cache(maxsize=64)
def _mould(site: Site) -> Mould:
    """Of all that stands before a channel's items."""
    return Mould(lambda marks: _channel(FeedTexts(*marks), site).rss_str().decode())


def _item(entry: Entry, site: Site, titles: Mapping[str, str]) -> FeedEntry:
    """What feedgen writes of an item by itself; :class:`RssEntry` does the rest."""
    item = FeedEntry()
    item.title(clean(entry.title))
    item.guid(entry_guid(entry), permalink=False)
    item.link(href=entry_link(entry, site))
    _describe(item, entry)
    item.category([{"term": slug, "label": name} for slug, name in entry_categories(entry, titles)])
    feed = clean(entry.origin.feed)
    if feed:
        item.source(url=feed, title=clean(entry.origin.title) or feed)
    # Readers take one enclosure of an item, and RSS knows only addresses in http and https.
    for enclosure in entry.enclosures:
        if is_web(enclosure.url):
            item.enclosure(clean(enclosure.url), enclosure.length or 0, media_type(enclosure))
            break
    item.register_extension("feedmill", partial(RssEntry, entry, site))
    return item


def _describe(item: FeedEntry, entry: Entry) -> None:
    """A summary goes to ``description``, the content to ``content:encoded``; without summary, to ``description``.

    So says the Best Practices Profile: ``description`` is what every reader shows. It is HTML; a summary is not.
    """
    summary, content = clean(entry.summary), clean(entry.content)
    if summary:
        item.description(escape(summary, quote=False))
    if content or not (summary or item.title()):  # an item must have a title or a description, even an empty one
        item.content(content)


def _channel(texts: FeedTexts, site: Site) -> FeedGenerator:
    """The feed without its items."""
    channel = FeedGenerator()
    channel.title(texts.title)
    channel.description(texts.title)  # required, and the site says no more of a category
    # feedgen takes the last link for the channel's own.
    channel.link(href=texts.address, rel="self", type=MEDIA_TYPE)
    channel.link(href=texts.page, rel="alternate")
    channel.language(site.language)
    channel.generator(GENERATOR)
    channel.lastBuildDate(UNWRITTEN)
    channel.register_extension("feedmill", partial(RssFeed, texts, site))
    return channel
