"""What runs when, in one process: pulls that are due, posts as they are saved, publishing, the server, maintenance.

APScheduler has two fixed jobs, ``tick`` and ``maintain``; which source is due is decided from the store's own record.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import structlog
import uvicorn
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from aggregator.deliver.deliverer import Deliverer
from aggregator.measures import Measures
from aggregator.posts.errors import PostStoreError
from aggregator.posts.watch import changes
from aggregator.push.callback import Callback
from aggregator.push.subscriber import Subscriber
from aggregator.schedule import due
from aggregator.settings import OWN_HUB
from aggregator.web.routes import operator_routes
from aggregator.worker import StoppingError
from feeds.publishing.folder import PublishError
from feeds.publishing.upload import UploadError
from feeds.web.app import application
from feeds.web.hub import hub_routes
from feeds.web.partners import Partners
from feeds.web.protocol import QuickProtocol
from feeds.web.quick import Quick
from storage.database import last_change
from storage.errors import StorageError
from storage.source import PullOutcome, SourceKind

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterator, Sequence

    from starlette.routing import Route

    from aggregator.feed_documents import Document
    from aggregator.mill import Mill
    from aggregator.settings import ServerSettings, SourceSettings
    from storage.source import PullState

log = structlog.get_logger("scheduler")

_TICK_SECONDS = 1
# Pulls that begin at once: thousands are due when a machine comes back.
_MOST_A_TICK = 100
_TEND_SECONDS = 60
_MAINTAIN_HOURS = 6
# Between looks for what search does not find yet; a look that finds nothing is a fraction of a millisecond.
_INDEX_SECONDS = 2
_INDEX_PAUSE_SECONDS = 0.03
# Who waits for what was just stored asks the server; and what comes together is published together.
_PUBLISH_PAUSE_SECONDS = 0.05
# What partners used is counted in memory meanwhile.
_COUNT_SECONDS = 60
# After a pull, a watch or a publication broke, until it is tried again.
_AGAIN_SECONDS = 60
# How long a thread that stores or publishes may go on while another has something to do: an answer is handed from one
# to the other several times, and waits so long each time (Python's own is 5 ms).
_SWITCH_SECONDS = 0.0005
# Answers that are being sent may end; with this the whole process ends within five seconds.
_GRACE_SECONDS = 2


class ServerError(Exception):
    """The server cannot listen; the message is a sentence for people."""


class Server(uvicorn.Server):
    """uvicorn, with signals left to the scheduler, which has more to end than the server."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave them."""
        yield


