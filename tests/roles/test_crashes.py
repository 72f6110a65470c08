"""Workers and the leading scheduler are killed again and again, PostgreSQL crashes twice, and nothing is lost."""

from __future__ import annotations

import base64
import os
import time
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING

import psycopg
import pytest

from storage import partners
from storage.database import open_database
from storage.partner import Partner
from tests.roles.feeds import Feeds
from tests.roles.processes import Role, Roles, Server, until

if TYPE_CHECKING:
    from pathlib import Path

_SOURCES = int(os.environ.get("FEEDMILL_CRASH_SOURCES", "400"))
_ROUNDS = 8
_FOLLOWED = ("harbour-0", "harbour-1")
_SITE = """
[site]
title = "Tides"
url = "http://127.0.0.1:1"
[publish]
directory = "public"
private_hosts = ["127.0.0.1"]
"""
_SOURCE = """
[[source]]
name = "tide{number}"
kind = "feed"
url = "{address}"
private = true
every = "20s"
"""


@pytest.fixture(scope="module")
def server() -> Server:
    return Server()


def _site(folder: Path, feeds: Feeds) -> Path:
    site = folder / "site"
    site.mkdir()
    sources = (_SOURCE.format(number=number, address=feeds.address(number)) for number in range(_SOURCES))
    (site / "feedmill.toml").write_text(_SITE + "".join(sources))
    return site


def _follow(url: str, hook: str) -> str:
    """Have what happens in some categories sent to *hook*; returns the store's identity."""
    database = open_database(url)
    secret = "whsec_" + base64.b64encode(b"s" * 24).decode()
    partner = Partner("harbour", _FOLLOWED, b"k", datetime.now(UTC), webhook=hook, webhook_secret=secret)
    with database.writing() as connection:
        partners.save(connection, partner)
    database.close()
    return database.identity


class _Story:
    """What happens to a site, and what must hold in the end."""

    def __init__(self, server: Server, feeds: Feeds, roles: Roles) -> None:
        self.server, self.feeds, self.roles = server, feeds, roles
        self.random = Random(4711)
        self.workers = [self._worker() for _ in range(3)]
        self.schedulers = [roles.start("scheduler") for _ in range(2)]
        self.killed_leaders = 0

    def _worker(self) -> Role:
        return self.roles.start("worker", "--concurrency", "32")

    def strike(self, number: int) -> None:
        """Kill a worker, and every other time the leader; the third and the sixth time the database crashes."""
        for one in self.random.sample(range(_SOURCES), _SOURCES // 4):
            self.feeds.items[one] += 1
        if number in (2, 5):
            self.server.restart()
        victim = self.random.randrange(len(self.workers))
        self.workers[victim].kill()
        self.workers[victim] = self._worker()
        if number % 2 and (leader := self.roles.leader()) is not None:
            leader.kill()
            self.killed_leaders += 1
            self.schedulers = [one for one in self.schedulers if one is not leader] + [self.roles.start("scheduler")]

    def held(self) -> list[tuple[object, ...]]:
        return self.server.ask("SELECT guid, count(*) FROM entry WHERE withdrawn IS NULL GROUP BY guid")

    def owed(self) -> list[object]:
        """The numbers of the events that were to be delivered."""
        query = "SELECT DISTINCT number FROM event WHERE category = ANY ('{harbour-0,harbour-1}') ORDER BY number"
        return [number for (number,) in self.server.ask(query)]

    @property
    def expected(self) -> int:
        return sum(self.feeds.items[number] for number in range(_SOURCES))

    def overdue(self, seconds: int) -> int:
        query = f"SELECT count(*) FROM source WHERE next_pull < now() - interval '{seconds} seconds'"
        [(number,)] = self.server.ask(query)
        [(there,)] = self.server.ask("SELECT count(*) FROM source")
        assert isinstance(number, int)
        assert isinstance(there, int)
        return number + _SOURCES - there

    def told(self) -> str:
        jobs = self.server.ask(
            "SELECT queue_name, task_name, status, count(*) FROM procrastinate_jobs GROUP BY 1, 2, 3"
        )
        logs = "\n".join(f"{role.name}: {role.said[-1_500:]}" for role in self.roles.begun[-6:])
        figures = f"{len(self.held())} of {self.expected}, {self.overdue(60)} late, {len(self.feeds.taken)} told"
        return f"{figures}, {jobs}\n{logs}"


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_killed_again_and_again(tmp_path: Path, server: Server) -> None:
    with Feeds(slow=0.02) as feeds, Roles(_site(tmp_path, feeds), server.url()) as roles:
        for number in range(_SOURCES):
            feeds.items[number] = 2
        identity = _follow(server.url(), feeds.hook)
        story = _Story(server, feeds, roles)
        until(lambda: len(feeds.asked) > _SOURCES // 10, story.told)
        for number in range(_ROUNDS):
            story.strike(number)
            time.sleep(story.random.uniform(1.0, 6.0))
        assert story.killed_leaders >= 2

        def whole() -> bool:
            try:
                if len(story.held()) < story.expected or story.overdue(60):
                    return False
                owed = story.owed()
            except psycopg.OperationalError:
                return False
            return f"{identity}-{owed[-1]}" in feeds.taken

        seconds = until(whole, story.told)
        assert seconds < 120
        assert all(number == 1 for _, number in story.held())
        assert len(story.held()) == story.expected
        assert feeds.doubled == []
        assert list(dict.fromkeys(feeds.taken)) == [f"{identity}-{number}" for number in story.owed()]
