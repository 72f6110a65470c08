"""A worker: takes up jobs and does them, many at once, as long as it is not told to end.

Whatever goes wrong between it and the database, it ends what it does and begins anew under another number: nobody can
know then which of its jobs it still has, and what it leaves behind is given back by the leader. A job that fails or is
broken off is given back in the same way.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import structlog
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import DeleteJobCondition
from procrastinate.worker import Worker as Taking
from psycopg_pool import PoolTimeout

from aggregator.jobs import Jobs

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from typing import LiteralString

    from aggregator.measures import Measures
    from aggregator.mill import Mill
    from storage.job import Queue

log = structlog.get_logger("worker")

CONCURRENCY: Final = 32
"""Jobs at once: most of the time a pull waits for somebody else's server, and one that is slow takes up a place."""
HEARTBEAT_SECONDS: Final = 5.0
GRACE_SECONDS: Final = 10.0
"""For what is being done when it is to end: what takes longer is broken off and given back."""

# Jobs that are due later, and those that were given back, are found by looking; all others are told of.
_LOOK_SECONDS: Final = 1.0
# Queries of Procrastinate are short: one for each job that begins and one for each that ends.
_CONNECTIONS: Final = 4
_CONNECT_SECONDS: Final = 5.0
_AGAIN_SECONDS: Final = 1.0


class _Connector(PsycopgConnector):
    """Procrastinate's connections; *troubled* is called when one of them did not do what it was to do."""

    def __init__(self, url: str, troubled: Callable[[], None]) -> None:
        super().__init__(
            conninfo=url,
            kwargs={"application_name": "feedmill worker", "connect_timeout": int(_CONNECT_SECONDS)},
            min_size=1,
            max_size=_CONNECTIONS,
            timeout=_CONNECT_SECONDS,
        )
        self._troubled = troubled

    # Each as Procrastinate has it.
    async def execute_query_async(self, query: LiteralString, **arguments: Any) -> None:
        await self._seen(super().execute_query_async(query, **arguments))

    async def execute_query_one_async(self, query: LiteralString, **arguments: Any) -> dict[str, Any]:
        row: dict[str, Any] = await self._seen(super().execute_query_one_async(query, **arguments))
        return row

    async def execute_query_all_async(self, query: LiteralString, **arguments: Any) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = await self._seen(super().execute_query_all_async(query, **arguments))
        return rows

    async def _seen(self, asked: Awaitable[Any]) -> Any:
        try:
            return await asked
        except ConnectorException as error:
            if not isinstance(error, UniqueViolation):
                self._troubled()
            raise


class WorkerRole:
    """Does the jobs in *queues* with a *mill*, *concurrency* at once."""

    def __init__(self, mill: Mill, measures: Measures, queues: Sequence[Queue], concurrency: int) -> None:
        self._mill = mill
        self._queues = [str(queue) for queue in queues]
        self._concurrency = concurrency
        self._stop = asyncio.Event()
        self._taking: Taking | None = None
        self._jobs = Jobs(mill, measures)
        self._connector = _Connector(mill.config.storage.url, self._troubled)
        self._app = App(connector=self._connector)
        for work, do in self._jobs.all.items():
            self._app.task(name=str(work), queue=self._queues[0])(do)
        self.seen: datetime | None = None

    def stop(self) -> None:
        """End, when what is being done is done or the grace is over."""
        self._stop.set()
        self._troubled()

    async def run(self) -> None:
        """Do jobs until it is told to stop."""
        async with self._jobs.deliverer.running():
            while not self._stop.is_set():
                try:
                    await self._take_jobs()
                except (ConnectorException, PoolTimeout) as error:
                    log.error("begins anew", reason=str(error.__cause__ or error))  # noqa: TRY400
                with suppress(TimeoutError):
                    async with asyncio.timeout(_AGAIN_SECONDS):
                        await self._stop.wait()

    async def _take_jobs(self) -> None:
        """Take jobs until it is told to stop, or the database is in trouble."""
        async with self._app.open_async():
            self._taking = Taking(
                self._app,
                queues=self._queues,
                concurrency=self._concurrency,
                fetch_job_polling_interval=_LOOK_SECONDS,
                shutdown_graceful_timeout=GRACE_SECONDS,
                delete_jobs=DeleteJobCondition.SUCCESSFUL,
                install_signal_handlers=False,
                update_heartbeat_interval=HEARTBEAT_SECONDS,
                worker_middleware=[self._doing],
            )
            try:
                await self._taking.run()  # type: ignore[no-untyped-call]
            finally:
                self._taking = None

    async def _doing(self, process: Callable[[], Awaitable[Any]], context: Any, _worker: Any) -> Any:
        """Do one job."""
        self.seen = datetime.now(UTC)
        try:
            return await process()
        except Exception as error:
            log.exception("failed", job=context.job.task_name, about=_short(context.job.task_kwargs), reason=str(error))
            raise

    def _troubled(self) -> None:
        if self._taking is not None:
            self._taking.stop()  # type: ignore[no-untyped-call]


def _short(about: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in about.items() if name != "document"}
