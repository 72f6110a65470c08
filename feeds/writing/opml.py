"""OPML 2.0: the list of every feed that is published, for a reader to take over at once; and that of the sources."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lxml.etree import Element, SubElement, tostring

from feeds.outline import NAMESPACE, Folder, Outline
from feeds.writing.common import feed_address, feed_page, feed_title
from feeds.writing.kept_lines import KeptLines
from feeds.writing.plain import attribute
from feeds.writing.text import clean
from storage.category import ALL, Category

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lxml.etree import _Element

    from feeds.site import Site

MEDIA_TYPE = "text/x-opml"
# Where the outlines belong; the title is before it.
_MARK = "-"


def document(
    categories: Sequence[Category], site: Site, *, everything: bool = True, lines: KeptLines | None = None
) -> bytes:
    """The feed of *everything*, then those of *categories* in the order given. *lines* keep what :func:`line` gives.

    ``type="rss"`` means a feed of any format there. The Atom one is listed: it alone tells of corrections and
    retractions, and every reader that imports OPML knows it.
    """
    root, body = _begin(site.title)
    listed = [one for one in categories if one.slug != ALL or not everything]
    kept = (lines or KeptLines(partial(line, site))).of(listed)
    if everything:
        kept = [line(site, Category(ALL, site.title)), *kept]
    if not kept:
        return _end(root)
    body.text = _MARK
    before, _, after = _end(root).rpartition(_MARK.encode())
    return b"".join((before, "".join(kept).encode(), after))


def line(site: Site, category: Category) -> str:
    """The outline of a *category*, as libxml2 writes it; there can be 20,000, and it takes its time."""
    values = {
        "text": clean(category.title) or clean(category.slug),
        "title": feed_title(category, site),
        "xmlUrl": feed_address(category, site, "atom"),
        "htmlUrl": feed_page(category, site),
    }
    told = "".join(f' {name}="{attribute(value)}"' for name, value in values.items())
    return f'<outline type="rss"{told}/>'


def subscriptions(title: str, feeds: Sequence[Outline]) -> bytes:
    """The feeds that are read here: those in no folder, then each folder with its own.

    A feed in two folders stands in both, which is how every reader understands it.
    """
    root, body = _begin(title)
    folders: dict[Folder, _Element] = {}
    for feed in feeds:
        if not feed.folders:
            _add_feed(body, feed)
    for feed in feeds:
        for folder in feed.folders:
            if folder not in folders:
                folders[folder] = SubElement(body, "outline", _named(folder))
            _add_feed(folders[folder], feed)
    return _end(root)


def _begin(title: str) -> tuple[_Element, _Element]:
    root = Element("opml", version="2.0")
    SubElement(SubElement(root, "head"), "title").text = clean(title)
    return root, SubElement(root, "body")


def _end(root: _Element) -> bytes:
    data: bytes = tostring(root, encoding="UTF-8", xml_declaration=True)
    return data


def _add_feed(parent: _Element, feed: Outline) -> None:
    page = {"htmlUrl": clean(feed.link)} if feed.link else {}
    SubElement(parent, "outline", {"type": "rss", **_named(feed), "xmlUrl": clean(feed.address), **page})


def _named(what: Folder | Outline) -> dict[str, str]:
    title = clean(what.title)
    names = {"text": title, "title": title}
    if what.name:
        names[f"{{{NAMESPACE}}}name"] = clean(what.name)
    return names
