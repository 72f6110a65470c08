"""What anyone can send to a callback: within bounds, and nothing that is not the hub's own is taken in."""

from __future__ import annotations

import asyncio
import gzip
import hmac
import threading
import zlib
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

import aiohttp
import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.requests import Request

from aggregator.push import callback as called
from aggregator.push import inbox
from aggregator.push.callback import LARGEST
from storage.errors import StorageError
from tests.aggregator.push.hub import TOPIC
from tests.aggregator.push.pair import until
from tests.aggregator.store import item, rss

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.responses import Response

    from storage.subscription import Subscription
    from tests.aggregator.push.pair import Pair

_NEWS = rss(item("1", "Low tide")).encode()


def _signed(subscription: Subscription, body: bytes) -> str:
    return "sha256=" + hmac.new(subscription.secret.encode(), body, "sha256").hexdigest()


async def _send(pair: Pair, body: bytes, **fields: str) -> int:
    """Send *body* with the right signature."""
    subscription = pair.kept()
    return await pair.hub.send(
        pair.address(subscription), body, **{"X-Hub-Signature": _signed(subscription, body)} | fields
    )


async def test_a_push_in_gzip(pair: Pair) -> None:
    await pair.subscribed()
    assert await pair.hub.publish(TOPIC, _NEWS, zipped=True) == [202]
    await until(lambda: bool(pair.taken))
    assert pair.taken[0][1].body == _NEWS


async def test_encodings(pair: Pair) -> None:
    await pair.subscribed()
    for encoding, body, status in (
        ("br", _NEWS, 415),
        ("gzip, gzip", gzip.compress(gzip.compress(_NEWS)), 415),
        ("gzip", _NEWS, 400),
        ("gzip", gzip.compress(_NEWS)[:-9], 400),
        ("gzip", zlib.compress(b"\0" * (LARGEST + 1), wbits=31), 413),
        ("identity", _NEWS, 202),
        ("X-GZIP", gzip.compress(_NEWS), 202),
    ):
        assert await _send(pair, body, **{"Content-Encoding": encoding}) == status, encoding
    await until(lambda: len(pair.taken) == 2)
    assert {document.body for _, document in pair.taken} == {_NEWS}
    # Nothing is left that would be in the way of others.
    assert (pair.callback._inbox._bytes, pair.callback._inbox._places) == (0, {})


async def test_a_body_that_is_too_large(pair: Pair) -> None:
    subscription = await pair.subscribed()
    body = b" " * (LARGEST + 1)
    assert await _send(pair, body) == 413

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 2**20):
            yield body[start : start + 2**20]

    async with aiohttp.ClientSession() as session:
        signature = {"X-Hub-Signature": _signed(subscription, body)}
        async with session.post(pair.address(subscription), data=pieces(), headers=signature) as answer:
            assert answer.status == 413
    assert await _send(pair, body[:-1]) == 202
    await until(lambda: pair.kept().pushed is not None)
    assert pair.forged == 0


async def test_bytes_that_were_changed_on_the_way(pair: Pair) -> None:
    subscription = await pair.subscribed()
    for signature in (_signed(subscription, _NEWS), "", "sha256=", "md5=00", "sha256", "\xff=\xff"):
        assert await _send(pair, _NEWS + b" ", **{"X-Hub-Signature": signature}) == 202
    assert pair.forged == 6
    assert await _send(pair, _NEWS) == 202
    await until(lambda: len(pair.taken) == 1)


async def test_more_than_can_wait_is_told_to_come_again(pair: Pair) -> None:
    subscription = await pair.subscribed()
    pair.gate.clear()
    answers = [await _send(pair, _NEWS) for _ in range(10)]
    assert answers == [202] * 8 + [503] * 2
    async with aiohttp.ClientSession() as session, session.post(pair.address(subscription), data=_NEWS) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (503, "60")
    # Others have their own places.
    pair.configure("ebb", topic="https://tides.example/ebb")
    await pair.tend()
    await until(lambda: len(pair.hub.subscriptions) == 2)
    assert await pair.hub.publish("https://tides.example/ebb", _NEWS) == [202]
    pair.gate.set()
    await until(lambda: len(pair.taken) == 9)
    assert await _send(pair, _NEWS) == 202
    await until(lambda: len(pair.taken) == 10)


