"""Lies and faults below the document: connections, heads, lengths, chunks."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from tests.hostile.server import answer, endless, paths, says
from tests.hostile.words import item, rss

if TYPE_CHECKING:
    from tests.hostile.server import Behaviour, Request

FEED = rss(item("Low tide", guid="tide-1"), item("High tide", guid="tide-2"))
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


def ok(body: bytes, *fields: str) -> Behaviour:
    """A document, honestly sent."""
    return says(answer(body, *fields))


def status(line: str, *fields: str) -> Behaviour:
    """Another status than 200."""
    return says(answer(b"no", *fields, status=line))


def head(*lines: str, body: bytes = FEED) -> Behaviour:
    """An answer whose head is *lines*."""
    return says("\r\n".join(["HTTP/1.1 200 OK", *lines, "", ""]).encode("latin-1") + body)


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


async def drips(_: Request, stream: asyncio.StreamWriter) -> None:
    """A whole answer, of which a byte comes every second."""
    for byte in answer(FEED):
        stream.write(bytes([byte]))
        await stream.drain()
        await asyncio.sleep(1)


async def stalls(_: Request, stream: asyncio.StreamWriter) -> None:
    """All but the last byte, and then nothing."""
    stream.write(answer(FEED)[:-1])
    await asyncio.Event().wait()


async def closes(_: Request, stream: asyncio.StreamWriter) -> None:
    stream.close()


async def trails(request: Request, stream: asyncio.StreamWriter) -> None:
    """A whole body, and after it fields without end."""
    stream.write(CHUNKED + chunk(FEED) + b"0\r\n")
    await stream.drain()
    await asyncio.sleep(0.2)  # for the head and the body to be taken in by themselves
    await endless(b"", b"X-More: and more\r\n" * 100)(request, stream)


async def smuggles(request: Request, stream: asyncio.StreamWriter) -> None:
    """Sends a second answer unasked, for whoever would take the next one from this connection."""
    if request.path == "/kept/feed":
        forged = rss(item("Forged"))
        smuggled = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(forged), forged)
        moved = b"HTTP/1.1 302 Found\r\nLocation: /kept/next\r\nContent-Length: 0\r\n\r\n"
        stream.write(moved + smuggled)
        await stream.drain()
    else:
        stream.write(answer(rss(item("Asked for"))))


MANY_ENCODED_CHUNKS = CHUNKED + b"".join(chunk(FEED[n : n + 1]) for n in range(len(FEED))) + b"0\r\n\r\n"
TRICKLED_CHUNKS = endless(CHUNKED, chunk(b" "), 0.2)
ENDLESS_BODY = endless(OK + b"\r\n", b"<item>" * 10_000)
ENDLESS_CHUNKS = endless(CHUNKED, chunk(b"<item>" * 10_000))
ENDLESS_FIELDS = endless(OK, b"X-More: and more\r\n" * 100)
ENDLESS_FIELD = endless(OK + b"X-More: ", b"more" * 10_000)
ENDLESS_EXTENSION = endless(CHUNKED + b"5;", b"more" * 10_000)
ENDLESS_HINTS = endless(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" * 100)
ENDLESS_ERROR = endless(b"HTTP/1.1 500 Internal Server Error\r\n\r\n", b"sorry " * 10_000)
ENDLESS_REDIRECT = paths(
    feed=endless(b"HTTP/1.1 302 Found\r\nLocation: /next\r\n\r\n", b"this way " * 10_000), next=ok(FEED)
)


def kept(length: int) -> Behaviour:
    """A feed on a connection that is to be kept, with another length than it has."""
    return says(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (length, FEED))


async def bytewise(_: Request, stream: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        for byte in answer(FEED):
            stream.write(bytes([byte]))
            await stream.drain()
