"""Which format a document is in, by its content alone: names and media types are too often wrong."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from feeds.reading.atom import read_atom
from feeds.reading.draft import Problems
from feeds.reading.encoding import to_utf8
from feeds.reading.errors import FeedSyntaxError, NotWellFormedError
from feeds.reading.json_feed import read_json
from feeds.reading.lenient import read_lenient
from feeds.reading.namespaces import split_tag
from feeds.reading.rss import read_rss
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
    converted, complaint = to_utf8(data, content_type)
    problems.note(complaint)
    document = converted.strip(b" \t\r\n\0")
    if not document:
        raise FeedSyntaxError("the document is empty")
    if document[:1] in b"{[":
        return read_json(document, location, problems)
    if _HTML.match(document[:_HEAD]):
        raise FeedSyntaxError(_WEB_PAGE)
    if b"<" not in document:
        raise FeedSyntaxError("this is neither XML nor JSON: no feed")
    return _read_xml(_from_start(converted, document, problems), location, problems)


def _from_start(converted: bytes, document: bytes, problems: Problems) -> bytes:
    """*document* without what stands before its XML declaration or its root, as warnings of a server do."""
    if document.startswith(b"<?xml"):
        if not converted.startswith(b"<"):
            problems.note("there is white space before the XML declaration")
        return document
    start = _START.search(document[:_HEAD])
    if start is None or (document.startswith(b"<") and not start.group().startswith(b"<?")):
        return document
    problems.note(f"there are {start.start()} bytes of something else before the feed")
    return document[start.start() :]


def _read_xml(document: bytes, location: str, problems: Problems) -> SourceFeed:
    try:
        root = parse_xml(document)
    except NotWellFormedError as error:
        problems.note(f"line {error.line} is not well-formed XML: {error}")
        return read_lenient(document, location, problems)
    name = split_tag(root.tag)[1].lower()
    if name == "html":
        raise FeedSyntaxError(_WEB_PAGE)
    reader = _READERS.get(name)
    if reader is None:
        raise FeedSyntaxError(f"this is XML, but no feed: its root is <{name}>, not rss, feed or RDF")
    return reader(root, location, problems)
