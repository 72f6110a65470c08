"""Who is sent news, on the loopback: webhooks and subscribers that do as they are told, and remember what came."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Mapping

HOSTS = tuple(f"127.0.0.{number}" for number in range(1, 25))
"""Hosts of its own, all on this machine."""


@dataclass(frozen=True)
class Came:
    """A request; names of fields in lower case."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Receiver:
    """What it answers is as it is set, for each path: a status (200), header fields, how long it takes."""

    statuses: dict[str, int] = field(default_factory=dict)
    fields: dict[str, dict[str, str]] = field(default_factory=dict)
    gates: dict[str, asyncio.Event] = field(default_factory=dict)
    """A path with a gate answers nothing before that is set."""
    choose: Callable[[str], int] | None = None
    """Chooses the status of a request to a path."""
    echo: Callable[[str, str], tuple[int, str]] = lambda _mode, challenge: (200, challenge)
    """What is answered when somebody asks whether it meant it."""
    came: list[Came] = field(default_factory=list)
    taken: defaultdict[str, list[Came]] = field(default_factory=lambda: defaultdict(list))
    """What came to a path and was answered with 2xx."""
    asked: list[dict[str, str]] = field(default_factory=list)
    """The query of each question."""
    at_once: Counter[str] = field(default_factory=Counter)
    busiest: Counter[str] = field(default_factory=Counter)

    async def __aenter__(self) -> Receiver:
        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_post("/{path:.*}", self._take)
        app.router.add_get("/{path:.*}", self._verify)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        first = web.TCPSite(self._runner, HOSTS[0], 0)
        await first.start()
        self._port = self._runner.addresses[0][1]
        for host in HOSTS[1:]:
            await web.TCPSite(self._runner, host, self._port).start()
        return self

    async def __aexit__(self, *_: object) -> None:
        for gate in self.gates.values():
            gate.set()
        await self._runner.cleanup()

    def url(self, path: str, host: str = HOSTS[0]) -> str:
        return f"http://{host}:{self._port}{path}"

    async def _take(self, request: web.Request) -> web.Response:
        path = request.path
        self.at_once[path] += 1
        self.busiest[path] = max(self.busiest[path], self.at_once[path])
        try:
            body = await request.read()
            came = Came(path, {name.lower(): value for name, value in request.headers.items()}, body)
            self.came.append(came)
            if path in self.gates:
                await self.gates[path].wait()
            status = self.choose(path) if self.choose else self.statuses.get(path, 200)
            if 200 <= status < 300:
                self.taken[path].append(came)
            return web.Response(status=status, headers=self.fields.get(path))
        finally:
            self.at_once[path] -= 1

    async def _verify(self, request: web.Request) -> web.Response:
        said = dict(request.query)
        self.asked.append(said | {"path": request.path})
        if request.path in self.gates:
            await self.gates[request.path].wait()
        status, text = self.echo(said.get("hub.mode", ""), said.get("hub.challenge", ""))
        return web.Response(status=status, text=text)
