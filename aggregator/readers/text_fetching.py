"""Texts that stand in documents of their own are fetched: a few at once, and not from a host that asks for less."""

from __future__ import annotations

import asyncio
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from aggregator.fetch_settings import access_to, may_be_private
from aggregator.fetching.client import FetchedDocument, FetchRequest
from aggregator.fetching.errors import BadStatus, BadUrl, FetchError
from aggregator.fetching.urls import parsed
from aggregator.readers.errors import TextError
from aggregator.readers.texts import FoundText

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aggregator.fetching.client import Fetcher
    from aggregator.settings import SourceSettings
    from feeds.document import SourceEntry, Text

MOST_TEXTS: Final = 200
"""Texts that are fetched in one pull of a source; the next goes on."""
_AT_ONCE: Final = 4
# Seconds: for all texts of a pull, so that others of the source are not kept waiting, for one of them to arrive, and
# for one to be read.
_SECONDS: Final = 300.0
_SECONDS_EACH: Final = 30.0
_SECONDS_READING: Final = 20.0
_LARGEST: Final = 4 * 2**20
_ACCEPT_PAGE: Final = "text/html, application/xhtml+xml, */*;q=0.5"
# The server asks for less.
_BUSY: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
# A page that is gone or not for us stays so. The text of a list is promised by the list, and may come later.
_FOR_GOOD: Final = frozenset(range(400, 500)) - {
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.TOO_EARLY,
    HTTPStatus.TOO_MANY_REQUESTS,
}


async def fetch_texts(fetcher: Fetcher, source: SourceSettings, entries: Sequence[SourceEntry]) -> dict[str, FoundText]:
    """The texts of *entries* by their addresses, a few at once; those there is no time for are asked for again."""
    wanted = {entry.text_link: entry for entry in entries}
    asked = dict(list(wanted.items())[:MOST_TEXTS])
    fetching = _Fetching(fetcher, source)
    waiting = iter(asked.values())

    async def work() -> None:
        for entry in waiting:  # one iterator for all who work
            fetching.found[entry.text_link] = await fetching.one(entry)

    try:
        async with asyncio.timeout(_SECONDS), asyncio.TaskGroup() as group:
            for _ in range(_AT_ONCE):
                group.create_task(work())
    except TimeoutError:
        pass  # what is missing is told below
    late = {address: FoundText(problem=f"{address} was not asked for yet", again=True) for address in wanted}
    return late | fetching.found


class _Fetching:
    def __init__(self, fetcher: Fetcher, source: SourceSettings) -> None:
        self.found: dict[str, FoundText] = {}
        self._fetcher = fetcher
        self._source = source
        self._busy: set[str | None] = set()

    async def one(self, entry: SourceEntry) -> FoundText:
        address = entry.text_link
        try:
            host = parsed(address).host
            if host in self._busy:
                return FoundText(problem=f"{address} was not asked for, since its server asks for less", again=True)
            document = await self._fetcher.fetch(self._request(address))
        except BadStatus as error:
            if error.status in _BUSY:
                self._busy.add(host)
            for_good = self._source.full_text and error.status in _FOR_GOOD
            return FoundText(problem=str(error), again=not for_good)
        except FetchError as error:
            return FoundText(problem=str(error), again=not isinstance(error, BadUrl))
        return await self._read(entry, document)

    async def _read(self, entry: SourceEntry, document: object) -> FoundText:
        assert isinstance(document, FetchedDocument)  # noqa: S101  without validators, no answer is "not modified"
        work = partial(_text_in, self._source, entry, document)
        try:
            # A thread cannot be ended; its page is small, and nobody waits for it any longer.
            text = await asyncio.wait_for(asyncio.to_thread(work), _SECONDS_READING)
        except TimeoutError:
            return FoundText(problem=f"{entry.text_link} takes too long to read", own=True)
        except TextError as error:
            return FoundText(problem=f"{entry.text_link} {error}", again=error.again, own=not error.again)
        return FoundText(text, document.url)

    def _request(self, address: str) -> FetchRequest:
        source = self._source
        accept = _ACCEPT_PAGE if source.full_text else source.accept or "application/json, */*;q=0.5"
        return FetchRequest(
            address,
            private=may_be_private(source, address),
            accept=accept,
            timeout=min(_SECONDS_EACH, source.timeout.total_seconds()),
            max_bytes=_LARGEST,
            access=access_to(source, address),
        )


def _text_in(source: SourceSettings, entry: SourceEntry, document: FetchedDocument) -> Text:
    if source.json_list is not None and source.json_list.text is not None:
        from aggregator.readers.json_list import read_text

        return read_text(document.body, source.json_list.text, content_type=document.content_type)
    from aggregator.readers.full_text import extract

    own = entry.content or entry.summary
    return extract(document.body, own.value if own else "", content_type=document.content_type, location=document.url)
