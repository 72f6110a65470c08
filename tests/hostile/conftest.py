"""A mill among hostile sources, with good ones beside them."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.process_tree import watched
from tests import stores
from tests.hostile import contents, redirects
from tests.hostile.good import GOOD
from tests.hostile.rows import reads
from tests.hostile.server import INSIDE, OUTSIDE, Server, made, turning
from tests.hostile.table import TABLE
from tests.hostile.wire import ok

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.hostile.rows import Row
    from tests.hostile.server import Behaviour, Request

ROOT = Path(__file__).parents[2]
_SECONDS = 110.0
"""In which a run is to end, however slow the machine."""

VICTIMS = (
    reads("victim", contents.VICTIM, settings={"info_codes": "trusted"}),
    reads("victim-atom", contents.VICTIM_ATOM),
)
"""Good sources that are pulled before all others, and whose entries others are after."""
_OTHERS: dict[str, Behaviour] = {
    "pong": redirects.to("http://ping.example:{port}/feed"),
    "if-unknown": made(redirects.if_unknown),
    "listens": made(redirects.if_unknown),
    "rebind": redirects.to("http://rebind.example:{deaf}/never"),
}
"""Hosts that are no sources, but are led to."""
_NAMES: dict[str, list[list[str]]] = {
    "localhost": [["127.0.0.1"]],
    "inside.example": [["127.77.0.2"]],
    "both.example": [[OUTSIDE, "127.77.0.2"]],
    "rebind.example": [[OUTSIDE], ["127.77.0.2"]],  # each port of a name is looked up anew
}
"""What names mean, look-up by look-up."""


@dataclass(frozen=True, slots=True)
class Run:
    """What came of it: a record of each source, the order in which their pulls ended, and what is on disk."""

    sources: dict[str, dict[str, Any]]
    order: list[str]
    connected: list[str]
    peak: int
    requests: dict[str, list[Request]]
    trapped: list[str]
    faults: list[BaseException]
    folder: Path
    public: dict[str, bytes]


def _host_of(name: str) -> str:
    return f"{name}.example"


def _task(rows: Sequence[Row], server: Server, folder: Path) -> dict[str, Any]:
    def source(row: Row) -> dict[str, Any]:
        host = f"{_host_of(row.name)}:{server.port}"
        address = (row.url or "http://{host}/feed").format(host=host, port=server.port, deaf=server.deaf)
        return {"name": row.name, "kind": "feed", "url": address} | row.settings

    site = {"title": "The Mill", "url": "https://mill.example", "language": "en", "timezone": "UTC"}
    return {
        "config": {
            "site": site,
            "storage": {"url": stores.url_at(folder / "data" / "mill.db")},
            "publish": {"directory": str(folder / "public")},
            "source": [source(row) for row in rows],
        },
        "names": {_host_of(name): [[OUTSIDE]] for name in [*(row.name for row in rows), *_OTHERS]}
        | {_host_of(row.name): [[]] for row in rows if row.lost}
        | _NAMES,
        "outside": OUTSIDE,
        "hanging": [row.name for row in rows if row.hangs],
        "early": [row.name for row in rows if row in VICTIMS or row.before],
    }


async def _run(rows: Sequence[Row], folder: Path) -> Run:
    hosts = {_host_of(row.name): turning(row.before, row.behaviour) if row.before else row.behaviour for row in rows}
    hosts |= {_host_of(name): behaviour for name, behaviour in _OTHERS.items()}
    task, result = folder / "task.json", folder / "result.json"
    async with Server(hosts) as server:
        task.write_text(json.dumps(_task(rows, server, folder)))
        peak = await _mill(task, result)
        trapped = list(server.trapped)
        await _spring(server)
    told = json.loads(result.read_text())
    return Run(
        **told,
        peak=peak,
        requests=dict(server.requests),
        trapped=trapped,
        faults=server.faults,
        folder=folder,
        public=_files(folder / "public"),
    )


async def _mill(task: Path, result: Path) -> int:
    """A process that does *task*; the memory that it and those that it began had at their peak, in bytes."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("FEEDMILL_")}
    environment["PYTHONPATH"] = str(ROOT)
    command = (sys.executable, "-m", "tests.hostile.run", task, result)
    process = await asyncio.create_subprocess_exec(*command, env=environment, cwd=task.parent)
    try:
        with watched(process.pid) as sizes:
            assert await asyncio.wait_for(process.wait(), _SECONDS) == 0
        return max(sizes)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _spring(server: Server) -> None:
    """A trap that would not notice proves nothing."""
    server.trapped.clear()
    for address in INSIDE:
        reader, writer = await asyncio.open_connection(address, server.port)
        assert await reader.read() == b""
        writer.close()
    assert sorted(server.trapped) == sorted(INSIDE)


def _files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="session")
def play(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Sequence[Row]], Run]:
    """Pull sources that behave as their rows say, all at once, and publish."""

    def played(rows: Sequence[Row]) -> Run:
        folder = tmp_path_factory.mktemp("hostile") / "site"
        folder.mkdir()
        return asyncio.run(_run(rows, folder))

    return played


@pytest.fixture(scope="session")
def good() -> tuple[Row, ...]:
    """Fifty good sources."""
    return tuple(reads(name, ok(body), 5) for name, body in GOOD.items())


@pytest.fixture(scope="session")
def run(play: Callable[[Sequence[Row]], Run], good: tuple[Row, ...]) -> Run:
    """The whole table at once, and the good ones after it."""
    return play([*TABLE, *VICTIMS, *good])
