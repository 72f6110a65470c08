"""The same requests with aiohttp and nothing more: the floor.

    python -m benchmarks.pulls.with_aiohttp FOLDER

One session asks for every address in ``FOLDER/addresses``, as many at once as Feedmill does, with headers as long as
its own, and reads every body; then for all again, with the validators that came. So many workers take one address after
the other: aiohttp's own limit of connections shuffles all who wait whenever one is done, and takes three times as long.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp

from aggregator.fetch_settings import PullSettings
from aggregator.fetching.decoding import ACCEPT_ENCODING
from aggregator.fetching.headers import ACCEPT
from aggregator.fetching.politeness import HEALTHY, PER_HOST
from benchmarks.pulls.report import ROUNDS, Report, peak

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Validators = dict[str, str]
    Take = Callable[[str, bytes], None]


async def _work(
    session: aiohttp.ClientSession, addresses: Iterator[str], known: dict[str, Validators], take: Take
) -> None:
    """Pull one of *addresses* after the other, which others do as well; *known* is what to ask with."""
    for address in addresses:
        known[address] = await _pull(session, address, known[address], take)


async def _pull(session: aiohttp.ClientSession, address: str, known: Validators, take: Take) -> Validators:
    """Ask *address*, and have *take* take what it has: what to ask with from now on."""
    async with session.get(address, headers=known) as response:
        body = await response.read()
        if response.status == 200:
            take(address, body)
        if response.status not in (200, 304):
            raise SystemExit(f"{address} answers with status {response.status}")
        fields = response.headers
        return {"If-None-Match": fields["ETag"], "If-Modified-Since": fields["Last-Modified"]}


async def measure(addresses: list[str], take: Take = lambda _address, _body: None) -> Report:
    """Pull all *addresses*, have *take* take every document, and pull again in rounds."""
    headers = {"User-Agent": PullSettings().user_agent("https://bench.example"), "Accept": ACCEPT}
    headers["Accept-Encoding"] = ACCEPT_ENCODING
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, limit_per_host=PER_HOST),
        headers=headers,
        cookie_jar=aiohttp.DummyCookieJar(),
    ) as session:
        known: dict[str, Validators] = {address: {} for address in addresses}
        seconds: list[float] = []
        for _ in range(1 + ROUNDS):
            start = time.perf_counter()
            left = iter(addresses)
            await asyncio.gather(*(_work(session, left, known, take) for _ in range(HEALTHY)))
            seconds.append(time.perf_counter() - start)
        return Report(first=seconds[0], again=tuple(seconds[1:]), memory=peak())


def main() -> None:
    """Measure, and tell."""
    addresses = (Path(sys.argv[1]) / "addresses").read_text().split()
    asyncio.run(measure(addresses)).write()


if __name__ == "__main__":
    main()
