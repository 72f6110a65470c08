"""The parts of a running Feedmill, put together once from the configuration."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from aggregator.alerts import Alerts
from aggregator.ingest import Ingest
from aggregator.pulling import Puller
from aggregator.worker import StoppingError, Worker, in_thread
from feeds.processes import look_for_garbage_seldom
from feeds.publishing.documents import Documents
from feeds.publishing.rendering import Renderer
from feeds.publishing.search_index import SearchIndex
from feeds.publishing.static_site import Published, Rehearsed, StaticSite
from feeds.publishing.upload import Sent
from storage import days, partner_days, search
from storage.database import Database, open_database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from aggregator.config import Config
    from aggregator.fetching.client import Fetcher
    from aggregator.ingest import Progress
    from aggregator.pulling import Pull
    from aggregator.settings import SourceSettings
    from feeds.site import Site


# Twice as long as what is looked at.
_DAYS_KEPT = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Mill:
    """A store, what pulls into it, what publishes from it: ``worker`` stores, ``publisher`` writes the folder.

    ``fetcher`` is None where nothing is fetched, ``static_site`` where no folder is configured.
    """

    config: Config
    site: Site
    database: Database
    worker: Worker
    publisher: Worker
    fetcher: Fetcher | None
    puller: Puller
    renderer: Renderer
    documents: Documents
    search_index: SearchIndex
    static_site: StaticSite | None

    async def pull(self, sources: Sequence[SourceSettings], progress: Progress | None = None) -> list[Pull]:
        """Pull *sources*, all at once; the fetcher sees to it that no host is overrun."""
        step = self._step(progress)
        return await asyncio.gather(*(self.puller.pull(source, progress=step) for source in sources))

    async def publish(self, *, everything: bool = False, progress: Progress | None = None) -> Published:
        """Bring the folder up to date, if there is one.

        Raises:
            PublishError: it cannot be written.
        """
        if self.static_site is None:
            return Published()
        publish = partial(self.static_site.publish, everything=everything, progress=self._step(progress))
        return await self.publisher.do(publish)

    async def rehearse(self, progress: Progress | None = None) -> Rehearsed:
        """What a publication would change of the folder that is configured.

        Raises:
            PublishError: it cannot be read.
        """
        return await self.worker.do(partial(self._folder.rehearse, self._step(progress)))

    async def roll_back(self) -> Published:
        """Take the last publication to the folder that is configured back.

        Raises:
            RollbackError: there is none.
            PublishError: the folder cannot be written.
        """
        return await self.worker.do(self._folder.roll_back)

    @property
    def _folder(self) -> StaticSite:
        assert self.static_site is not None  # noqa: S101  whoever asks has seen to it
        return self.static_site

    async def upload(self, progress: Progress | None = None) -> Sent:
        """Bring what is published to where it is uploaded, if that is anywhere; nobody waits for that who stores.

        Raises:
            UploadError: it does not have everything yet.
            PublishError: the folder cannot be written.
        """
        if self.static_site is None or not self.config.publish.upload:
            return Sent()
        return await in_thread("feedmill-upload", partial(self.static_site.upload, self._step(progress)))

    def maintain(self) -> None:
        """Forget what nobody looks at any more, and let the store tidy up.

        Raises:
            StorageError: it cannot.
        """
        with self.database.writing() as connection:
            before = (datetime.now(UTC) - _DAYS_KEPT).date()
            days.forget(connection, before)
            partner_days.forget(connection, before)
            search.empty_if_stale(connection)  # it is filled again like a new one
        self.database.maintain()

    def _step(self, progress: Progress | None) -> Progress:
        """*progress*, and an end to long work once nobody waits for it any more: Ctrl-C, say."""

        def step(done: int, total: int) -> None:
            if self.worker.closing or self.publisher.closing:
                raise StoppingError
            if progress:
                progress(done, total)

        return step


@asynccontextmanager
async def assembled(config: Config) -> AsyncIterator[Mill]:
    """The parts, opened; closed at the end, when the work that was begun is done.

    Raises:
        StorageError: the store cannot be opened.
    """
    site = config.published_site
    look_for_garbage_seldom()
    async with AsyncExitStack() as stack:
        database = open_database(config.storage.url)
        stack.callback(database.close)
        fetcher = None
        if config.alert.webhook or any(source.url or source.has_texts for source in config.source):
            from aggregator.fetching.client import Fetcher

            fetcher = await stack.enter_async_context(Fetcher(config.pull.user_agent(site.url)))
        worker, publisher = Worker("feedmill"), Worker("feedmill-publish")
        stack.callback(worker.close)
        stack.callback(publisher.close)
        alerts = Alerts(config.alert, site.url, fetcher)
        renderer = Renderer(site)
        directory = config.publish.directory
        yield Mill(
            config=config,
            site=site,
            database=database,
            worker=worker,
            publisher=publisher,
            fetcher=fetcher,
            puller=Puller(database, Ingest(config, database), worker, fetcher, alerts),
            renderer=renderer,
            documents=Documents(database, renderer),
            search_index=SearchIndex(database),
            static_site=StaticSite(directory, database, renderer, config.publish.upload) if directory else None,
        )
