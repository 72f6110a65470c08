"""Which reader a source has: the one table of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, cast

from feeds.reading.links import is_absolute
from storage.source import SourceKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from aggregator.reader_settings import JsonSettings, PageSettings
    from aggregator.settings import SourceSettings
    from feeds.document import SourceFeed

# Readers are imported where they are used: a server of posts alone needs none of them.


def _feed(source: SourceSettings, data: bytes, content_type: str, location: str) -> SourceFeed:  # noqa: ARG001
    from feeds.reading.detect import read

    return read(data, content_type=content_type, location=location)


def _json_list(source: SourceSettings, data: bytes, content_type: str, location: str) -> SourceFeed:
    from aggregator.readers.json_list import read_json_list

    return read_json_list(data, cast("JsonSettings", source.json_list), content_type=content_type, location=location)


def _page(source: SourceSettings, data: bytes, content_type: str, location: str) -> SourceFeed:
    from aggregator.readers.page import read_page

    return read_page(data, cast("PageSettings", source.page), content_type=content_type, location=location)


@dataclass(frozen=True, slots=True)
class Reader:
    """How documents of a kind are read, and the ``Accept`` field to ask for them with (empty: as for any feed)."""

    read: Callable[[SourceSettings, bytes, str, str], SourceFeed]
    accept: str = ""


READERS: Final = {
    SourceKind.FEED: Reader(_feed),
    SourceKind.JSON: Reader(_json_list, "application/json, text/javascript;q=0.8, */*;q=0.5"),
    SourceKind.PAGE: Reader(_page, "text/html, application/xhtml+xml, */*;q=0.5"),
}
"""A reader for each kind of document; posts are read file by file."""


def read_document(source: SourceSettings, data: bytes, *, content_type: str = "", location: str = "") -> SourceFeed:
    """What is in a document of *source*; *location* is the absolute address that it came from.

    Raises:
        FeedSyntaxError: it cannot be read, or does not hold what the settings say.
    """
    feed = READERS[source.kind].read(source, data, content_type, location)
    if not source.full_text:
        return feed
    entries = (replace(one, text_link=one.link if is_absolute(one.link) else "") for one in feed.entries)
    return replace(feed, entries=tuple(entries))


def accepted(source: SourceSettings) -> str:
    """The ``Accept`` field to ask for the documents of *source* with."""
    return source.accept or READERS[source.kind].accept
