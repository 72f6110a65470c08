from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aggregator.fetching import errors
from aggregator.fetching.client import Fetcher, FetchRequest
from aggregator.fetching.request import Access

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from tests.aggregator.fetching.conftest import Answer, Script, Serve

FORM = {"Content-Type": "application/x-www-form-urlencoded", "X-Hub-Signature": "sha256=00"}
BODY = b"hub.mode=subscribe"


@pytest.fixture
def taken(answer: Answer) -> Callable[[list[bytes]], Script]:
    """A place that takes what is sent to it, and notes it."""

    def make(bodies: list[bytes]) -> Script:
        async def take(_: bytes, writer: asyncio.StreamWriter, reader: asyncio.StreamReader) -> None:
            bodies.append(await reader.readexactly(len(BODY)))
            writer.write(answer(b"taken", "X-Said: yes", status="202 Accepted"))

        return take

    return make


async def test_what_is_sent_arrives_and_the_reply_is_told(
    fetcher: Fetcher, serve: Serve, taken: Callable[[list[bytes]], Script]
) -> None:
    bodies: list[bytes] = []
    server = await serve({"/hub": taken(bodies)})
    access = Access(token="s3cret", headers=(("X-Key", "k3y"),))
    request = FetchRequest(server.url("/hub"), private=True, access=access)
    posted = await fetcher.post(request, BODY, FORM)
    assert (posted.status, posted.body, posted.headers["x-said"]) == (202, b"taken", "yes")
    assert bodies == [BODY]
    assert server.requests[0].startswith(b"POST /hub HTTP/1.1\r\n")
    assert server.field("Content-Length") == str(len(BODY))
    assert server.field("Content-Type") == "application/x-www-form-urlencoded"
    assert server.field("X-Hub-Signature") == "sha256=00"
    assert (server.field("Authorization"), server.field("X-Key")) == ("Bearer s3cret", "k3y")


@pytest.mark.parametrize(
    "status", ["200 OK", "304 Not Modified", "404 Not Found", "410 Gone", "503 Service Unavailable"]
)
async def test_any_status_is_a_reply(fetcher: Fetcher, serve: Serve, answer: Answer, status: str) -> None:
    server = await serve({"/": answer(b"", status=status, length=-1 if status[:3] == "304" else 0)})
    posted = await fetcher.post(FetchRequest(server.url(), private=True), BODY, FORM)
    assert posted.status == int(status[:3])


@pytest.mark.parametrize("status", [307, 308])
async def test_it_is_sent_on_with_what_it_is_and_without_what_lets_us_in(
    fetcher: Fetcher, serve: Serve, answer: Answer, taken: Callable[[list[bytes]], Script], status: int
) -> None:
    bodies: list[bytes] = []
    other = await serve({"/hub": taken(bodies)})
    server = await serve({"/": answer(b"", f"Location: {other.url('/hub')}", status=f"{status} Over There")})
    access = Access(username="user", password="s3cret", headers=(("X-Key", "k3y"),))
    posted = await fetcher.post(FetchRequest(server.url(), private=True, access=access), BODY, FORM)
    assert (posted.status, bodies) == (202, [BODY])
    assert other.field("X-Hub-Signature") == "sha256=00"
    assert (server.field("X-Key"), other.field("X-Key"), other.field("Authorization")) == ("k3y", None, None)


@pytest.mark.parametrize("status", [301, 302, 303])
async def test_a_redirect_that_asks_for_something_else_is_told(
    fetcher: Fetcher, serve: Serve, answer: Answer, status: int
) -> None:
    server = await serve({"/": answer(b"", "Location: /other", status=f"{status} Over There")})
    with pytest.raises(errors.BadRedirect, match=f"{status}, a redirect"):
        await fetcher.post(FetchRequest(server.url(), private=True), BODY, FORM)
    assert len(server.requests) == 1


async def test_a_long_reply_is_cut_off(fetcher: Fetcher, serve: Serve) -> None:
    async def endless(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        while True:
            writer.write(b"x" * 10_000)
            await writer.drain()

    server = await serve({"/": endless})
    posted = await fetcher.post(FetchRequest(server.url(), private=True), BODY, FORM)
    assert (posted.status, posted.body) == (400, b"x" * 65_536)


async def test_nothing_is_sent_inward(fetcher: Fetcher, serve: Serve, answer: Answer) -> None:
    inner = await serve({"/": answer(b"secret")})
    with pytest.raises(errors.AddressRefused):
        await fetcher.post(FetchRequest(inner.url()), BODY, FORM)
    server = await serve({"/": answer(b"", f"Location: {inner.url(host='127.0.0.2')}", status="307 Over There")})
    with pytest.raises(errors.AddressRefused, match="redirected from"):
        await fetcher.post(FetchRequest(server.url(), private=True), BODY, FORM)
    assert inner.accepted == 0


async def test_a_server_that_never_replies_is_not_waited_for(fetcher: Fetcher, serve: Serve) -> None:
    async def silent(_: bytes, __: asyncio.StreamWriter, reader: asyncio.StreamReader) -> None:
        await reader.read()

    server = await serve({"/": silent})
    with pytest.raises(errors.DeadlineExceeded, match=r"in 0\.2 seconds"):
        await fetcher.post(FetchRequest(server.url(), private=True, timeout=0.2), BODY, FORM)