class Scheduler:
    """Runs a mill until it is told to stop; without *pulling*, its server alone."""

    def __init__(self, mill: Mill, *, pulling: bool = True) -> None:
        self._mill = mill
        self._pulling = pulling
        self._stop = asyncio.Event()
        self._changed = asyncio.Event()
        self._published = asyncio.Event()
        self._held = False  # whether that was said
        self._states: dict[str, PullState] = {}
        self._sources = {source.name: source for source in mill.config.source}
        self._hosts = {source.name: urlsplit(source.url).hostname or "" for source in mill.config.source}
        self._busy: set[str] = set()
        self._measures = Measures()
        self._partners = Partners(mill.documents)
        self._ticked: datetime | None = None
        forged = partial(self._measures.pushed, good=False)
        self._callback = Callback(mill.database, mill.worker, self._pushed, forged)
        self._subscriber = Subscriber(mill.database, mill.worker, mill.fetcher, mill.site) if mill.fetcher else None
        self._deliverer = Deliverer(mill.config, mill.database, mill.renderer, self._measures.delivered)
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Serve, pull and publish until SIGTERM or SIGINT.

        Raises:
            ServerError: the address cannot be listened at.
            PublishError: the output folder is not Feedmill's, or cannot be written at the start.
        """
        sys.setswitchinterval(_SWITCH_SECONDS)
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, self._stop.set)
        with listening(self._mill.config.server) as listener:
            server = serve(self._mill, listener, self._routes(), self._partners)
            self._begin(server.serve(sockets=[listener]), "server")
            # However late it is, a job is done, and once.
            clock = AsyncIOScheduler(timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": None})
            try:
                await self._run(clock)
            finally:
                server.should_exit = True
                await self._end()
            await self._write_use()
        log.info("stopped")

    async def _run(self, clock: AsyncIOScheduler) -> None:
        """Have everything done beside the server, until it is told to stop."""
        if self._pulling:
            with contextlib.suppress(StoppingError):
                await self._publish_once()
            await self._begin_pulling(clock)
        self._begin(self._keep_up(self._index, "search index"), "search index")
        clock.add_job(self._maintain, "interval", hours=_MAINTAIN_HOURS)
        clock.add_job(self._count, "interval", seconds=_COUNT_SECONDS)
        clock.start()
        log.info("running", address=self._mill.site.url, sources=len(self._mill.config.source))
        await self._stop.wait()
        log.info("stopping")
        clock.pause()
        await asyncio.sleep(0)  # what has just begun ends: APScheduler tells of a cancelled job as of an error
        clock.shutdown(wait=False)

    def _routes(self) -> list[Route]:
        """What is answered beside documents."""
        ticked = (lambda: self._ticked) if self._pulling else None
        operator = operator_routes(self._mill.config, self._mill.database, self._measures, ticked)
        if self._mill.config.publish.hub == OWN_HUB:
            operator += hub_routes(self._mill.database, self._mill.site, self._deliverer.wake)
        return [*operator, *self._callback.routes] if self._pulling else operator

    async def _begin_pulling(self, clock: AsyncIOScheduler) -> None:
        chosen = [source for source in self._mill.config.source if not source.paused]
        states = await self._mill.puller.states(chosen)
        # What a hub sent while nobody listened is found by a pull.
        self._states = {state.source: replace(state, next_pull=None) if state.hub else state for state in states}
        for source in self._mill.config.source:
            if source.kind is SourceKind.POSTS and not source.paused:
                name = f"watch of {source.name}"
                self._begin(self._keep_up(partial(self._watch, source), name), name)
        self._begin(self._keep_up(self._publish, "publishing"), "publishing")
        if self._mill.config.publish.upload:
            self._begin(self._keep_up(self._upload, "uploading"), "uploading")
        self._begin(self._keep_up(self._callback.run, "taking in what is pushed"), "pushes")
        self._begin(self._keep_up(self._deliverer.run, "deliveries"), "deliveries")
        clock.add_job(self._tick, "interval", seconds=_TICK_SECONDS, next_run_time=datetime.now(UTC))
        if self._subscriber is not None:
            clock.add_job(self._tend, "interval", seconds=_TEND_SECONDS, next_run_time=datetime.now(UTC))

    def _begin(self, work: Coroutine[object, object, None], name: str) -> None:
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) and not isinstance(error, StoppingError):
            known = isinstance(error, StorageError)  # a sentence says it all
            log.error("failed", what=task.get_name(), reason=str(error), exc_info=None if known else error)

    async def _end(self) -> None:
        """Let the server finish its answers; end the rest where it stands: the store keeps whole transactions only."""
        waiting = {task for task in self._tasks if task.get_name() != "server"}
        for task in waiting:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_GRACE_SECONDS + 1)

    async def _tick(self) -> None:
        """Begin pulls that are due and not under way, the most overdue first; after a long sleep a few at a time."""
        self._ticked = now = datetime.now(UTC)
        idle = (state for name, state in self._states.items() if name not in self._busy)
        for name in due(idle, self._hosts, now)[:_MOST_A_TICK]:
            self._busy.add(name)
            self._begin(self._pull(self._sources[name]), f"pull of {name}")

    async def _pull(self, source: SourceSettings, only: Collection[str] | None = None) -> None:
        again = datetime.now(UTC) + timedelta(seconds=_AGAIN_SECONDS)  # if the store fails, for one
        self._states[source.name] = replace(self._states[source.name], next_pull=again)
        try:
            pull = await self._mill.puller.pull(source, only=only, progress=self._step)
            self._states[source.name] = pull.state
            outcome = pull.state.outcome or PullOutcome.UNCHANGED
            self._measures.pulled(outcome, pull.state.trouble, pull.state.seconds)
            if pull.state.outcome is PullOutcome.CHANGED or source.kind is SourceKind.POSTS:
                self._changed.set()
        finally:
            if only is None:
                self._busy.discard(source.name)

    async def _pushed(self, name: str, document: Document) -> None:
        """Take in what a hub sent."""
        self._measures.pushed(good=True)
        pull = await self._mill.puller.take(self._sources[name], document)
        self._states[name] = pull.state
        if any(pull.counts):
            self._changed.set()

    async def _tend(self) -> None:
        """See to the subscriptions at hubs."""
        assert self._subscriber is not None  # noqa: S101  the job would not be there
        self._begin(self._subscriber.tend(self._states, self._mill.config.source, datetime.now(UTC)), "subscribing")

    async def _watch(self, source: SourceSettings) -> None:
        """Pull posts as they are saved."""
        assert source.path is not None  # noqa: S101  the configuration saw to it
        # Whatever was saved while nobody watched.
        self._states[source.name] = replace(self._states[source.name], next_pull=None)
        async for paths in changes(source.path, self._stop):
            await self._pull(source, only=paths)

    async def _publish(self) -> None:
        """Publish whenever something changed; what changes meanwhile is published next."""
        while True:
            self._changed.clear()
            await self._publish_once()
            await self._changed.wait()
            await asyncio.sleep(_PUBLISH_PAUSE_SECONDS)

    async def _upload(self) -> None:
        """Upload whatever was published; the rest goes on meanwhile."""
        while True:
            self._published.clear()
            sent = await self._mill.upload(self._step)
            if sent.written or sent.removed:
                log.info("uploaded", written=sent.written, removed=sent.removed)
            await self._published.wait()

    async def _index(self) -> None:
        """Let search follow what is stored, by whichever process; other work has its turn between two steps."""
        while True:
            behind = await self._mill.worker.do(self._mill.search_index.step)
            # After a first build it has much to do, while news is not to wait.
            await asyncio.sleep(_INDEX_PAUSE_SECONDS if behind else _INDEX_SECONDS)

    async def _keep_up(self, work: Callable[[], Awaitable[None]], what: str) -> None:
        """Have *work* done until the end: where it broke, it begins again after a while."""
        while not self._stop.is_set():
            try:
                await work()
            except StoppingError:
                return
            except (PostStoreError, PublishError, StorageError, UploadError) as error:
                # A sentence says it all.
                log.error("failed", what=what, reason=str(error), again_seconds=_AGAIN_SECONDS)  # noqa: TRY400
            except Exception:
                # Otherwise the process would run on and do nothing.
                log.exception("failed", what=what, again_seconds=_AGAIN_SECONDS)
            await asyncio.sleep(_AGAIN_SECONDS)

    async def _publish_once(self) -> None:
        change = await self._mill.worker.do(self._last_change)
        published = await self._mill.publish(progress=self._step)
        if published.held and not self._held:
            log.warning(
                "left as it is since a publication was taken back; feedmill publish lets it be written to again",
                directory=str(self._mill.config.publish.directory),
            )
        self._held = published.held
        self._published.set()
        self._deliverer.published(change)
        if published.written or published.removed:
            self._measures.published(published.written, published.removed)
            log.info("published", written=published.written, removed=published.removed)

    def _last_change(self) -> int:
        with self._mill.database.reading() as connection:
            return last_change(connection)

    async def _maintain(self) -> None:
        self._begin(self._maintain_store(), "maintenance")

    async def _maintain_store(self) -> None:
        try:
            await self._mill.worker.do(self._mill.maintain)
        except StorageError as error:
            log.error("not maintained", reason=str(error))  # noqa: TRY400

    async def _count(self) -> None:
        self._begin(self._write_use(), "counting")

    async def _write_use(self) -> None:
        """Store how much partners used."""
        try:
            await self._mill.worker.do(self._partners.write_use)
        except StorageError as error:
            log.error("not counted", reason=str(error))  # noqa: TRY400

    def _step(self, _done: int, _total: int) -> None:
        if self._stop.is_set():
            raise StoppingError


def serve(mill: Mill, listener: socket.socket, routes: Sequence[Route], partners: Partners) -> uvicorn.Server:
    """A server of the mill's documents, for *partners* too, and of *routes*, to be run on *listener*."""
    settings = uvicorn.Config(
        Quick(application(mill.documents, mill.site, routes, partners), mill.database.stamp),
        http=QuickProtocol,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        proxy_headers=False,  # the operator's pages ask who is really there
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    host, port = listener.getsockname()[:2]
    log.info("serving", host=host, port=port)
    return Server(settings)


@contextlib.contextmanager
def listening(server: ServerSettings) -> Iterator[socket.socket]:
    """A socket that listens where *server* says.

    Raises:
        ServerError: it cannot.
    """
    family = socket.AF_INET6 if ":" in server.host else socket.AF_INET
    try:
        listener = socket.create_server((server.host, server.port), family=family, backlog=2048)
    except OSError as error:
        reason = (error.strerror or str(error)).partition(" (while")[0]  # what follows says the address again
        raise ServerError(
            f"cannot listen at {server.host} port {server.port}: {reason}. "
            "Change [server] host or port, or stop what listens there"
        ) from error
    with listener:
        # Its connections have it from there. An answer is two writes, and the second would wait for the reader's word
        # that the first has come, 40 ms; asyncio sees to that only where a socket was made by name of its protocol.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield listener
