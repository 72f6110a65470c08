"""What Feedmill holds: an entry and its parts, as frozen values.

An :class:`Entry` is already identified, cleaned, dated and categorised; what a document said before that is a
``feeds.document.SourceEntry``.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NewType

from storage.packing import Packed

if TYPE_CHECKING:
    from datetime import datetime

InfoCode = NewType("InfoCode", str)
"""The key of everything: two capitals and 18 digits, or ``FM`` and 26 characters of Crockford's base32."""

NATIVE_INFO_CODE = re.compile(r"[A-Z]{2}[0-9]{18}")
DERIVED_INFO_CODE = re.compile(r"FM[0-9A-HJKMNP-TV-Z]{26}")

UNKNOWN_MEDIA_TYPE = "application/octet-stream"
"""Any bytes: the media type of a file of which no other is known (RFC 2046, 4.5.1)."""

# Collapsed before comparing: white space that differs is not a correction.
_SPACE = re.compile(r"\s+")


def as_info_code(text: str) -> InfoCode:
    """Return *text* as an infoCode.

    Raises:
        ValueError: it has neither the native nor the derived form.
    """
    if NATIVE_INFO_CODE.fullmatch(text) or DERIVED_INFO_CODE.fullmatch(text):
        return InfoCode(text)
    raise ValueError(f"{text!r} is not an infoCode: two capitals and 18 digits, or FM and 26 characters")


class WithdrawnBy(StrEnum):
    """Who withdrew an entry. An author's front matter can be changed back; the others hold until it is restored."""

    AUTHOR = "author"
    SOURCE = "source"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Author(Packed):
    """A person or medium (RFC 4287, 3.2); at least the name is known."""

    name: str
    email: str = ""
    uri: str = ""


@dataclass(frozen=True, slots=True)
class Enclosure(Packed):
    """A file that belongs to an entry (RSS 2.0 ``enclosure``, JSON Feed ``attachments``, Media RSS ``content``).

    *length* is in bytes, *duration* in seconds, *width* and *height* in pixels; None where unknown.
    """

    url: str
    media_type: str = UNKNOWN_MEDIA_TYPE
    length: int | None = None
    title: str = ""
    duration: int | None = None
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """An address that an entry names beside its own page: ``related``, ``via``, ``replies`` (RFC 4287, 4.2.7)."""

    href: str
    rel: str = "related"
    media_type: str = ""
    title: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Transcript:
    """A transcript of an episode (Podcasting 2.0 ``podcast:transcript``)."""

    url: str
    media_type: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Episode:
    """What a podcast says of an episode (Apple's ``itunes:`` elements and Podcasting 2.0).

    *duration* is in seconds; *kind* is ``full``, ``trailer``, ``bonus`` or empty; *chapters* is the address of a
    chapters document, of the type ``application/json+chapters``.
    """

    duration: int | None = None
    season: int | None = None
    number: int | None = None
    kind: str = ""
    explicit: bool | None = None
    transcripts: tuple[Transcript, ...] = ()
    chapters: str = ""


@dataclass(frozen=True, slots=True)
class Origin(Packed):
    """Where an entry came from: the medium's name, its page, its feed."""

    title: str
    link: str = ""
    feed: str = ""


@dataclass(frozen=True, slots=True)
class CategoryName(Packed):
    """What an entry calls one of its categories: a vote for the name that people will see."""

    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What is left of a withdrawn entry (RFC 6721): its ``atom:id`` and when it was withdrawn (UTC)."""

    info_code: InfoCode
    atom_id: str
    withdrawn: datetime


@dataclass(frozen=True, slots=True)
class Revision:
    """What an entry said: before a correction, or now. ``updated`` is when it began to (aware, UTC)."""

    number: int
    title: str
    summary: str
    content: str
    link: str
    published: datetime
    updated: datetime
    enclosures: tuple[Enclosure, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry(Packed):
    """One item, as it is published.

    ``title`` and ``summary`` are plain text, ``content`` is safe HTML with absolute links. All times are aware and
    in UTC. ``categories`` are slugs. ``guid`` is the tag URI that it was given when it was first made, ``own_id`` the
    absolute IRI that an Atom feed gave it (RFC 4287, 4.2.6), else empty; ``atom_id`` is the one of them that it
    carries for ever, empty until the store decides. ``image`` and ``comments`` are addresses, ``licence`` is an
    address, or a text where the source names none. ``change`` is the number of the change that last touched what is
    published of it: whoever rendered it at that number need not do so again. ``restored`` is when the operator last
    took its withdrawal back: what its source retracted before that is settled.
    """

    info_code: InfoCode
    title: str
    content: str
    published: datetime
    updated: datetime
    first_seen: datetime
    scope: str
    source: str
    origin: Origin
    summary: str = ""
    link: str = ""
    own_id: str = ""
    authors: tuple[Author, ...] = ()
    categories: tuple[str, ...] = ()
    category_names: tuple[CategoryName, ...] = ()
    tags: tuple[str, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    language: str = ""
    contributors: tuple[Author, ...] = ()
    links: tuple[Link, ...] = ()
    comments: str = ""
    image: str = ""
    licence: str = ""
    episode: Episode | None = None
    guid: str = ""
    atom_id: str = ""
    revision: int = 1
    change: int = 0
    withdrawn: datetime | None = None
    withdrawn_by: WithdrawnBy | None = None
    restored: datetime | None = None

    @property
    def said(self) -> Revision:
        """What it says now."""
        words = (self.title, self.summary, self.content, self.link, self.published, self.updated, self.enclosures)
        return Revision(self.revision, *words)

    def material(self) -> bytes:
        """A digest of what makes a correction: title, body, link, enclosures and date (128 bits)."""
        digest = hashlib.blake2b(digest_size=16)
        parts = [self.title, self.content, self.summary, self.link, self.published.isoformat()]
        parts += [enclosure.url for enclosure in self.enclosures]
        for part in parts:
            digest.update(_SPACE.sub(" ", part).strip().encode())
            digest.update(b"\0")
        return digest.digest()
