"""A server of connections without sockets, whose other side is a test."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.server import ServerState

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

DATE = re.compile(rb"\r\ndate: [^\r]+")


class Wire:
    """The other side of a connection: what was written to it, and whether it was closed."""

    def __init__(self) -> None:
        self.written = b""
        self.closed = False

    def write(self, data: bytes) -> None:
        if not self.closed:
            self.written += data

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def get_extra_info(self, _name: str, default: Any = None) -> Any:
        return default

    def pause_reading(self) -> None:
        """It is told its bytes by the test, whatever it wants."""

    resume_reading = set_protocol = pause_reading


class Server:
    """A server without sockets."""

    def __init__(self, app: ASGIApp, protocol: type[HttpToolsProtocol], **options: Any) -> None:
        whole: dict[str, Any] = {"access_log": False, "ws": "none", "proxy_headers": False, **options}
        self.config = uvicorn.Config(app, log_config=None, lifespan="off", http=protocol, **whole)
        self.config.load()
        self.protocol = protocol
        self.state = ServerState()
        self.state.default_headers = [(b"date", b"0"), *self.config.encoded_headers]

    def connect(self) -> Connection:
        return Connection(self)


class Connection:
    """One connection to a server, by a reader who sends what it is told."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.wire = Wire()
        self.protocol = server.protocol(server.config, server.state, {})
        self.protocol.connection_made(self.wire)  # type: ignore[arg-type]

    def send(self, data: bytes) -> None:
        if not self.wire.closed:
            self.protocol.data_received(data)

    async def answered(self) -> None:
        """Wait until everything was answered."""
        while self.server.state.tasks:
            await asyncio.gather(*self.server.state.tasks)
            await asyncio.sleep(0)

    async def ask(self, data: bytes) -> bytes:
        """Send *data*, and say what came before all was answered, without its date."""
        before = len(self.wire.written)
        self.send(data)
        await self.answered()
        return DATE.sub(b"", self.wire.written[before:])


class Counting:
    """An application, and how often it was asked."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.asked = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked += 1
        await self.app(scope, receive, send)