async def test_all_that_waits_is_bounded_in_bytes(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "_MOST_BYTES", 3 * len(_NEWS))
    await pair.subscribed()
    pair.gate.clear()
    assert [await _send(pair, _NEWS) for _ in range(4)] == [202, 202, 202, 503]
    pair.gate.set()
    await until(lambda: len(pair.taken) == 3)
    zipped = gzip.compress(b" " * 4 * len(_NEWS))
    assert await _send(pair, zipped, **{"Content-Encoding": "gzip"}) == 503
    assert [await _send(pair, _NEWS) for _ in range(3)] == [202, 202, 202]


@pytest.mark.parametrize("error", [StorageError("the disk is full"), ValueError("a fault of ours")])
async def test_a_push_that_cannot_be_taken_in_costs_only_itself(pair: Pair, error: Exception) -> None:
    await pair.subscribed()
    with structlog.testing.capture_logs() as logs:
        for _ in range(inbox._AT_ONCE + 1):
            pair.broken.append(error)
            assert await _send(pair, b"broken") == 202
            await until(lambda: not pair.broken)
        assert await _send(pair, _NEWS) == 202
        await until(lambda: len(pair.taken) == 1)
    assert [entry["event"] for entry in logs] == ["not taken"] * (inbox._AT_ONCE + 1) + ["pushed"]


async def test_hubs_are_answered_while_the_store_has_long_work(pair: Pair) -> None:
    pair.hub.silent = True
    await pair.tend()
    busy = threading.Event()
    work = asyncio.create_task(pair.mill.worker.do(partial(busy.wait, 60)))
    try:
        assert await pair.hub.verify("subscribe", TOPIC, pair.address(pair.kept()))
        assert pair.kept().holds(pair.now)
        assert await _send(pair, _NEWS) == 202
        assert pair.taken == []
    finally:
        busy.set()
        await work
    await until(lambda: len(pair.taken) == 1)


async def test_a_body_that_does_not_come_or_breaks_off(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    subscription = await pair.subscribed()
    monkeypatch.setattr(called, "_DEADLINE_SECONDS", 0.2)
    monkeypatch.setattr(inbox, "_MOST_OF_ONE", 1)
    head = f"POST /websub/{subscription.token} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nshort".encode()
    port = int(pair.mill.site.url.rpartition(":")[2])
    for _ in range(2):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head)
        assert (await reader.readline()).startswith(b"HTTP/1.1 408 ")
        writer.close()
    monkeypatch.setattr(called, "_DEADLINE_SECONDS", 60)
    for _ in range(2):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head)
        await until(lambda: pair.callback._inbox._bytes == 5)
        writer.close()
        await until(lambda: pair.callback._inbox._bytes == 0)
    assert await _send(pair, _NEWS) == 202


async def test_unknown_callbacks_and_other_methods(pair: Pair) -> None:
    await pair.subscribed()
    async with aiohttp.ClientSession() as session:
        for path, method, status in (
            ("websub/nobody", "GET", 404),
            ("websub/nobody", "POST", 404),
            ("websub/%00%ff", "POST", 404),
            (f"websub/{pair.kept().token}", "GET", 404),
            (f"websub/{pair.kept().token}", "PUT", 405),
            (f"websub/{pair.kept().token}/more", "GET", 404),
            ("websub/", "GET", 404),
        ):
            async with session.request(method, f"{pair.mill.site.url}/{path}", data=b"x" * 100_000) as answer:
                assert answer.status == status, (path, method)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(challenge=st.binary(min_size=1, max_size=100), lease=st.text(max_size=20))
async def test_any_challenge_is_echoed_to_the_byte(pair: Pair, challenge: bytes, lease: str) -> None:
    if not pair.hub.asked:
        pair.hub.silent = True
        await pair.tend()
    query = f"hub.mode=subscribe&hub.topic={quote(TOPIC)}&hub.lease_seconds={quote(lease)}&hub.challenge="
    answer = _asked(pair, query.encode() + quote(challenge).encode())
    assert (answer.status_code, answer.body) == (200, challenge)
    assert answer.headers["content-type"].startswith("text/plain")
    assert pair.kept().holds(pair.now)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.binary(max_size=100) | st.text("hub.modetpic=&%0", max_size=60).map(str.encode))
async def test_any_query_is_answered(pair: Pair, query: bytes) -> None:
    if not pair.hub.asked:
        pair.hub.silent = True
        await pair.tend()
    before = pair.kept()
    assert _asked(pair, query).status_code == 404
    assert pair.kept() == before


def _asked(pair: Pair, query: bytes) -> Response:
    params = {"token": pair.kept().token}
    scope = {"type": "http", "method": "GET", "query_string": query, "path_params": params, "headers": []}
    return pair.callback._verify(Request(scope))
