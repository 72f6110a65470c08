"""Podcasts: Apple's ``itunes:`` elements, and Podcasting 2.0 (https://podcastindex.org/namespace/1.0)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from feeds.document import Term
from feeds.reading.fields import add_keywords, add_other_person, set_other_summary, set_other_title, text_of
from feeds.reading.files import set_image
from feeds.reading.links import resolve, seconds, whole_number
from storage.entry import Episode, Transcript

if TYPE_CHECKING:
    from lxml.etree import _Element

    from feeds.reading.draft import Draft
    from feeds.reading.walk import Handler

_SCHEME: Final = "http://www.itunes.com/"
_EXPLICIT: Final = {"yes": True, "true": True, "explicit": True, "no": False, "false": False, "clean": False}
# Of one episode; more are a mistake or an attack, and each is added to a copy of those before it.
_MOST_TRANSCRIPTS: Final = 1_000
_KINDS: Final = frozenset({"full", "trailer", "bonus"})


def add_category(draft: Draft, element: _Element) -> None:
    """``itunes:category``, which holds a narrower one."""
    for category in element.iter(element.tag):
        draft.add_category(Term(category.get("text", "").strip(), scheme=_SCHEME))


def _set_duration(draft: Draft, element: _Element) -> None:
    draft.episode = replace(draft.episode or Episode(), duration=seconds(element.text))


def _set_season(draft: Draft, element: _Element) -> None:
    draft.episode = replace(draft.episode or Episode(), season=whole_number(element.text))


def _set_number(draft: Draft, element: _Element) -> None:
    draft.episode = replace(draft.episode or Episode(), number=whole_number(element.text))


def _set_kind(draft: Draft, element: _Element) -> None:
    kind = text_of(element).lower()
    if kind in _KINDS:
        draft.episode = replace(draft.episode or Episode(), kind=kind)


def _set_explicit(draft: Draft, element: _Element) -> None:
    explicit = _EXPLICIT.get(text_of(element).lower())
    if explicit is not None:
        draft.episode = replace(draft.episode or Episode(), explicit=explicit)


def _add_transcript(draft: Draft, element: _Element) -> None:
    url = resolve(draft.base, element.get("url", ""))
    episode = draft.episode or Episode()
    if url and len(episode.transcripts) < _MOST_TRANSCRIPTS:
        transcript = Transcript(url, element.get("type", "").strip(), element.get("language", "").strip())
        draft.episode = replace(episode, transcripts=(*episode.transcripts, transcript))


def _set_chapters(draft: Draft, element: _Element) -> None:
    url = resolve(draft.base, element.get("url", ""))
    if url:
        draft.episode = replace(draft.episode or Episode(), chapters=url)


EPISODE: Final[dict[str, Handler[Draft]]] = {
    "itunes:title": set_other_title,
    "itunes:author": add_other_person,
    "itunes:summary": set_other_summary,
    "itunes:category": add_category,
    "itunes:keywords": add_keywords,
    "itunes:image": set_image,
    "itunes:link": set_image,
    "itunes:duration": _set_duration,
    "itunes:season": _set_season,
    "itunes:episode": _set_number,
    "itunes:episodetype": _set_kind,
    "itunes:explicit": _set_explicit,
    "googleplay:author": add_other_person,
    "googleplay:image": set_image,
    "googleplay:explicit": _set_explicit,
    "podcast:season": _set_season,
    "podcast:episode": _set_number,
    "podcast:transcript": _add_transcript,
    "podcast:chapters": _set_chapters,
}
"""The elements that an episode of a podcast has beside those of its format."""
