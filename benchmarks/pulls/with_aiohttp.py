"""The same requests with aiohttp and nothing more: the floor.

    python -m benchmarks.pulls.with_aiohttp FOLDER

One session asks for every address in ``FOLDER/addresses``, as many at once as Feedmill does, with headers as long as
its own, and reads every body; then for all again, with the validators that came.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

import aiohttp

from aggregator.fetching.decoding import ACCEPT_ENCODING
from aggregator.fetching.headers import ACCEPT
from aggregator.mill import USER_AGENT
from benchmarks.pulls.report import ROUNDS, Report, peak

CONNECTIONS, PER_HOST = 100, 4
"""As many as Feedmill has at once."""

Validators = dict[str, str]


async def pull(session: aiohttp.ClientSession, address: str, known: Validators) -> tuple[int, Validators]:
    """Ask *address*: how many bytes there were, and what to ask with from now on."""
    async with session.get(address, headers=known) as response:
        body = await response.read()
        if response.status not in (200, 304):
            raise SystemExit(f"{address} answers with status {response.status}")
        fields = response.headers
        return len(body), {"If-None-Match": fields["ETag"], "If-Modified-Since": fields["Last-Modified"]}


async def measure(addresses: list[str]) -> Report:
    """Pull all *addresses*, and again in rounds."""
    headers = {"User-Agent": USER_AGENT.format(address="https://bench.example"), "Accept": ACCEPT}
    connector = aiohttp.TCPConnector(limit=CONNECTIONS, limit_per_host=PER_HOST)
    async with aiohttp.ClientSession(
        connector=connector, headers=headers | {"Accept-Encoding": ACCEPT_ENCODING}, cookie_jar=aiohttp.DummyCookieJar()
    ) as session:
        known: list[Validators] = [{} for _ in addresses]
        seconds: list[float] = []
        for _ in range(1 + ROUNDS):
            start = time.perf_counter()
            asked = zip(addresses, known, strict=True)
            found = await asyncio.gather(*(pull(session, address, validators) for address, validators in asked))
            seconds.append(time.perf_counter() - start)
            known = [validators for _, validators in found]
        return Report(first=seconds[0], again=min(seconds[1:]), memory=peak())


def main() -> None:
    """Measure, and tell."""
    addresses = (Path(sys.argv[1]) / "addresses").read_text().split()
    asyncio.run(measure(addresses)).write()


if __name__ == "__main__":
    main()
