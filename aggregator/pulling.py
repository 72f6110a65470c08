"""One pull of one source, from fetching to the record of what came of it."""

from __future__ import annotations

import asyncio
import random
import time
from collections import defaultdict
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

import structlog

from aggregator.feed_documents import Document, Taking
from aggregator.feed_file import read_file
from aggregator.fetch_settings import access_to, has_secrets, may_be_private
from aggregator.fetching.errors import BadStatus, HostBusy
from aggregator.ingest import Ingested
from aggregator.moves import failed, followed
from aggregator.posts.errors import PostError
from aggregator.readers.choice import accepted
from aggregator.schedule import LONGEST_WAIT, decide
from aggregator.troubles import trouble_of
from aggregator.worker import StoppingError, Together
from storage import sources, subscriptions
from storage.errors import StorageError
from storage.source import PullOutcome, PullState, SourceKind

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from aggregator.alerts import Alerts
    from aggregator.fetching.client import Fetcher
    from aggregator.fetching.request import FetchedDocument, NotModified
    from aggregator.ingest import Ingest, Progress
    from aggregator.keep import Kept
    from aggregator.readers.texts import Texts
    from aggregator.settings import SourceSettings
    from aggregator.worker import Worker
    from storage.database import Database
    from storage.subscription import Subscription

log = structlog.get_logger("pull")

# What one success takes away, whatever was before.
_WELL: Final = {"failures": 0, "failure": "", "trouble": None, "retry_until": None, "proposal": ""}


@dataclass(frozen=True, slots=True)
class Known:
    """What is remembered of a source; of a folder whose settings cannot be read, the reason as well."""

    state: PullState
    subscription: Subscription | None = None
    error: PostError | None = None


@dataclass(frozen=True, slots=True)
class Pull:
    """What came of a pull: the state that was recorded, what was kept, and problems as sentences for people."""

    state: PullState
    kept: Kept
    problems: tuple[str, ...] = ()

    @property
    def counts(self) -> tuple[int, int, int]:
        """How many entries were created, corrected and withdrawn."""
        return _counts(self.kept)


