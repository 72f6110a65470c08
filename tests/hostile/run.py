"""A Feedmill of its own, in a process of its own: ``python -m tests.hostile.run TASK RESULT``.

It pulls and publishes as always. Three things are not as always, so that all of it can be played on one machine: one
address of the loopback counts as public, names mean what the task says, and once nothing else is under way, a minute
goes by at once, so that all who still hang are given up. Every connection that is opened is taken note of.
"""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import sys
import threading
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import structlog

from aggregator.config import Config
from aggregator.fetching import guard
from aggregator.fetching.address import is_public
from aggregator.mill import Mill, assembled
from aggregator.push.subscriber import Subscriber
from storage import entries, subscriptions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aggregator.pulling import Pull
    from aggregator.settings import SourceSettings

_A_MINUTE = 61.0
# Far more than any source brings.
_MANY = 100_000


class World:
    """What the process is told of the world, and what it does to it."""

    def __init__(self, task: dict[str, Any]) -> None:
        self._outside = task["outside"]
        self._names: dict[str, list[list[str]]] = task["names"]
        self._look_ups: dict[str, int] = {}
        self._real = socket.getaddrinfo
        self._ended = threading.Event()
        self.connected: set[str] = set()

    def begin(self) -> None:
        patch.object(guard, "is_public", self._is_public).start()
        patch.object(socket, "getaddrinfo", self._getaddrinfo).start()
        sys.addaudithook(self._hear)

    def end(self) -> None:
        self._ended.set()

    def _is_public(self, address: str) -> bool:
        return address == self._outside or is_public(address)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "socket.connect" and arguments[0].family in {socket.AF_INET, socket.AF_INET6}:
            self.connected.add(arguments[1][0])

    def _getaddrinfo(
        self, host: str, port: int, family: int = 0, kind: int = 0, protocol: int = 0, flags: int = 0
    ) -> list[Any]:
        """What libc takes for a number is one; any other name is in the task, or nowhere."""
        addresses = self._addresses(host) if host in self._names else [host]
        flags |= socket.AI_NUMERICHOST
        return [found for one in addresses for found in self._real(one, port, family, kind, protocol, flags)]

    def _addresses(self, host: str) -> list[str]:
        answers = self._names[host]
        number = self._look_ups[host] = self._look_ups.get(host, -1) + 1
        addresses = answers[min(number, len(answers) - 1)]
        if not addresses:
            self._ended.wait()  # a name server that does not answer
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return addresses


def main() -> None:
    """Do the task that is in the first file, and write what came of it to the second."""
    task = json.loads(Path(sys.argv[1]).read_bytes())
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    world = World(task)
    world.begin()
    result = asyncio.run(_run(task, world))
    result |= {"connected": sorted(world.connected)}
    Path(sys.argv[2]).write_text(json.dumps(result, default=str))


async def _run(task: dict[str, Any], world: World) -> dict[str, Any]:
    config = Config(**task["config"])
    hanging, early = set(task["hanging"]), set(task["early"])
    async with assembled(config) as mill:
        pulls: dict[str, Pull] = {}
        await mill.pull([source for source in config.source if source.name in early])
        order = await _pull_all(mill, hanging, pulls)
        await _ask_hubs(mill, pulls)
        world.end()
        await mill.publish()
        sources = {name: _told(mill, pull) for name, pull in pulls.items()}
    return {"sources": sources, "order": order}


async def _ask_hubs(mill: Mill, pulls: Mapping[str, Pull]) -> None:
    """Ask the hubs that documents name, as the scheduler does every minute."""
    assert mill.fetcher is not None
    subscriber = Subscriber(mill.database, mill.worker, mill.fetcher, mill.site)
    states = {name: pull.state for name, pull in pulls.items()}
    await subscriber.tend(states, mill.config.source, datetime.now(UTC))


async def _pull_all(mill: Mill, hanging: set[str], pulls: dict[str, Pull]) -> list[str]:
    """Pull every source; the names in the order in which their pulls ended."""
    order: list[str] = []

    async def pull(source: SourceSettings) -> None:
        [pulls[source.name]] = await mill.pull([source])
        order.append(source.name)

    tasks = {source.name: asyncio.create_task(pull(source)) for source in mill.config.source}
    # Where one of these hangs as well, its own deadline ends it.
    await asyncio.gather(*(task for name, task in tasks.items() if name not in hanging))
    _let_a_minute_go_by()
    await asyncio.gather(*tasks.values())
    return order


def _let_a_minute_go_by() -> None:
    loop = asyncio.get_running_loop()
    time = loop.time
    patch.object(loop, "time", lambda: time() + _A_MINUTE).start()


def _told(mill: Mill, pull: Pull) -> dict[str, Any]:
    with mill.database.reading() as connection:
        stored = entries.of_source(connection, pull.state.source, _MANY)
        subscription = subscriptions.all(connection).get(pull.state.source)
    hub = subscription.failure if subscription else ""
    return {
        "state": asdict(pull.state),
        "kept": asdict(pull.kept),
        "entries": [asdict(entry) for entry in stored],
        "hub": hub,
    }


if __name__ == "__main__":
    main()
