from __future__ import annotations

import asyncio
import gzip
import socket
from typing import TYPE_CHECKING

import brotli  # type: ignore[import-untyped]
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from aggregator.fetching import errors
from aggregator.fetching.client import FetchedDocument, Fetcher, FetchRequest, NotModified
from aggregator.fetching.politeness import Limits

if TYPE_CHECKING:
    from tests.aggregator.fetching.conftest import Answer, Get, Serve

FEED = b"<rss version='2.0'><channel><title>News</title></channel></rss>"


async def test_a_document_and_what_the_server_says_of_it(get: Get) -> None:
    seen: list[web.Request] = []

    async def handle(request: web.Request) -> web.Response:
        seen.append(request)
        headers = {
            "Content-Type": "application/rss+xml; charset=utf-8",
            "ETag": 'W/"a-1"',
            "Last-Modified": "Mon, 14 Mar 2022 10:35:49 GMT",
            "Set-Cookie": "who=you",
        }
        return web.Response(body=FEED, headers=headers)

    app = web.Application()
    app.router.add_get("/feed", handle)
    async with TestServer(app) as server:
        url = str(server.make_url("/feed"))
        fetched = await get(f"{url}#top")
        await get(url)
    assert (fetched.url, fetched.body) == (url, FEED)
    assert fetched.content_type == "application/rss+xml; charset=utf-8"
    assert (fetched.etag, fetched.modified) == ('W/"a-1"', "Mon, 14 Mar 2022 10:35:49 GMT")
    assert fetched.headers["content-length"] == str(len(FEED))
    for request in seen:
        assert request.headers["User-Agent"] == "Feedmill/0.1 (+https://feedmill.example/)"
        assert request.headers["Accept"].startswith("application/atom+xml")
        assert request.headers["Accept-Encoding"].startswith("gzip, deflate, br")
        assert not request.headers.keys() & {"Cookie", "If-None-Match", "If-Modified-Since", "Authorization"}


async def test_validators_go_out_as_they_came_in(fetcher: Fetcher, serve: Serve, answer: Answer) -> None:
    server = await serve({"/": answer(b"", "Cache-Control: max-age=600", status="304 Not Modified", length=-1)})
    request = FetchRequest(server.url(), private=True, etag='W/"a b, c"', modified="Mon, 14 Mar 2022 10:35:49 +0000")
    answered = await fetcher.fetch(request)
    assert isinstance(answered, NotModified)
    assert answered.headers["cache-control"] == "max-age=600"
    assert server.field("If-None-Match") == 'W/"a b, c"'
    assert server.field("If-Modified-Since") == "Mon, 14 Mar 2022 10:35:49 +0000"


async def test_differences_are_asked_for_where_there_is_something_to_differ_from(
    fetcher: Fetcher, serve: Serve, answer: Answer
) -> None:
    server = await serve({"/": answer(FEED, "IM: feed", 'ETag: "2"', status="226 IM Used")})
    for etag, modified in (('"1"', ""), ("", "Mon, 14 Mar 2022 10:35:49 GMT")):
        fetched = await fetcher.fetch(FetchRequest(server.url(), etag, modified, private=True, differences=True))
        assert isinstance(fetched, FetchedDocument)
        assert (fetched.body, fetched.etag, server.field("A-IM")) == (FEED, '"2"', "feed")
    await fetcher.fetch(FetchRequest(server.url(), private=True, differences=True))
    assert server.field("A-IM") is None
    await fetcher.fetch(FetchRequest(server.url(), private=True, etag='"1"'))
    assert server.field("A-IM") is None


async def test_not_modified_is_no_answer_to_a_plain_question(get: Get, serve: Serve, answer: Answer) -> None:
    server = await serve({"/": answer(b"", status="304 Not Modified", length=-1)})
    with pytest.raises(errors.BadStatus, match="304"):
        await get(server.url())


@pytest.mark.parametrize("status", ["200 OK", "204 No Content", "226 IM Used"])
async def test_nothing_is_a_document_too(get: Get, serve: Serve, answer: Answer, status: str) -> None:
    server = await serve({"/": answer(b"", "Content-Encoding: gzip", status=status)})
    assert (await get(server.url())).body == b""


