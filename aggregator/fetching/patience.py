"""Who is to be left alone: hosts that ask several sources to come later, and documents that wait to be taken in."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

SEVERAL: Final = 3
"""From so many sources on that a host asks to come later, it means all of them."""

# Bytes that were fetched and are not read yet: nothing more is asked for before they are fewer.
_MOST_WAITING: Final = 32 * 2**20


class Pleas:
    """Which sources each host asked to come later (429, or 503 with Retry-After), and until when."""

    def __init__(self) -> None:
        self._until: defaultdict[str, dict[str, float]] = defaultdict(dict)

    def note(self, host: str, source: str, seconds: float) -> None:
        """*host* asked *source* to stay away for so many *seconds*."""
        self._until[host][source] = _now() + seconds

    def wait(self, host: str) -> float | None:
        """For how many seconds *host* is left alone as a whole, None if it is not: while it asks several sources."""
        if host not in self._until:
            return None
        now = _now()
        asked = self._until[host] = {source: until for source, until in self._until[host].items() if until > now}
        if not asked:
            del self._until[host]
        if len(asked) < SEVERAL:
            return None
        return sorted(asked.values(), reverse=True)[SEVERAL - 1] - now


class Backlog:
    """How many bytes of documents wait to be taken in."""

    def __init__(self) -> None:
        self._waiting = 0
        self._room = asyncio.Event()
        self._room.set()

    async def room(self) -> None:
        """Wait while too many do."""
        while not self._room.is_set():
            await self._room.wait()

    @contextmanager
    def waits(self, size: int) -> Iterator[None]:
        """A document of *size* bytes waits to be taken in until the end of the block."""
        self._add(size)
        try:
            yield
        finally:
            self._add(-size)

    def _add(self, size: int) -> None:
        self._waiting += size
        if self._waiting > _MOST_WAITING:
            self._room.clear()
        else:
            self._room.set()


def _now() -> float:
    return asyncio.get_running_loop().time()
