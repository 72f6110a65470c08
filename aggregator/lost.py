"""A feed that is lost is looked for, and where one is found in its place, it is proposed to the operator."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import structlog

from aggregator.discovery import address_key
from aggregator.fetching.errors import FetchError
from aggregator.finding import NoFeedError, find_feeds
from storage.source import Trouble

if TYPE_CHECKING:
    from aggregator.fetching.client import Fetcher
    from aggregator.settings import SourceSettings
    from storage.source import PullState

# After so many failures, and then seldom, it is looked for.
_LOOK_AFTER: Final = frozenset({3, 10, 30, 100})
_LOST: Final = frozenset({Trouble.NOT_FOUND, Trouble.UNREADABLE})

log = structlog.get_logger("pull")


def is_lost(state: PullState) -> bool:
    """Whether a feed's place is to be looked for now."""
    if state.trouble is Trouble.GONE:
        return state.failures == 1
    return state.trouble in _LOST and state.failures in _LOOK_AFTER


async def proposed(fetcher: Fetcher, source: SourceSettings, state: PullState) -> PullState:
    """*state* with the address of a feed in place of its own, where one is found; nothing is moved."""
    for page in dict.fromkeys((source.url, state.site)):
        found = await _feed_of(fetcher, source, page) if page else ""
        if found and address_key(found) != address_key(source.url):
            log.info("found again", source=source.name, address=found)
            return replace(state, proposal=found)
    return state


async def _feed_of(fetcher: Fetcher, source: SourceSettings, page: str) -> str:
    """The best feed that *page* has; empty if there is none."""
    private = source.private and urlsplit(page).hostname == urlsplit(source.url).hostname
    try:
        found = await find_feeds(fetcher, page, private=private)
    except (FetchError, NoFeedError):
        return ""  # what is wrong with the source itself is told already
    return found[0].moved or found[0].address
