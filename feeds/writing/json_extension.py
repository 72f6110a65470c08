"""What JSON Feed cannot say of an item, for its member ``_feedmill``; names are JSON Feed's own where it has any."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from feeds.writing.common import LANGUAGE, has_extras, is_media_type, media_type
from feeds.writing.text import clean

if TYPE_CHECKING:
    from storage.entry import Author, Entry, Episode, Link, Transcript


def own_words(entry: Entry) -> dict[str, Any]:
    """Where an entry came from, its contributors, links, comments, licence and episode; only what it has."""
    origin = entry.origin
    source = _known(title=clean(origin.title), url=clean(origin.link), feed_url=clean(origin.feed))
    if not has_extras(entry):
        return {"source": source} if source else {}
    return _known(
        source=source,
        contributors=[_person(one) for one in entry.contributors if clean(one.name)],
        links=[_link(link) for link in entry.links],
        comments=clean(entry.comments),
        licence=clean(entry.licence),
        episode=_episode(entry.episode) if entry.episode else {},
    )


def _known(**members: Any) -> dict[str, Any]:
    """*members* without those that say nothing; false and 0 say something."""
    return {name: value for name, value in members.items() if value or value is False or value == 0}


def _person(person: Author) -> dict[str, Any]:
    return _known(name=clean(person.name), url=clean(person.uri), email=clean(person.email))


def _link(link: Link) -> dict[str, Any]:
    return _known(
        url=clean(link.href),
        rel=clean(link.rel),
        mime_type=link.media_type if is_media_type(link.media_type) else "",
        title=clean(link.title),
        language=_language(link.language),
    )


def _episode(episode: Episode) -> dict[str, Any]:
    return _known(
        duration_in_seconds=episode.duration,
        season=episode.season,
        number=episode.number,
        type=clean(episode.kind),
        explicit=episode.explicit,
        transcripts=[_transcript(one) for one in episode.transcripts],
        chapters=clean(episode.chapters),
    )


def _transcript(transcript: Transcript) -> dict[str, Any]:
    return _known(url=clean(transcript.url), mime_type=media_type(transcript), language=_language(transcript.language))


def _language(tag: str) -> str:
    return tag if LANGUAGE.fullmatch(tag) else ""
