"""What feedgen 1.0 lacks or gets wrong, as extensions of it.

Lacking: a feed's hub in RSS, ``dc:`` elements of one entry, its ``xml:lang``, the id and date of an Atom entry's
source, and all that ``extras`` writes. Wrong: an Atom entry's links lose ``rel``, ``type`` and ``length`` (feedgen's
bug 135). Dates of RSS are written here as well: feedgen switches the locale of the whole process for each one, which
other threads would see.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from feedgen.ext.base import BaseEntryExtension, BaseExtension
from lxml.etree import SubElement

from feeds.writing import extras
from feeds.writing.common import entry_language, has_extras
from feeds.writing.fragments import ATOM, DC, IN_ATOM, IN_RSS
from feeds.writing.text import clean, rfc822, rfc3339

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lxml.etree import _Element

    from feeds.site import Site
    from feeds.writing.common import FeedTexts
    from storage.entry import Entry

_ATOM_LINK = f"{{{ATOM}}}link"
_CREATOR = f"{{{DC}}}creator"
_IDENTIFIER = f"{{{DC}}}identifier"
_LANGUAGE = f"{{{DC}}}language"
_SOURCE = f"{{{DC}}}source"
_UPDATED = f"{{{ATOM}}}updated"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


class _Unwritten(datetime):
    """A date that feedgen takes for none: its ``lastBuildDate`` is now by default, and nothing else unsets it."""

    def __bool__(self) -> bool:
        return False


UNWRITTEN = _Unwritten(1970, 1, 1, tzinfo=UTC)
"""For a feed whose extension writes ``lastBuildDate``."""


def _add(parent: _Element, name: str, text: str) -> None:
    """An element with *text*, unless that is empty."""
    if text:
        SubElement(parent, name).text = text


class RssFeed(BaseExtension):  # type: ignore[misc]  # feedgen has no types
    """The namespaces of an RSS feed, its date, its hub (WebSub, 4) and its archive (RFC 5005, 4)."""

    def __init__(self, texts: FeedTexts, site: Site) -> None:
        self._texts = texts
        self._site = site

    def extend_ns(self) -> dict[str, str]:
        """All that any item may use."""
        return dict(IN_RSS)

    def extend_rss(self, feed: _Element) -> _Element:
        """Complete the feed's channel."""
        channel = feed[0]
        _add(channel, "lastBuildDate", self._texts.moment)
        if self._site.hub:
            SubElement(channel, _ATOM_LINK, rel="hub", href=self._site.hub)
        if self._texts.earlier:
            SubElement(channel, _ATOM_LINK, rel="prev-archive", href=self._texts.earlier, type="application/atom+xml")
        return feed


class RssEntry(BaseEntryExtension):  # type: ignore[misc]  # feedgen has no types
    """An item's dates, authors, infoCode, language and extras, and where it came from if ``source`` cannot say so."""

    def __init__(self, entry: Entry, site: Site) -> None:
        self._entry = entry
        self._site = site

    def extend_rss(self, item: _Element) -> _Element:
        """Complete an item."""
        entry = self._entry
        _add(item, "pubDate", rfc822(entry.published, self._site))
        for author in entry.authors:
            _add(item, _CREATOR, clean(author.name))
        _add(item, _IDENTIFIER, entry.info_code)
        _add(item, _LANGUAGE, entry_language(entry, self._site))
        if not clean(entry.origin.feed):  # RSS's own "source" must have a feed's URL
            _add(item, _SOURCE, clean(entry.origin.title) or clean(entry.origin.link))
        if entry.updated > entry.published:  # RSS has no date of a correction
            _add(item, _UPDATED, rfc3339(entry.updated, self._site))
        if has_extras(entry):
            extras.add_to_item(item, entry)
        return item


class AtomFeed(BaseExtension):  # type: ignore[misc]  # feedgen has no types
    """The namespaces of an Atom feed, and its date: feedgen takes no text for one."""

    def __init__(self, moment: str) -> None:
        self._moment = moment

    def extend_ns(self) -> dict[str, str]:
        """All that any entry may use."""
        return dict(IN_ATOM)

    def extend_atom(self, feed: _Element) -> _Element:
        """Say when the feed was updated."""
        next(feed.iterchildren("updated")).text = self._moment
        return feed


class AtomEntry(BaseEntryExtension):  # type: ignore[misc]  # feedgen has no types
    """An Atom entry's links, source, infoCode, language and extras."""

    def __init__(self, entry: Entry, site: Site, links: Sequence[Mapping[str, str]]) -> None:
        self._entry = entry
        self._site = site
        self._links = links

    def extend_atom(self, element: _Element) -> _Element:
        """Complete an entry."""
        for written, link in zip(element.iterchildren("link"), self._links, strict=True):
            for name, value in link.items():
                written.set(name, value)
        self._add_source(element)
        _add(element, _IDENTIFIER, self._entry.info_code)
        language = entry_language(self._entry, self._site)
        if language:
            element.set(_XML_LANG, language)
        if has_extras(self._entry):
            extras.add_to_entry(element, self._entry)
        return element

    def _add_source(self, element: _Element) -> None:
        """The feed that the entry was taken from (RFC 4287, 4.2.11), or at least the medium.

        A feed gets what validators look for: its address as id, and the entry's ``updated``, since the source is the
        feed as it was when it last told of this entry. A medium of which no feed is known has neither.
        """
        origin = self._entry.origin
        title, link, feed = clean(origin.title), clean(origin.link), clean(origin.feed)
        if not (title or link or feed):
            return
        source = SubElement(element, "source")
        _add(source, "title", title)
        if feed:
            _add(source, "id", feed)
            _add(source, "updated", rfc3339(self._entry.updated, self._site))
            SubElement(source, "link", rel="self", href=feed)
        if link:
            SubElement(source, "link", rel="alternate", type="text/html", href=link)
