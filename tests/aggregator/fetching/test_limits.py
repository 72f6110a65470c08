"""What a crowd of large documents, and of connections, may take of the machine."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from aggregator.fetching import errors
from aggregator.fetching.client import FetchedDocument, Fetcher, FetchRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.aggregator.fetching.conftest import Answer, RawServer, Serve

LARGE = b"<rss>" + b"x" * 3 * 2**20 + b"</rss>"


class Permits(asyncio.Semaphore):
    """Counts who takes one."""

    taken = 0

    async def acquire(self) -> bool:  # type: ignore[override]
        self.taken += 1
        return await super().acquire()


def request(server: RawServer, path: str = "/", **more: object) -> FetchRequest:
    return FetchRequest(server.url(path), private=True, **({"timeout": 30.0} | more))  # type: ignore[arg-type]


@pytest.fixture
def permits(fetcher: Fetcher) -> Callable[[int], Permits]:
    def give(number: int) -> Permits:
        fetcher._large = Permits(number)
        return fetcher._large

    return give


@pytest.mark.parametrize("announced", [True, False])
async def test_large_documents_take_turns_and_all_arrive(
    fetcher: Fetcher, serve: Serve, answer: Answer, permits: Callable[[int], Permits], announced: bool
) -> None:
    given = permits(1)
    server = await serve({"/": answer(LARGE, length=len(LARGE) if announced else -1), "/small": answer(b"<rss/>")})
    asked = [request(server), request(server), request(server, "/small"), request(server)]
    found = await asyncio.gather(*map(fetcher.fetch, asked))
    assert [isinstance(each, FetchedDocument) and len(each.body) for each in found] == [
        len(LARGE), len(LARGE), 6, len(LARGE)
    ]  # fmt: skip
    assert given.taken == 3


async def test_while_others_are_large_a_small_document_passes_and_a_large_one_is_late(
    fetcher: Fetcher, serve: Serve, answer: Answer, permits: Callable[[int], Permits]
) -> None:
    permits(0)
    server = await serve({"/": answer(LARGE), "/small": answer(b"<rss/>")})
    assert isinstance(await fetcher.fetch(request(server, "/small")), FetchedDocument)
    with pytest.raises(errors.DeadlineExceeded):
        await fetcher.fetch(request(server, timeout=0.3))
    assert isinstance(await fetcher.fetch(request(server, failing=True)), FetchedDocument)


async def test_a_document_that_is_too_large_gives_its_permit_back(
    fetcher: Fetcher, serve: Serve, answer: Answer, permits: Callable[[int], Permits]
) -> None:
    permits(1)
    server = await serve({"/": answer(LARGE, length=-1)})
    for _ in range(2):
        with pytest.raises(errors.TooLarge):
            await fetcher.fetch(request(server, max_bytes=2 * 2**20))


def test_as_many_files_may_be_open_as_are_needed() -> None:
    lines = [
        "import resource",
        "from aggregator.fetching.connections import allow_open_files",
        "hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]",
        "for hard in (hard, 500, 500):",
        "    resource.setrlimit(resource.RLIMIT_NOFILE, (min(256, hard), hard))",
        "    allow_open_files()",
        "    print(resource.getrlimit(resource.RLIMIT_NOFILE)[0] >= min(4096, hard if hard > 0 else 4096))",
    ]
    ended = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=True)
    assert ended.stdout == "True\n" * 3
