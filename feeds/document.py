"""What a document said, unjudged: the values that every reader produces.

Nothing here is cleaned or trusted. Dates may be naive where the document gave no zone; markup may be hostile; links
may be relative to ``base``. ``aggregator.normalise`` is the only place that makes a ``storage.entry.Entry`` of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from storage.source import Pace

if TYPE_CHECKING:
    from datetime import datetime

    from storage.entry import Author, CategoryName, Enclosure, Episode, Link, Origin


class Format(StrEnum):
    """The format that a document's content showed itself to be in."""

    RSS_090 = "rss 0.90"
    RSS_091 = "rss 0.91"
    RSS_092 = "rss 0.92"
    RSS_093 = "rss 0.93"
    RSS_094 = "rss 0.94"
    RSS_10 = "rss 1.0"
    RSS_20 = "rss 2.0"
    RSS = "rss"
    ATOM_03 = "atom 0.3"
    ATOM_10 = "atom 1.0"
    CDF = "cdf"
    JSON_10 = "json feed 1"
    JSON_11 = "json feed 1.1"
    JSON_LIST = "json list"
    PAGE = "web page"
    POST = "post"
    UNKNOWN = "unknown"


class TextKind(StrEnum):
    """How a text is to be understood (RFC 4287, 3.1.1); XHTML arrives serialised, as HTML."""

    TEXT = "text"
    HTML = "html"


@dataclass(frozen=True, slots=True, init=False)
class Text:
    """A text and how it is to be understood."""

    value: str
    kind: TextKind = TextKind.TEXT

    def __init__(self, value: str, kind: TextKind = TextKind.TEXT) -> None:
        # What dataclass itself would write takes twice as long, and there are more texts than anything else.
        _set_value(self, value)
        _set_kind(self, kind)


_set_value, _set_kind = (vars(Text)[name].__set__ for name in ("value", "kind"))


@dataclass(frozen=True, slots=True)
class Term:
    """A category as a document names it; ``label`` is for people and empty where it equals the term."""

    term: str
    label: str = ""
    scheme: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a document that was read all the same, as a sentence for people."""

    message: str


@dataclass(frozen=True)
class SourceEntry:
    """One item in a document's own words; without slots, so that a reader need not set what the item does not say.

    ``info_code`` is a claim that identity may refuse. ``withdrawn`` is an author's own word, in front matter or
    as ``at:deleted-entry`` (RFC 6721). ``links`` are those that are neither its page, nor a file, nor about the feed;
    ``comments`` is the address of a page of comments, ``image`` of a picture that stands for it; ``licence`` is an
    address or a text (``rights``). ``category_names`` is None where categories and tags tell what categories are
    called; where it is there, it tells all of that, and ``tags`` are all there are. ``text_link`` is the address of
    another document that holds its whole text, where it is to be fetched.
    """

    id: str = ""
    link: str = ""
    title: Text | None = None
    content: Text | None = None
    summary: Text | None = None
    published: datetime | None = None
    updated: datetime | None = None
    authors: tuple[Author, ...] = ()
    categories: tuple[Term, ...] = ()
    category_names: tuple[CategoryName, ...] | None = None
    tags: tuple[str, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    contributors: tuple[Author, ...] = ()
    links: tuple[Link, ...] = ()
    comments: str = ""
    image: str = ""
    licence: str = ""
    episode: Episode | None = None
    origin: Origin | None = None
    base: str = ""
    language: str = ""
    info_code: str = ""
    withdrawn: bool = False
    text_link: str = ""


@dataclass(frozen=True, slots=True)
class Paging:
    """Where the other documents of a feed in parts are (RFC 5005): absolute addresses, empty where not named."""

    first: str = ""
    last: str = ""
    previous: str = ""
    next: str = ""
    current: str = ""
    previous_archive: str = ""
    next_archive: str = ""


@dataclass(frozen=True, slots=True)
class SourceFeed:
    """A whole document: what it says of itself, and its entries in document order.

    ``self_link`` is where the feed says that it is found, ``hubs`` are its WebSub hubs. ``archive`` and ``complete``
    are RFC 5005's marks. ``lenient`` tells that the document was not well-formed and had to be mended.
    """

    format: Format
    id: str = ""
    title: str = ""
    subtitle: Text | None = None
    link: str = ""
    self_link: str = ""
    hubs: tuple[str, ...] = ()
    language: str = ""
    updated: datetime | None = None
    authors: tuple[Author, ...] = ()
    contributors: tuple[Author, ...] = ()
    categories: tuple[Term, ...] = ()
    image: str = ""
    licence: str = ""
    paging: Paging = Paging()
    archive: bool = False
    complete: bool = False
    pace: Pace = Pace()
    entries: tuple[SourceEntry, ...] = ()
    problems: tuple[Problem, ...] = ()
    lenient: bool = False
