"""Asks hubs: for what is to begin, to be renewed, or to end."""

from __future__ import annotations

import asyncio
import secrets
from functools import partial
from typing import TYPE_CHECKING, Protocol

import structlog

from aggregator.fetching.errors import FetchError, without_credentials
from aggregator.fetching.headers import retry_after
from aggregator.push.agreement import asked, begun, dropped, form, mode_of, refusal, refused
from aggregator.push.subscribing import Plan, decide
from storage import subscriptions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from aggregator.fetching.client import FetchRequest
    from aggregator.settings import SourceSettings
    from aggregator.worker import Worker
    from feeds.site import Site
    from storage.database import Database
    from storage.source import PullState
    from storage.subscription import Subscription

log = structlog.get_logger("push")

# How many hubs are asked at once, which is in one minute as well: thousands of leases that end together do not matter.
_AT_ONCE = 32
# A hub that verifies before it answers needs a moment; no more than this.
_TIMEOUT_SECONDS = 30.0
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Posted(Protocol):
    """What a hub said."""

    @property
    def status(self) -> int: ...  # noqa: D102
    @property
    def body(self) -> bytes: ...  # noqa: D102
    @property
    def headers(self) -> Mapping[str, str]: ...  # noqa: D102


class Poster(Protocol):
    """What posts, as carefully as documents are fetched; ``aggregator.fetching`` has it."""

    async def post(self, request: FetchRequest, body: bytes, headers: Mapping[str, str]) -> Posted:
        """Send *body*. Raises FetchError where there is no answer."""


class Subscriber:
    """Keeps subscriptions as the sources want them. *site* says where hubs find our callback."""

    def __init__(self, database: Database, worker: Worker, poster: Poster, site: Site) -> None:
        self._database = database
        self._worker = worker
        self._poster = poster
        self._site = site
        self._tending = False

    async def tend(self, states: Mapping[str, PullState], sources: Sequence[SourceSettings], now: datetime) -> None:
        """Ask the hubs that it is time for; to be called every minute or so, and does nothing while it is at it.

        Args:
            states: what is known of the sources, by name.
            sources: all that are configured.
            now: aware, in UTC.

        Raises:
            StorageError: the store cannot be used.
        """
        if self._tending:
            return
        self._tending = True
        try:
            asks = await self._worker.do(partial(self._prepare, states, sources, now))
            results = await asyncio.gather(*(self._ask(one, now) for one in asks), return_exceptions=True)
        finally:
            self._tending = False
        for result in results:
            if result is not None:
                raise result

    def _prepare(
        self, states: Mapping[str, PullState], sources: Sequence[SourceSettings], now: datetime
    ) -> list[Subscription]:
        """The subscriptions whose hubs are to be asked now; that is stored first, for hubs verify at once."""

        def plan(connection: Connection) -> Plan:
            kept, given_up = subscriptions.all(connection), subscriptions.dropped(connection)
            return decide(sources, states, kept, given_up, self._site.host, now)

        with self._database.reading() as connection:
            if plan(connection) == Plan():
                return []
        with self._database.writing() as connection:
            found = plan(connection)  # a hub may have verified meanwhile
            new = [begun(wanted, _unguessable(), _unguessable()) for wanted in found.begin[:_AT_ONCE]]
            asks = [asked(one, now) for one in [*found.ask, *new][:_AT_ONCE]]
            subscriptions.save(connection, [*(dropped(one, now) for one in found.drop), *asks])
            subscriptions.forget(connection, found.forget)
        return asks

    async def _ask(self, subscription: Subscription, now: datetime) -> None:
        from aggregator.fetching.client import FetchRequest

        mode = mode_of(subscription)
        request = FetchRequest(subscription.hub, private=subscription.private, timeout=_TIMEOUT_SECONDS)
        body = form(subscription, self._site.address(f"websub/{subscription.token}"))
        told = log.bind(source=subscription.source, hub=without_credentials(subscription.hub), mode=str(mode))
        wait = None
        try:
            posted = await self._poster.post(request, body, _FORM)
        except FetchError as error:
            reason = str(error)
        else:
            if 200 <= posted.status < 300:
                told.info("asked")
                return
            reason = refusal(subscription.hub, mode, posted.status, posted.body)
            wait = retry_after(posted.headers.get("retry-after", ""), now)
        told.warning("asked in vain", failures=subscription.failures, failure=reason)
        await self._worker.do(partial(self._refused, subscription.token, reason, now, wait))

    def _refused(self, token: str, reason: str, now: datetime, wait: float | None) -> None:
        with self._database.writing() as connection:
            if (subscription := subscriptions.find(connection, token)) is not None:
                subscriptions.save(connection, [refused(subscription, reason, now, wait)])


def _unguessable() -> str:
    """A token or a secret: 43 letters, where a secret may have 199 bytes (WebSub, 5.1)."""
    return secrets.token_urlsafe(32)
