"""The connections that aiohttp makes for us, and the bounds that it leaves open."""

from __future__ import annotations

import asyncio
import resource
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.http_exceptions import HttpProcessingError

from aggregator.fetching.decoding import ACCEPT_ENCODING
from aggregator.fetching.headers import ACCEPT

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from aiohappyeyeballs import AddrInfoType

    from aggregator.fetching.resolver import Resolver

LARGEST_HEAD: Final = 128 * 1024
"""Bytes of an answer before its body, interim answers (1xx) included."""
LARGEST_ANSWER: Final = 32 * 2**20
"""Bytes of a whole answer, with what stands between the parts of its body and after them."""

# Content-Security-Policy and Link fields of honest servers pass aiohttp's 8 KB.
_LONGEST_FIELD: Final = 32 * 1024
# Seconds that an idle connection is kept: for the next source of its host, or the page that a feed links to.
_KEPT: Final = 10.0
# All slots, connections that are kept for a while, and what the rest of the program needs.
_OPEN_FILES: Final = 4096
# Ours is the one deadline; aiohttp's own would cut connecting short and start anew at each redirect.
_NO_TIMEOUT: Final = aiohttp.ClientTimeout(total=None, connect=None, sock_connect=None, sock_read=None)


class EndlessAnswerError(aiohttp.ClientPayloadError):
    """An answer is larger than ``LARGEST_ANSWER``, however small what it carries is."""


class BoundedHandler(ResponseHandler):
    """Gives up on an answer that has no end in what aiohttp does not count.

    aiohttp bounds each field of a head and their number, which is 4 MB in all; it takes interim answers for as long as
    they come, and passes over what chunks are annotated with (RFC 9112, 7.1.1).
    """

    _size = 0
    _in_head = False

    def set_response_params(self, **parameters: Any) -> None:
        """A request is about to be sent."""
        self._size, self._in_head = 0, True
        super().set_response_params(**parameters)

    def feed_data(self, data: Any, size: int = 0) -> None:
        """A head is whole, of an interim answer or of the one that is waited for."""
        self._in_head = 100 <= data[0].code < 200
        super().feed_data(data, size)

    def data_received(self, data: bytes) -> None:
        """The connection brought something."""
        self._size += len(data)
        super().data_received(data)
        if self._size <= LARGEST_HEAD:
            return
        if self._in_head and self.exception() is None:
            self._give_up()
            self.set_exception(HttpProcessingError(message=f"a head of more than {LARGEST_HEAD:,} bytes"))
        elif self._size > LARGEST_ANSWER and self._payload is not None:
            self._give_up()
            self._payload.set_exception(EndlessAnswerError())

    def _give_up(self) -> None:
        self._should_close = True
        if self.transport is not None:
            self.transport.close()


def session(
    user_agent: str, resolver: Resolver, socket_factory: Callable[[AddrInfoType], socket.socket] | None = None
) -> aiohttp.ClientSession:
    """What requests are made with. How many there are at once is decided elsewhere."""
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEPT, resolver=resolver, socket_factory=socket_factory)
    # There is no other way in.
    connector._factory = partial(BoundedHandler, loop=asyncio.get_running_loop())  # type: ignore[assignment]  # noqa: SLF001
    return aiohttp.ClientSession(
        connector=connector,
        headers={"User-Agent": user_agent, "Accept": ACCEPT, "Accept-Encoding": ACCEPT_ENCODING},
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=_NO_TIMEOUT,
        trust_env=False,
        auto_decompress=False,
        max_field_size=_LONGEST_FIELD,
    )


def allow_open_files() -> None:
    """Let this process open as many files as it may and we need: many systems begin with 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(_OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
