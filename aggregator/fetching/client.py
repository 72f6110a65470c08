"""The HTTP client for feeds: asks politely, follows with care, and takes no more than it was told.

No proxy, no cookie, no ``.netrc``: nothing of the machine we run on reaches a source, and the address that is
judged is the address that is connected to.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self
from weakref import WeakValueDictionary

import aiohttp
from yarl import URL

from aggregator.fetching.decoding import ACCEPT_ENCODING, Body
from aggregator.fetching.errors import (
    BadStatus,
    ConnectionFailed,
    DeadlineExceeded,
    FetchError,
    TooLarge,
    TooManyRedirects,
)
from aggregator.fetching.failures import as_fetch_error
from aggregator.fetching.guard import PublicResolver, public_socket
from aggregator.fetching.headers import ACCEPT, as_mapping, retry_after
from aggregator.fetching.urls import parsed, redirected, same_host, without_user

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from types import TracebackType

MAX_REDIRECTS = 5

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# 226 is a whole document too, since we never ask for a difference (RFC 3229); 204 is one of no bytes.
_DOCUMENTS = frozenset({200, 204, 226})
# Content-Security-Policy and Link fields of honest servers pass aiohttp's 8 KB.
_LONGEST_FIELD = 32 * 1024
# Ours is the one deadline; aiohttp's own would cut connecting short and start anew at each redirect.
_NO_TIMEOUT = aiohttp.ClientTimeout(total=None, connect=None, sock_connect=None, sock_read=None)


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """What to ask for, and how much to take.

    ``url`` may carry ``user:password@``, which only its own host will see. ``etag`` and ``modified`` are the
    validators of the document that is already there, as the server wrote them, empty if unknown. ``private``
    allows addresses that are not public. ``accept`` is the header field of that name, empty for feeds. ``timeout``
    is in seconds, from looking up the name to the last byte after all redirects. ``max_bytes`` counts the body
    decoded, ``max_wire_bytes`` as it is sent.
    """

    url: str
    etag: str = ""
    modified: str = ""
    private: bool = False
    accept: str = ""
    timeout: float = 60.0
    max_bytes: int = 15 * 2**20
    max_wire_bytes: int = 10 * 2**20


@dataclass(frozen=True, slots=True)
class FetchedDocument:
    """A whole document; ``body`` is decoded, and empty if the server sent nothing.

    ``url`` is where it was found after redirects, without credentials. ``content_type`` is the field with its
    parameters; ``etag`` and ``modified`` are the validators as the server wrote them. ``headers`` is by
    lower-case name.
    """

    url: str
    body: bytes
    content_type: str
    etag: str
    modified: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class NotModified:
    """The document that is already there is still the current one (RFC 9110, 15.4.5)."""

    headers: Mapping[str, str]


class Fetcher:
    """Fetches documents, *connections* at once and *per_host* of one host; an async context manager.

    Args:
        user_agent: who we are, with an address where people can read why we come.
    """

    def __init__(self, user_agent: str, connections: int = 100, per_host: int = 4) -> None:
        self._user_agent = user_agent
        self._per_host = per_host
        self._slots = asyncio.Semaphore(connections)
        self._host_slots: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        self._sessions: dict[bool, aiohttp.ClientSession] = {}
        self._exits = AsyncExitStack()

    async def __aenter__(self) -> Self:
        public = aiohttp.TCPConnector(
            limit=0, limit_per_host=self._per_host, resolver=PublicResolver(), socket_factory=public_socket
        )
        private = aiohttp.TCPConnector(limit=0, limit_per_host=self._per_host)
        for is_private, connector in ((False, public), (True, private)):
            session = aiohttp.ClientSession(
                connector=connector,
                headers={
                    "User-Agent": self._user_agent,
                    "Accept": ACCEPT,
                    "Accept-Encoding": ACCEPT_ENCODING,
                },
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=_NO_TIMEOUT,
                trust_env=False,
                auto_decompress=False,
                max_field_size=_LONGEST_FIELD,
            )
            self._sessions[is_private] = await self._exits.enter_async_context(session)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._exits.aclose()

    async def fetch(self, request: FetchRequest) -> FetchedDocument | NotModified:
        """Fetch one document.

        Raises:
            FetchError: there is none; its class says whose fault that is.
        """
        asked = parsed(request.url)
        async with self._slot(asked):
            try:
                async with asyncio.timeout(request.timeout):
                    return await self._follow(request, asked)
            except TimeoutError as error:
                raise DeadlineExceeded(
                    request.url, f"did not give a whole answer in {request.timeout:g} seconds"
                ) from error

    @asynccontextmanager
    async def _slot(self, url: URL) -> AsyncIterator[None]:
        """Wait for our turn, before the deadline starts to run: others' slowness is not this source's fault.

        The host's turn comes first, so that those who wait for a slow host keep nobody else waiting.
        """
        host = self._host_slots.setdefault(url.host or "", asyncio.Semaphore(self._per_host))
        async with host, self._slots:
            yield

    async def _follow(self, request: FetchRequest, asked: URL) -> FetchedDocument | NotModified:
        url = without_user(asked)
        try:
            for _ in range(MAX_REDIRECTS + 1):
                answer = await self._exchange(request, url, _headers(request, asked, url))
                if not isinstance(answer, URL):
                    return answer
                url = answer
            raise TooManyRedirects(str(url), f"is one redirect more than the {MAX_REDIRECTS} that we follow")
        except FetchError as error:
            error.redirected_from(str(without_user(asked)))
            raise

    async def _exchange(
        self, request: FetchRequest, url: URL, headers: dict[str, str]
    ) -> FetchedDocument | NotModified | URL:
        """Ask *url* alone: what it has, or where it sends us."""
        session = self._sessions[request.private]
        try:
            async with session.get(url, headers=headers, allow_redirects=False) as response:
                if response.status in _REDIRECTS:
                    return redirected(url, response.headers.get("Location", ""))
                if response.status == 304 and ("If-None-Match" in headers or "If-Modified-Since" in headers):
                    return NotModified(as_mapping(response.headers.items()))
                if response.status not in _DOCUMENTS:
                    wait = retry_after(response.headers.get("Retry-After", ""), datetime.now(UTC))
                    raise BadStatus(str(url), response.status, wait)
                return await _document(request, url, response)
        except (aiohttp.ClientError, OSError) as error:
            # The deadline is not caught here: inside it is a cancellation still.
            raise as_fetch_error(str(url), error) from error


async def _document(request: FetchRequest, url: URL, response: aiohttp.ClientResponse) -> FetchedDocument:
    if (response.content_length or 0) > request.max_wire_bytes:
        raise TooLarge(str(url), f"announces more than {request.max_wire_bytes:,} bytes")
    lost = _end_of_connection(response)
    encodings = response.headers.getall("Content-Encoding", [])
    body = Body(str(url), encodings, request.max_wire_bytes, request.max_bytes)
    async for chunk in response.content.iter_any():
        body.feed(chunk)
    if lost is not None and lost.done() and lost.exception() is not None:
        raise ConnectionFailed(str(url), "has a body that breaks off before its end")
    headers = as_mapping(response.headers.items())
    return FetchedDocument(
        url=str(url),
        body=body.finish(),
        content_type=headers.get("content-type", ""),
        etag=headers.get("etag", ""),
        modified=headers.get("last-modified", ""),
        headers=headers,
    )


def _end_of_connection(response: aiohttp.ClientResponse) -> asyncio.Future[None] | None:
    """How the connection ends, where nothing else ends the body (RFC 9112, 6.3): aiohttp takes a reset for an end."""
    delimited = response.content_length is not None or "Transfer-Encoding" in response.headers
    if delimited or response.connection is None or response.connection.protocol is None:
        return None
    return response.connection.protocol.closed


def _headers(request: FetchRequest, asked: URL, url: URL) -> dict[str, str]:
    """What only the host that was *asked* may see: credentials, and validators that mean nothing elsewhere."""
    headers = {"Accept": request.accept} if request.accept else {}
    if not same_host(asked, url):
        return headers
    if request.etag:
        headers["If-None-Match"] = request.etag
    if request.modified:
        headers["If-Modified-Since"] = request.modified
    if asked.user is not None or asked.password is not None:
        headers["Authorization"] = aiohttp.encode_basic_auth(asked.user or "", asked.password or "")
    return headers
