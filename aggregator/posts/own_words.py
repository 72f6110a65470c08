"""What an exported post says in its front matter under ``feedmill``: what the shape of a post has no place for.

``aggregator.posts.writing`` writes it. Each name tells its part of an entry as a whole; what is not there is told by
the post itself.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from aggregator.posts.fields import Fields
from storage.entry import Author, CategoryName, Enclosure, Episode, Link, Origin, Transcript

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feeds.document import SourceEntry

NAME = "feedmill"
"""The front matter's name for it."""


def own_words(fields: Fields, entry: SourceEntry) -> SourceEntry:
    """*entry*, which a post tells, with what its front matter says under ``feedmill``."""
    own = fields.values.get(NAME)
    if not isinstance(own, dict):
        return entry
    told = Fields(own, fields.problems)
    changes: dict[str, Any] = {
        name: told.text(name) for name in ("link", "comments", "image", "licence") if name in own
    }
    changes |= {n: tuple(map(_person, _parts(told, n))) for n in ("authors", "contributors") if n in own}
    if "origin" in own:
        changes["origin"] = next((_origin(part) for part in _parts(told, "origin")), None)
    if "episode" in own:
        changes["episode"] = next((_episode(part) for part in _parts(told, "episode")), None)
    if "links" in own:
        changes["links"] = tuple(map(_link, _parts(told, "links")))
    if "enclosures" in own:
        changes["enclosures"] = tuple(map(_enclosure, _parts(told, "enclosures")))
    if "names" in own:
        pairs = ((part.text("slug"), part.text("name")) for part in _parts(told, "names"))
        changes["category_names"] = tuple(CategoryName(slug, name) for slug, name in pairs)
    return replace(entry, **changes)


def _parts(told: Fields, name: str) -> Iterator[Fields]:
    """The mappings that stand under *name*: one, or a list of them."""
    value = told.values.get(name)
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            yield Fields(one, told.problems)
        elif one:
            told.problems.append(f"{NAME}: {name}: {str(one)[:60]!r} stands where names and values are expected")


def _number(told: Fields, name: str) -> int | None:
    text = told.text(name)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None


def _person(told: Fields) -> Author:
    return Author(told.text("name"), told.text("email"), told.text("uri"))


def _origin(told: Fields) -> Origin:
    return Origin(told.text("title"), told.text("link"), told.text("feed"))


def _link(told: Fields) -> Link:
    return Link(*(told.text(name) for name in ("href", "rel", "type", "title", "language")))


def _enclosure(told: Fields) -> Enclosure:
    length, *size = (_number(told, name) for name in ("length", "duration", "width", "height"))
    return Enclosure(told.text("url"), told.text("type"), length, told.text("title"), *size)


def _episode(told: Fields) -> Episode:
    duration, season, number = (_number(told, name) for name in ("duration", "season", "number"))
    transcripts = (
        Transcript(part.text("url"), part.text("type"), part.text("language")) for part in _parts(told, "transcripts")
    )
    kind, explicit, chapters = told.text("type"), told.truth("explicit"), told.text("chapters")
    return Episode(duration, season, number, kind, explicit, tuple(transcripts), chapters)
