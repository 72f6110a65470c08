"""The HTTP client for feeds: asks politely, follows with care, and takes no more than it was told.

No cookie, no ``.netrc``, no proxy of the machine's: nothing of the machine we run on reaches a source, and the address
that is judged is the address that is connected to.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar, cast

import aiohttp

from aggregator.fetching.access import authorization, trusted, via_proxy
from aggregator.fetching.answers import read_document, read_reply
from aggregator.fetching.connections import allow_open_files, session
from aggregator.fetching.errors import BadRedirect, BadStatus, DeadlineExceeded, FetchError, HostBusy, TooManyRedirects
from aggregator.fetching.failures import as_fetch_error
from aggregator.fetching.guard import PublicResolver, judge_for_proxy, public_socket
from aggregator.fetching.headers import Fields, retry_after
from aggregator.fetching.patience import Backlog, Pleas
from aggregator.fetching.politeness import Limits, Turns
from aggregator.fetching.request import NO_ACCESS, FetchedDocument, FetchRequest, NotModified, Posted
from aggregator.fetching.resolver import Resolver
from aggregator.fetching.urls import parsed, redirected, same_host, without_user

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
    from types import TracebackType

    from yarl import URL

__all__ = ["FetchRequest", "FetchedDocument", "Fetcher", "NotModified", "Posted"]

T = TypeVar("T")

MAX_REDIRECTS: Final = 5

_PERMANENT: Final = frozenset({301, 308})
_REDIRECTS: Final = _PERMANENT | {302, 303, 307}
# What is sent is sent on by these only (RFC 9110, 15.4.8 and 15.4.9): the others ask for something else.
_SENT_ON: Final = frozenset({307, 308})
# 226 is a document of what is new (RFC 3229); 204 is one of no bytes.
_DOCUMENTS: Final = frozenset({200, 204, 226})
# With a time to come again, the server asks for less.
_PLEAS: Final = frozenset({429, 503})
# Documents of more than 1 MB that are taken in at once, 15 MB each at most; so many more of what failed the last time,
# so that a crowd of oversized sources keeps no other waiting for long.
_LARGE, _LARGE_FAILING = 4, 2


@dataclass(slots=True)
class _Way:
    """How far a request has come: ``url`` is next; ``seconds`` are left."""

    request: FetchRequest
    asked: URL
    url: URL
    seconds: float
    moved: str = ""
    permanent: bool = True
    deadline: asyncio.Timeout | None = None

    def onward(self, status: int, location: str) -> None:
        """Follow a redirect."""
        self.url = redirected(self.url, location)
        self.permanent = self.permanent and status in _PERMANENT
        if self.permanent:
            self.moved = str(self.url) if self.url != without_user(self.asked) else ""

    @property
    def at_asked_host(self) -> bool:
        return self.url is self.asked or same_host(self.asked, self.url)

    @property
    def may_be_private(self) -> bool:
        return self.request.private and self.url.host == self.asked.host


class Fetcher:
    """Fetches documents, within *limits* on how many at once and how soon; an async context manager.

    Args:
        user_agent: who we are, with an address where people can read why we come.
    """

    def __init__(self, user_agent: str, limits: Limits | None = None) -> None:
        self._user_agent = user_agent
        self._turns = Turns(limits or Limits())
        self.backlog = Backlog()
        self._pleas = Pleas()
        self._large = asyncio.Semaphore(_LARGE)
        self._large_failing = asyncio.Semaphore(_LARGE_FAILING)
        self._exits = AsyncExitStack()

    async def __aenter__(self) -> Self:
        allow_open_files()
        self._resolver = PublicResolver()
        public = session(self._user_agent, self._resolver, public_socket)
        self._public = await self._exits.enter_async_context(public)
        self._unguarded = await self._exits.enter_async_context(session(self._user_agent, Resolver()))
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
        large = self._large_failing if request.failing else self._large

        async def ask(way: _Way) -> FetchedDocument | NotModified | None:
            headers = {"Accept": request.accept} if request.accept else {}
            if way.at_asked_host:
                _add_validators(headers, request)
            async with await self._send("GET", way, headers) as response:
                status = response.status
                if status == 304 and ("If-None-Match" in headers or "If-Modified-Since" in headers):
                    return NotModified(str(way.url), Fields(response.headers), way.moved)
                if status in _DOCUMENTS:
                    enlarged = partial(self._enlarged, way, large)
                    return await read_document(request, str(way.url), way.moved, response, enlarged)
                if status in _REDIRECTS:
                    way.onward(status, response.headers.get("Location", ""))
                    return None
                wait = retry_after(response.headers.get("Retry-After", ""), datetime.now(UTC))
                if request.source and wait is not None and status in _PLEAS:
                    self._pleas.note(way.url.host or "", request.source, wait)
                raise BadStatus(str(way.url), status, wait)

        return await self._follow(request, ask)

    async def post(self, request: FetchRequest, body: bytes, headers: Mapping[str, str]) -> Posted:
        """Send *body* to the address of *request*, and tell what is answered, whatever its status.

        *headers* say what the body is, and go wherever it goes: on after 307 and 308, past no other redirect. Of
        *request*, what concerns documents does not count.

        Raises:
            FetchError: there is no answer, or a redirect that is not followed.
        """
        return await self.exchange("POST", request, headers, body)

    async def exchange(
        self,
        method: str,
        request: FetchRequest,
        headers: Mapping[str, str],
        body: bytes | None = None,
        *,
        follow: bool = True,
    ) -> Posted:
        """As :meth:`post`, by any *method*; unless redirects are to be followed (*follow*), none is.

        Raises:
            FetchError: there is no answer, or a redirect that is not followed.
        """

        async def ask(way: _Way) -> Posted | None:
            sent = {"Accept": request.accept or "*/*", "Accept-Encoding": "identity", **headers}
            async with await self._send(method, way, sent, body) as response:
                if follow and response.status in _SENT_ON:
                    way.onward(response.status, response.headers.get("Location", ""))
                    return None
                if response.status in _REDIRECTS:
                    raise BadRedirect(
                        str(way.url), f"answers with status {response.status}, a redirect that nothing is sent on by"
                    )
                return await read_reply(response)

        return await self._follow(request, ask)

    async def _follow(self, request: FetchRequest, ask: Callable[[_Way], Awaitable[T | None]]) -> T:
        """What *ask* gives, which gives None for each redirect.

        Each hop waits for a turn, before the clock runs on: others' slowness is not this source's fault.
        """
        asked = parsed(request.url)
        way = _Way(request, asked, without_user(asked), request.timeout)
        clock = asyncio.get_running_loop().time
        try:
            for _ in range(MAX_REDIRECTS + 1):
                rated = not way.may_be_private
                async with self._turns.turn(way.url.host or "", failing=request.failing, rated=rated):
                    if request.source:
                        self._see_whether_to_wait(way)
                        await self.backlog.room()
                    began = clock()
                    try:
                        async with asyncio.timeout(way.seconds) as deadline:
                            way.deadline = deadline
                            answer = await ask(way)
                    except (aiohttp.ClientError, OSError) as error:
                        if not deadline.expired():
                            raise as_fetch_error(str(way.url), error) from error
                        late = f"did not give a whole answer in {request.timeout:g} seconds"
                        raise DeadlineExceeded(str(way.url), late) from error
                    way.seconds -= clock() - began
                if answer is not None:
                    return answer
            raise TooManyRedirects(str(way.url), f"is one redirect more than the {MAX_REDIRECTS} that we follow")
        except FetchError as error:
            error.redirected_from(str(without_user(asked)))
            raise

    @asynccontextmanager
    async def _enlarged(self, way: _Way, large: asyncio.Semaphore) -> AsyncIterator[None]:
        """Let a document grow until the end of the block, once it may.

        The deadline waits with us for documents that we have not taken in yet, but not for other servers.
        """
        clock = asyncio.get_running_loop().time
        async with large:
            began, deadline = clock(), cast("asyncio.Timeout", way.deadline)
            when = cast("float", deadline.when())
            deadline.reschedule(None)
            await self.backlog.room()
            waited = clock() - began
            deadline.reschedule(when + waited)
            way.seconds += waited
            yield

    def _see_whether_to_wait(self, way: _Way) -> None:
        """Raises HostBusy where the host has asked several sources to come later, if only while we waited."""
        if (wait := self._pleas.wait(way.url.host or "")) is not None:
            raise HostBusy(str(way.url), wait)

    async def _send(
        self, method: str, way: _Way, headers: dict[str, str], body: bytes | None = None
    ) -> aiohttp.ClientResponse:
        """The beginning of an answer. Only the host that was asked sees what it takes to be let in."""
        access, url = way.request.access, way.url
        options: dict[str, Any] = {}
        if way.at_asked_host:
            if secret := authorization(access, way.asked):
                headers["Authorization"] = secret
            if access is not NO_ACCESS:
                headers.update(access.headers)
                options["ssl"] = trusted(access, url)
        if access.proxy:
            if not way.may_be_private:
                await judge_for_proxy(self._resolver, url, configured=url.host == way.asked.host)
            options |= via_proxy(access, url, headers)
        unguarded = way.may_be_private or access.proxy
        through = self._unguarded if unguarded else self._public
        return await through.request(method, url, headers=headers, data=body, allow_redirects=False, **options)


def _add_validators(headers: dict[str, str], request: FetchRequest) -> None:
    """What the document that is already there is known by; it means nothing to another host."""
    if request.etag:
        headers["If-None-Match"] = request.etag
    if request.modified:
        headers["If-Modified-Since"] = request.modified
    if request.differences and headers.keys() & {"If-None-Match", "If-Modified-Since"}:
        headers["A-IM"] = "feed"
