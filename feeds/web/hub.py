"""The site's own WebSub hub (https://www.w3.org/TR/websub/, 5.1): takes requests to subscribe, and stores them.

Whether whoever is named meant it is asked later, by who delivers (5.3): here nothing is fetched. What waits for that is
bounded, in all and for each host, so that nobody can have others flooded.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from feeds.addresses import is_web_address
from feeds.publishing.documents import feed_at
from feeds.site import HUB_PATH
from storage import categories, topic_subscriptions
from storage.topic_subscription import Pending, TopicSubscription

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import Connection
    from starlette.requests import Request

    from feeds.site import Site
    from storage.category import Category
    from storage.database import Database

SHORTEST_LEASE: Final = 3_600
LONGEST_LEASE: Final = 30 * 86_400
DEFAULT_LEASE: Final = 10 * 86_400
"""Seconds that a subscription holds: what is asked for counts within these bounds (WebSub, 5.1)."""
TRIES: Final = 3
"""How often a callback is asked that does not answer."""
MOST_PENDING: Final = 1_000
MOST_PENDING_OF_HOST: Final = 50
MOST: Final = 100_000
MOST_OF_HOST: Final = 10_000
"""Subscriptions: a service that follows every feed for its readers has one for each, at one host."""

# WebSub, 5.1: a secret must be less than 200 bytes in length.
_LONGEST_SECRET = 199
_LONGEST_CALLBACK = 2_048
_LARGEST = 16 * 1024
_DEADLINE_SECONDS = 10.0
_FORM = "application/x-www-form-urlencoded"
_NO_TOPIC = "hub.topic is not a feed of this site: it is the address that a feed names as its rel=self"
_NO_STORE = {"Cache-Control": "no-store"}
_LATER = {"Retry-After": "60", **_NO_STORE}


class HubError(Exception):
    """A request that is not taken: *status*, and a sentence for people (WebSub, 5.1.1)."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        self.status = status
        super().__init__(message)


def hub_routes(database: Database, site: Site, asked: Callable[[], None]) -> list[Route]:
    """What the server is to answer as a hub; *asked* is called from any thread when there is somebody to verify."""
    hub = _Hub(database, site, asked)
    return [Route(f"/{HUB_PATH}", hub.answer, methods=["POST"])]


class _Hub:
    def __init__(self, database: Database, site: Site, asked: Callable[[], None]) -> None:
        self._database = database
        self._site = site
        self._asked = asked

    async def answer(self, request: Request) -> Response:
        try:
            said = _form(request.headers.get("content-type", ""), await _body(request))
            await run_in_threadpool(self._take, said, datetime.now(UTC))
        except HubError as error:
            headers = _LATER if error.status is HTTPStatus.TOO_MANY_REQUESTS else _NO_STORE
            return PlainTextResponse(f"{error}\n", error.status, headers)
        except ClientDisconnect:
            return Response(status_code=HTTPStatus.BAD_REQUEST)
        self._asked()
        return Response(status_code=HTTPStatus.ACCEPTED, headers=_NO_STORE)

    def _take(self, said: Mapping[str, str], now: datetime) -> None:
        """Store what is asked for, to be verified.

        Raises:
            HubError: it is not taken.
        """
        mode = said.get("hub.mode", "")
        if mode not in (Pending.SUBSCRIBE, Pending.UNSUBSCRIBE):
            raise _wrong('hub.mode is "subscribe" or "unsubscribe"')
        callback, host = _callback(said)
        with self._database.writing() as connection:
            category, suffix = self._named(connection, topic := said.get("hub.topic", ""))
            subscription = TopicSubscription(callback, host, topic, category.slug, suffix)
            known = topic_subscriptions.find(connection, subscription.token)
            # One that is known may end, whatever became of its topic; nobody else learns that there is a closed one.
            may_end = known is not None and mode == Pending.UNSUBSCRIBE
            if not may_end and not is_open(category, categories.find(connection, [category.moved_to])):
                raise _wrong(_NO_TOPIC)
            if known is None and mode == Pending.UNSUBSCRIBE:
                return  # there is nothing to end, and nobody to be asked
            _see_to_bounds(connection, subscription, known)
            begun = known or subscription
            asks_again = begun.pending and begun.failures
            wanted = replace(
                begun,
                pending=Pending(mode),
                wanted_secret=_secret(said),
                wanted_seconds=_lease(said),
                next_try=begun.next_try if asks_again else now,
            )
            topic_subscriptions.save(connection, wanted)

    def _named(self, connection: Connection, topic: str) -> tuple[Category, str]:
        """The category whose feed is called *topic*, and in which format."""
        path = unquote(topic.removeprefix(f"{self._site.url}/"))
        found = feed_at(connection, path)
        if found is None or topic != self._site.address(path):
            raise _wrong(_NO_TOPIC)
        return found


