"""One pull of one source, from fetching to the record of what came of it."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, TypeVar, cast

import structlog

from aggregator.fetching.errors import BadStatus, FetchError
from aggregator.ingest import Document, Ingested
from aggregator.posts.errors import PostError, PostStoreError
from aggregator.readers.choice import accepted
from aggregator.schedule import next_pull
from feeds.reading.errors import FeedSyntaxError
from storage import sources
from storage.errors import StorageError
from storage.source import PullOutcome, PullState, SourceKind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from aggregator.fetching.client import Fetcher
    from aggregator.ingest import Ingest, Progress
    from aggregator.keep import Kept
    from aggregator.readers.texts import Texts
    from aggregator.settings import SourceSettings
    from storage.database import Database

T = TypeVar("T")
log = structlog.get_logger("pull")

LARGEST_FILE = 15 * 2**20
"""Bytes of a feed that is read from a file, as many as of one that is fetched."""


class FileError(Exception):
    """A feed's file cannot be read; the message is a sentence for people."""


class StoppingError(Exception):
    """Raised inside long work, between two steps, once the process is to end."""


@dataclass(frozen=True, slots=True)
class Pull:
    """What came of a pull: the state that was recorded, what was kept, and problems as sentences for people."""

    state: PullState
    kept: Kept
    problems: tuple[str, ...] = ()


class Worker:
    """The one thread that reads, cleans and stores: work on the store is done in the order it is asked for."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, "feedmill")
        self.closing = False

    async def do(self, work: Callable[[], T]) -> T:
        """Have *work* done, and wait for it without holding up anyone else."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def close(self) -> None:
        """Wait until what was begun is done, or ends at its next step; what was not begun is left."""
        self.closing = True
        self._pool.shutdown(cancel_futures=True)


class Puller:
    """Pulls sources. *fetcher* may be None where no source has an address."""

    def __init__(self, database: Database, ingest: Ingest, worker: Worker, fetcher: Fetcher | None) -> None:
        self._database = database
        self._ingest = ingest
        self._worker = worker
        self._fetcher = fetcher
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def pull(
        self, source: SourceSettings, *, only: Collection[str] | None = None, progress: Progress | None = None
    ) -> Pull:
        """Pull *source*, or of a folder of posts *only* those paths. A failure is recorded, and is no error here.

        One source is never pulled twice at once.
        """
        async with self._turns[source.name]:
            return await self._pull(source, only, progress)

    async def _pull(self, source: SourceSettings, only: Collection[str] | None, progress: Progress | None) -> Pull:
        now = datetime.now(UTC)
        state = await self._worker.do(partial(self._known, source))
        retry_after = None
        try:
            state = await self._worker.do(partial(self._ingest.state, source))
            ingested = await self._read(source, state, now, only, progress)
        except (StorageError, StoppingError):
            raise  # not the source's fault
        except Exception as error:  # noqa: BLE001  whatever a source brings about, it can only hurt itself
            retry_after = error.retry_after if isinstance(error, BadStatus) else None
            ingested = Ingested(replace(state, failures=state.failures + 1, failure=_reason(source, error)))
            outcome = PullOutcome.FAILED
        else:
            good = replace(ingested.state, failures=0, failure="", last_success=now)
            ingested = replace(ingested, state=good)
            outcome = PullOutcome.CHANGED if any(_counts(ingested.kept)) else PullOutcome.UNCHANGED
        then = next_pull(
            datetime.now(UTC),
            source.every or timedelta(minutes=15),
            ingested.state.failures,
            random.random(),
            retry_after,
        )
        recorded = replace(ingested.state, outcome=outcome, last_pull=now, next_pull=then)
        await self._worker.do(partial(self._record, recorded))
        pull = Pull(recorded, ingested.kept, ingested.problems)
        _tell(pull)
        return pull

    async def _read(
        self,
        source: SourceSettings,
        state: PullState,
        now: datetime,
        only: Collection[str] | None,
        progress: Progress | None,
    ) -> Ingested:
        if source.kind is SourceKind.POSTS:
            scan = partial(self._ingest.scan, source, state, now, only=only, progress=progress)
            return await self._worker.do(scan)
        document = await self._fetch(source, state)
        if document is None:
            return Ingested(state)
        texts = await self._texts(source, document, state, now)
        return await self._worker.do(partial(self._ingest.take, source, document, state, now, texts))

    async def _texts(self, source: SourceSettings, document: Document, state: PullState, now: datetime) -> Texts | None:
        """The texts that stand in documents of their own; None where *source* has none."""
        if not source.has_texts:
            return None
        from aggregator.readers.text_fetching import fetch_texts
        from aggregator.readers.texts import Texts

        wanted = await self._worker.do(partial(self._ingest.wanted, source, document, state, now))
        found = await fetch_texts(cast("Fetcher", self._fetcher), source, wanted) if wanted else {}
        return Texts(source, found)

    async def _fetch(self, source: SourceSettings, state: PullState) -> Document | None:
        """The document of a feed; None when its server says that it is the one that was read last."""
        if source.path is not None:
            return await asyncio.to_thread(read_file, source.path)
        from aggregator.fetching.client import FetchRequest, NotModified

        request = FetchRequest(source.url, state.etag, state.modified, private=source.private, accept=accepted(source))
        found = await cast("Fetcher", self._fetcher).fetch(request)
        if isinstance(found, NotModified):
            return None
        return Document(found.body, found.url, found.content_type, found.etag, found.modified)

    def _known(self, source: SourceSettings) -> PullState:
        with self._database.reading() as connection:
            known = sources.states(connection).get(source.name)
        fresh = PullState(source.name, source.kind)
        return known if known is not None and known.kind is source.kind else fresh

    def _record(self, state: PullState) -> None:
        with self._database.writing() as connection:
            sources.record(connection, state)


def read_file(path: Path) -> Document:
    """The feed in the file at *path*.

    Raises:
        FileError: it cannot be read, or is too large.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise FileError(f"{path} is larger than {LARGEST_FILE // 2**20} MB")
        return Document(path.read_bytes())
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}") from error


def _reason(source: SourceSettings, error: Exception) -> str:
    """Why a pull failed, as a sentence for people."""
    if isinstance(error, (FetchError, FileError, FeedSyntaxError, PostError, PostStoreError)):
        return str(error)
    log.error("broke", source=source.name, exc_info=error)
    return f"a fault of Feedmill's own, with a traceback in the log: {type(error).__name__}: {error}"


def _counts(kept: Kept) -> tuple[int, int, int]:
    return kept.created, kept.corrected, kept.withdrawn


def _tell(pull: Pull) -> None:
    """One line in the log for each pull."""
    state = pull.state
    created, corrected, withdrawn = _counts(pull.kept)
    told = log.bind(source=state.source, outcome=str(state.outcome), next=str(state.next_pull))
    told = told.bind(created=created, corrected=corrected, withdrawn=withdrawn)
    if state.failure:
        told.warning("pulled", failures=state.failures, failure=state.failure)
    elif state.warning:
        told.warning("pulled", warning=state.warning)
    elif any(_counts(pull.kept)):
        told.info("pulled")
    else:
        told.debug("pulled")
