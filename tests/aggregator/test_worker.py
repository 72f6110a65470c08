"""What is asked for together is done at once, in order, and what fails fails for those who asked."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest

from aggregator.worker import Together, Worker

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker()
    yield worker
    worker.close()


async def test_what_is_asked_meanwhile_is_done_at_once(worker: Worker) -> None:
    batches: list[Sequence[int]] = []
    begun, go = threading.Event(), threading.Event()

    def double(items: Sequence[int]) -> list[int]:
        batches.append(items)
        begun.set()
        assert go.wait(10)
        return [item * 2 for item in items]

    together = Together(worker, double)
    first = asyncio.create_task(together.do(0))
    await asyncio.to_thread(begun.wait, 10)
    rest = [asyncio.create_task(together.do(item)) for item in range(1, 100)]
    await asyncio.sleep(0)
    go.set()
    assert await asyncio.gather(first, *rest) == [item * 2 for item in range(100)]
    assert batches == [[0], list(range(1, 100))]


async def test_a_failure_is_of_those_who_asked(worker: Worker) -> None:
    def fail_on_odd(items: Sequence[int]) -> list[int]:
        if any(item % 2 for item in items):
            raise ValueError(f"odd: {items}")
        return list(items)

    together = Together(worker, fail_on_odd)
    found = await asyncio.gather(together.do(1), together.do(2), return_exceptions=True)
    assert [str(error) for error in found] == ["odd: [1, 2]"] * 2
    assert await together.do(4) == 4


async def test_who_gave_up_is_not_waited_for(worker: Worker) -> None:
    go = threading.Event()

    def wait(items: Sequence[int]) -> list[int]:
        assert go.wait(10)
        return list(items)

    together = Together(worker, wait)
    first, second = asyncio.create_task(together.do(1)), asyncio.create_task(together.do(2))
    await asyncio.sleep(0.01)
    first.cancel()
    go.set()
    assert await second == 2
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_work_is_done_in_the_order_it_was_asked_for(worker: Worker) -> None:
    done: list[int] = []
    await asyncio.gather(*(worker.do(lambda number=number: done.append(number)) for number in range(50)))  # type: ignore[misc]
    assert done == list(range(50))
