"""A server of lists, pages and texts, which remembers what it was asked, and a mill that pulls from it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from aggregator.settings import SiteSettings
from storage import entries
from tests.aggregator.mills import mill_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from aggregator.mill import Mill
    from storage.entry import Entry


class Upstream:
    """Documents by path; a number in place of one is the status that is answered."""

    def __init__(self) -> None:
        self.documents: dict[str, bytes | int] = {}
        self.types: dict[str, str] = {}
        self.requests: list[web.Request] = []
        self.url = ""
        self.busy = 0
        self.busiest = 0

    async def answer(self, request: web.Request) -> web.Response:
        self.requests.append(request)
        self.busy += 1
        self.busiest = max(self.busiest, self.busy)
        await asyncio.sleep(0.002)
        self.busy -= 1
        found = self.documents.get(request.path, 404)
        if isinstance(found, int):
            return web.Response(status=found)
        etag = f'"{hash(found)}"'
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304)
        content_type = self.types.get(request.path, "application/octet-stream")
        return web.Response(body=found, headers={"ETag": etag, "Content-Type": content_type})

    def asked(self, beginning: str = "/") -> list[str]:
        """The paths that were asked for since the last time, of those that begin so."""
        asked = [request.path for request in self.requests if request.path.startswith(beginning)]
        self.requests = [request for request in self.requests if not request.path.startswith(beginning)]
        return asked


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    upstream = Upstream()
    app = web.Application()
    app.router.add_get("/{path:.*}", upstream.answer)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    upstream.url = str(server.make_url("/")).rstrip("/")
    yield upstream
    await server.close()


def milling(folder: Path, *given: dict[str, Any]) -> AbstractAsyncContextManager[Mill]:
    """A mill of sources, whose time zone is Shanghai's, with its store in *folder*."""
    site = SiteSettings(title="金融消息", url="https://finews.example", language="zh-CN", timezone="Asia/Shanghai")
    return mill_of(folder, site, given)


def held(mill: Mill) -> dict[str, Entry]:
    """Every entry, by its infoCode."""
    with mill.database.reading() as connection:
        codes = [code for code, _ in entries.changed_since(connection, 0)]
        return {str(code): entry for code, entry in entries.find(connection, codes).items()}
