"""How many requests there are at once, to whom, and how soon after one another; nothing here looks at a clock."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from aggregator.fetching import errors
from aggregator.fetching.client import Fetcher, FetchRequest
from aggregator.fetching.politeness import Limits, Turns

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.aggregator.fetching.conftest import Answer, Serve

FEED = b"<rss version='2.0'/>"


async def settle() -> None:
    """Let everybody go as far as they can."""
    for _ in range(20):
        await asyncio.sleep(0)


class Crowd:
    """Those who have a turn, by host; each keeps it until it is sent away."""

    def __init__(self, turns: Turns) -> None:
        self.has_turn: list[str] = []
        self._turns = turns
        self._leave = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def come(self, host: str, *, failing: bool = False, rated: bool = False) -> None:
        async def stay() -> None:
            async with self._turns.turn(host, failing=failing, rated=rated):
                self.has_turn.append(host)
                await self._leave.wait()

        self._tasks.append(asyncio.create_task(stay()))

    async def leave(self) -> None:
        self._leave.set()
        await asyncio.gather(*self._tasks)


@asynccontextmanager
async def crowd(**limits: float) -> AsyncIterator[Crowd]:
    made = Crowd(Turns(Limits(**limits)))  # type: ignore[arg-type]
    yield made
    await made.leave()


async def test_failing_sources_never_take_the_slots_of_healthy_ones() -> None:
    async with crowd(healthy=2, failing=1) as people:
        for number in range(5):
            people.come(f"dead{number}.example", failing=True)
        await settle()
        assert people.has_turn == ["dead0.example"]
        for number in range(3):
            people.come(f"good{number}.example")
        await settle()
        assert people.has_turn == ["dead0.example", "good0.example", "good1.example"]


async def test_nor_all_connections_to_a_host_they_share() -> None:
    async with crowd(per_host=2, failing_per_host=1) as people:
        for failing in (True, True, True, False, False):
            people.come("shared.example", failing=failing)
        people.come("other.example")
        await settle()
        assert sorted(people.has_turn) == ["other.example", "shared.example", "shared.example"]


async def test_those_who_wait_for_a_host_hold_no_slot() -> None:
    async with crowd(healthy=2, per_host=1) as people:
        for host in ("slow.example", "slow.example", "slow.example", "quick.example"):
            people.come(host)
        await settle()
        assert people.has_turn == ["slow.example", "quick.example"]


async def test_a_host_is_asked_at_its_rate() -> None:
    async with crowd(per_host=100, at_once=3, per_second=100) as people:
        for _ in range(5):
            people.come("busy.example", rated=True)
        for _ in range(5):
            people.come("inner.example")
        people.come("other.example", rated=True)
        await settle()
        assert people.has_turn.count("busy.example") == 3
        assert people.has_turn.count("inner.example") == 5
        assert people.has_turn.count("other.example") == 1
    assert people.has_turn.count("busy.example") == 5


async def test_whoever_gives_up_waiting_leaves_nothing_behind() -> None:
    turns = Turns(Limits(healthy=1, per_host=1, at_once=1, per_second=0.001))
    for rated in (True, True, False):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01), turns.turn("a.example", failing=False, rated=rated):
                await asyncio.sleep(1)
    async with turns.turn("a.example", failing=True, rated=False), turns.turn("b.example", failing=False, rated=True):
        pass


async def test_hosts_are_forgotten_once_they_are_as_good_as_new() -> None:
    turns = Turns(Limits(per_host=1, at_once=1, per_second=1e9))
    async with turns.turn("busy.example", failing=False, rated=True):
        for number in range(500):
            async with turns.turn(f"{number}.example", failing=False, rated=True):
                pass
        assert len(turns._hosts) < 10
        waiting = asyncio.create_task(one_turn(turns, "busy.example"))
        await settle()
        assert not waiting.done()
    await waiting


async def one_turn(turns: Turns, host: str) -> None:
    async with turns.turn(host, failing=False, rated=False):
        pass


async def test_hosts_whose_rate_has_not_recovered_are_remembered() -> None:
    turns = Turns(Limits(at_once=1, per_second=0.001))
    for number in range(50):
        async with turns.turn(f"{number}.example", failing=False, rated=True):
            pass
    assert len(turns._hosts) == 50
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01), turns.turn("0.example", failing=False, rated=True):
            pass


class Gate:
    """Holds whoever comes until it is opened."""

    def __init__(self, answer: bytes) -> None:
        self.reached = asyncio.Event()
        self.open = asyncio.Event()
        self._answer = answer

    async def script(self, _: bytes, writer: asyncio.StreamWriter) -> None:
        self.reached.set()
        await self.open.wait()
        writer.write(self._answer)


async def test_a_crowd_of_dead_sources_delays_no_other(serve: Serve, answer: Answer) -> None:
    gate = Gate(answer(FEED))
    dead = [await serve({"/": gate.script}, f"127.0.0.{number}") for number in range(2, 10)]
    good = await serve({"/": answer(FEED)})
    async with Fetcher("Feedmill/0.1", Limits(healthy=2, failing=2)) as fetcher:
        slow = [
            asyncio.create_task(fetcher.fetch(FetchRequest(each.url(), private=True, failing=True))) for each in dead
        ]
        await gate.reached.wait()
        for _ in range(10):
            await fetcher.fetch(FetchRequest(good.url(), private=True, timeout=5))
        assert sum(each.accepted for each in dead) == 2
        gate.open.set()
        await asyncio.gather(*slow)


async def test_a_redirect_waits_for_its_turn_at_the_other_host_before_the_clock_runs_on(
    serve: Serve, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aggregator.fetching.guard.is_public", lambda _: True)
    gate = Gate(answer(FEED))
    busy = await serve({"/slow": gate.script, "/feed": answer(FEED)}, "127.0.0.2")
    server = await serve({"/": answer(b"", f"Location: {busy.url('/feed')}", status="302 Found")})
    async with Fetcher("Feedmill/0.1", Limits(per_host=1)) as fetcher:
        slow = asyncio.create_task(fetcher.fetch(FetchRequest(busy.url("/slow"), timeout=60)))
        await gate.reached.wait()
        redirected = asyncio.create_task(fetcher.fetch(FetchRequest(server.url(), timeout=0.3)))
        await asyncio.sleep(0.5)
        assert (redirected.done(), len(server.requests), len(busy.requests)) == (False, 1, 1)
        gate.open.set()
        await slow
        found = await redirected
        assert found.url == busy.url("/feed")


async def test_only_the_internet_has_a_rate(serve: Serve, answer: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    server = await serve({"/": answer(FEED)})
    async with Fetcher("Feedmill/0.1", Limits(at_once=2, per_second=0.001)) as fetcher:
        for _ in range(5):
            await fetcher.fetch(FetchRequest(server.url(), private=True, timeout=5))
        monkeypatch.setattr("aggregator.fetching.guard.is_public", lambda _: True)
        outside = FetchRequest(server.url(), timeout=5)
        for _ in range(2):
            await fetcher.fetch(outside)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await fetcher.fetch(outside)
    assert len(server.requests) == 7


async def test_a_failure_gives_its_turn_back(serve: Serve, answer: Answer) -> None:
    server = await serve({"/": answer(b"", status="500 Broken")})
    async with Fetcher("Feedmill/0.1", Limits(healthy=1, failing=1, per_host=1)) as fetcher:
        for failing in (True, False, True, False):
            with pytest.raises(errors.BadStatus):
                await fetcher.fetch(FetchRequest(server.url(), private=True, failing=failing, timeout=5))
