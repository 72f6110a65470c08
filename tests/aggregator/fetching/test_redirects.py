from __future__ import annotations

import base64
import ssl
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from yarl import URL

from aggregator.fetching import errors
from aggregator.fetching.client import FetchedDocument, Fetcher, FetchRequest, NotModified
from aggregator.fetching.urls import same_host

if TYPE_CHECKING:
    import asyncio

    from aiohttp.test_utils import TestServer

    from tests.aggregator.fetching.conftest import Answer, Get, Serve

CERTIFICATE = Path(__file__).with_name("localhost.pem")
FEED = b"<rss version='2.0'><channel><title>News</title></channel></rss>"


async def test_a_redirect_never_leaves_https(get: Get, tls_server: TestServer, monkeypatch: pytest.MonkeyPatch) -> None:
    trusting = ssl.create_default_context(cafile=CERTIFICATE)
    monkeypatch.setattr("aiohttp.connector._SSL_CONTEXT_VERIFIED", trusting)
    assert (await get(str(tls_server.make_url("/")))).url.startswith("https:")
    with pytest.raises(errors.BadRedirect, match="not encrypted"):
        await get(str(tls_server.make_url("/down")))


async def test_credentials_are_for_their_own_host(get: Get, serve: Serve, answer: Answer) -> None:
    other = await serve({"/": answer(FEED)})
    server = await serve(
        {
            "/": answer(b"", "Location: /inside", status="302 Found"),
            "/inside": answer(b"", f"Location: {other.url()}", status="302 Found"),
        }
    )
    url = server.url().replace("127.", "user:p%40ss%E6%96%B0@127.")
    fetched = await get(url, etag='"1"', modified="Mon, 14 Mar 2022 10:35:49 GMT")
    assert fetched.url == other.url()
    basic = "Basic " + base64.b64encode("user:p@ss新".encode()).decode()
    for request in (0, 1):
        assert server.field("Authorization", request) == basic
        assert server.field("If-None-Match", request) == '"1"'
    for name in ("Authorization", "If-None-Match", "If-Modified-Since", "Referer", "Cookie"):
        assert other.field(name) is None


async def test_a_redirect_brings_no_credentials(get: Get, serve: Serve, answer: Answer) -> None:
    server = await serve({"/feed": answer(FEED)})
    server.answers["/"] = answer(
        b"", f"Location: {server.url('/feed').replace('127.', 'user:secret@127.')}", status="301 Moved"
    )
    fetched = await get(server.url())
    assert fetched.url == server.url("/feed")
    assert server.field("Authorization") is None


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_followed(get: Get, serve: Serve, answer: Answer, status: int) -> None:
    server = await serve(
        {
            "/a/": answer(b"never read", "Location: ../b/feed?x=1#top", status=f"{status} Moved", length=10**9),
            "/b/feed?x=1": answer(FEED),
        }
    )
    fetched = await get(server.url("/a/"))
    assert (fetched.url, fetched.body) == (server.url("/b/feed?x=1"), FEED)


async def test_five_redirects_are_followed_and_no_more(get: Get, serve: Serve, answer: Answer) -> None:
    hops = {f"/{n}": answer(b"", f"Location: /{n + 1}", status="302 Found") for n in range(6)}
    server = await serve({**hops, "/6": answer(FEED), "/loop": answer(b"", "Location: /loop", status="302 Found")})
    assert (await get(server.url("/1"))).body == FEED
    with pytest.raises(errors.TooManyRedirects):
        await get(server.url("/0"))
    asked = len(server.requests)
    with pytest.raises(errors.TooManyRedirects):
        await get(server.url("/loop"))
    assert len(server.requests) == asked + 6


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "ftp://news.example/feed",
        "javascript:alert(1)",
        "http://[::1/",
        "http://news.example:99999/",
        "http://a..b/",
        "",
    ],
)
async def test_a_redirect_to_nowhere_is_not_followed(get: Get, serve: Serve, answer: Answer, location: str) -> None:
    server = await serve({"/": answer(b"", f"Location: {location}", status="302 Found")})
    with pytest.raises(errors.BadRedirect, match=server.url()):
        await get(server.url())