@pytest.mark.parametrize(
    ("status", "fields", "wait"),
    [
        ("401 Unauthorized", ['WWW-Authenticate: Basic realm="x"'], None),
        ("403 Forbidden", [], None),
        ("404 Not Found", ["Retry-After: tomorrow"], None),
        ("410 Gone", [], None),
        ("429 Too Many Requests", ["Retry-After: 120"], 120.0),
        ("500 Internal Server Error", [], None),
        ("503 Service Unavailable", ["Retry-After: Mon, 14 Mar 2022 10:00:00 GMT"], 0.0),
        ("206 Partial Content", [], None),
        ("300 Multiple Choices", ["Location: /other"], None),
        ("999 Go Away", [], None),
    ],
)
async def test_any_other_status_is_told(
    get: Get, serve: Serve, answer: Answer, status: str, fields: list[str], wait: float | None
) -> None:
    server = await serve({"/": answer(FEED, *fields, status=status)})
    with pytest.raises(errors.BadStatus, match=status[:3]) as caught:
        await get(server.url())
    assert (caught.value.status, caught.value.retry_after) == (int(status[:3]), wait)
    assert str(caught.value).startswith(server.url())


@pytest.mark.parametrize(("name", "body"), [("gzip", gzip.compress(FEED, mtime=0)), ("br", brotli.compress(FEED))])
async def test_encoded_bodies_are_decoded(get: Get, serve: Serve, answer: Answer, name: str, body: bytes) -> None:
    server = await serve({"/": answer(body, f"Content-Encoding: {name}")})
    assert (await get(server.url())).body == FEED


@pytest.mark.parametrize(
    "url",
    [
        "",
        "news",
        "/feed",
        "//news.example/feed",
        "file:///etc/passwd",
        "ftp://user:secret@news.example/feed",
        "http://",
        "http:///feed",
        "http://user:secret@/feed",
        "http://user:secret@[::1/feed",
        "http://user:secret@news.example:port/feed",
        "http://us%3Aer:secret@news.example/feed",
        "http://user:secret@news\u2100.example/feed",
        "http://a..b/feed",
        f"http://{'a' * 64}.example/feed",
    ],
)
async def test_what_cannot_be_asked_for(get: Get, url: str) -> None:
    with pytest.raises(errors.BadUrl, match="is not an address of the form") as caught:
        await get(url)
    assert "secret" not in str(caught.value)


async def test_an_international_name_is_looked_up_as_dns_knows_it(
    get: Get, serve: Serve, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await serve({"/%E6%96%B0": answer(FEED)})
    asked: list[object] = []

    def look_up(host: str, *_: object, **__: object) -> list[object]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    fetched = await get(server.url("/新", host="新闻.example"))
    assert fetched.url == server.url("/%E6%96%B0", host="xn--efvy88h.example")
    assert asked == ["xn--efvy88h.example"]
    assert server.field("Host") == f"xn--efvy88h.example:{server.port}"


@pytest.mark.parametrize(("connections", "per_host"), [(100, 2), (2, 100)])
async def test_no_more_than_a_few_connections(serve: Serve, answer: Answer, connections: int, per_host: int) -> None:
    now, most = 0, 0

    async def count(_: bytes, writer: asyncio.StreamWriter) -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.1)
        now -= 1
        writer.write(answer(FEED))

    server = await serve({"/": count})
    # Those at the end wait longer than the deadline for their turn, and are none the worse for it.
    request = FetchRequest(server.url(), private=True, timeout=0.55)
    async with Fetcher("Feedmill/0.1", Limits(healthy=connections, per_host=per_host)) as fetcher:
        await asyncio.gather(*(fetcher.fetch(request) for _ in range(12)))
    assert (most, len(server.requests)) == (2, 12)


async def test_the_environment_and_its_proxies_are_not_asked(
    get: Get, serve: Serve, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = await serve({})
    server = await serve({"/": answer(FEED)})
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.url())
    assert (await get(server.url())).body == FEED
    assert proxy.accepted == 0
