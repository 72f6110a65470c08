"""Whose turn it is: how many connections there are at once, to whom, and how soon after one another.

Hosts are told apart by name. Each has a few connections and a rate. Beyond that there are two lanes of slots, and what
failed the last time waits in the small one: however many sources are slow or dead, they take no slot of those that do
well, and only one connection at a host that they share with them.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from aiolimiter import AsyncLimiter

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

HEALTHY: Final = 192
"""Requests at once of sources that do well."""
FAILING: Final = 64
"""Requests at once of those that failed the last time."""
PER_HOST: Final = 4
"""Connections to one host."""
FAILING_PER_HOST: Final = 1
"""So many of them for what failed the last time."""
AT_ONCE: Final = 10
"""Requests that a host gets one right after the other, once it has been left alone for a while."""
PER_SECOND: Final = 2.0
"""Requests that it gets from then on."""

_OPEN: Final = nullcontext()


@dataclass(frozen=True, slots=True)
class Limits:
    """How much there is of everything; ``per_second`` counts for hosts on the Internet only."""

    healthy: int = HEALTHY
    failing: int = FAILING
    per_host: int = PER_HOST
    failing_per_host: int = FAILING_PER_HOST
    at_once: int = AT_ONCE
    per_second: float = PER_SECOND


@dataclass(slots=True)
class _Host:
    connections: asyncio.Semaphore
    for_failing: asyncio.Semaphore
    rate: AsyncLimiter
    users: int = 0
    left: float = 0.0


class Turns:
    """Hands out turns, within *limits*."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._healthy = asyncio.Semaphore(limits.healthy)
        self._failing = asyncio.Semaphore(limits.failing)
        # The one that was used the longest ago comes first.
        self._hosts: dict[str, _Host] = {}
        self._memory = limits.at_once / limits.per_second

    @asynccontextmanager
    async def turn(self, host: str, *, failing: bool, rated: bool) -> AsyncIterator[None]:
        """Wait for a turn at *host*, and have it until the end of the block.

        The host's own limits come first, so that those who wait for a slow host keep nobody else waiting.
        """
        at = self._host(host)
        at.users += 1
        try:
            async with at.for_failing if failing else _OPEN, at.connections:
                if rated:
                    await at.rate.acquire()
                async with self._failing if failing else self._healthy:
                    yield
        finally:
            at.users -= 1
            at.left = asyncio.get_running_loop().time()

    def _host(self, name: str) -> _Host:
        host = self._hosts.pop(name, None)
        if host is None:
            self._forget()
            limits = self._limits
            host = _Host(
                asyncio.Semaphore(limits.per_host),
                asyncio.Semaphore(limits.failing_per_host),
                AsyncLimiter(limits.at_once, self._memory),
            )
        self._hosts[name] = host
        return host

    def _forget(self) -> None:
        """Look at two hosts for the one that comes: a host whose rate has recovered is as good as a new one."""
        now = asyncio.get_running_loop().time()
        for name in list(islice(self._hosts, 2)):
            host = self._hosts.pop(name)
            if host.users or now - host.left < self._memory:
                self._hosts[name] = host
