"""Long work spread over all cores. Only work that takes seconds is worth it: a process takes a while to begin."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import forkserver, resource_tracker
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

J = TypeVar("J")
T = TypeVar("T")
R = TypeVar("R")

# Results that wait to be taken, for each process: enough that none stands idle, few enough for memory.
_AHEAD = 2
# Between two looks for garbage in cycles; as often as Python does by itself, looking took a twentieth of the time.
_ALLOCATIONS = 50_000


class ProcessEndedError(Exception):
    """The work is not done; the message is a sentence for people."""


def spread(work: Callable[[J, T], R], job: J, parts: Sequence[T], *, alone: bool) -> Generator[R]:
    """What ``work(job, part)`` gives for each of *parts*, in their order; *alone*, in this process.

    *work* is a function of a module, and *job* and *parts* can be pickled. Whoever stops taking results stops the work.
    """
    workers = 1 if alone else min(os.cpu_count() or 1, len(parts))
    if workers < 2:
        for part in parts:
            yield work(job, part)
        return
    # Forked from a process that only imported, since other threads of this one may hold locks.
    context = multiprocessing.get_context("forkserver")
    pool = ProcessPoolExecutor(workers, context, initializer=_begin)
    try:
        waiting: deque[Future[R]] = deque()
        for part in parts:
            with _no_interrupt():
                waiting.append(pool.submit(work, job, part))
            if len(waiting) > workers * _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool as error:
        raise ProcessEndedError("a process that shared in the work was ended from outside; is memory short?") from error
    finally:
        pool.shutdown(cancel_futures=True)


def prepare(modules: Sequence[str], *, now: bool = False) -> None:
    """Have *modules* imported once, in the process that others are forked from.

    It begins with the first work that is spread, or *now*, while this one does something else.
    """
    multiprocessing.set_forkserver_preload(list(modules))
    if now:
        with _no_interrupt():
            forkserver.ensure_running()


@contextmanager
def _no_interrupt() -> Iterator[None]:
    """A process that is begun here never hears of Ctrl-C, which a terminal sends to all: its parent ends it."""
    resource_tracker.ensure_running()  # where it is begun later, it lets interrupts in again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def look_for_garbage_seldom() -> None:
    """To be called once what stays for good is imported: work in batches leaves little garbage in cycles."""
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS, 20, 20)


def _begin() -> None:
    """End with the process that began this one, even where that was killed."""
    look_for_garbage_seldom()
    threading.Thread(target=_follow, daemon=True).start()


def _follow() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
