from __future__ import annotations

import base64
import ssl
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from yarl import URL

from aggregator.fetching import errors
from aggregator.fetching.urls import same_host

if TYPE_CHECKING:
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
