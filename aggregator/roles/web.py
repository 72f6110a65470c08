"""The server as a process of its own: any number of them, none of which knows anything that the store does not.

What changes is told by PostgreSQL (LISTEN), so that documents that were asked for before are rendered again before
somebody asks for them. What is answered does not depend on that: the store is asked each time whether it has changed.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Final

import orjson
import psycopg
import structlog
from starlette.concurrency import run_in_threadpool

from aggregator.jobs import defer_now, pushed
from aggregator.push.callback import Callback
from aggregator.scheduler import listening, serve
from aggregator.settings import OWN_HUB
from aggregator.web.routes import operator_routes
from aggregator.worker import Worker
from feeds.publishing.documents import HOME, OLD_FEED
from feeds.publishing.rendering import SUFFIXES
from feeds.site import category_path
from feeds.web.hub import hub_routes
from feeds.web.partners import Partners
from storage.category import ALL
from storage.errors import StorageError
from storage.job import CHANGED, LOOK

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from starlette.routing import Route

    from aggregator.feed_documents import Document
    from aggregator.measures import Measures
    from aggregator.mill import Mill

log = structlog.get_logger("web")

# What partners used is counted in memory meanwhile.
_COUNT_SECONDS: Final = 60
_AGAIN_SECONDS: Final = 5
# Documents that are rendered before they are asked for, after one change.
_MOST_RENEWED: Final = 50
# Where nothing is told for so long, the connection is tried.
_QUIET_SECONDS: Final = 30.0
_CONNECT_SECONDS: Final = 5


class WebRole:
    """Answers requests from what a *mill* has stored."""

    def __init__(self, mill: Mill, measures: Measures) -> None:
        self._mill = mill
        self._measures = measures
        self._stop = asyncio.Event()
        self._partners = Partners(mill.documents)
        self._counting = Worker()
        forged = partial(measures.pushed, good=False)
        self._callback = Callback(mill.database, mill.worker, self._pushed, forged)
        self.seen: datetime | None = None

    def stop(self) -> None:
        """End once what is being answered is."""
        self._stop.set()

    async def run(self) -> None:
        """Serve until it is told to stop.

        Raises:
            ServerError: the address cannot be listened at.
        """
        with listening(self._mill.config.server) as listener:
            server = serve(self._mill, listener, self._routes(), self._partners)
            serving = asyncio.create_task(server.serve(sockets=[listener]), name="server")
            async with asyncio.TaskGroup() as group:
                begun: list[Coroutine[object, object, None]] = [self._callback.run(), self._listen(), self._count()]
                beside = [group.create_task(one) for one in begun]
                await self._stop.wait()
                server.should_exit = True
                await serving
                for task in beside:
                    task.cancel()
        await self._write_use()

    def _routes(self) -> list[Route]:
        """What is answered beside documents."""
        routes = operator_routes(self._mill.config, self._mill.database, self._measures)
        if self._mill.config.publish.hub == OWN_HUB:
            routes += hub_routes(self._mill.database, self._mill.site, self._asked)
        return [*routes, *self._callback.routes]

    def _asked(self) -> None:
        """Somebody wants to subscribe: have it verified. Called from the event loop."""
        self._begun = asyncio.create_task(self._look(), name="look")

    async def _look(self) -> None:
        try:
            await run_in_threadpool(defer_now, self._mill, [LOOK])
        except StorageError as error:
            log.error("not asked for", reason=str(error))  # noqa: TRY400  the scheduler does, a little later

    async def _pushed(self, source: str, document: Document) -> None:
        """Have a worker take in what a hub sent."""
        self._measures.pushed(good=True)
        await self._mill.worker.do(partial(defer_now, self._mill, [pushed(source, document)]))

    async def _listen(self) -> None:
        """Renew what changes, as it is told."""
        url = self._mill.config.storage.url
        while True:
            with suppress(psycopg.OperationalError):
                async with await psycopg.AsyncConnection.connect(
                    url, autocommit=True, connect_timeout=_CONNECT_SECONDS, application_name="feedmill web"
                ) as connection:
                    await connection.execute(f"LISTEN {CHANGED}".encode())
                    while True:
                        async for told in connection.notifies(timeout=_QUIET_SECONDS):
                            await self._renew(orjson.loads(told.payload))
                        await connection.execute("SELECT 1")
            log.warning("not told of changes", again_seconds=_AGAIN_SECONDS)
            await asyncio.sleep(_AGAIN_SECONDS)

    async def _renew(self, slugs: list[str]) -> None:
        try:
            await run_in_threadpool(self._find_again, slugs)
        except StorageError as error:
            log.error("not renewed", reason=str(error))  # noqa: TRY400  whoever asks has it rendered

    def _find_again(self, slugs: list[str]) -> None:
        """Have those documents rendered that show the categories *slugs*, or everything, and were asked for before."""
        changed = {category_path(slug, suffix) for slug in {ALL, *slugs} for suffix in SUFFIXES} | {HOME, OLD_FEED}
        held = [path for path in self._mill.documents.held if path in changed]
        for path in held[:_MOST_RENEWED]:
            self._mill.documents.find(path)

    async def _count(self) -> None:
        while True:
            await asyncio.sleep(_COUNT_SECONDS)
            await self._write_use()

    async def _write_use(self) -> None:
        """Store how much partners used."""
        try:
            await self._mill.worker.do(self._partners.write_use)
        except StorageError as error:
            log.error("not counted", reason=str(error))  # noqa: TRY400
        self.seen = datetime.now(UTC)