def is_open(category: Category, moved_to: Mapping[str, Category]) -> bool:
    """Whether the feed of *category*, or of what it has moved to, is for everybody."""
    now = moved_to.get(category.moved_to) if category.moved_to else category
    return now is not None and now.is_published


def _callback(said: Mapping[str, str]) -> tuple[str, str]:
    """Where news are to be sent to, and the host of that."""
    callback = said.get("hub.callback", "")
    well_formed = len(callback) <= _LONGEST_CALLBACK and callback.isascii() and callback.isprintable()
    if not well_formed or " " in callback or not is_web_address(callback):
        raise _wrong("hub.callback is not an address of the form http://host/… or https://host/…")
    parts = urlsplit(callback)
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise _wrong("hub.callback has a user name, a password or a fragment, which an address to post to has not")
    return callback, (parts.hostname or "").rstrip(".")


def _secret(said: Mapping[str, str]) -> str:
    secret = said.get("hub.secret", "")
    if len(secret.encode()) > _LONGEST_SECRET:
        raise _wrong(f"hub.secret is longer than {_LONGEST_SECRET} bytes")
    return secret


def _lease(said: Mapping[str, str]) -> int:
    text = said.get("hub.lease_seconds", "")
    if not text:
        return DEFAULT_LEASE
    if not (text.isascii() and text.isdigit()) or not text.strip("0"):
        raise _wrong("hub.lease_seconds is a number of seconds")
    seconds = int(text) if len(text) <= len(str(LONGEST_LEASE)) else LONGEST_LEASE
    return min(max(seconds, SHORTEST_LEASE), LONGEST_LEASE)


def _see_to_bounds(connection: Connection, asked: TopicSubscription, known: TopicSubscription | None) -> None:
    """See whether somebody more may be asked.

    Raises:
        HubError: not now.
    """
    if known is not None and known.pending:
        if known.failures >= TRIES:
            raise HubError(
                HTTPStatus.TOO_MANY_REQUESTS,
                "hub.callback did not confirm this when it was asked: see that it answers, and come again in a minute",
            )
        return
    crowd = topic_subscriptions.crowd(connection, asked.host)
    if crowd.pending_of_host >= MOST_PENDING_OF_HOST:
        raise HubError(HTTPStatus.TOO_MANY_REQUESTS, f"{asked.host} is to verify several subscriptions: come again")
    if crowd.pending >= MOST_PENDING:
        raise HubError(HTTPStatus.TOO_MANY_REQUESTS, "many subscriptions wait to be verified: come again")
    if known is None and (crowd.of_host >= MOST_OF_HOST or crowd.all >= MOST):
        raise HubError(HTTPStatus.SERVICE_UNAVAILABLE, "there is no room for another subscription")


def _form(content_type: str, body: bytes) -> dict[str, str]:
    """The parameters in *body*, the first of each name; those that nobody knows do not matter (5.1)."""
    if content_type.partition(";")[0].strip().lower() != _FORM:
        raise HubError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"a request is sent as {_FORM}")
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError as error:  # UnicodeDecodeError is one
        raise _wrong(f"a request is sent as {_FORM}, in UTF-8") from error
    return dict(reversed(pairs))


async def _body(request: Request) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout(_DEADLINE_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > _LARGEST:
                    raise HubError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a request has at most {_LARGEST:,} bytes")
    except TimeoutError as error:
        raise HubError(HTTPStatus.REQUEST_TIMEOUT, "the request did not come in time") from error
    return bytes(body)


def _wrong(message: str) -> HubError:
    return HubError(HTTPStatus.BAD_REQUEST, message)
