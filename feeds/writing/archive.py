"""Archive documents in Atom (RFC 5005, 4), with tombstones (RFC 6721) where entries stood.

What a page shows depends on nothing but the page: an entry's categories are called what the entry itself calls them,
not what they are called by now, so that a full page's bytes stay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedgen.ext.base import BaseExtension
from lxml.etree import SubElement

from feeds.site import archive_path
from feeds.writing.atom import MEDIA_TYPE, TAIL, fragment, head, tombstone
from feeds.writing.common import feed_address
from feeds.writing.fragments import HISTORY, join
from storage.archive_page import PAGE
from storage.entry import Entry

if TYPE_CHECKING:
    from lxml.etree import _Element

    from feeds.site import Site
    from storage.archive_page import Page
    from storage.category import Category


def archive_address(category: Category, site: Site, number: int) -> str:
    """Where the page *number* of a category's archive is. A page that still grows has another address after every
    change of the category: readers take an archive document that they know for read (RFC 5005, 4.2).
    """
    address = site.address(archive_path(category.slug, number))
    return address if number <= category.arrivals // PAGE else f"{address}?{category.version}"


def document(category: Category, site: Site, page: Page) -> bytes:
    """A *page* of the archive of *category*, whose name and ``updated`` are the page's, the last arrival first.

    RFC 5005, 4: a full page shall not change, so it leads on to the next at once, though that may be empty yet; and it
    has the feed's own ``atom:id``, since all the pages are one feed.
    """
    feed = head(category, site)
    feed.link(href=archive_address(category, site, page.number), rel="self", type=MEDIA_TYPE, replace=True)
    feed.link(href=feed_address(category, site, "atom"), rel="current", type=MEDIA_TYPE)
    if page.number > 1:
        feed.link(href=archive_address(category, site, page.number - 1), rel="prev-archive", type=MEDIA_TYPE)
    if page.full:
        feed.link(href=site.address(archive_path(category.slug, page.number + 1)), rel="next-archive", type=MEDIA_TYPE)
    feed.register_extension("history", _Archive)
    fragments = {}
    for one in reversed(page.places):
        # One that came back within a page left before that.
        if one.info_code not in fragments:
            fragments[one.info_code] = _archived(one, site) if isinstance(one, Entry) else tombstone(one, site)
    return join(feed.atom_str(), TAIL, fragments.values())


def _archived(entry: Entry, site: Site) -> bytes:
    return fragment(entry, site, {vote.slug: vote.name for vote in entry.category_names})


class _Archive(BaseExtension):  # type: ignore[misc]  # feedgen has no types
    """``fh:archive`` (RFC 5005, 4)."""

    def extend_ns(self) -> dict[str, str]:
        """Its namespace."""
        return {"fh": HISTORY}

    def extend_atom(self, feed: _Element) -> _Element:
        """Say that the document is an archive."""
        SubElement(feed, f"{{{HISTORY}}}archive")
        return feed