class Puller:
    """Pulls sources. *fetcher* may be None where no source has an address."""

    def __init__(
        self,
        database: Database,
        ingest: Ingest,
        worker: Worker,
        fetcher: Fetcher | None,
        alerts: Alerts,
    ) -> None:
        self._database = database
        self._ingest = ingest
        self._worker = worker
        self._fetcher = fetcher
        self._alerts = alerts
        self._known = Together(worker, self._states)
        self._taking = Together(worker, partial(ingest.take, progress=self._step))
        self._recorded = Together(worker, self._record)
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def states(self, chosen: Sequence[SourceSettings]) -> list[PullState]:
        """What is remembered of sources, as they are configured now."""
        return [known.state for known in await self._worker.do(partial(self._states, chosen))]

    def known(self, chosen: Sequence[SourceSettings]) -> list[PullState]:
        """As :meth:`states`, in this thread."""
        return [known.state for known in self._states(chosen)]

    async def state(self, source: SourceSettings) -> PullState:
        """What is remembered of *source*, as it is configured now."""
        return (await self._known.do(source)).state

    async def pull(
        self, source: SourceSettings, *, only: Collection[str] | None = None, progress: Progress | None = None
    ) -> Pull:
        """Pull *source*, or of a folder of posts *only* those paths. A failure is recorded, and is no error here.

        One source is never pulled twice at once.
        """
        async with self._turns[source.name]:
            return await self._pull(source, only, progress)

    async def take(self, source: SourceSettings, document: Document) -> Pull:
        """Take in a *document* that a hub sent. It may hold a part of the feed only: what is known of the last whole
        one stays.
        """
        async with self._turns[source.name]:
            now, known = datetime.now(UTC), await self._known.do(source)
            try:
                ingested = await self._taken(source, document, known.state, now)
            except (StorageError, StoppingError):
                raise
            except Exception as error:  # noqa: BLE001  what is pushed can only hurt its source, too
                ingested = Ingested(replace(known.state, warning=f"pushed: {trouble_of(source, error)[1]}"))
            whole = {name: getattr(known.state, name) for name in ("etag", "modified", "digest", "hub", "topic")}
            return await self._finished("pushed", source, ingested, whole, known.subscription)

    async def _pull(self, source: SourceSettings, only: Collection[str] | None, progress: Progress | None) -> Pull:
        now, began = datetime.now(UTC), time.monotonic()
        known = await self._known.do(source)
        subscription = known.subscription
        try:
            ingested, facts = await self._read(source, known, now, only, progress)
        except (StorageError, StoppingError):
            raise  # not the source's fault
        except Exception as error:  # noqa: BLE001  whatever a source brings about, it can only hurt itself
            ingested = Ingested(await self._failed(source, known.state, error, now))
            facts = {"outcome": PullOutcome.FAILED}
        else:
            outcome = PullOutcome.CHANGED if any(_counts(ingested.kept)) else PullOutcome.UNCHANGED
            facts |= {"outcome": outcome, "last_success": now} | _WELL
            if ingested.kept.created and subscription is not None:
                subscription = await self._worker.do(partial(self._missed, subscription, now))
        facts |= {"last_pull": now, "seconds": round(time.monotonic() - began, 3)}
        return await self._finished("pulled", source, ingested, facts, subscription)

    async def _finished(
        self,
        event: str,
        source: SourceSettings,
        ingested: Ingested,
        facts: Mapping[str, Any],
        subscription: Subscription | None,
    ) -> Pull:
        """Add *facts* to the state, decide when to come again, record that, and tell whoever is to know."""
        now, state = datetime.now(UTC), ingested.state.but(**facts)
        decision = decide(
            state,
            now,
            every=source.every,
            local=not source.url,
            private=source.private,
            pushed=subscription is not None and subscription.brings(now),
            jitter=random.random(),  # noqa: S311
        )
        state = state.but(next_pull=decision.next_pull, why=decision.why)
        await self._recorded.do(state)
        if (alerted := await self._alerts.tell(state)) is not state:
            state = await self._recorded.do(alerted)
        pull = Pull(state, ingested.kept, ingested.problems)
        _log(event, pull)
        return pull

    async def _read(
        self,
        source: SourceSettings,
        known: Known,
        now: datetime,
        only: Collection[str] | None,
        progress: Progress | None,
    ) -> tuple[Ingested, dict[str, Any]]:
        """What came of reading *source*, and what its server said that makes its state different, once it was read."""
        state = known.state
        if known.error is not None:
            raise known.error
        if source.kind is SourceKind.POSTS:
            scan = partial(self._ingest.scan, source, state, now, only=only, progress=progress)
            return await self._worker.do(scan), {}
        if source.path is not None:
            return await self._taken(source, await asyncio.to_thread(read_file, source.path), state, now), {}
        found = await self._fetch(source, state)
        document = _document(found)
        ingested = Ingested(state) if document is None else await self._taken(source, document, state, now)
        return ingested, _said(source, state, found, now)

    async def _taken(self, source: SourceSettings, document: Document, state: PullState, now: datetime) -> Ingested:
        taking = Taking(source, document, state, now)
        if source.has_texts:
            taking = replace(taking, texts=await self._texts(taking))
        with self._fetcher.backlog.waits(len(document.body)) if self._fetcher else nullcontext():
            ingested = await self._taking.do(taking)
        if isinstance(ingested, Exception):
            raise ingested
        return ingested

    async def _texts(self, taking: Taking) -> Texts:
        """The texts that stand in documents of their own."""
        from aggregator.readers.text_fetching import fetch_texts
        from aggregator.readers.texts import Texts

        wanted = await self._worker.do(partial(self._ingest.wanted, taking))
        found = await fetch_texts(cast("Fetcher", self._fetcher), taking.source, wanted) if wanted else {}
        return Texts(taking.source, found)

    async def _fetch(self, source: SourceSettings, state: PullState) -> FetchedDocument | NotModified:
        """What the server of a feed answers."""
        from aggregator.fetching.request import FetchRequest

        address = state.address or source.url
        request = FetchRequest(
            address,
            state.etag,
            state.modified,
            private=may_be_private(source, address),
            accept=accepted(source),
            access=access_to(source, address),
            timeout=source.timeout.total_seconds(),
            differences=source.kind is SourceKind.FEED,
            failing=bool(state.failures),
            source=source.name,
        )
        return await cast("Fetcher", self._fetcher).fetch(request)

    async def _failed(self, source: SourceSettings, state: PullState, error: Exception, now: datetime) -> PullState:
        """*state* after a pull that failed with *error*."""
        trouble, told = trouble_of(source, error)
        wait = error.retry_after if isinstance(error, (BadStatus, HostBusy)) else None
        retry = now + min(timedelta(seconds=wait), LONGEST_WAIT) if wait is not None else None
        facts = {"failure": told, "trouble": trouble, "retry_until": retry}
        state = failed(replace(state, failures=state.failures + 1, **facts))  # type: ignore[arg-type]
        if self._fetcher is None or source.kind is not SourceKind.FEED or not source.url:
            return state
        from aggregator.lost import is_lost, proposed

        return await proposed(self._fetcher, source, state) if is_lost(state) else state

    def _states(self, chosen: Sequence[SourceSettings]) -> list[Known]:
        """What is remembered of each source, as it is configured now."""
        with self._database.reading() as connection:
            states = sources.states(connection, [source.name for source in chosen])
            subscribed = subscriptions.of(connection, {name for name, state in states.items() if state.hub})
        found = []
        for source in chosen:
            state, error = states.get(source.name), None
            if state is None or state.kind is not source.kind:
                state = PullState(source.name, source.kind)
            try:
                state = self._ingest.state(source, state)
            except PostError as why:
                error = why
            found.append(Known(state, subscribed.get(source.name), error))
        return found

    def _missed(self, subscription: Subscription, now: datetime) -> Subscription:
        """Note that a pull had to find what the hub did not send."""
        with self._database.writing() as connection:
            subscriptions.missed(connection, subscription.source, now)
        return replace(subscription, missed=now)

    def _step(self, _done: int, _total: int) -> None:
        """An end to long work once nobody waits for it any more."""
        if self._worker.closing:
            raise StoppingError

    def _record(self, states: Sequence[PullState]) -> Sequence[PullState]:
        with self._database.noting() as connection:
            # In one order, so that two who do so never wait for each other.
            sources.record(connection, sorted(states, key=lambda state: state.source))
        return states


