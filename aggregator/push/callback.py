"""Where hubs come to: ``/websub/{token}``, with a GET to verify what they were asked and a POST of what is new."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import parse_qsl

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from aggregator.feed_documents import Document
from aggregator.fetching.decoding import Body
from aggregator.fetching.errors import FetchError, TooLarge
from aggregator.push.agreement import agreed, awaits, denied
from aggregator.push.inbox import FullError, Inbox
from aggregator.push.signature import is_signed
from storage import subscriptions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.requests import Request

    from aggregator.push.inbox import Place, Take
    from aggregator.worker import Worker
    from storage.database import Database
    from storage.subscription import Subscription

log = structlog.get_logger("push")

LARGEST: Final = 15 * 2**20
"""Bytes of what is pushed, as sent and decoded: as many as of a document that is fetched."""

_DENIED = "denied"
# From the first byte of a body to its last.
_DEADLINE_SECONDS = 60.0
_AGAIN_SECONDS = "60"
_PUSH = "a push"
# It is the hub's text, and ours is the address: no browser is to take it for a page.
_ECHOED = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
_ENCODINGS = frozenset({"", "identity", "gzip", "x-gzip"})


class Callback:
    """Answers hubs, and hands what they send to *take* after it has answered; *forged* hears of what is not theirs."""

    def __init__(self, database: Database, worker: Worker, take: Take, forged: Callable[[], None]) -> None:
        self._database = database
        self._worker = worker
        self._take = take
        self._forged = forged
        self._inbox = Inbox(self._taken)

    @property
    def routes(self) -> Sequence[Route]:
        """What the server is to answer with this."""
        path = "/websub/{token}"
        return [Route(path, self._verify, methods=["GET"]), Route(path, self._receive, methods=["POST"])]

    async def run(self) -> None:
        """Take in what was pushed, until this is cancelled."""
        await self._inbox.run()

    def _verify(self, request: Request) -> Response:
        """Verification of intent (WebSub, 5.3), or that there will be nothing (5.2)."""
        said = _query(request)
        mode, topic = said.get("hub.mode", b"").decode("latin-1"), said.get("hub.topic", b"")
        token, now = request.path_params["token"], datetime.now(UTC)
        challenge = said.get("hub.challenge", b"")
        subscription = self._known(token)
        if subscription is None or topic != subscription.topic.encode() or not (challenge or mode == _DENIED):
            return _nothing()
        with self._database.writing() as connection:
            # It is looked at again: between two questions it may have been dropped.
            subscription = subscriptions.find(connection, token)
            if subscription is None or not (mode == _DENIED or awaits(subscription, mode, now)):
                return _nothing()
            if mode == _DENIED:
                changed = denied(subscription, said.get("hub.reason", b"").decode("utf-8", "replace"), now)
            else:
                changed = agreed(subscription, said.get("hub.lease_seconds", b"").decode("latin-1"), now)
            subscriptions.save(connection, [changed])
        told = log.bind(source=changed.source, mode=mode)
        if mode == _DENIED:
            told.warning("denied", failure=changed.failure)
            return Response(status_code=HTTPStatus.NO_CONTENT)
        told.info("verified", until=str(changed.lease_until or now))
        return Response(challenge, media_type="text/plain", headers=_ECHOED)

    async def _receive(self, request: Request) -> Response:
        """Content distribution (7): kept if it is signed with our secret (7.1), and answered before it is looked at."""
        subscription = await run_in_threadpool(self._known, request.path_params["token"])
        if subscription is None:
            return _nothing()
        if subscription.dropped is not None:
            return Response(status_code=HTTPStatus.GONE)
        encoding = request.headers.get("content-encoding", "").strip().lower()
        if encoding not in _ENCODINGS:
            return Response(status_code=HTTPStatus.UNSUPPORTED_MEDIA_TYPE, headers={"Accept-Encoding": "gzip"})
        try:
            with self._inbox.place(subscription.source) as place:
                async with asyncio.timeout(_DEADLINE_SECONDS):
                    raw = await _read(request, place)
                sent = _Sent(raw, request.headers.get("x-hub-signature", ""), encoding)
                body = await run_in_threadpool(_opened, sent, subscription)
                if body is None:
                    self._leave_out(subscription)
                else:
                    place.grow(len(body) - len(raw))
                    content_type = request.headers.get("content-type", "")
                    place.fill(Document(body, subscription.topic, content_type))
        except FullError:
            again = {"Retry-After": _AGAIN_SECONDS}
            return Response(status_code=HTTPStatus.SERVICE_UNAVAILABLE, headers=again)
        except TooLarge:
            return Response(status_code=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        except TimeoutError:
            return Response(status_code=HTTPStatus.REQUEST_TIMEOUT)
        except (FetchError, ClientDisconnect):
            return Response(status_code=HTTPStatus.BAD_REQUEST)
        return Response(status_code=HTTPStatus.ACCEPTED)

    def _leave_out(self, subscription: Subscription) -> None:
        """What is not signed by our secret is acknowledged (WebSub, 7.1.2), so that nobody can try secrets."""
        self._forged()
        log.warning("push without our signature", source=subscription.source)

    async def _taken(self, source: str, document: Document) -> None:
        # First, so that whoever takes it in knows that pushes come.
        await self._worker.do(partial(self._pushed, source, datetime.now(UTC)))
        await self._take(source, document)

    def _pushed(self, source: str, now: datetime) -> None:
        with self._database.writing() as connection:
            subscriptions.pushed(connection, source, now)

    def _known(self, token: str) -> Subscription | None:
        with self._database.reading() as connection:
            return subscriptions.find(connection, token)


class _Sent(NamedTuple):
    """A push as it came: its bytes, and what its header fields say of them."""

    raw: bytes
    signature: str
    encoding: str


async def _read(request: Request, place: Place) -> bytes:
    """The body, which takes its *place* as it comes.

    Raises:
        TooLarge: it is larger than we take.
        FullError: there is no room for it now.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > LARGEST:
        raise TooLarge(_PUSH, f"announces more than {LARGEST:,} bytes")
    raw = bytearray()
    async for chunk in request.stream():
        if len(raw) + len(chunk) > LARGEST:
            raise TooLarge(_PUSH, f"is larger than {LARGEST:,} bytes")
        place.grow(len(chunk))
        raw += chunk
    return bytes(raw)


def _opened(sent: _Sent, subscription: Subscription) -> bytes | None:
    """What was sent, without its content encoding; None if it is not signed with our secret.

    Raises:
        FetchError: the encoding is not what it claims to be, or the body is larger than we take.
    """
    if not is_signed(sent.raw, subscription.secret, sent.signature):
        return None
    body = Body(_PUSH, [sent.encoding], LARGEST, LARGEST)
    body.feed(sent.raw)
    return body.finish()


def _query(request: Request) -> dict[str, bytes]:
    """The query to the byte: a challenge is to be echoed as it came, whatever it is."""
    pairs = parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True, encoding="latin-1")
    return {name: value.encode("latin-1") for name, value in pairs}


def _nothing() -> Response:
    """As for any address where nothing is."""
    return PlainTextResponse("not found\n", HTTPStatus.NOT_FOUND)
