"""What each job is: the functions that one process calls by itself, each with what it is about.

A job may be done twice, or again after it was broken off: all of them look at the store first.
"""

from __future__ import annotations

import asyncio
import base64
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import structlog

from aggregator.deliver.deliverer import Deliverer
from aggregator.deliver.patience import FIRST_WAIT
from aggregator.feed_documents import Document
from aggregator.handing import alone_with
from aggregator.push.subscriber import Subscriber
from aggregator.schedule import is_due
from storage import jobs
from storage.database import last_change
from storage.follower import FollowerKind, follower_id
from storage.job import LOOK, UPLOAD, Job, Priority, Queue, Work
from storage.source import PullOutcome

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

    from aggregator.deliver.outlook import Due
    from aggregator.measures import Measures
    from aggregator.mill import Mill
    from aggregator.settings import SourceSettings
    from storage.source import PullState

    Do = Callable[..., Awaitable[None]]

log = structlog.get_logger("jobs")

# Between two steps of the index: others store meanwhile.
_INDEX_PAUSE_SECONDS: Final = 0.05


class Jobs:
    """Does jobs with a *mill*, and tells *measures* what came of them."""

    def __init__(self, mill: Mill, measures: Measures) -> None:
        self._mill = mill
        self._measures = measures
        self._sources = {source.name: source for source in mill.config.source if not source.paused}
        self.deliverer = Deliverer(mill.config, mill.database, mill.renderer, measures.delivered)
        self._subscriber = Subscriber(mill.database, mill.worker, mill.fetcher, mill.site) if mill.fetcher else None

    @property
    def all(self) -> Mapping[Work, Do]:
        """What is done for each kind of work."""
        return {
            Work.PULL: self.pull,
            Work.SCAN: self.pull,
            Work.TAKE: self.take,
            Work.LOOK: self.look,
            Work.DELIVER: self.deliver,
            Work.ASK: self.ask,
            Work.PUBLISH: self.publish,
            Work.UPLOAD: self.upload,
            Work.INDEX: self.index,
            Work.TEND: self.tend,
            Work.MAINTAIN: self.maintain,
        }

    async def pull(self, source: str, since: str = "", paths: Sequence[str] = ()) -> None:
        """Pull a *source* that is due, or was not pulled *since*; of a folder, *paths* are read whenever it was."""
        settings = self._sources.get(source)
        if settings is None:  # it was configured when this was asked for
            return
        if not paths and not _is_wanted(await self._mill.puller.state(settings), since):
            return
        pull = await self._mill.puller.pull(settings, only=frozenset(paths) or None)
        state = pull.state
        self._measures.pulled(state.outcome or PullOutcome.UNCHANGED, state.trouble, state.seconds)

    async def take(self, source: str, document: Mapping[str, Any]) -> None:
        """Take in a *document* that a hub sent, as :func:`pushed` has it."""
        settings = self._sources.get(source)
        if settings is not None:
            facts = {**document, "body": base64.b64decode(document["body"]), "hubs": tuple(document["hubs"])}
            await self._mill.puller.take(settings, Document(**facts))

    async def look(self) -> None:
        """Have deliveries done that are owed now, and look again when the next one is."""
        found = await self.deliverer.look()
        # Other hubs are pinged once what they come for is published.
        send = [_to(one) for one in found.send if not one.name.startswith(f"{FollowerKind.HUB}:")]
        ask = [_asking(one) for one in found.ask]
        again = [_later(found.next)] if found.next else []
        await self._defer([*send, *ask, *again])

    async def deliver(self, follower: str, published: int = -1) -> None:
        """Send a *follower* what it is owed; another hub comes for all up to the change *published*."""
        if published >= 0:
            self.deliverer.published(published)
        taken = await self.deliverer.send(follower)
        if not taken and published >= 0:
            await self._defer([_ping(follower, published, datetime.now(UTC) + FIRST_WAIT)])
        elif not taken:
            await self._defer([_later(datetime.now(UTC) + FIRST_WAIT)])

    async def ask(self, token: str) -> None:
        """Ask whether a subscriber meant it."""
        await self.deliverer.ask(token)
        await self._defer([LOOK])

    async def publish(self) -> None:
        """Bring the output folder up to date, and tell another hub, if there is one, what it may come for."""
        change = await self._mill.worker.do(self._last_change)
        published = await self._mill.publish()
        if published.written or published.removed:
            self._measures.published(published.written, published.removed)
            log.info("published", written=published.written, removed=published.removed)
        hub = self._mill.config.other_hub
        owed = [_ping(follower_id(FollowerKind.HUB, hub), change)] if hub and not published.held else []
        await self._defer([*owed, *([UPLOAD] if self._mill.config.publish.upload else [])])

    async def upload(self) -> None:
        """Bring what is published to where it is uploaded."""
        sent = await self._mill.upload()
        if sent.written or sent.removed:
            log.info("uploaded", written=sent.written, removed=sent.removed)

    async def index(self) -> None:
        """Let search follow what is stored."""
        behind = True
        while behind:
            behind = await self._mill.worker.do(self._mill.search_index.step)
            await asyncio.sleep(_INDEX_PAUSE_SECONDS if behind else 0)

    async def tend(self) -> None:
        """See to the subscriptions at hubs."""
        if self._subscriber is not None:
            states = await self._mill.puller.states(tuple(self._sources.values()))
            known = {state.source: state for state in states}
            await self._subscriber.tend(known, self._mill.config.source, datetime.now(UTC))

    async def maintain(self) -> None:
        """Forget what nobody looks at any more."""
        await self._mill.worker.do(self._mill.maintain)

    def _last_change(self) -> int:
        with self._mill.database.reading() as connection:
            return last_change(connection)

    async def _defer(self, owed: Iterable[Job]) -> None:
        if owed := list(owed):
            await self._mill.worker.do(partial(defer_now, self._mill, owed))


