"""The real application on the loopback, and what tends its subscriptions, beside a hub."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import uvicorn

from aggregator.fetching.client import Fetcher
from aggregator.push.callback import Callback
from aggregator.push.subscriber import Subscriber
from aggregator.settings import SiteSettings, SourceSettings
from feeds.web.app import application
from storage import subscriptions
from storage.source import PullState, SourceKind
from tests import stores
from tests.aggregator.mills import mill_of
from tests.aggregator.push.hub import TOPIC, Hub

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping
    from pathlib import Path

    from aggregator.feed_documents import Document
    from aggregator.fetching.request import FetchRequest, Posted
    from aggregator.mill import Mill
    from storage.subscription import Subscription


class Posts:
    """Posts as a running mill does, and remembers what was asked."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher
        self.requests: list[FetchRequest] = []
        self.running = self.most = 0

    async def post(self, request: FetchRequest, body: bytes, headers: Mapping[str, str]) -> Posted:
        self.requests.append(request)
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            return await self._fetcher.post(request, body, headers)
        finally:
            self.running -= 1


class Server(uvicorn.Server):
    """uvicorn, which leaves pytest its signals."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@dataclass
class Pair:
    """We and a hub; *config* and *states* are what the subscriber is told."""

    hub: Hub
    mill: Mill
    callback: Callback
    subscriber: Subscriber
    posts: Posts
    now: datetime
    config: dict[str, SourceSettings]
    states: dict[str, PullState]
    taken: list[tuple[str, Document]] = field(default_factory=list)
    broken: list[Exception] = field(default_factory=list)
    """What taking in raises next."""
    forged: int = 0
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    """Nothing is taken in before it is set."""

    async def tend(self, now: datetime | None = None) -> None:
        await self.subscriber.tend(self.states, list(self.config.values()), now or self.now)

    def configure(self, name: str = "tides", *, hub: str = "", topic: str = TOPIC, **settings: Any) -> None:
        """Let there be a source, with what a pull of it found."""
        given: dict[str, Any] = {
            "kind": SourceKind.FEED,
            "url": "http://127.0.0.1/feed",
            "private": True,
        } | settings
        self.config[name] = SourceSettings(name=name, **given)
        self.states[name] = PullState(name, SourceKind.FEED, hub=hub or self.hub.url, topic=topic)

    def kept(self, name: str = "tides") -> Subscription:
        with self.mill.database.reading() as connection:
            return subscriptions.all(connection)[name]

    def dropped(self) -> list[Subscription]:
        with self.mill.database.reading() as connection:
            return subscriptions.dropped(connection)

    def save(self, subscription: Subscription) -> None:
        with self.mill.database.writing() as connection:
            subscriptions.save(connection, [subscription])

    def address(self, subscription: Subscription) -> str:
        return self.mill.site.address(f"websub/{subscription.token}")

    async def subscribed(self) -> Subscription:
        """A subscription that the hub has verified."""
        await self.tend()
        await until(lambda: bool(self.hub.subscriptions))
        return self.kept()

    def count_forged(self) -> None:
        self.forged += 1

    async def take(self, source: str, document: Document) -> None:
        await self.gate.wait()
        if self.broken:
            raise self.broken.pop()
        await self.mill.puller.take(self.config[source], document)
        self.taken.append((source, document))


@asynccontextmanager
async def paired(folder: Path) -> AsyncIterator[Pair]:
    """A pair, running; its source ``tides`` is configured."""
    stores.open_at(folder / "data" / "mill.db").close()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        site = SiteSettings(title="Tides", url=url, language="en", timezone="UTC")
        async with Hub() as hub, mill_of(folder, site, []) as mill, Fetcher("Feedmill/0.1") as fetcher:
            posts = Posts(fetcher)
            callback = Callback(mill.database, mill.worker, lambda *told: pair.take(*told), lambda: pair.count_forged())
            subscriber = Subscriber(mill.database, mill.worker, posts, mill.site)
            pair = Pair(hub, mill, callback, subscriber, posts, datetime.now(UTC), {}, {})
            pair.configure()
            pair.gate.set()
            answers = application(mill.documents, mill.site, routes=callback.routes)
            server = Server(uvicorn.Config(answers, log_config=None, access_log=False, lifespan="off"))
            serving = asyncio.create_task(server.serve(sockets=[listener]))
            taking = asyncio.create_task(callback.run())
            await until(lambda: server.started)
            try:
                yield pair
            finally:
                taking.cancel()
                server.should_exit = server.force_exit = True
                await asyncio.wait([serving, taking], timeout=20)


async def until(holds: Callable[[], bool]) -> None:
    """Wait until *holds* does."""
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110  a store tells no event
            await asyncio.sleep(0.01)
