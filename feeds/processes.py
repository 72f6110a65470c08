"""Long work spread over all cores. Only work that takes seconds is worth it: a process takes a while to begin."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

J = TypeVar("J")
T = TypeVar("T")
R = TypeVar("R")

# Results that wait to be taken, for each process: enough that none stands idle, few enough for memory.
_AHEAD = 2


def spread(work: Callable[[J, T], R], job: J, parts: Sequence[T], *, alone: bool) -> Generator[R]:
    """What ``work(job, part)`` gives for each of *parts*, in their order; *alone*, in this process.

    *work* is a function of a module, and *job* and *parts* can be pickled. Whoever stops taking results stops the work.
    """
    workers = 1 if alone else min(os.cpu_count() or 1, len(parts))
    if workers < 2:
        for part in parts:
            yield work(job, part)
        return
    # Not forked: other threads of this process may hold locks.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, context, initializer=_begin)
    try:
        waiting: deque[Future[R]] = deque()
        for part in parts:
            waiting.append(pool.submit(work, job, part))
            if len(waiting) > workers * _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _begin() -> None:
    """End with the process that began this one, even where that was killed."""
    threading.Thread(target=_follow, daemon=True).start()


def _follow() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
