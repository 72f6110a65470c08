"""One history, replayed in one process on SQLite and by many on PostgreSQL: the same bytes."""

from __future__ import annotations

import os
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest

from aggregator import categorising
from aggregator.config import load_config
from aggregator.ingest import Ingest
from aggregator.mill import assembled
from storage.database import open_database
from tests.roles.clocked import CLOCK, set_clock
from tests.roles.feeds import Feeds
from tests.roles.history import FEEDS, History
from tests.roles.processes import Roles, Server, until

if TYPE_CHECKING:
    from collections.abc import Callable

    from aggregator.mill import Mill
    from storage.database import Database

_STEPS = 12
_SEED = int(os.environ.get("FEEDMILL_HISTORY_SEED", "2022"))
# So many entries that archives, whose addresses count changes, are none: how those come together is not the history's.
_SITE = """
[site]
title = "Tides"
url = "http://127.0.0.1:1"
[storage]
url = "sqlite:///{name}.db"
[publish]
directory = "{name}"
entries = 1000
[[source]]
name = "posts"
kind = "posts"
path = "."
"""
_SOURCE = """
[[source]]
name = "feed{number}"
kind = "feed"
url = "{address}"
private = true
every = "1s"
entry_categories = "add"
"""


def _files(folder: Path) -> dict[str, bytes]:
    """What is published; what is not, comes and goes meanwhile."""
    found: dict[str, bytes] = {}
    for name, folders, names in os.walk(folder):
        folders[:] = [one for one in folders if not one.startswith(".")]
        paths = [Path(name, one) for one in names if not one.startswith(".")]
        found |= {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
    return found


def _get(address: str, path: str) -> bytes:
    with urllib.request.urlopen(f"{address}/{path}", timeout=30) as answer:
        body: bytes = answer.read()
        return body


class _Site:
    """One site twice: as a mill has it, and as many processes have it on *server*."""

    def __init__(self, folder: Path, history: History, feeds: Feeds, server: Server) -> None:
        self.folder, self.history, self.feeds, self.server = folder, history, feeds, server
        sources = "".join(_SOURCE.format(number=number, address=feeds.address(number)) for number in range(FEEDS))
        folder.mkdir()
        for name, file in (("one", "one.toml"), ("many", "feedmill.toml")):
            (folder / file).write_text(_SITE.format(name=name) + sources)
        self.clock = folder.parent / "clock"
        self.show()

    def show(self) -> None:
        """Let everybody find what there is by now."""
        self.clock.write_text(self.history.moment.isoformat())
        for number in range(FEEDS):
            self.feeds.bodies[number] = self.history.feed(number)
        self.history.write_posts(self.folder)

    async def step(self, mill: Mill, database: Database, told: Callable[[], str]) -> None:
        """Let something happen, and have both know of it."""
        if renamed := self.history.step():
            for store in (mill.database, database):
                with store.writing() as connection:
                    categorising.rename(connection, *renamed, self.history.moment)
        self.show()
        shown = datetime.now(UTC)
        await mill.pull(mill.config.source)
        until(lambda: _posts_seen(self.server, self.history) and self._pulled_since(shown), told)

    def _pulled_since(self, moment: datetime) -> bool:
        query = f"SELECT count(*) FROM source WHERE kind = 'feed' AND last_pull > '{moment.isoformat()}'"
        return self.server.ask(query) == [(FEEDS,)]


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_one_history_in_one_process_and_in_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("take", "scan"):  # as it is afterwards again
        monkeypatch.setattr(Ingest, name, getattr(Ingest, name))
    history, server, folder = History(Random(_SEED)), Server(), tmp_path / "site"
    set_clock(lambda: history.moment)
    settings = {CLOCK: str(tmp_path / "clock")}
    with Feeds() as feeds, Roles(folder, server.url(), module="tests.roles.clocked", **settings) as roles:
        site, database = _Site(folder, history, feeds, server), open_database(server.url())
        for arguments in (*[("scheduler",)] * 2, *[("worker", "--concurrency", "8")] * 4):
            roles.start(*arguments)
        webs = [roles.start("web") for _ in range(2)]

        def told() -> str:
            return "\n".join(f"{role.name}: {role.said[-1_000:]}" for role in roles.begun)

        async with assembled(load_config(folder / "one.toml")) as mill:
            for _ in range(_STEPS):
                await site.step(mill, database, told)
            await mill.publish()
        database.close()
        one, many = folder / "one", folder / "many"
        until(lambda: _files(one) == _files(many), lambda: _difference(_files(one), _files(many)) + told())
        expected = _files(one)
        for web in webs:
            assert {path: _get(web.address, path) for path in expected} == expected
    assert min(history.happened.values()) >= 3, history.happened
    assert len(expected) > 50


def _posts_seen(server: Server, history: History) -> bool:
    """Whether what was done to posts is stored, however it came."""
    rows = server.ask("SELECT info_code, title, withdrawn IS NOT NULL FROM entry WHERE info_code LIKE 'NW%'")
    stored = {code: (title, withdrawn) for code, title, withdrawn in rows}
    for item in history.posts:
        found = stored.get(f"NW20220314{item.number:010}")
        # What was never published simply is not there.
        if (found is not None and not found[1]) if item.withdrawn else found != (item.text[:40].strip(), False):
            return False
    return True


def _difference(one: dict[str, bytes], many: dict[str, bytes]) -> str:
    names = sorted(name for name in one.keys() | many.keys() if one.get(name) != many.get(name))
    first = next((name for name in names if name in one and name in many), "")
    return f"{len(names)} files differ: {names[:10]}\n{one.get(first, b'')[:1500]!r}\n{many.get(first, b'')[:1500]!r}\n"
