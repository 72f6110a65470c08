"""Who does the work that is not waiting: a thread for the store and one for the folder; and what is asked for together
is done at once.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

A = TypeVar("A")
B = TypeVar("B")


class StoppingError(Exception):
    """Raised inside long work, between two steps, once the process is to end."""


class Worker:
    """One thread: what it is asked for is done in that order."""

    def __init__(self, name: str = "feedmill") -> None:
        self._pool = ThreadPoolExecutor(1, name)
        self.closing = False

    async def do(self, work: Callable[[], B]) -> B:
        """Have *work* done, and wait for it without holding up anyone else."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def close(self) -> None:
        """Wait until what was begun is done, or ends at its next step; what was not begun is left."""
        self.closing = True
        self._pool.shutdown(cancel_futures=True)


async def in_thread(name: str, work: Callable[[], B]) -> B:
    """Have *work* done in a thread of its own, for which the process does not wait at its end: it may hang."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[B] = loop.create_future()

    def settle(settled: Callable[[], None]) -> None:
        if not done.done():  # else nobody waits any longer
            settled()

    def run() -> None:
        settled: Callable[[], None]
        try:
            settled = partial(done.set_result, work())
        except BaseException as error:  # noqa: BLE001  raised where it is waited for
            settled = partial(done.set_exception, error)
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, settled)

    Thread(target=run, name=name, daemon=True).start()
    return await done


class Together(Generic[A, B]):
    """Collects what is asked for while the worker is busy, and has it done at once, in the order of asking.

    A thousand sources that are asked for at one moment cost one query, and a thousand results one transaction.
    """

    def __init__(self, worker: Worker, work: Callable[[Sequence[A]], Sequence[B]]) -> None:
        self._worker = worker
        self._work = work
        self._asked: list[tuple[A, asyncio.Future[B]]] = []
        self._doing: asyncio.Task[None] | None = None

    async def do(self, item: A) -> B:
        """What the work gives for *item*; an error of the work is everybody's who asked at that moment."""
        future: asyncio.Future[B] = asyncio.get_running_loop().create_future()
        self._asked.append((item, future))
        if self._doing is None:
            self._doing = asyncio.create_task(self._do_all(), name="together")
        return await future

    async def _do_all(self) -> None:
        try:
            while self._asked:
                asked, self._asked = self._asked, []
                await self._do_once(asked)
        finally:
            self._doing = None
            for _, future in self._asked:  # the process ends
                future.cancel()

    async def _do_once(self, asked: Sequence[tuple[A, asyncio.Future[B]]]) -> None:
        items = [item for item, _ in asked]
        try:
            results = await self._worker.do(lambda: self._work(items))
        except BaseException as error:
            for _, future in asked:
                if not future.done():
                    future.cancel() if isinstance(error, asyncio.CancelledError) else future.set_exception(error)
            if not isinstance(error, Exception):
                raise
            return
        for (_, future), result in zip(asked, results, strict=True):
            if not future.done():
                future.set_result(result)
