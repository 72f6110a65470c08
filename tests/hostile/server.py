"""A server that can lie on every layer: each host that it is asked for behaves as it likes, byte by byte.

It listens on one address of the loopback, which stands for the Internet. Beside it, on addresses that stand for the
inside of a network, traps listen that no one is to connect to.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

OUTSIDE = "127.77.0.1"
"""The address that counts as public."""
INSIDE = ("127.0.0.1", "127.77.0.2", "::1")
"""Where the traps are."""

_PIECE = 64 * 1024
_TLS = b"\x16"


@dataclass(frozen=True, slots=True)
class Request:
    """What a host was asked; ``number`` counts the requests for its feed from 0, ``port`` is the server's
    own, ``deaf`` one where nobody listens.
    """

    host: str
    path: str
    head: str
    number: int
    port: int
    deaf: int

    def url(self, path: str = "/feed", host: str = "") -> str:
        return f"http://{host or self.host}:{self.port}{path}"


Behaviour = Callable[[Request, asyncio.StreamWriter], Awaitable[None]]


def answer(body: bytes = b"", *fields: str, status: str = "200 OK", length: int | None = None) -> bytes:
    """An HTTP answer; *length* is what it says of its body, negative for nothing."""
    length = len(body) if length is None else length
    lines = [f"HTTP/1.1 {status}", *fields, "Connection: close"]
    if length >= 0:
        lines.append(f"Content-Length: {length}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def says(data: bytes) -> Behaviour:
    """Writes *data* and hangs up."""

    async def behave(_: Request, stream: asyncio.StreamWriter) -> None:
        for start in range(0, len(data), _PIECE):
            stream.write(data[start : start + _PIECE])
            await stream.drain()

    return behave


def made(make: Callable[[Request], bytes]) -> Behaviour:
    """Writes what *make* makes of the request."""

    async def behave(request: Request, stream: asyncio.StreamWriter) -> None:
        await says(make(request))(request, stream)

    return behave


def paths(**given: Behaviour) -> Behaviour:
    """Behaves by path: ``feed=`` is for ``/feed``."""

    async def behave(request: Request, stream: asyncio.StreamWriter) -> None:
        await given[request.path.strip("/")](request, stream)

    return behave


def turning(before: Behaviour, after: Behaviour) -> Behaviour:
    """Behaves in one way at first, and in another ever after."""

    async def behave(request: Request, stream: asyncio.StreamWriter) -> None:
        await (after if request.number else before)(request, stream)

    return behave


def endless(start: bytes, piece: bytes, pause: float = 0.0) -> Behaviour:
    """Writes *start*, then *piece* for ever."""

    async def behave(_: Request, stream: asyncio.StreamWriter) -> None:
        stream.write(start)
        while True:
            stream.write(piece)
            await stream.drain()
            await asyncio.sleep(pause)

    return behave


def resets(data: bytes) -> Behaviour:
    """Writes *data*, and breaks the connection off without the end that TCP knows."""

    async def behave(_: Request, stream: asyncio.StreamWriter) -> None:
        if data:
            stream.write(data)
            await stream.drain()
            await asyncio.sleep(0.1)  # else the reset overtakes what was sent
        linger = struct.pack("ii", 1, 0)
        stream.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        stream.transport.abort()

    return behave


async def silent(_: Request, __: asyncio.StreamWriter) -> None:
    """Says nothing, and stays."""
    await asyncio.Event().wait()


class Server:
    """Behaves by the host that is asked for; ``requests`` are those that came, by host, ``trapped`` the traps' own."""

    def __init__(self, hosts: Mapping[str, Behaviour]) -> None:
        self.port = 0
        self.deaf = 0
        self.requests: defaultdict[str, list[Request]] = defaultdict(list)
        self.trapped: list[str] = []
        self.faults: list[BaseException] = []
        self._hosts = hosts
        self._running: set[asyncio.Task[None]] = set()
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        server = await asyncio.start_server(self._accept, OUTSIDE, 0, backlog=512)
        await self._stack.enter_async_context(server)
        self.port = server.sockets[0].getsockname()[1]
        deaf = self._stack.enter_context(socket.socket())
        deaf.bind((OUTSIDE, 0))
        self.deaf = deaf.getsockname()[1]  # taken, and nobody listens
        for address in INSIDE:
            trap = await asyncio.start_server(self._trap, address, self.port)
            await self._stack.enter_async_context(trap)
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await self._stack.aclose()

    def _trap(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.trapped.append(writer.get_extra_info("sockname")[0])
        writer.close()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await self._head(reader):
                if head == _TLS:
                    writer.write(b"220 tide.example ESMTP\r\n")
                    await writer.drain()
                    break
                request = self._request(head)
                self.requests[request.host].append(request)
                await self._hosts[request.host](request, writer)
                await writer.drain()
                if b"keep-alive" not in head or not request.path.startswith("/kept"):
                    break
        except ConnectionError:
            pass  # the client has had enough: what many rows are about
        except Exception as error:  # noqa: BLE001  the tests ask for it
            self.faults.append(error)
        finally:
            writer.close()

    @staticmethod
    async def _head(reader: asyncio.StreamReader) -> bytes:
        """The head of a request; the first byte alone where it begins as TLS does, nothing where it ends too soon."""
        with contextlib.suppress(asyncio.IncompleteReadError):
            first = await reader.readexactly(1)
            return first if first == _TLS else first + await reader.readuntil(b"\r\n\r\n")
        return b""

    def _request(self, head: bytes) -> Request:
        text = head.decode("latin-1")
        path = text.split(" ")[1]
        host = next(
            line.partition(":")[2].strip() for line in text.split("\r\n") if line.lower().startswith("host:")
        ).rpartition(":")[0]
        number = sum(one.path == path for one in self.requests[host])
        return Request(host, path, text, number, self.port, self.deaf)
