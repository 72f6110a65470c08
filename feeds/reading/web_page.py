"""Web pages: read into a tree, and the feeds that they name by autodiscovery."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from lxml import etree, html
from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding

from feeds.addresses import is_web_address
from feeds.reading.draft import Problems
from feeds.reading.encoding import to_utf8
from feeds.reading.errors import FeedSyntaxError
from feeds.reading.links import is_absolute, resolve

if TYPE_CHECKING:
    from lxml.etree import _Element

# What the HTML parser would stop at, and what no XML can carry.
_CONTROLS: Final = re.compile(rb"[\0-\x08\x0b\x0c\x0e-\x1f]")
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


@dataclass(frozen=True, slots=True)
class Candidate:
    """What may be a feed: an address, and what the page says of it, empty where it says nothing."""

    address: str
    title: str = ""
    media_type: str = ""


def linked_feeds(page: bytes, address: str, content_type: str = "") -> tuple[Candidate, ...]:
    """The feeds that *page* names by ``<link rel="alternate">`` (HTML, 4.6.6.1), best first.

    That is in the page's order, but those of a type that is not only for feeds come late, and comments last.
    *address* is where the page was found; empty, and relative addresses stay relative.
    """
    try:
        root = parse_page(page[:_LONGEST_PAGE], content_type, Problems())
    except FeedSyntaxError:
        return ()
    base = base_of(root, address)
    found: dict[str, Candidate] = {}
    for link in root.iter("link"):
        candidate = _candidate(link, base)
        if candidate is not None:
            found.setdefault(candidate.address, candidate)
    return tuple(sorted(found.values(), key=_rank))


def parse_page(data: bytes, content_type: str, problems: Problems) -> _Element:
    """The root of an HTML page; its encoding is the header's, else its own ``meta``'s, if the bytes bear it out.

    Raises:
        FeedSyntaxError: there is nothing in it.
    """
    if http_content_type_encoding(content_type) is None and (declared := html_body_declared_encoding(data)):
        content_type = f"text/html; charset={declared}"
    converted, complaint = to_utf8(data, content_type)
    problems.note(complaint)
    try:
        return html.document_fromstring(_CONTROLS.sub(b"", converted), parser=html.HTMLParser(encoding="utf-8"))
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise FeedSyntaxError(f"this is no web page: {error}") from error


def base_of(root: _Element, location: str) -> str:
    """What a page's links are relative to: its ``<base href>`` (HTML, 4.2.3), else the page's own address."""
    base = root.find(".//base[@href]")
    own = resolve(location, base.get("href", "")) if base is not None else ""
    return own if is_absolute(own) else location


def _candidate(link: _Element, base: str) -> Candidate | None:
    rels = link.get("rel", "").lower().split()
    media_type = link.get("type", "").partition(";")[0].strip().lower()
    named = "alternate" in rels and "stylesheet" not in rels and media_type in _FEED_TYPES | _WIDE_TYPES
    if not named and not ("feed" in rels and media_type in {"", *_FEED_TYPES, *_WIDE_TYPES}):
        return None
    href = "".join(link.get("href", "").split("\n")).strip()
    address = resolve(base, _FEED_SCHEME.sub(_web_scheme, href, count=1)).partition("#")[0] if href else ""
    if not address or (base and not is_web_address(address)):
        return None
    return Candidate(address, " ".join(link.get("title", "").split()), media_type)


def _web_scheme(match: re.Match[str]) -> str:
    """``feed:https://…`` wraps an address, ``feed://…`` stands for one in http."""
    return "" if match[0].lower() != "feed:" or match.string[match.end() :].lower().startswith("http") else "http:"


def _rank(candidate: Candidate) -> tuple[bool, bool]:
    comments = _COMMENTS.search(f"{candidate.title} {urlsplit(candidate.address).path}")
    return comments is not None, candidate.media_type in _WIDE_TYPES
