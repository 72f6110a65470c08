"""What few entries have, as elements that RSS and Atom share: pictures, files, episodes, licences, links, people.

Media RSS 1.5, Apple's and Podcasting 2.0's elements, and Atom's own (RFC 4287; in RSS in their namespace). Where a
format has an element of its own for something, that one is used; only what an entry has is written.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lxml.etree import SubElement

from feeds.writing.common import LANGUAGE, is_media_type, media_type
from feeds.writing.fragments import ATOM, CREATIVE_COMMONS, DC, ITUNES, MEDIA, PODCAST
from feeds.writing.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lxml.etree import _Element

    from storage.entry import Author, Enclosure, Entry, Episode, Link

CHAPTERS_TYPE = "application/json+chapters"
"""The media type of a chapters document (Podcasting 2.0)."""

# RFC 4287's own pattern of an address (appendix B).
_EMAIL = re.compile(r".+@.+")
_WEB = ("http://", "https://")
_MEDIUMS = frozenset({"audio", "video", "image"})


def is_web(address: str) -> bool:
    """Whether *address* is one in http or https."""
    return address.lower().startswith(_WEB)


def person(author: Author) -> dict[str, str]:
    """The parts of a person construct (RFC 4287, 3.2); those that are empty are not to be written."""
    email = clean(author.email)
    return {
        "name": clean(author.name),
        "email": email if _EMAIL.fullmatch(email) else "",
        "uri": clean(author.uri),
    }


def add_to_item(item: _Element, entry: Entry) -> None:
    """Complete an RSS *item*."""
    _add(item, "comments", clean(entry.comments))
    _add_licence_to_item(item, clean(entry.licence))
    _add_shared(item, entry, f"{{{ATOM}}}")
    # RSS's own enclosure is one, and knows neither title, duration nor size.
    if len(entry.enclosures) > 1 or any(map(_has_more_than_a_link, entry.enclosures)):
        _add_media(item, entry.enclosures)


def add_to_entry(element: _Element, entry: Entry) -> None:
    """Complete an Atom *entry*; its files are links already."""
    if entry.comments:
        SubElement(element, "link", rel="replies", type="text/html", href=clean(entry.comments))
    licence = clean(entry.licence)
    if is_web(licence):
        SubElement(element, "link", rel="license", href=licence)  # RFC 4946
    else:
        _add(element, "rights", licence)
    _add_shared(element, entry, "")
    _add_media(element, tuple(one for one in entry.enclosures if one.duration or one.width or one.height))


def _add_shared(parent: _Element, entry: Entry, atom: str) -> None:
    """What both formats say alike; *atom* is how the tags of Atom's elements begin."""
    for contributor in entry.contributors:
        _add_person(parent, f"{atom}contributor", contributor)
    for link in entry.links:
        SubElement(parent, f"{atom}link", _link(link))
    image = clean(entry.image)
    if entry.episode is not None:
        _add_episode(parent, entry.episode)
    if image and entry.episode is not None:
        SubElement(parent, f"{{{ITUNES}}}image", href=image)
    elif image:
        SubElement(parent, f"{{{MEDIA}}}thumbnail", url=image)


def _add(parent: _Element, name: str, text: str) -> None:
    if text:
        SubElement(parent, name).text = text


def _add_licence_to_item(item: _Element, licence: str) -> None:
    """An address as the Creative Commons module has it, whoever's licence it is; words as ``dc:rights``."""
    _add(item, f"{{{CREATIVE_COMMONS}}}license" if is_web(licence) else f"{{{DC}}}rights", licence)


def _add_person(parent: _Element, tag: str, author: Author) -> None:
    parts = person(author)
    if not parts["name"]:
        return
    element = SubElement(parent, tag)
    namespace = tag[: tag.rfind("}") + 1]
    for name, text in parts.items():
        _add(element, namespace + name, text)


def _link(link: Link) -> dict[str, str]:
    """The attributes of a link (RFC 4287, 4.2.7), without those that are empty or none of their kind."""
    attributes = {
        "rel": clean(link.rel),
        "type": link.media_type if is_media_type(link.media_type) else "",
        "hreflang": link.language if LANGUAGE.fullmatch(link.language) else "",
        "title": clean(link.title),
        "href": clean(link.href),
    }
    return {name: value for name, value in attributes.items() if value}


def _is_on_the_web(enclosure: Enclosure) -> bool:
    return is_web(enclosure.url)


def _has_more_than_a_link(enclosure: Enclosure) -> bool:
    return bool(enclosure.title or enclosure.duration or enclosure.width or enclosure.height)


def _add_media(parent: _Element, enclosures: tuple[Enclosure, ...]) -> None:
    """Each file by itself: a ``media:group`` would say that they are one and the same in several forms."""
    for one in filter(_is_on_the_web, enclosures):
        kind = media_type(one)
        medium = kind.partition("/")[0]
        numbers = {"fileSize": one.length, "duration": one.duration, "width": one.width, "height": one.height}
        attributes = {"url": clean(one.url), "type": kind, "medium": medium if medium in _MEDIUMS else "document"}
        attributes |= {name: str(number) for name, number in numbers.items() if number}
        element = SubElement(parent, f"{{{MEDIA}}}content", attributes)
        _add(element, f"{{{MEDIA}}}title", clean(one.title))


def _add_episode(parent: _Element, episode: Episode) -> None:
    explicit = "" if episode.explicit is None else str(episode.explicit).lower()
    texts: Mapping[str, str] = {
        "duration": _number(episode.duration),
        "season": _number(episode.season),
        "episode": _number(episode.number),
        "episodeType": clean(episode.kind),
        "explicit": explicit,
    }
    for name, text in texts.items():
        _add(parent, f"{{{ITUNES}}}{name}", text)
    for transcript in episode.transcripts:
        attributes = {"url": clean(transcript.url), "type": media_type(transcript)}
        if LANGUAGE.fullmatch(transcript.language):
            attributes["language"] = transcript.language
        SubElement(parent, f"{{{PODCAST}}}transcript", attributes)
    if episode.chapters:
        SubElement(parent, f"{{{PODCAST}}}chapters", url=clean(episode.chapters), type=CHAPTERS_TYPE)


def _number(number: int | None) -> str:
    return str(number) if number else ""