def _said(
    source: SourceSettings, state: PullState, found: FetchedDocument | NotModified, now: datetime
) -> dict[str, Any]:
    """What a server's answer says beside its document that makes *state* different."""
    from aggregator.fetching.headers import freshness

    fresh = freshness(found.headers, now)
    until = now + min(timedelta(seconds=fresh), LONGEST_WAIT) if fresh else None
    facts: dict[str, Any] = {"fresh_until": until}
    if found.moved or state.moved_to:
        facts |= followed(state, found.moved, secret=has_secrets(source))
    return facts


def _document(found: FetchedDocument | NotModified) -> Document | None:
    """The document of an answer; None when its server says that it is the one that was read last."""
    from aggregator.fetching.headers import hub_links
    from aggregator.fetching.request import NotModified

    if isinstance(found, NotModified):
        return None
    hubs, own = hub_links(found.headers.get("link", ""), found.url)
    return Document(found.body, found.url, found.content_type, found.etag, found.modified, hubs, own)


def _counts(kept: Kept) -> tuple[int, int, int]:
    return kept.created, kept.corrected, kept.withdrawn


def _log(event: str, pull: Pull) -> None:
    """One line in the log for each pull, and each push."""
    state = pull.state
    created, corrected, withdrawn = pull.counts
    facts = {
        "source": state.source,
        "outcome": str(state.outcome),
        "seconds": state.seconds,
        "next": f"{state.next_pull:%Y-%m-%dT%H:%M:%SZ}" if state.next_pull else "when asked for",
        "created": created,
        "corrected": corrected,
        "withdrawn": withdrawn,
    }
    if state.failure:
        log.warning(event, **facts, failures=state.failures, trouble=str(state.trouble), failure=state.failure)
    elif state.warning:
        log.warning(event, **facts, warning=state.warning)
    else:
        log.info(event, **facts)
