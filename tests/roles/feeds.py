"""A server of many feeds on the loopback, which sees who asks for what at once, and a receiver of webhooks."""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from typing import TYPE_CHECKING, Self

from aiohttp import web

if TYPE_CHECKING:
    from types import TracebackType

_ITEM = (
    "<item><title>Tide {number} of {source}</title><guid isPermaLink='false'>{source}-{number}</guid>"
    "<link>https://tide.example/{source}/{number}</link>"
    "<pubDate>Mon, 14 Mar 2022 {hour:02}:{minute:02}:00 GMT</pubDate>"
    "<category>harbour {group}</category><description>The water came {number} times.</description></item>"
)


class Feeds:
    """Feeds by number, each with as many items as ``items`` says, or as in ``bodies``; ``doubled`` are those that were
    asked for twice at once.

    Also takes what is posted to ``/hook``: ``taken`` are the ids in their order.
    """

    def __init__(self, *, slow: float = 0.0) -> None:
        self.items: Counter[int] = Counter()
        self.asked: Counter[int] = Counter()
        self.doubled: list[int] = []
        self.taken: list[str] = []
        self.bodies: dict[int, bytes] = {}
        self.slow = slow
        self._now: Counter[int] = Counter()
        self._thread = threading.Thread(target=self._run, name="feeds")
        self._ready = threading.Event()

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait(20)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join()

    def address(self, number: int) -> str:
        """Where a feed stands: four of them at each host."""
        host = number // 4
        return f"http://127.{1 + host // 62_500}.{host // 250 % 250}.{host % 250 + 1}:{self.port}/{number}"

    @property
    def hook(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        app = web.Application()
        app.add_routes([web.get("/{number:[0-9]+}", self._feed), web.post("/hook", self._hook)])
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        site = web.TCPSite(runner, "0.0.0.0", 0, backlog=2_048)
        await site.start()
        self.port = runner.addresses[0][1]
        self._ready.set()
        await self._end.wait()
        await runner.cleanup()

    async def _feed(self, request: web.Request) -> web.Response:
        number = int(request.match_info["number"])
        self.asked[number] += 1
        self._now[number] += 1
        if self._now[number] > 1:
            self.doubled.append(number)
        try:
            body = self.bodies.get(number) or self._body(number, self.items[number])
            if self.slow:
                await asyncio.sleep(self.slow)
        finally:
            self._now[number] -= 1
        return web.Response(body=body, content_type="application/rss+xml")

    @staticmethod
    def _body(number: int, items: int) -> bytes:
        told = "".join(
            _ITEM.format(source=number, number=one, hour=one // 60 % 24, minute=one % 60, group=number % 20)
            for one in range(items)
        )
        return f'<rss version="2.0"><channel><title>Tides {number}</title>{told}</channel></rss>'.encode()

    async def _hook(self, request: web.Request) -> web.Response:
        said = json.loads(await request.read())
        self.taken.append(said["id"])
        return web.Response(status=204)
