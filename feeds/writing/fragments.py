"""Bytes of a feed's parts: an element as a fragment, and fragments joined into a document.

The root of a document declares every namespace, so a fragment need not: it is serialised under a root that
declares the same ones, and cut out of it. Text is escaped, not in CDATA sections: those cannot hold ``]]>``, and
to every XML parser the two mean the same.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DC = "http://purl.org/dc/elements/1.1/"
ATOM = "http://www.w3.org/2005/Atom"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
HISTORY = "http://purl.org/syndication/history/1.0"
MEDIA = "http://search.yahoo.com/mrss/"
ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
PODCAST = "https://podcastindex.org/namespace/1.0"
CREATIVE_COMMONS = "http://backend.userland.com/creativeCommonsRssModule"

_EXTRAS: Mapping[str, str] = {"itunes": ITUNES, "media": MEDIA, "podcast": PODCAST}

IN_ATOM: Mapping[str, str] = {"dc": DC, "at": TOMBSTONES, **_EXTRAS}
"""What an Atom document's root declares beside Atom itself, its default namespace."""

IN_RSS: Mapping[str, str] = {
    "atom": ATOM,
    "content": CONTENT,
    "dc": DC,
    "creativeCommons": CREATIVE_COMMONS,
    **_EXTRAS,
}
"""What an RSS document's root declares."""

_ROOT_END = len(b"</root>")


class _Roots(threading.local):
    """Roots that fragments are serialised under: made once for each thread, since making one takes longer than that."""

    def __init__(self) -> None:
        self._made: dict[int, etree._Element] = {}  # by identity: the mappings are the two above

    def of(self, namespaces: Mapping[str, str]) -> etree._Element:
        root = self._made.get(id(namespaces))
        if root is None:
            root = self._made[id(namespaces)] = etree.Element("root", nsmap=dict(namespaces))
        return root


_ROOTS = _Roots()


def serialise(element: etree._Element, namespaces: Mapping[str, str]) -> bytes:
    """*element* in UTF-8, without the declarations of *namespaces*.

    Atom's own elements are made without a namespace, as feedgen makes them: the document's root has it as default.
    """
    root = _ROOTS.of(namespaces)
    root.append(element)
    data: bytes = etree.tostring(root, encoding="UTF-8")
    root.remove(element)
    return data[data.index(b">") + 1 : -_ROOT_END]


def join(empty: bytes, tail: bytes, fragments: Iterable[bytes]) -> bytes:
    """The document *empty*, which ends in *tail*, with *fragments* before its tail, each on its own line."""
    return b"\n".join((empty.removesuffix(tail), *fragments, tail))
