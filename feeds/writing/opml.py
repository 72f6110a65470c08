"""OPML 2.0: the list of every feed, for a reader to take over at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml.etree import Element, SubElement, tostring

from feeds.writing.common import feed_address, feed_page, feed_title
from feeds.writing.text import clean
from storage.category import ALL, Category

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.etree import _Element

    from feeds.site import Site

MEDIA_TYPE = "text/x-opml"


def document(categories: Sequence[Category], site: Site) -> bytes:
    """The feed of everything, then those of *categories* in the order given.

    ``type="rss"`` means a feed of any format there. The Atom one is listed: it alone tells of corrections and
    retractions, and every reader that imports OPML knows it.
    """
    root = Element("opml", version="2.0")
    SubElement(SubElement(root, "head"), "title").text = clean(site.title)
    body = SubElement(root, "body")
    _add_outline(body, Category(ALL, site.title), site)
    for category in categories:
        if category.slug != ALL:
            _add_outline(body, category, site)
    data: bytes = tostring(root, encoding="UTF-8", xml_declaration=True)
    return data


def _add_outline(body: _Element, category: Category, site: Site) -> None:
    SubElement(
        body,
        "outline",
        type="rss",
        text=clean(category.title) or clean(category.slug),
        title=feed_title(category, site),
        xmlUrl=feed_address(category, site, "atom"),
        htmlUrl=feed_page(category, site),
    )