def defer_now(mill: Mill, owed: Iterable[Job]) -> None:
    """Have jobs done, in a transaction of their own."""
    with mill.database.noting() as connection:
        jobs.defer(connection, owed)


def pushed(source: str, document: Document) -> Job:
    """The job of taking in a *document* that a hub sent for a *source*; those of one source in their order."""
    facts = asdict(document) | {"body": base64.b64encode(document.body).decode()}
    about = {"source": source, "document": facts}
    return Job(Queue.PULL, Work.TAKE, alone_with(source), None, about, Priority.TOLD)


def saved(source: SourceSettings, paths: Iterable[str]) -> Job:
    """The job of reading what was saved in a folder."""
    about = {"source": source.name, "paths": sorted(paths)}
    return Job(Queue.SCAN, Work.SCAN, alone_with(source.name), None, about, Priority.TOLD)


def _is_wanted(state: PullState, since: str) -> bool:
    if is_due(state, datetime.now(UTC)):
        return True
    return bool(since) and (state.last_pull is None or state.last_pull < datetime.fromisoformat(since))


def _to(due: Due) -> Job:
    priority = Priority.FLOOD if due.failing or due.replay else Priority.FRESH
    name = f"follower:{due.name}"
    return Job(Queue.DELIVER, Work.DELIVER, name, name, {"follower": due.name}, priority)


def _ping(follower: str, published: int, at: datetime | None = None) -> Job:
    name, about = f"follower:{follower}", {"follower": follower, "published": published}
    return Job(Queue.DELIVER, Work.DELIVER, name, name, about, Priority.FRESH, at)


def _asking(due: Due) -> Job:
    name = f"subscriber:{due.name}"
    return Job(Queue.DELIVER, Work.ASK, name, name, {"token": due.name}, Priority.USUAL)


def _later(at: datetime) -> Job:
    return Job(LOOK.queue, LOOK.work, LOOK.alone, LOOK.once, {}, LOOK.priority, at)
