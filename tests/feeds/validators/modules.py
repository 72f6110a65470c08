"""What items and entries have in other namespaces: Dublin Core, Media RSS, iTunes, Podcasting 2.0, licences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.feeds.validators.words import (
    Rules,
    attributes,
    is_absolute,
    is_language,
    is_media_type,
    is_positive,
    is_web,
    twice,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

    from tests.feeds.validators.words import Problem

DC = "{http://purl.org/dc/elements/1.1/}"
MEDIA = "{http://search.yahoo.com/mrss/}"
ITUNES = "{http://www.itunes.com/dtds/podcast-1.0.dtd}"
PODCAST = "{https://podcastindex.org/namespace/1.0}"
LICENSE = "{http://backend.userland.com/creativeCommonsRssModule}license"

RULES = Rules({
    "module-once": "iTunes and Media RSS 1.5: one of each such element in an item",
    "dc-empty": "Dublin Core 1.1: an element has a value",
    "dc-language": "Dublin Core 1.1, language: a tag of RFC 3066",
    "media-content": "Media RSS 1.5, media:content: url; type is a media type; medium is one of five",
    "media-number": "Media RSS 1.5, media:content: fileSize, duration, width and height are whole numbers",
    "media-thumbnail": "Media RSS 1.5, media:thumbnail: url is required",
    "itunes-image": "iTunes, itunes:image: href is the address of a picture",
    "itunes-number": "iTunes: duration in seconds, season and episode are whole numbers above nought",
    "itunes-word": "iTunes: episodeType is full, trailer or bonus; explicit is true or false",
    "podcast-file": "Podcasting 2.0, podcast:transcript and podcast:chapters: url and type are required",
    "podcast-language": "Podcasting 2.0, podcast:transcript: language is a tag",
    "licence-address": "creativeCommons:license: the address of a licence",
})  # fmt: skip

_ONCE = (
    *(f"{ITUNES}{name}" for name in ("image", "duration", "season", "episode", "episodeType", "explicit")),
    f"{PODCAST}chapters",
    f"{MEDIA}thumbnail",
    f"{DC}identifier",
    f"{DC}language",
    LICENSE,
)
_MEDIUMS = frozenset(["image", "audio", "video", "document", "executable"])
_WORDS = {"episodeType": {"full", "trailer", "bonus"}, "explicit": {"true", "false"}}


def check(item: _Element) -> Iterator[Problem]:
    """What is wrong with an item's or an entry's elements of other namespaces."""
    tags = [str(child.tag) for child in item]
    for tag in twice(tag for tag in tags if tag in _ONCE):
        yield RULES.broken("module-once", tag)
    for child in item:
        if str(child.tag).startswith(DC) and not (child.text or "").strip():
            yield RULES.broken("dc-empty", child.tag)
    for one in item.iterchildren(f"{DC}language"):
        if one.text and not is_language(one.text):
            yield RULES.broken("dc-language", one.text)
    for one in item.iterchildren(LICENSE):
        if not is_web(one.text):
            yield RULES.broken("licence-address", one.text)
    yield from _media(item)
    yield from _itunes(item)
    yield from _podcast(item)


def _media(item: _Element) -> Iterator[Problem]:
    for one in item.iterchildren(f"{MEDIA}thumbnail"):
        if not is_absolute(one.get("url")):
            yield RULES.broken("media-thumbnail", one.get("url"))
    for one in item.iter(f"{MEDIA}content"):
        told = attributes(one)
        medium = one.get("medium")
        typed = one.get("type") is None or is_media_type(one.get("type"))
        if not (is_absolute(one.get("url")) and typed and (medium is None or medium in _MEDIUMS)):
            yield RULES.broken("media-content", told)
        numbers = [one.get(name) for name in ("fileSize", "duration", "width", "height")]
        if not all(number is None or is_positive(number) for number in numbers):
            yield RULES.broken("media-number", told)


def _itunes(item: _Element) -> Iterator[Problem]:
    for one in item.iterchildren(f"{ITUNES}image"):
        if not is_absolute(one.get("href")):
            yield RULES.broken("itunes-image", one.get("href"))
    for name in ("duration", "season", "episode"):
        for one in item.iterchildren(f"{ITUNES}{name}"):
            if not is_positive(one.text):
                yield RULES.broken("itunes-number", f"{name} {one.text}")
    for name, words in _WORDS.items():
        for one in item.iterchildren(f"{ITUNES}{name}"):
            if one.text not in words:
                yield RULES.broken("itunes-word", f"{name} {one.text}")


def _podcast(item: _Element) -> Iterator[Problem]:
    for one in item.iterchildren(f"{PODCAST}transcript", f"{PODCAST}chapters"):
        if not (is_absolute(one.get("url")) and is_media_type(one.get("type"))):
            yield RULES.broken("podcast-file", attributes(one))
        if not is_language(one.get("language", "en")):
            yield RULES.broken("podcast-language", one.get("language"))
