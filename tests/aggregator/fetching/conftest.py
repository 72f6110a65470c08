"""A server on the loopback that says exactly the bytes it is told, and remembers who came."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from aggregator.fetching.client import FetchedDocument, Fetcher, FetchRequest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

# Signs itself; its key is no secret.
_CERTIFICATE = Path(__file__).with_name("localhost.pem")

Answer = Callable[..., bytes]
Get = Callable[..., Awaitable[FetchedDocument]]
Script = Callable[..., Awaitable[None]]
"""Writes as it likes: gets the head of the request, a writer and, if it wants one, a reader."""


class RawServer:
    """Answers each request with ``answers`` by path, the same bytes every time; a function may write as it likes.

    ``anything`` is the answer to all, if it is set.
    """

    def __init__(self, answers: dict[str, bytes | Script], host: str = "127.0.0.1") -> None:
        self.answers = answers
        self.host = host
        self.anything: bytes | Script | None = None
        self.accepted = 0
        self.requests: list[bytes] = []
        self.port = 0
        self._server: asyncio.Server | None = None
        self._running: set[asyncio.Task[None]] = set()

    def url(self, path: str = "/", host: str = "") -> str:
        return f"http://{host or self.host}:{self.port}{path}"

    def field(self, name: str, request: int = -1) -> str | None:
        """What a request said in the header field *name*."""
        for line in self.requests[request].decode().split("\r\n")[1:]:
            key, _, value = line.partition(":")
            if key.lower() == name.lower():
                return value.strip()
        return None

    async def __aenter__(self) -> RawServer:
        self._server = await asyncio.start_server(self._accept, self.host, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await self._server.wait_closed()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        task = asyncio.create_task(self._serve(reader, writer))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await reader.readuntil(b"\r\n\r\n")
            self.requests.append(request)
            answer = self.anything or self.answers[request.split(b" ")[1].decode()]
            if isinstance(answer, bytes):
                writer.write(answer)
                await writer.drain()
            elif len(signature(answer).parameters) == 2:
                await answer(request, writer)
            else:
                await answer(request, writer, reader)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client has had enough: what many of these tests are about
        finally:
            writer.close()


Serve = Callable[..., Awaitable[RawServer]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Start servers that end with the test."""
    async with AsyncExitStack() as stack:

        async def start(answers: dict[str, bytes | Script], host: str = "127.0.0.1") -> RawServer:
            return await stack.enter_async_context(RawServer(answers, host))

        yield start


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    async with Fetcher("Feedmill/0.1 (+https://feedmill.example/)") as fetcher:
        yield fetcher


def _answer(body: bytes = b"", *fields: str, status: str = "200 OK", length: int | None = None) -> bytes:
    """An HTTP answer; *length* is what it says of its body, negative for nothing."""
    length = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status}", *fields, "Connection: close"]
    if length >= 0:
        lines.append(f"Content-Length: {length}")
    return "\r\n".join([*lines, "", ""]).encode() + body


@pytest.fixture
def answer() -> Answer:
    """Make the bytes of an HTTP answer."""
    return _answer


@pytest.fixture
def get(fetcher: Fetcher) -> Get:
    """Fetch a document from a server of ours, with a deadline and limits that suit a test."""

    async def fetch(url: str, *, etag: str = "", modified: str = "", seconds: float = 5.0) -> FetchedDocument:
        request = FetchRequest(
            url,
            etag=etag,
            modified=modified,
            private=True,
            timeout=seconds,
            max_bytes=100_000,
            max_wire_bytes=100_000,
        )
        fetched = await fetcher.fetch(request)
        assert isinstance(fetched, FetchedDocument)
        return fetched

    return fetch


@pytest.fixture
async def tls_server() -> AsyncIterator[TestServer]:
    """Sends everyone on to http; its certificate is signed by itself."""

    async def handle(request: web.Request) -> web.Response:
        if request.path == "/down":
            raise web.HTTPFound(str(request.url.with_scheme("http")))
        return web.Response(body=b"<rss version='2.0'/>")

    app = web.Application()
    app.router.add_get("/{path:.*}", handle)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(_CERTIFICATE)
    server = TestServer(app, scheme="https")
    await server.start_server(ssl=context)
    yield server
    await server.close()
