"""Names looked up in threads of their own, so that names that nobody answers for keep nobody else waiting.

The event loop's own pool has a few threads that others work in as well, and the system may take half a minute to give
a name up. A lookup cannot be ended: its thread ends by itself, and the process does not wait for it.
"""

from __future__ import annotations

import asyncio
import socket
from functools import partial
from threading import Thread
from typing import TYPE_CHECKING, Any, Final

from aiohttp.abc import AbstractResolver, ResolveResult

if TYPE_CHECKING:
    from collections.abc import Callable

THREADS: Final = 256
"""Lookups at once: one for each request that there may be at once, so that none waits for another."""


class Resolver(AbstractResolver):
    """The system's resolver."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(THREADS)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of *host*.

        Raises:
            OSError: it has none, or nobody answers.
        """
        look_up = partial(socket.getaddrinfo, host, port, family, socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
        return [
            ResolveResult(
                hostname=host,
                host=_numeric(address),
                port=port,
                family=family_found,
                proto=protocol,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for family_found, _, protocol, _, address in await self._in_thread(look_up)
        ]

    async def _in_thread(self, work: Callable[[], Any]) -> Any:
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Any] = loop.create_future()
        await self._free.acquire()

        def settle(result: Any, error: Exception | None) -> None:
            self._free.release()
            if done.done():  # nobody waits any longer
                return
            if error is None:
                done.set_result(result)
            else:
                done.set_exception(error)

        def run() -> None:
            result, raised = None, None
            try:
                result = work()
            except Exception as error:  # noqa: BLE001  raised where it is waited for
                raised = error
            if not loop.is_closed():
                loop.call_soon_threadsafe(settle, result, raised)

        try:
            Thread(target=run, name="feedmill-dns", daemon=True).start()
        except RuntimeError as error:
            self._free.release()
            raise OSError("the system has no thread left to look it up in") from error
        return await done

    async def close(self) -> None:
        """Nothing is held."""


def _numeric(address: tuple[Any, ...]) -> str:
    """The address by itself; one of a link keeps the number of the link, without which it leads nowhere."""
    link = address[3] if len(address) > 3 else 0
    return f"{address[0]}%{link}" if link else str(address[0])
