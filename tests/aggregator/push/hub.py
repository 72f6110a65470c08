"""A small hub as WebSub has it, on the loopback: it subscribes, verifies, distributes, and lets leases end."""

from __future__ import annotations

import asyncio
import gzip
import hmac
import io
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

if TYPE_CHECKING:
    from collections.abc import Mapping

TOPIC = "https://tides.example/feed?of=the sea&in=港口"


@dataclass(frozen=True)
class Asked:
    """A request for a subscription, or for its end."""

    mode: str
    topic: str
    callback: str
    secret: str
    lease_seconds: str


@dataclass
class Hub:
    """What it says is as it is set: ``refusal`` is a status and words, ``denial`` a reason."""

    lease: int | None = 864_000
    before: bool = False
    """Whether it verifies before it answers."""
    silent: bool = False
    """Whether it never verifies."""
    breaks_off: bool = False
    """Whether its answer is lost."""
    refusal: tuple[int, str, Mapping[str, str]] | None = None
    denial: str | None = None
    asked: list[Asked] = field(default_factory=list)
    subscriptions: dict[tuple[str, str], str] = field(default_factory=dict)
    """Secrets by topic and callback."""
    verified: list[tuple[str, bool]] = field(default_factory=list)
    """Each mode that was verified, and whether we confirmed it."""

    async def __aenter__(self) -> Hub:
        application = web.Application()
        application.router.add_post("/hub", self._serve)
        application.router.add_post("/moved/{status}", self._moved)
        self._server = TestServer(application)
        await self._server.start_server()
        self._session = aiohttp.ClientSession()
        self._tasks: set[asyncio.Task[None]] = set()
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(*self._tasks)
        await self._session.close()
        await self._server.close()

    @property
    def url(self) -> str:
        return str(self._server.make_url("/hub"))

    def moved(self, status: int) -> str:
        """An address that leads to it by a redirect of *status*."""
        return str(self._server.make_url(f"/moved/{status}"))

    async def _moved(self, request: web.Request) -> web.Response:
        return web.Response(status=int(request.match_info["status"]), headers={"Location": "/hub"})

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        said = await request.post()
        assert request.content_type == "application/x-www-form-urlencoded"
        told = Asked(*(str(said.get(f"hub.{name}", "")) for name in Asked.__annotations__))
        self.asked.append(told)
        if told.mode not in {"subscribe", "unsubscribe"} or not told.topic or not told.callback.startswith("http"):
            return web.Response(status=400, text="no request of WebSub")
        if len(told.secret.encode()) >= 200:
            return web.Response(status=400, text="a secret is shorter than 200 bytes")
        if self.refusal is not None:
            status, words, headers = self.refusal
            return web.Response(status=status, text=words, headers=headers)
        if not self.silent:
            work = self._decide(told)
            if self.before:
                await work
            else:
                task = asyncio.create_task(work)
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        if self.breaks_off:
            assert request.transport is not None
            request.transport.abort()
        return web.Response(status=202)

    async def _decide(self, told: Asked) -> None:
        if self.denial is not None:
            await self.deny(told.callback, told.topic, self.denial)
        elif await self.verify(told.mode, told.topic, told.callback):
            if told.mode == "subscribe":
                self.subscriptions[told.topic, told.callback] = told.secret
            else:
                self.subscriptions.pop((told.topic, told.callback), None)

    async def verify(self, mode: str, topic: str, callback: str) -> bool:
        """Verification of intent (5.3)."""
        challenge = secrets.token_urlsafe(16)
        query = {"hub.mode": mode, "hub.topic": topic, "hub.challenge": challenge}
        if self.lease is not None:
            query["hub.lease_seconds"] = str(self.lease)
        async with self._session.get(callback, params=query) as answer:
            confirmed = 200 <= answer.status < 300 and await answer.text() == challenge
            assert confirmed == (answer.status == 200), answer
            assert confirmed or answer.status == 404
        self.verified.append((mode, confirmed))
        return confirmed

    async def deny(self, callback: str, topic: str, reason: str) -> int:
        """Tell that there is no subscription, or no longer (5.2)."""
        query = {"hub.mode": "denied", "hub.topic": topic, "hub.reason": reason}
        async with self._session.get(callback, params=query) as answer:
            if answer.ok:
                self.subscriptions.pop((topic, callback), None)
            return answer.status

    async def publish(self, topic: str, body: bytes, method: str = "sha256", *, zipped: bool = False) -> list[int]:
        """Content distribution (7) to all who subscribed to *topic*; the statuses of their answers."""
        sent = gzip.compress(body) if zipped else body
        statuses = []
        for (name, callback), secret in list(self.subscriptions.items()):
            if name == topic:
                signature = f"{method}={hmac.new(secret.encode(), sent, method).hexdigest()}"
                fields = {"X-Hub-Signature": signature} | ({"Content-Encoding": "gzip"} if zipped else {})
                statuses.append(await self.send(callback, sent, **fields))
                if statuses[-1] == 410:
                    del self.subscriptions[name, callback]
        return statuses

    async def send(self, callback: str, body: bytes, **fields: str) -> int:
        """Post whatever to a callback."""
        links = f'<{self.url}>; rel="hub", <https://tides.example/feed>; rel="self"'
        headers = {"Content-Type": "application/rss+xml", "Link": links} | fields
        async with self._session.post(callback, data=io.BytesIO(body), headers=headers) as answer:
            return answer.status
