"""An entry's small parts as they are held: plain text, addresses on the web, numbers within bounds, all of them capped.

What a source says of a person, a file, an address or an episode comes in, and the same value comes out cleaned; a part
that says nothing usable is left out.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from aggregator.bounds import LONGEST_ADDRESS, LONGEST_NAME, LONGEST_TEXT, MOST_PARTS
from feeds.plain_text import clean_text, plain_text
from storage.entry import UNKNOWN_MEDIA_TYPE, Author, Enclosure, Episode, Link, Transcript

if TYPE_CHECKING:
    from collections.abc import Iterable

# Bytes; no file is longer, and no database counts further.
_LONGEST_FILE = 2**63
# Seconds, pixels and numbers: more is a mistake, and breaks readers that count in 32 bits.
_HIGHEST = 10**9

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,8}")
# Nearly every address, as it should be.
_PLAIN_ADDRESS = re.compile(r"[!#$&-;=?-\[\]_a-z~]+")
# What no IRI has in it (RFC 3987, 2.2): these, and a percent sign that escapes nothing.
_NOT_IN_ADDRESS = re.compile(r'[\x00-\x20"<>\\^`{|}]|%(?![0-9A-Fa-f]{2})')
_WEB = ("http://", "https://")
# RFC 6838 (4.2): type and subtype; parameters may follow.
_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]{1,127}/[\w!#$&^.+-]{1,127}(?:\s*;[\x20-\x7e]{1,200})?", re.ASCII)
# A relation's registered name or its address (RFC 8288, 2.1).
_RELATION = re.compile(r"[a-z0-9][a-z0-9.-]{0,59}|https?://[!#-;=?-\[\]_a-z~]{1,200}")
# Of the entry's files, its licence, or of the feed that it is in: never among its links.
_PAGING_RELATIONS = ("first", "last", "next", "previous", "current", "prev-archive", "next-archive")
_OTHER_RELATIONS = frozenset({"enclosure", "license", "self", "hub", *_PAGING_RELATIONS})
_PAGE_TYPES = frozenset({"", "text/html", "application/xhtml+xml"})
_KINDS = frozenset({"full", "trailer", "bonus"})


# What many entries of a feed say alike is remembered, unless it is so long that remembering it would cost memory.
_REMEMBERED = 4_096
_SHORT = 200


def web_address(said: str) -> str:
    """*said* if it is an address on the web that can stand in a feed, else nothing."""
    return (_known_address(said) if len(said) <= _SHORT else _address(said)) if said else ""


def _address(said: str) -> str:
    address = clean_text(said).strip()
    if len(address) > LONGEST_ADDRESS or not address.lower().startswith(_WEB):
        return ""
    if _PLAIN_ADDRESS.fullmatch(address):
        return address
    return _NOT_IN_ADDRESS.sub(lambda found: f"%{ord(found[0]):02X}", address)


_known_address = lru_cache(_REMEMBERED)(_address)


def name_of(said: str) -> str:
    """The words of a name in one line, no longer than a name is."""
    return (_known_name(said) if len(said) <= _SHORT else _name(said)) if said else ""


def _name(said: str) -> str:
    return plain_text(clean_text(said))[:LONGEST_NAME].rstrip()


_known_name = lru_cache(_REMEMBERED)(_name)


def language(said: str) -> str:
    """*said* if it is a language tag (BCP 47), else nothing."""
    said = said.strip().replace("_", "-")
    return said if _LANGUAGE.fullmatch(said) else ""


def media_type(said: str) -> str:
    """*said* if it is a media type, else that of any bytes."""
    return _known_type(said) or UNKNOWN_MEDIA_TYPE


def people(said: Iterable[Author]) -> tuple[Author, ...]:
    """Each person once; nobody without a name."""
    found = (Author(name_of(one.name), name_of(one.email), web_address(one.uri)) for one in said)
    return tuple(dict.fromkeys(one for one in found if one.name))[:MOST_PARTS]


def enclosures(said: Iterable[Enclosure]) -> tuple[Enclosure, ...]:
    """Each file once, under its address."""
    found: dict[str, Enclosure] = {}
    for item in said:
        if url := web_address(item.url):
            known = item.length is not None and 0 < item.length < _LONGEST_FILE
            file = Enclosure(
                url,
                media_type(item.media_type),
                item.length if known else None,
                name_of(item.title),
                _number(item.duration),
                _number(item.width),
                _number(item.height),
            )
            found.setdefault(url, file)
    return tuple(found.values())[:MOST_PARTS]


def links(said: Iterable[Link]) -> tuple[Link, ...]:
    """The addresses that an entry names beside its own page, each once for every relation.

    Of its other forms (``alternate``), one of each type and language (RFC 4287, 4.1.2), and none that is a page.
    """
    found: dict[tuple[str, ...], Link] = {}
    for one in said:
        href, rel = web_address(one.href), one.rel.strip().lower()
        if href and rel not in _OTHER_RELATIONS and _RELATION.fullmatch(rel):
            link = Link(href, rel, _known_type(one.media_type), name_of(one.title), language(one.language))
            if rel != "alternate":
                found.setdefault((href, rel), link)
            elif link.media_type not in _PAGE_TYPES:
                found.setdefault((link.media_type, link.language, rel), link)
    return tuple(found.values())[:MOST_PARTS]


def comments(said: str, named: Iterable[Link]) -> tuple[str, tuple[Link, ...]]:
    """The one page of comments, and the links that are none: Atom names the page by a link (RFC 4685, 4)."""
    others, page = links(named), web_address(said)
    pages = [link for link in others if link.rel == "replies" and link.media_type in _PAGE_TYPES]
    page = page or (pages[0].href if pages else "")
    return page, tuple(link for link in others if link not in pages)


def licence(said: str) -> str:
    """The licence's address, else its own words in one line."""
    return web_address(said) or plain_text(clean_text(said))[:LONGEST_TEXT].rstrip()


def episode(said: Episode | None) -> Episode | None:
    """What a podcast says of it; None where nothing of that can be used."""
    if said is None:
        return None
    transcripts: dict[str, Transcript] = {}
    for one in said.transcripts:
        if url := web_address(one.url):
            transcripts.setdefault(url, Transcript(url, media_type(one.media_type), language(one.language)))
    kind = said.kind.strip().lower()
    found = Episode(
        duration=_number(said.duration),
        season=_number(said.season),
        number=_number(said.number),
        kind=kind if kind in _KINDS else "",
        explicit=said.explicit,
        transcripts=tuple(transcripts.values())[:MOST_PARTS],
        chapters=web_address(said.chapters),
    )
    return None if found == Episode() else found


def _known_type(said: str) -> str:
    kind = said.strip()
    return kind if _MEDIA_TYPE.fullmatch(kind) else ""


def _number(said: int | None) -> int | None:
    """A count above zero, which the formats take for unknown."""
    return said if said is not None and 0 < said < _HIGHEST else None
