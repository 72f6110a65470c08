"""Where the feeds of a page are: what the page itself names, else what its site is known for, else usual places.

Nothing is fetched here: bytes and an address in, candidates out. ``aggregator.finding`` tries them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit, urlunsplit

from lxml import etree
from w3lib.encoding import html_to_unicode

from aggregator.setting_types import is_web_address

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

# Feeds are named in a page's head; this is far behind the end of any.
_LONGEST_PAGE: Final = 4 * 2**20
_FEED_TYPES: Final = frozenset({
    "application/atom+xml", "application/rss+xml", "application/feed+json", "application/rdf+xml",
    "application/x-atom+xml", "application/x-rss+xml", "application/atom", "application/rss",
    "text/atom+xml", "text/rss+xml", "text/atom", "text/rss",
})  # fmt: skip
# Feeds are called so as well as much else.
_WIDE_TYPES: Final = frozenset({"application/json", "application/xml", "text/xml"})
_COMMENTS: Final = re.compile(
    r"(?<![^\W_])(comments?|replies|kommentare?|commentaires?|comentarios|comentários|commenti)(?![^\W_])"
    "|комментари|评论|評論|留言|回應|コメント|댓글",
    re.IGNORECASE,
)
_FEED_SCHEME: Final = re.compile(r"feed:(//)?(?=https?://)|feed:(?=//)", re.IGNORECASE)

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


@dataclass(frozen=True, slots=True)
class Candidate:
    """What may be a feed: an absolute address, and what the page says of it, empty where it says nothing."""

    address: str
    title: str = ""
    media_type: str = ""


def linked_feeds(page: bytes, address: str, content_type: str = "") -> tuple[Candidate, ...]:
    """The feeds that *page* names by ``<link rel="alternate">`` (HTML, 4.6.6.1), best first.

    That is in the page's order, but those of a type that is not only for feeds come late, and comments last.
    *address* is where the page was found.
    """
    root = _parse(page[:_LONGEST_PAGE], content_type)
    if root is None:
        return ()
    base = _base(root, address)
    found: dict[str, Candidate] = {}
    for link in root.iter("link"):
        candidate = _candidate(link, base)
        if candidate is not None:
            found.setdefault(candidate.address, candidate)
    return tuple(sorted(found.values(), key=_rank))


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
    """What two addresses of one feed have in common: not the scheme, the last ``/``, or who asks."""
    try:
        parts = urlsplit(address.strip())
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return address
    place = f"{host}:{port}" if port not in {None, 80, 443} else host
    query = f"?{parts.query}" if parts.query else ""
    return f"{place}{parts.path.rstrip('/')}{query}"


def _parse(page: bytes, content_type: str) -> _Element | None:
    text = html_to_unicode(content_type or None, page)[1].replace("\0", "")
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        return etree.fromstring(text.encode(errors="replace"), parser)
    except etree.XMLSyntaxError:
        return None  # nothing in it that could be a page


def _base(root: _Element, address: str) -> str:
    """What links are relative to: the first ``<base href>`` (HTML, 4.2.3), else the page's own address."""
    for base in root.iter("base"):
        if href := base.get("href", "").strip():
            absolute = _join(address, href)
            return absolute if is_web_address(absolute) else address
    return address


def _candidate(link: _Element, base: str) -> Candidate | None:
    rels = link.get("rel", "").lower().split()
    media_type = link.get("type", "").partition(";")[0].strip().lower()
    named = "alternate" in rels and "stylesheet" not in rels and media_type in _FEED_TYPES | _WIDE_TYPES
    if not named and not ("feed" in rels and media_type in {"", *_FEED_TYPES, *_WIDE_TYPES}):
        return None
    href = "".join(link.get("href", "").split("\n")).strip()
    address = _join(base, _FEED_SCHEME.sub(_web_scheme, href, count=1)).partition("#")[0] if href else ""
    if not is_web_address(address):
        return None
    return Candidate(address, " ".join(link.get("title", "").split()), media_type)


def _web_scheme(match: re.Match[str]) -> str:
    """``feed:https://…`` wraps an address, ``feed://…`` stands for one in http."""
    return "" if match[0].lower() != "feed:" or match.string[match.end() :].lower().startswith("http") else "http:"


def _join(base: str, href: str) -> str:
    try:
        return urljoin(base, href)
    except ValueError:
        return ""  # brackets that are no IPv6 address


def _rank(candidate: Candidate) -> tuple[bool, bool]:
    comments = _COMMENTS.search(f"{candidate.title} {urlsplit(candidate.address).path}")
    return comments is not None, candidate.media_type in _WIDE_TYPES
