"""What hubs sent and waits to be taken in: in order, within bounds, for a hub comes again when it is told to."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from aggregator.worker import StoppingError
from storage.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from aggregator.feed_documents import Document

    Take = Callable[[str, Document], Awaitable[None]]
    """Takes in what was pushed for the source of this name."""

log = structlog.get_logger("push")

# All that waits or is on its way in, in bytes; four of the largest documents.
_MOST_BYTES = 64 * 2**20
# Of one source; a hub that sends faster than this is taken in would fill all the room otherwise.
_MOST_OF_ONE = 8
# Sources that are taken in at once: one that waits for the texts of its entries keeps nobody waiting.
_AT_ONCE = 4


class FullError(Exception):
    """There is no room now."""


@dataclass(slots=True)
class Place:
    """Room for one document on its way in; *grow* as it comes, and *fill* it in the end."""

    _inbox: Inbox
    source: str
    size: int = 0
    filled: bool = False

    def grow(self, size: int) -> None:
        """Make it *size* bytes larger.

        Raises:
            FullError: that much is waiting already.
        """
        self._inbox.hold(size)
        self.size += size

    def fill(self, document: Document) -> None:
        """Leave *document* to be taken in."""
        self.filled = True
        self._inbox.put(self, document)


class Inbox:
    """Documents that were pushed, until *take* has taken them in."""

    def __init__(self, take: Take) -> None:
        self._take = take
        self._waiting: asyncio.Queue[tuple[Place, Document]] = asyncio.Queue()
        self._places: Counter[str] = Counter()
        self._bytes = 0

    @contextmanager
    def place(self, source: str) -> Iterator[Place]:
        """A place for a document of *source*; given back if it is not filled.

        Raises:
            FullError: there is none.
        """
        if self._places[source] >= _MOST_OF_ONE:
            raise FullError
        self._places[source] += 1
        place = Place(self, source)
        try:
            yield place
        finally:
            if not place.filled:
                self._leave(place)

    def hold(self, size: int) -> None:
        """Take *size* bytes of the room."""
        if self._bytes + size > _MOST_BYTES:
            raise FullError
        self._bytes += size

    def put(self, place: Place, document: Document) -> None:
        """Let *document* wait in its *place*."""
        self._waiting.put_nowait((place, document))

    async def run(self) -> None:
        """Have documents taken in as they come, until this is cancelled; those of one source in their order."""
        async with asyncio.TaskGroup() as group:
            for _ in range(_AT_ONCE):
                group.create_task(self._run())

    async def _run(self) -> None:
        while True:
            place, document = await self._waiting.get()
            try:
                await self._take(place.source, document)
            except StoppingError:
                return
            except StorageError as error:
                log.error("not taken", source=place.source, reason=str(error))  # noqa: TRY400  a sentence says it all
            except Exception:
                # Otherwise nothing that is pushed would be taken in any more.
                log.exception("not taken", source=place.source)
            finally:
                self._leave(place)

    def _leave(self, place: Place) -> None:
        self._bytes -= place.size
        self._places[place.source] -= 1
        if not self._places[place.source]:
            del self._places[place.source]
