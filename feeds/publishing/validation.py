"""Whether what was rendered can be read: feeds by our own strict readers, pages and lists as a browser would."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import orjson
from lxml import etree

from feeds.document import Format
from feeds.publishing.documents import OLD_FEED
from feeds.reading import FeedSyntaxError, read
from feeds.reading.opml import OpmlSyntaxError, read_opml

if TYPE_CHECKING:
    from datetime import datetime

    from feeds.document import SourceEntry, SourceFeed
    from feeds.publishing.rendered import Rendered

_FORMATS = {"rss": Format.RSS_20, "atom": Format.ATOM_10, "json": Format.JSON_11}


def fault(path: str, rendered: Rendered) -> str:
    """What is wrong with what is to stand at *path*, in words for people; empty where nothing is."""
    suffix = "atom" if path == OLD_FEED else path.rpartition(".")[2]
    if not rendered.body.strip():
        return "it is empty"
    if suffix in _FORMATS:
        return _not_well_formed(rendered.body, suffix) or _fault_of_feed(rendered, _FORMATS[suffix])
    if suffix == "xml":
        return _not_well_formed(rendered.body, suffix)
    if suffix == "opml":
        return _not_well_formed(rendered.body, suffix) or _fault_of_list(rendered.body)
    return _fault_of_page(rendered.body) if suffix == "html" else ""


def _not_well_formed(body: bytes, suffix: str) -> str:
    """Asked of other parsers than our readers', which mend what is broken."""
    try:
        if suffix == "json":
            orjson.loads(body)
        else:
            parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
            etree.fromstring(body, parser)
    except (ValueError, etree.XMLSyntaxError) as error:
        return f"it is not well-formed: {error}"
    return ""


def _fault_of_feed(rendered: Rendered, expected: Format) -> str:
    try:
        feed = read(rendered.body)
    except FeedSyntaxError as error:
        return f"it cannot be read: {error}"
    listed = [entry for entry in feed.entries if not entry.withdrawn]
    if feed.format is not expected:
        return f"it is read as {feed.format}"
    if feed.lenient:
        return "it can only be read by mending it"
    if feed.problems:
        return f"it has a problem: {feed.problems[0].message}"
    if rendered.entries is not None and len(listed) != rendered.entries:
        return f"{rendered.entries} entries were rendered, and {len(listed)} are read"
    return _fault_of_ids(listed) or _fault_of_dates(feed)


def _fault_of_ids(listed: list[SourceEntry]) -> str:
    for name, number in Counter(entry.id for entry in listed).items():
        if not name:
            return "an entry has no id"
        if number > 1:
            return f"{number} entries have the id {name}"
    return ""


def _fault_of_dates(feed: SourceFeed) -> str:
    if _naive(feed.updated):
        return "it says when it was updated without a time zone"
    for entry in feed.entries:
        if not entry.withdrawn and entry.published is None:
            return f"the entry {entry.id} has no date"
        if _naive(entry.published) or _naive(entry.updated):
            return f"the entry {entry.id} has a date without a time zone"
    return ""


def _naive(moment: datetime | None) -> bool:
    return moment is not None and moment.tzinfo is None


def _fault_of_list(body: bytes) -> str:
    try:
        outlines = read_opml(body)
    except OpmlSyntaxError as error:
        return f"it cannot be read: {error}"
    problems = [*outlines.problems, *(f"{one.title}: {one.reason}" for one in outlines.skipped)]
    return f"it has a problem: {problems[0]}" if problems else ""


def _fault_of_page(body: bytes) -> str:
    if not body.rstrip().endswith(b"</html>"):
        return "it ends too soon"
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=True)
    try:
        body.decode()
        page = etree.fromstring(body, parser)
    except (UnicodeDecodeError, etree.XMLSyntaxError) as error:
        return f"it is not well-formed: {error}"
    if len(parser.error_log):
        return f"it is not well-formed: {parser.error_log[0].message}, line {parser.error_log[0].line}"
    if not (page.findtext("head/title") or "").strip():
        return "it has no title"
    return "" if page.find("body") is not None else "it has no body"
