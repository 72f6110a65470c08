"""Which format a document is in, by its content alone: names and media types are too often wrong."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from feeds.reading.atom import read_atom
from feeds.reading.draft import Problems
from feeds.reading.encoding import to_utf8
from feeds.reading.errors import FeedSyntaxError, NotWellFormedError
from feeds.reading.json_feed import read_json
from feeds.reading.lenient import LARGEST, has_whole_entry, read_lenient
from feeds.reading.limits import check_size
from feeds.reading.mend import mend
from feeds.reading.namespaces import split_tag
from feeds.reading.rss import read_rss
from feeds.reading.unpack import unpacked
from feeds.reading.xml import parse_xml

if TYPE_CHECKING:
    from collections.abc import Callable

    from lxml.etree import _Element

    from feeds.document import SourceFeed

_READERS: Final[dict[str, Callable[[_Element, str, Problems], SourceFeed]]] = {
    "rss": read_rss,
    "rdf": read_rss,
    "channel": read_rss,
    "feed": read_atom,
    "entry": read_atom,
}
# How far down other text is looked through for the beginning of the feed.
_HEAD: Final = 4096
_HTML: Final = re.compile(rb"(?:<\?xml[^>]*>|<!--(?:[^-]|-(?!->))*-->|\s)*<(?:!doctype\s+html|html)\b", re.IGNORECASE)
_OF_PAGES: Final = re.compile(rb"<(?:html|head|body|meta)\b", re.IGNORECASE)
_OF_FEEDS: Final = re.compile(rb"<(?:rss|feed|rdf:RDF|channel|item|entry)\b", re.IGNORECASE)
_START: Final = re.compile(rb"<(?:\?xml\s|rss\b|feed\b|rdf:RDF\b)", re.IGNORECASE)
_WEB_PAGE: Final = "this is a web page, not a feed: give the address of the feed itself"


def read(data: bytes, *, content_type: str = "", location: str = "") -> SourceFeed:
    """The feed in *data*, in whichever format it is.

    *content_type* is the header of that name, of which only ``charset`` counts (RFC 7303). *location* is the absolute
    address that the document came from: relative links are resolved against it.

    Raises:
        FeedSyntaxError: the bytes are no feed that can be read.
    """
    problems = Problems()
    converted, complaint = to_utf8(unpacked(data), content_type)
    problems.note(complaint)
    document = converted.strip(b" \t\r\n\0")
    if not document:
        raise FeedSyntaxError("the document is empty")
    if document[:1] in b"{[":
        return read_json(document, location, problems)
    if _is_web_page(document[:_HEAD]):
        raise FeedSyntaxError(_web_page(document, location))
    if b"<" not in document:
        raise FeedSyntaxError("this is neither XML nor JSON: no feed")
    return _read_xml(_from_start(converted, document, problems), location, problems)


def _is_web_page(head: bytes) -> bool:
    """Whether it begins as one; some feeds have the doctype of HTML, but none of its elements."""
    return _HTML.match(head) is not None and (_OF_PAGES.search(head) is not None or _OF_FEEDS.search(head) is None)


def _web_page(page: bytes, location: str) -> str:
    from feeds.reading.web_page import linked_feeds  # here, since it needs an HTML parser

    named = linked_feeds(page, location, "text/html; charset=utf-8")
    return f"this is a web page, not a feed; the feed that it names is {named[0].address}" if named else _WEB_PAGE


def _from_start(converted: bytes, document: bytes, problems: Problems) -> bytes:
    """*document* without what stands before its XML declaration or its root, as warnings of a server do."""
    if document.startswith(b"<?xml"):
        if not converted.startswith(b"<"):
            problems.note("there is white space before the XML declaration")
        return document
    start = _START.search(document[:_HEAD])
    if start is None or not start.start() or (document.startswith(b"<") and not start.group().startswith(b"<?")):
        return document
    problems.note(f"there are {start.start()} bytes of something else before the feed")
    return document[start.start() :]


def _read_xml(document: bytes, location: str, problems: Problems) -> SourceFeed:
    check_size(document)
    try:
        root = parse_xml(document)
    except NotWellFormedError as error:
        problems.note(f"line {error.line} is not well-formed XML: {error}")
        return _read_damaged(document, location, problems)
    if split_tag(root.tag)[1].lower() == "item":
        problems.note("there is no channel around the item")
        return _read_damaged(document, location, problems)
    return _read_root(root, location, problems)


def _read_root(root: _Element, location: str, problems: Problems) -> SourceFeed:
    name = split_tag(root.tag)[1].lower()
    if name == "html":
        raise FeedSyntaxError(_WEB_PAGE)
    reader = _READERS.get(name)
    if reader is None:
        raise FeedSyntaxError(f"this is XML, but no feed: its root is <{name}>, not rss, feed or RDF")
    return reader(root, location, problems)


def _read_damaged(document: bytes, location: str, problems: Problems) -> SourceFeed:
    """What can be mended is read as any other; what is left is for feedparser, if it is not too long."""
    try:
        mended = mend(document, problems)
        check_size(mended)
        feed = replace(_read_root(parse_xml(mended), location, problems), lenient=True)
    except (FeedSyntaxError, NotWellFormedError) as error:
        if len(document) > LARGEST:
            raise FeedSyntaxError(f"this is not well-formed, and cannot be mended: {error}") from error
        return read_lenient(document, location, problems)
    if not feed.entries and len(document) <= LARGEST and has_whole_entry(document):
        other = read_lenient(document, location, problems)
        return other if other.entries else feed
    return feed
