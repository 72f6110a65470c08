from __future__ import annotations

import asyncio
import gzip
import socket
import struct
import threading
from typing import TYPE_CHECKING

import aiohttp
import brotli  # type: ignore[import-untyped]
import pytest

from aggregator.fetching import errors
from aggregator.fetching.client import Fetcher, FetchRequest
from aggregator.fetching.failures import as_fetch_error

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp.test_utils import TestServer

    from tests.aggregator.fetching.conftest import Answer, Get, Serve

FEED = b"<rss version='2.0'><channel><title>News</title></channel></rss>"


@pytest.mark.parametrize(("name", "encode"), [("gzip", gzip.compress), ("br", brotli.compress)])
async def test_a_bomb_is_too_large(
    get: Get, serve: Serve, answer: Answer, name: str, encode: Callable[[bytes], bytes]
) -> None:
    server = await serve({"/": answer(encode(bytes(2**20)), f"Content-Encoding: {name}")})
    with pytest.raises(errors.TooLarge, match="100,000 bytes decoded"):
        await get(server.url())


@pytest.mark.parametrize("name", ["gzip", "br", "compress", "gzip, gzip, gzip"])
async def test_an_encoding_that_is_not_true_is_told(get: Get, serve: Serve, answer: Answer, name: str) -> None:
    server = await serve({"/": answer(FEED, f"Content-Encoding: {name}")})
    with pytest.raises(errors.BadEncoding, match=server.url()):
        await get(server.url())


