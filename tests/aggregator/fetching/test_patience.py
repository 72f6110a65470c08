"""Hosts that ask several sources to come later are left alone; and no more is fetched than is taken in."""

from __future__ import annotations

import asyncio
import gzip
from typing import TYPE_CHECKING

import pytest

from aggregator.fetching import patience
from aggregator.fetching.client import FetchedDocument, Fetcher, FetchRequest
from aggregator.fetching.errors import BadStatus, HostBusy
from aggregator.fetching.patience import Backlog, Pleas

if TYPE_CHECKING:
    from tests.aggregator.fetching.conftest import Answer, Serve


def _request(url: str, source: str) -> FetchRequest:
    return FetchRequest(url, private=True, source=source, timeout=5)


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
async def test_a_host_that_asks_several_is_left_alone(
    serve: Serve, answer: Answer, fetcher: Fetcher, status: str
) -> None:
    server = await serve({"/busy": answer(b"", "Retry-After: 600", status=status), "/well": answer(b"<rss/>")})
    for source in ("a", "b", "b", "b"):
        with pytest.raises(BadStatus):
            await fetcher.fetch(_request(server.url("/busy"), source))
        assert isinstance(await fetcher.fetch(_request(server.url("/well"), "w")), FetchedDocument)
    with pytest.raises(BadStatus):
        await fetcher.fetch(_request(server.url("/busy"), "c"))
    asked = len(server.requests)
    with pytest.raises(HostBusy, match="its host has asked several other sources to come later") as error:
        await fetcher.fetch(_request(server.url("/well"), "w"))
    assert 590 < error.value.retry_after <= 600
    assert len(server.requests) == asked
    # What is no source's document (a text, a page) has its own way to heed this.
    assert isinstance(await fetcher.fetch(_request(server.url("/well"), "")), FetchedDocument)
    other = await serve({"/well": answer(b"<rss/>")})
    assert isinstance(await fetcher.fetch(_request(other.url("/well", "localhost"), "w")), FetchedDocument)


async def test_statuses_without_a_time_are_of_their_source_alone(
    serve: Serve, answer: Answer, fetcher: Fetcher
) -> None:
    server = await serve({"/busy": answer(b"", status="503 Service Unavailable"), "/well": answer(b"<rss/>")})
    for source in "abcde":
        with pytest.raises(BadStatus):
            await fetcher.fetch(_request(server.url("/busy"), source))
    assert isinstance(await fetcher.fetch(_request(server.url("/well"), "w")), FetchedDocument)


async def test_pleas_end(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(patience, "_now", lambda: now)
    pleas = Pleas()
    for source, seconds in (("a", 10), ("b", 20), ("c", 30), ("d", 40)):
        pleas.note("tide.example", source, seconds)
    assert pleas.wait("tide.example") == 20
    assert pleas.wait("port.example") is None
    now = 15.0
    assert pleas.wait("tide.example") == 5
    now = 25.0
    assert pleas.wait("tide.example") is None
    now = 45.0
    assert pleas.wait("tide.example") is None
    assert not pleas._until


async def test_nothing_more_is_fetched_while_too_much_waits(
    serve: Serve, answer: Answer, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "_MOST_WAITING", 100)
    server = await serve({"/feed": answer(b"<rss/>")})
    with fetcher.backlog.waits(60):
        await fetcher.fetch(_request(server.url("/feed"), "a"))
        with fetcher.backlog.waits(60):
            fetching = asyncio.create_task(fetcher.fetch(_request(server.url("/feed"), "b")))
            text = await fetcher.fetch(_request(server.url("/feed"), ""))  # of an entry that waits itself
            assert isinstance(text, FetchedDocument)
            assert not fetching.done()
            assert len(server.requests) == 2
        assert isinstance(await fetching, FetchedDocument)


async def test_room_comes_back_after_an_error() -> None:
    backlog = Backlog()
    with pytest.raises(ValueError, match="broken"), backlog.waits(2**40):
        raise ValueError("broken")
    await asyncio.wait_for(backlog.room(), 1)


async def test_a_large_document_waits_for_room_and_its_deadline_with_it(
    serve: Serve, answer: Answer, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "_MOST_WAITING", 100)
    body = gzip.compress(b" " * 3 * 2**20)
    server = await serve({"/feed": answer(body, "Content-Encoding: gzip")})
    request = FetchRequest(server.url("/feed"), private=True, timeout=0.5)
    with fetcher.backlog.waits(200):
        fetching = asyncio.create_task(fetcher.fetch(request))
        await asyncio.sleep(0.8)
        assert not fetching.done()
    document = await fetching
    assert isinstance(document, FetchedDocument)
    assert len(document.body) == 3 * 2**20
