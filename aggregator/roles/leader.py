"""The scheduler as a process of its own: any number of them run, one leads, and another takes over when it is gone.

The clock says what is due; what that comes to is handed to workers as jobs, in a transaction on the connection that
makes it the leader (`storage.leadership`). Nothing is remembered that the next leader would need.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy.exc import IntegrityError

from aggregator.handing import Rates, handed_out
from aggregator.jobs import saved
from aggregator.posts.errors import PostStoreError
from aggregator.posts.watch import changes
from aggregator.worker import Worker
from storage import jobs, sources
from storage.errors import StorageError
from storage.job import INDEX, LOOK, MAINTAIN, PUBLISH, TEND, Job, Queue
from storage.leadership import Leadership
from storage.source import SourceKind

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from aggregator.mill import Mill
    from aggregator.settings import SourceSettings
    from storage.source import PullState

log = structlog.get_logger("scheduler")

SILENT_SECONDS: Final = 30.0
"""A worker that says nothing for so long has died: it says something every few seconds."""

_TICK_SECONDS: Final = 1
_GIVE_BACK_SECONDS: Final = 5
# What other processes wrote without saying so, a new partner for one, is seen after so many seconds.
_LOOK_SECONDS: Final = 10
_TEND_SECONDS: Final = 60
_MAINTAIN_HOURS: Final = 6
# What failed, until it is tried again.
_AGAIN_SECONDS: Final = 60


class LeaderRole:
    """Leads what a *mill* is configured for, or waits until it can."""

    def __init__(self, mill: Mill) -> None:
        self._mill = mill
        self._sources = {source.name: source for source in mill.config.source if not source.paused}
        self._hosts = {source.name: urlsplit(source.url).hostname or "" for source in mill.config.source}
        self._leadership = Leadership(mill.config.storage.url)
        self._thread = Worker()
        self._stop = asyncio.Event()
        self._turn = asyncio.Lock()
        self._owed: list[Job] = []
        self._unseen: dict[str, PullState] = {}
        self._led_since = ""
        self._gives_back = False
        self._rates = Rates()
        self._tasks: list[asyncio.Task[None]] = []
        self.leads = False
        self.seen: datetime | None = None

    def stop(self) -> None:
        """End, and let another lead."""
        self._stop.set()

    async def run(self) -> None:
        """Lead, or wait to, until it is told to stop."""
        clock = AsyncIOScheduler(timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": None})
        clock.add_job(self.tick, "interval", seconds=_TICK_SECONDS, next_run_time=datetime.now(UTC))
        clock.add_job(self._give_back, "interval", seconds=_GIVE_BACK_SECONDS)
        for job, times in ((LOOK, {"seconds": _LOOK_SECONDS}), (MAINTAIN, {"hours": _MAINTAIN_HOURS})):
            clock.add_job(partial(self._owe, job), "interval", **times)
        if self._mill.fetcher is not None:
            clock.add_job(partial(self._owe, TEND), "interval", seconds=_TEND_SECONDS)
        clock.start()
        await self._stop.wait()
        clock.shutdown(wait=False)
        async with self._turn:
            self._end_tasks()
            await self._thread.do(self._leadership.resign)
        self._thread.close()

    async def tick(self) -> None:
        """Hand out what is due, if this one leads or can."""
        async with self._turn:
            try:
                leads = await self._thread.do(self._hand_out)
            except StorageError as error:
                leads = False
                log.error("does not lead", reason=str(error))  # noqa: TRY400  a sentence says it all
            self.seen = datetime.now(UTC)
            if leads == self.leads:
                return
            self.leads = leads
            log.info("leads" if leads else "leads no longer", sources=len(self._sources))
            self._end_tasks()
            if leads:
                self._begin_tasks()

    def _hand_out(self) -> bool:
        """One turn; whether this one leads."""
        with self._leadership.leading() as connection:
            if connection is None:
                return False
            if self._gives_back:
                self._give_back_all(connection)
            now = datetime.now(UTC)
            unfinished = jobs.unfinished(connection, (Queue.PULL, Queue.SCAN))
            states = {state.source: state for state in sources.due(connection, now)} | self._unseen
            found = handed_out(states.values(), self._sources, self._hosts, unfinished, self._rates, now)
            owed = list(self._owed)
            jobs.defer(connection, [*owed, *(self._since(job) for job in found)])
        # It is committed.
        del self._owed[: len(owed)]
        for job in found:
            self._unseen.pop(job.about["source"], None)
        self._gives_back = False
        return True

    def _since(self, job: Job) -> Job:
        """*job*, which is done whenever its source is due next if that may have missed something."""
        if job.about["source"] not in self._unseen:
            return job
        return replace(job, about={**job.about, "since": self._led_since})

    async def _look_around(self) -> None:
        """What a new leader cannot know is done once: sources that were never pulled, are configured anew, or may have
        missed something while nobody led; search and the folder may be behind.
        """
        self._led_since = datetime.now(UTC).isoformat()
        self._owed += [LOOK, PUBLISH, INDEX]
        states = await self._mill.puller.states(tuple(self._sources.values()))
        self._unseen = {
            state.source: replace(state, next_pull=None)
            for state in states
            if state.hub or state.kind is SourceKind.POSTS or state.next_pull is None
        }

    def _give_back_all(self, connection: Connection) -> None:
        try:
            with connection.begin_nested():
                number = jobs.give_back(connection, SILENT_SECONDS, _AGAIN_SECONDS)
        except IntegrityError:
            return  # somebody asked for one of them at this very moment: the next time, then
        if number:
            log.info("given back", jobs=number)

    async def _owe(self, job: Job) -> None:
        if self.leads:
            self._owed.append(job)

    async def _give_back(self) -> None:
        self._gives_back = self.leads

    def _begin_tasks(self) -> None:
        self._tasks.append(asyncio.create_task(self._look_around(), name="a look around"))
        for source in self._sources.values():
            if source.kind is SourceKind.POSTS:
                self._tasks.append(asyncio.create_task(self._watch(source), name=f"watch of {source.name}"))

    def _end_tasks(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._tasks, self._unseen, self._owed = [], {}, []

    async def _watch(self, source: SourceSettings) -> None:
        """Have posts read as they are saved."""
        assert source.path is not None  # noqa: S101  the configuration saw to it
        while not self._stop.is_set():
            try:
                async for paths in changes(source.path, self._stop):
                    self._owed.append(saved(source, paths))
                    await self.tick()
            except PostStoreError as error:
                log.error("not watched", source=source.name, reason=str(error), again_seconds=_AGAIN_SECONDS)  # noqa: TRY400
                with suppress(TimeoutError):
                    async with asyncio.timeout(_AGAIN_SECONDS):
                        await self._stop.wait()
