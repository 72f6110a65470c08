"""What RSS, Atom, JSON Feed and OPML say alike, decided once. All texts are clean."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple, TypeAlias
from urllib.parse import quote

from feeds.query import Query, search_address
from feeds.site import category_path, entry_path
from feeds.writing.text import clean
from storage.category import ALL
from storage.entry import UNKNOWN_MEDIA_TYPE, Link

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from feeds.site import Site
    from storage.category import Category
    from storage.entry import Enclosure, Entry, Transcript
    from storage.story import Other

GENERATOR = "Feedmill"
"""Without a version: a new release must not change every document."""

# Of a feed that never had an entry.
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# The year in a feed's tag URI (RFC 4151): one in which the site's host was already its own. It never changes.
_TAG_YEAR = 2022
LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
"""RFC 4287's own pattern of a language tag (appendix B), at least one letter long."""
# RFC 6838 (4.2): type and subtype; parameters may follow.
_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(\s*;.*)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Found:
    """What a *query* found, as a feed or page is made of it; ``title`` names the query, ``updated`` is the newest of
    what was found (UTC; None where nothing was).
    """

    query: Query
    title: str
    updated: datetime | None = None


Subject: TypeAlias = "Category | Found"
"""What a feed is of."""


def feed_title(category: Subject, site: Site) -> str:
    """The title of a feed: with the site's name, since readers list feeds of many sites."""
    if isinstance(category, Found):
        return clean(f"{category.title} - {site.title}")
    if category.slug == ALL:
        return clean(site.title)
    return clean(f"{category.title or category.slug} - {site.title}")


def feed_updated(category: Subject) -> datetime:
    """When the feed last changed (UTC): with its newest entry, never now."""
    return category.updated or _EPOCH


def feed_address(category: Subject, site: Site, suffix: str) -> str:
    """The feed's own URL, in the format of *suffix*."""
    if isinstance(category, Found):
        return search_address(category.query, site, suffix)
    return site.address(category_path(category.slug, suffix))


def feed_page(category: Subject, site: Site) -> str:
    """The page that shows people what the feed holds."""
    if isinstance(category, Found):
        return search_address(category.query, site, "html")
    return site.address("" if category.slug == ALL else category_path(category.slug, "html"))


class FeedTexts(NamedTuple):
    """What varies in the head of a feed, as clean texts: *moment* is as the format writes it, *earlier* the address at
    which its archive ends; empty where it has none.
    """

    title: str
    id: str
    address: str
    page: str
    moment: str
    earlier: str


def feed_id(category: Subject, site: Site) -> str:
    """The feed's ``atom:id``: a tag URI that stays when the site's paths are arranged anew."""
    if isinstance(category, Found):
        return f"tag:{site.host},{_TAG_YEAR}:search?{category.query.parameters}"
    specific = "all" if category.slug == ALL else f"category/{quote(category.slug, safe='')}"
    return f"tag:{site.host},{_TAG_YEAR}:{specific}"


def publisher(site: Site) -> str:
    """Who publishes the feeds."""
    return clean(site.author) or clean(site.title)


def entry_id(entry: Entry) -> str:
    """The entry's permanent ``atom:id``.

    Raises:
        ValueError: the store has not given it one yet.
    """
    return _given(entry, entry.atom_id, "atom_id")


def entry_guid(entry: Entry) -> str:
    """The entry's tag URI, the RSS ``guid``.

    Raises:
        ValueError: the store has not given it one yet.
    """
    return _given(entry, entry.guid, "guid")


def _given(entry: Entry, value: str, name: str) -> str:
    identity = clean(value)
    if not identity:
        raise ValueError(f"entry {entry.info_code} has no {name}: save it first, the store gives it one")
    return identity


def entry_link(entry: Entry, site: Site) -> str:
    """The original's address; an entry without one is read on the site itself."""
    return clean(entry.link) or site.address(entry_path(entry.info_code))


def with_others(entry: Entry, others: Iterable[Other], site: Site) -> Entry:
    """*entry* with links to the *others* that tell its story: to their originals, each with its medium and title."""
    links = []
    for other in others:
        href = other.link or site.address(entry_path(other.info_code))
        links.append(Link(href, title=": ".join(filter(None, (other.medium, other.title))), language=other.language))
    return replace(entry, links=(*entry.links, *links))


def entry_language(entry: Entry, site: Site) -> str:
    """The entry's language where it is not the site's; empty if it is, or if it is no language tag."""
    different = entry.language.lower() != site.language.lower()
    return entry.language if different and LANGUAGE.fullmatch(entry.language) else ""


def entry_categories(entry: Entry, titles: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The slug and the name of each of the entry's categories."""
    for slug in entry.categories:
        term = clean(slug)
        if term:
            yield term, clean(titles.get(slug, "")) or term


def is_media_type(text: str) -> bool:
    """Whether *text* is a media type."""
    return _MEDIA_TYPE.fullmatch(text) is not None


def media_type(file: Enclosure | Transcript) -> str:
    """The file's media type; where it has none that is one, any bytes."""
    return file.media_type if is_media_type(file.media_type) else UNKNOWN_MEDIA_TYPE


def has_extras(entry: Entry) -> bool:
    """Whether the entry has anything that few entries have: a quick answer for all the others."""
    return bool(
        entry.enclosures
        or entry.image
        or entry.comments
        or entry.licence
        or entry.links
        or entry.contributors
        or entry.episode
    )
