"""The feed that a web page names, for whoever gave the page's address for the feed's."""

from __future__ import annotations

import re
from html import unescape
from typing import Final

from feeds.reading.links import resolve

# Autodiscovery stands in the head.
_HEAD: Final = 512 * 1024
_LINK: Final = re.compile(r"<link\b[^<>]{0,2000}>", re.IGNORECASE)
_ATTRIBUTE: Final = re.compile(r"([a-z]{3,5})\s{0,9}=\s{0,9}(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)
_TYPES: Final = frozenset({
    "application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json",
    "application/json", "application/xml", "text/xml",
})  # fmt: skip


def feed_of_page(page: bytes, location: str) -> str:
    """The address of the first feed that *page*, in UTF-8, names by autodiscovery; empty where it names none."""
    for tag in _LINK.findall(page[:_HEAD].decode(errors="replace")):
        found = {name.lower(): unescape(a or b or c).strip() for name, a, b, c in _ATTRIBUTE.findall(tag)}
        words = found.get("rel", "").lower().split()
        if "alternate" in words and found.get("type", "").lower() in _TYPES and found.get("href"):
            return resolve(location, found["href"])
    return ""