async def test_a_body_without_end_stops_at_the_limit(get: Get, serve: Serve) -> None:
    async def endless(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(bytes(10_000))
            await writer.drain()

    server = await serve({"/": endless})
    with pytest.raises(errors.TooLarge, match="100,000 bytes"):
        await get(server.url())


async def test_a_length_beyond_the_limit_is_not_waited_for(get: Get, serve: Serve, answer: Answer) -> None:
    server = await serve({"/": answer(b"", length=10**15)})
    with pytest.raises(errors.TooLarge, match="announces"):
        await get(server.url())


@pytest.mark.parametrize("start", [b"HTTP/1.1 200 ", b"HTTP/1.1 200 OK\r\nContent-Type: ", b"HTTP/1.1 200 OK\r\n\r\n"])
async def test_dripping_bytes_do_not_move_the_deadline(get: Get, serve: Serve, start: bytes) -> None:
    async def drip(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        while True:
            writer.write(b"2")
            await writer.drain()
            await asyncio.sleep(0.02)

    server = await serve({"/": drip})
    with pytest.raises(errors.DeadlineExceeded, match=r"in 0\.3 seconds"):
        await get(server.url(), seconds=0.3)


async def test_redirects_share_one_deadline(get: Get, serve: Serve, answer: Answer) -> None:
    async def slow(request: bytes, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.2)
        writer.write(answer(b"", f"Location: {request.split(b' ')[1].decode()}x", status="302 Found"))

    server = await serve({"/" + "x" * n: slow for n in range(6)})
    with pytest.raises(errors.DeadlineExceeded):
        await get(server.url(), seconds=0.5)


@pytest.mark.parametrize(
    "head",
    [
        f"HTTP/1.1 200 OK\r\nContent-Length: {len(FEED) + 1}\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1000\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + f"{len(FEED):x}\r\n",
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n",
    ],
)
async def test_a_body_that_ends_too_soon_is_no_document(get: Get, serve: Serve, head: str) -> None:
    body = gzip.compress(FEED)[:-9] if "gzip" in head else FEED
    server = await serve({"/": head.encode() + body})
    with pytest.raises(errors.ConnectionFailed, match="breaks off"):
        await get(server.url())


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n", b""])
async def test_a_reset_is_no_document(get: Get, serve: Serve, head: bytes) -> None:
    async def reset(_: bytes, writer: asyncio.StreamWriter) -> None:
        if head:
            writer.write(head + FEED)
            await writer.drain()
            await asyncio.sleep(0.05)
        linger = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.transport.abort()

    server = await serve({"/": reset})
    with pytest.raises(errors.ConnectionFailed):
        await get(server.url())


async def test_bytes_beyond_the_length_are_nobodys_answer(get: Get, serve: Serve) -> None:
    async def two(_: bytes, writer: asyncio.StreamWriter) -> None:
        first = f"HTTP/1.1 200 OK\r\nContent-Length: {len(FEED)}\r\n\r\n".encode() + FEED
        writer.write(first + b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong")
        await writer.drain()
        await asyncio.sleep(1)

    server = await serve({"/": two})
    for _ in range(3):
        assert (await get(server.url())).body == FEED
    assert server.accepted == 3


@pytest.mark.parametrize(
    "said",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"\x00\x01\x02\r\n\r\n",
        b"HTTP/1.1 OK 200\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-Large: " + b"x" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X-Many: x\r\n" * 1000 + b"\r\n",
    ],
)
async def test_what_is_not_http_is_told_in_one_short_line(get: Get, serve: Serve, said: bytes) -> None:
    server = await serve({"/": said})
    with pytest.raises(errors.BadResponse) as caught:
        await get(server.url())
    message = str(caught.value)
    assert len(message) < 350
    assert message.isprintable()


async def test_interim_answers_without_end_are_no_answer(get: Get, serve: Serve) -> None:
    async def endless(_: bytes, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n" * 100)
            await writer.drain()

    server = await serve({"/": endless})
    with pytest.raises(errors.BadResponse, match="a head of more than 131,072 bytes"):
        await get(server.url(), seconds=60.0)


async def test_some_interim_answers_are_passed_over(get: Get, serve: Serve, answer: Answer) -> None:
    interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n"
    server = await serve({"/": interim + answer(FEED)})
    assert (await get(server.url())).body == FEED


@pytest.mark.parametrize("line", [b"X-Many: x\r\n" * 20, b"X: " + b"x" * 30_000 + b"\r\n", b"x" * 1000])
async def test_a_head_without_end_is_no_answer(get: Get, serve: Serve, line: bytes) -> None:
    async def flood(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(line)
            await writer.drain()

    server = await serve({"/": flood})
    with pytest.raises(errors.BadResponse):
        await get(server.url(), seconds=60.0)


@pytest.mark.parametrize(
    "parts", [b"1;" + b"x" * 5000 + b"\r\na\r\n", b"0\r\n" + b"X-Many: x\r\n" * 500, b"0" * 10_000]
)
async def test_what_stands_around_a_body_has_an_end_too(
    get: Get, serve: Serve, monkeypatch: pytest.MonkeyPatch, parts: bytes
) -> None:
    monkeypatch.setattr("aggregator.fetching.connections.LARGEST_ANSWER", 200_000)

    async def flood(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(parts)
            await writer.drain()

    server = await serve({"/": flood})
    with pytest.raises(errors.BadAnswer):
        await get(server.url(), seconds=60.0)


async def test_a_field_as_long_as_honest_servers_send_is_taken(get: Get, serve: Serve, answer: Answer) -> None:
    server = await serve({"/": answer(FEED, f"Content-Security-Policy: {'x' * 20_000}")})
    assert (await get(server.url())).body == FEED


async def test_a_connection_closed_without_a_word(get: Get, serve: Serve) -> None:
    server = await serve({"/": b""})
    with pytest.raises(errors.ConnectionFailed, match="without an answer"):
        await get(server.url())


async def test_a_port_where_nobody_listens(get: Get) -> None:
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        port = unheard.getsockname()[1]
        with pytest.raises(errors.ConnectionFailed, match="cannot be connected to") as caught:
            await get(f"http://user:secret@127.0.0.1:{port}/")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("private", [True, False])
async def test_a_name_that_nobody_has(fetcher: Fetcher, *, private: bool) -> None:
    with pytest.raises(errors.ConnectionFailed, match="does not resolve"):
        await fetcher.fetch(FetchRequest("http://feedmill.invalid/feed", private=private, timeout=20))


async def test_a_certificate_is_checked(get: Get, tls_server: TestServer) -> None:
    with pytest.raises(errors.ConnectionFailed, match="certificate that is not valid: self-signed"):
        await get(str(tls_server.make_url("/")))


async def test_a_port_that_does_not_speak_tls(get: Get) -> None:
    def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n")
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(errors.ConnectionFailed, match="over TLS"):
            await get(f"https://127.0.0.1:{port}/")


async def test_looking_up_the_name_is_within_the_deadline(get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()

    def look_up(*_: object, **__: object) -> list[object]:
        answered.wait(10)
        raise socket.gaierror(socket.EAI_AGAIN, "try again")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    try:
        with pytest.raises(errors.DeadlineExceeded):
            await get("http://slow.example/", seconds=0.2)
    finally:
        answered.set()


def test_what_a_server_wrote_cannot_break_out_of_the_line() -> None:
    lost = as_fetch_error("http://news.example/", aiohttp.ClientError("one\x1b[31m\r\n two \u202e" + "x" * 1000))
    assert str(lost) == f"http://news.example/ is lost on the way: one [31m two {'x' * 187}…"
