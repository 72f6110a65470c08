"""Where the feeds of a page may be that names none: what its site is known for, else usual places.

Nothing is fetched here: an address in, candidates out. ``aggregator.finding`` tries them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit, urlunsplit

from feeds.reading.web_page import Candidate

if TYPE_CHECKING:
    from collections.abc import Iterator

USUAL_PATHS: Final = (
    "feed", "rss", "rss.xml", "atom.xml", "feed.xml", "index.xml", "feed.json", "feeds/all.atom.xml",
)  # fmt: skip
"""Where generators of sites put their feeds, the most common first."""

SITES: Final = (
    (r"(?:www\.|m\.)?youtube\.com", r"/channel/(UC[\w-]+)", "https://www.youtube.com/feeds/videos.xml?channel_id={}"),
    (r"(?:www\.|m\.)?youtube\.com", r"/user/([\w.-]+)", "https://www.youtube.com/feeds/videos.xml?user={}"),
    (
        r"(?:www\.|m\.)?youtube\.com",
        r"/playlist\?(?:.*&)?list=([\w-]+)",
        "https://www.youtube.com/feeds/videos.xml?playlist_id={}",
    ),
    (r"(?:www\.|old\.|new\.)?reddit\.com", r"/((?:r|u|user)/[\w-]+)/?$", "https://www.reddit.com/{}/.rss"),
    (r"(?:www\.)?github\.com", r"/([\w.-]+/[\w.-]+)/releases/?$", "https://github.com/{}/releases.atom"),
    (r"(?:www\.)?github\.com", r"/([\w.-]+/[\w.-]+)/tags/?$", "https://github.com/{}/tags.atom"),
    (r"(?:www\.)?github\.com", r"/([\w.-]+/[\w.-]+/commits/[\w./-]+?)(?<!\.atom)/?$", "https://github.com/{}.atom"),
    (r"(?:www\.)?github\.com", r"/([\w.-]+/[\w.-]+)/?$", "https://github.com/{}/releases.atom"),
)
"""Sites whose pages name no feed, or not always: host, path with query, and the feed's address."""


def known_feed(address: str) -> Candidate | None:
    """The feed that a page at *address* has, as its site is known for."""
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").lower()
    except ValueError:
        return None
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    for site, pattern, feed in SITES:
        if re.fullmatch(site, host) and (match := re.match(pattern, path)):
            return Candidate(feed.format(match[1]))
    return None


def usual_feeds(address: str) -> Iterator[tuple[Candidate, ...]]:
    """Where the page's site may have its feed: beside the page, then at its root."""
    parts = urlsplit(address)
    folder, _, last = parts.path.rpartition("/")
    if last and "." not in last:
        folder = parts.path  # /blog is a place to look below, /about.html is not
    for place in dict.fromkeys((f"{folder}/", "/")):
        root = urlunsplit((parts.scheme, parts.netloc, place, "", ""))
        yield tuple(Candidate(root + path) for path in USUAL_PATHS)


def address_key(address: str) -> str:
    """What two addresses of one feed have in common: not the scheme, the last ``/``, or who asks.

    Narrower than what identity takes for one page: ``www.`` and parameters can lead to another feed.
    """
    try:
        parts = urlsplit(address.strip())
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return address
    place = f"{host}:{port}" if port not in {None, 80, 443} else host
    query = f"?{parts.query}" if parts.query else ""
    return f"{place}{parts.path.rstrip('/')}{query}"
