from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from aggregator.fetching.resolver import Resolver

if TYPE_CHECKING:
    from collections.abc import Iterator


class DeadNames:
    """Which names are being looked up and not answered for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._one = threading.Semaphore(0)

    def add(self, name: str) -> None:
        self.asked.append(name)
        self._one.release()

    def wait_for(self, number: int) -> None:
        for _ in range(number):
            assert self._one.acquire(timeout=60)


@pytest.fixture
def dead_names(monkeypatch: pytest.MonkeyPatch) -> Iterator[DeadNames]:
    """Names that end in ``.dead`` are not answered for until the test ends."""
    dead = DeadNames()
    over = threading.Event()

    def look_up(host: str, port: int, *_: object, **__: object) -> list[object]:
        if host.endswith(".dead"):
            dead.add(host)
            over.wait(60)
        if host.startswith("none"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.31.196.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    yield dead
    over.set()


async def test_names_that_nobody_answers_for_keep_no_other_waiting(dead_names: DeadNames) -> None:
    resolver = Resolver()
    dead = [asyncio.create_task(resolver.resolve(f"{number}.dead")) for number in range(100)]
    await asyncio.to_thread(dead_names.wait_for, 100)
    [found] = await resolver.resolve("good.example", 443)
    assert (found["hostname"], found["host"], found["port"]) == ("good.example", "192.31.196.1", 443)
    for task in dead:
        task.cancel()


async def test_a_name_that_is_not_there_is_told(dead_names: DeadNames) -> None:
    with pytest.raises(socket.gaierror):
        await Resolver().resolve("none.example")
    assert dead_names.asked == []


async def test_lookups_are_bounded_and_one_given_up_counts_until_it_ends(
    dead_names: DeadNames, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aggregator.fetching.resolver.THREADS", 2)
    resolver = Resolver()
    for number in range(2):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await resolver.resolve(f"{number}.dead")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await resolver.resolve("good.example")
    assert len(dead_names.asked) == 2


async def test_a_thread_that_cannot_be_had_is_told_and_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aggregator.fetching.resolver.THREADS", 1)
    resolver = Resolver()

    def start(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", start)
        with pytest.raises(OSError, match="no thread left"):
            await resolver.resolve("localhost")
    assert await resolver.resolve("localhost", 80)


async def test_an_address_of_a_link_keeps_its_link(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("fe80::1", 80, 0, 2))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert [each["host"] for each in await Resolver().resolve("router.example", 80)] == ["fe80::1%2"]


def test_the_process_ends_while_a_name_is_still_being_looked_up() -> None:
    lines = [
        "import asyncio, socket, time",
        "from aggregator.fetching.resolver import Resolver",
        "socket.getaddrinfo = lambda *_, **__: time.sleep(300)",
        "async def main():",
        "    try:",
        "        async with asyncio.timeout(0.1): await Resolver().resolve('dead.example')",
        "    except TimeoutError: print('given up')",
        "asyncio.run(main())",
    ]
    ended = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=True, timeout=60
    )
    assert (ended.stdout, ended.stderr) == ("given up\n", "")
