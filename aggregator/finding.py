"""Finding a page's feeds: what may be one is fetched and read before it is offered."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from aggregator.discovery import address_key, known_feed, usual_feeds
from aggregator.fetching.client import FetchedDocument, Fetcher, FetchRequest
from aggregator.fetching.errors import FetchError, without_credentials
from feeds.reading.detect import read
from feeds.reading.errors import FeedSyntaxError
from feeds.reading.web_page import linked_feeds

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from feeds.document import SourceFeed
    from feeds.reading.web_page import Candidate

MOST = 20
"""How many of the feeds that a page names are looked at."""

# For what was asked for, and for a feed that is only supposed, in seconds.
_LONGEST, _PATIENCE = 60.0, 20.0
# Atom says of every text what it is, and of every entry when it changed; JSON Feed is read by the fewest.
_PREFERRED = ("atom", "rss", "json")


class NoFeedError(Exception):
    """There is no feed; the message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Found:
    """A feed that was read: where, and what it says. ``moved`` is where redirects led, empty if nowhere else.

    ``private`` tells whether it may be at an address that is not public.
    """

    address: str
    feed: SourceFeed
    moved: str = ""
    private: bool = False

    @property
    def newest(self) -> datetime | None:
        """The date of its newest entry (one without a zone is taken as UTC)."""
        dates = [entry.published or entry.updated for entry in self.feed.entries]
        return max((d if d.tzinfo else d.replace(tzinfo=UTC) for d in dates if d), default=None)

    @property
    def family(self) -> str:
        """``rss``, ``atom`` or ``json``, of whichever version."""
        return str(self.feed.format).partition(" ")[0]


async def find_feeds(fetcher: Fetcher, address: str, *, private: bool = False) -> tuple[Found, ...]:
    """The feeds of the page at *address*, best first; the feed there, if it is one itself.

    *private* allows the host of *address*, and no other, not to be public.

    Raises:
        FetchError: there is no document at *address*.
        NoFeedError: there is no feed.
    """
    finder = _Finder(fetcher, address, private=private)
    known = known_feed(address)
    if known is not None and (found := await finder.tried([known])):
        return found
    document = await finder.fetch(address, _LONGEST)
    try:
        feed = await asyncio.to_thread(read, document.body, content_type=document.content_type, location=document.url)
    except FeedSyntaxError as error:
        return await finder.of_page(document, str(error))
    return (finder.found(address, document, feed),)


class _Finder:
    """One search; ``reasons`` tells why what the page named was no feed."""

    def __init__(self, fetcher: Fetcher, address: str, *, private: bool) -> None:
        self._fetcher = fetcher
        self._asked = address
        self._private = private
        self.reasons: list[str] = []

    async def of_page(self, document: FetchedDocument, reason: str) -> tuple[Found, ...]:
        """The feeds of the page in *document*, which is no feed for *reason*."""
        self.reasons.clear()
        linked = await asyncio.to_thread(linked_feeds, document.body, document.url, document.content_type)
        if found := await self.tried(linked[:MOST]):
            return found
        told = f"{reason}, and no feed was found from there"
        if self.reasons:
            told = f"no feed that it names can be read: {self.reasons[0]}"
        for candidates in usual_feeds(document.url):
            if found := await self.tried(candidates):
                return found
        raise NoFeedError(f"{without_credentials(self._asked)}: {told}")

    async def tried(self, candidates: Sequence[Candidate]) -> tuple[Found, ...]:
        """Those of *candidates* that are feeds, each feed once."""
        tries = await asyncio.gather(*(self._try(candidate.address) for candidate in candidates))
        return _without_twins(found for found in tries if found is not None)

    async def _try(self, address: str) -> Found | None:
        try:
            document = await self.fetch(address, _PATIENCE)
            feed = await asyncio.to_thread(
                read, document.body, content_type=document.content_type, location=document.url
            )
        except FetchError as error:
            self.reasons.append(str(error))
        except FeedSyntaxError as error:
            self.reasons.append(f"{address}: {error}")
        else:
            return self.found(address, document, feed)
        return None

    async def fetch(self, address: str, timeout: float) -> FetchedDocument:  # noqa: ASYNC109  the fetcher's own
        """The document at *address*."""
        request = FetchRequest(address, private=self._may_be_private(address), timeout=timeout)
        document = await self._fetcher.fetch(request)
        assert isinstance(document, FetchedDocument)  # noqa: S101  no validators were sent
        return document

    def found(self, address: str, document: FetchedDocument, feed: SourceFeed) -> Found:
        """*feed*, as it was found at *address*."""
        moved = document.url if address_key(document.url) != address_key(address) else ""
        return Found(address, feed, moved, self._may_be_private(address))

    def _may_be_private(self, address: str) -> bool:
        """A page on the web must not lead us into our own network."""
        return self._private and urlsplit(address).hostname == urlsplit(self._asked).hostname


def _without_twins(found: Iterable[Found]) -> tuple[Found, ...]:
    """*found* without the same feed at another address or in another format, of which the preferred one is kept."""
    kept: list[Found] = []
    for one in found:
        for place, other in enumerate(kept):
            if address_key(one.moved or one.address) == address_key(other.moved or other.address):
                break
            if _are_twins(one, other):
                kept[place] = min(other, one, key=_preference)
                break
        else:
            kept.append(one)
    return tuple(kept)


def _are_twins(one: Found, other: Found) -> bool:
    """Whether two feeds are one in two formats. Two in one format, as of all and of a part, are not."""
    if one.family == other.family or one.feed.title != other.feed.title:
        return False
    mine, theirs = ({address_key(entry.link) for entry in f.feed.entries if entry.link} for f in (one, other))
    return not mine.isdisjoint(theirs)


def _preference(found: Found) -> int:
    return _PREFERRED.index(found.family) if found.family in _PREFERRED else len(_PREFERRED)