async def test_a_failure_after_a_redirect_names_both_places(get: Get, serve: Serve, answer: Answer) -> None:
    server = await serve(
        {
            "/": answer(b"", "Location: /gone", status="302 Found"),
            "/gone": answer(b"", status="410 Gone"),
        }
    )
    with pytest.raises(errors.BadStatus) as caught:
        await get(server.url())
    assert str(caught.value) == (
        f"{server.url('/gone')} answers with status 410 (Gone) (redirected from {server.url()})"
    )


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("http://a.example/", "https://a.example/feed", True),
        ("http://a.example:8080/", "http://a.example:8080/feed", True),
        ("http://a.example/", "http://www.a.example/", False),
        ("http://a.example/", "http://a.example:8080/", False),
        ("http://a.example:8080/", "https://a.example/", False),
        ("http://a.example:443/", "https://a.example/", True),
    ],
)
def test_what_is_one_host(one: str, other: str, *, same: bool) -> None:
    assert same_host(URL(one), URL(other)) == same


@pytest.mark.parametrize(
    ("hops", "moved"),
    [
        ([], ""),
        ([301], "/1"),
        ([308], "/1"),
        ([301, 308, 301], "/3"),
        ([301, 302], "/1"),
        ([301, 303, 301], "/1"),
        ([302], ""),
        ([307, 301], ""),
        ([303, 308, 301], ""),
    ],
)
@pytest.mark.parametrize("known", [True, False])
async def test_where_it_moved_is_how_far_the_redirects_are_permanent(
    fetcher: Fetcher, serve: Serve, answer: Answer, hops: list[int], moved: str, known: bool
) -> None:
    answers = {
        f"/{number}": answer(b"", f"Location: /{number + 1}", status=f"{status} Moved")
        for number, status in enumerate(hops)
    }
    last = answer(b"", status="304 Not Modified", length=-1) if known else answer(FEED)
    server = await serve({**answers, f"/{len(hops)}": last})
    request = FetchRequest(server.url("/0").replace("127.", "user:secret@127."), private=True, etag='"1"' * known)
    found = await fetcher.fetch(request)
    assert isinstance(found, NotModified if known else FetchedDocument)
    assert found.url == server.url(f"/{len(hops)}")
    assert found.moved == (server.url(moved) if moved else "")


async def test_whoever_is_sent_back_to_where_they_came_from_has_not_moved(
    get: Get, serve: Serve, answer: Answer
) -> None:
    visits: list[bytes] = []

    async def back_and_forth(request: bytes, writer: asyncio.StreamWriter) -> None:
        visits.append(request)
        status, fields = ("301 Moved", ["Location: /other"]) if len(visits) == 1 else ("200 OK", [])
        writer.write(answer(FEED if status == "200 OK" else b"", *fields, status=status))

    server = await serve({"/": back_and_forth, "/other": answer(b"", "Location: /", status="301 Moved")})
    found = await get(server.url())
    assert (found.url, found.moved) == (server.url(), "")


@pytest.mark.parametrize("target", ["127.0.0.2", "localhost", "10.0.0.7", "[::1]", "169.254.169.254"])
async def test_a_private_source_may_not_lead_to_another_host_inside(
    fetcher: Fetcher, serve: Serve, answer: Answer, target: str
) -> None:
    inner = await serve({"/": answer(b"secret")}, "127.0.0.2")
    server = await serve({"/": answer(b"", f"Location: {inner.url(host=target)}", status="302 Found")})
    with pytest.raises(errors.AddressRefused, match=r"not a public address.*redirected from"):
        await fetcher.fetch(FetchRequest(server.url(), private=True, timeout=5))
    assert inner.accepted == 0


async def test_a_private_source_may_lead_to_its_own_host(get: Get, serve: Serve, answer: Answer) -> None:
    other_port = await serve({"/feed": answer(FEED)})
    server = await serve({"/": answer(b"", f"Location: {other_port.url('/feed')}", status="302 Found")})
    assert (await get(server.url())).url == other_port.url("/feed")
