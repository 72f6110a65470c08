"""A feed's server for tests, which does as it is told, and a mill that pulls from it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from aggregator.settings import SiteSettings
from storage import sources
from tests.aggregator.mills import mill_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from aggregator.mill import Mill
    from storage.source import PullState


def feed(*numbers: int, title: str = "Tides") -> bytes:
    items = "".join(
        f"<item><title>Tide {n}</title><guid>tide-{n}</guid><link>https://tide.example/{n}</link>"
        f"<pubDate>Mon, 14 Mar 2022 0{n}:00:00 GMT</pubDate></item>"
        for n in numbers
    )
    return f'<rss version="2.0"><channel><title>{title}</title>{items}</channel></rss>'.encode()


class Publisher:
    """A feed's server, which does as it is told and remembers what it was asked."""

    def __init__(self) -> None:
        self.body = feed(1, 2)
        self.status = 200
        self.headers: dict[str, str] = {}
        self.etag = '"1"'
        self.requests: list[web.Request] = []
        self.busy = 0
        self.busiest = 0
        self.seconds = 0.0
        self.url = ""
        self.redirects: dict[str, tuple[int, str]] = {}
        self.pages: dict[str, str] = {}
        self.statuses: dict[str, int] = {}

    async def answer(self, request: web.Request) -> web.Response:
        self.requests.append(request)
        self.busy += 1
        self.busiest = max(self.busiest, self.busy)
        await asyncio.sleep(self.seconds)
        self.busy -= 1
        if request.path in self.redirects:
            status, target = self.redirects[request.path]
            return web.Response(status=status, headers={"Location": target})
        if request.path in self.pages:
            return web.Response(text=self.pages[request.path], content_type="text/html")
        if request.path in self.statuses:
            return web.Response(status=self.statuses[request.path])
        headers = self.headers | ({"ETag": self.etag} if self.etag else {})
        if self.status == 200 and self.etag and request.headers.get("If-None-Match") == self.etag:
            return web.Response(status=304, headers=headers)
        return web.Response(status=self.status, body=self.body, headers=headers, content_type="application/rss+xml")


@asynccontextmanager
async def publishing() -> AsyncIterator[Publisher]:
    """A publisher whose feed is at ``/feed``, and at every other path as well."""
    publisher = Publisher()
    app = web.Application()
    app.router.add_get("/{path:.*}", publisher.answer)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    publisher.url = str(server.make_url("/feed"))
    yield publisher
    await server.close()


def milling(folder: Path, *given: dict[str, Any], **tables: Any) -> AbstractAsyncContextManager[Mill]:
    """A mill of feeds inside our own network, *given* as in a configuration; *tables* beside them."""
    site = SiteSettings(title="Tides", url="https://tide.example", language="en", timezone="UTC")
    return mill_of(folder, site, ({"kind": "feed", "private": True} | one for one in given), **tables)


async def pulled(mill: Mill) -> PullState:
    """The state of the mill's one source after a pull, which is what the store remembers."""
    [pull] = await mill.pull(mill.config.source)
    with mill.database.reading() as connection:
        assert sources.states(connection)[pull.state.source] == pull.state
    return pull.state
