"""One history, replayed in one process on SQLite and by many on PostgreSQL: the same bytes."""

from __future__ import annotations

import os
import urllib.request
from datetime import UTC, datetime
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
    from pathlib import Path

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
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.relative_to(folder).as_posix().startswith(".")
    }


def _get(address: str, path: str) -> bytes:
    with urllib.request.urlopen(f"{address}/{path}", timeout=30) as answer:
        body: bytes = answer.read()
        return body


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_one_history_in_one_process_and_in_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site, clock, server = tmp_path / "site", tmp_path / "clock", Server()
    site.mkdir()
    history = History(Random(_SEED))
    for name in ("take", "scan"):  # as it is afterwards again
        monkeypatch.setattr(Ingest, name, getattr(Ingest, name))
    with Feeds() as feeds, Roles(site, server.url(), module="tests.roles.clocked", **{CLOCK: str(clock)}) as roles:
        sources = "".join(_SOURCE.format(number=number, address=feeds.address(number)) for number in range(FEEDS))
        for name in ("one", "many"):
            (site / f"{name}.toml").write_text(_SITE.format(name=name) + sources)
        (site / "many.toml").rename(site / "feedmill.toml")
        for number in range(FEEDS):
            feeds.bodies[number] = history.feed(number)
        history.write_posts(site)
        clock.write_text(history.moment.isoformat())
        set_clock(lambda: history.moment)
        database = open_database(server.url())
        processes = [*(("scheduler",) for _ in range(2)), *(("worker", "--concurrency", "8") for _ in range(4))]
        for arguments in processes:
            roles.start(*arguments)
        webs = [roles.start("web") for _ in range(2)]

        def told() -> str:
            return "\n".join(f"{role.name}: {role.said[-1_000:]}" for role in roles.begun)

        def pulled_since(moment: datetime) -> bool:
            [(number,)] = server.ask(
                f"SELECT count(*) FROM source WHERE kind = 'feed' AND last_pull > '{moment.isoformat()}'"
            )
            return number == FEEDS

        config = load_config(site / "one.toml")
        async with assembled(config) as mill:
            for _ in range(_STEPS):
                renamed = history.step()
                if renamed:
                    for store in (mill.database, database):
                        with store.writing() as connection:
                            categorising.rename(connection, *renamed, history.moment)
                clock.write_text(history.moment.isoformat())
                for number in range(FEEDS):
                    feeds.bodies[number] = history.feed(number)
                history.write_posts(site)
                changed = datetime.now(UTC)
                await mill.pull(config.source)
                until(lambda: _posts_seen(server, history) and pulled_since(changed), told)  # noqa: B023
            await mill.publish()
        database.close()
        one, many = site / "one", site / "many"
        until(lambda: _files(one) == _files(many), lambda: _difference(_files(one), _files(many)) + told())
        expected = _files(one)
        for web in webs:
            assert {path: _get(web.address, path) for path in expected} == expected
    assert min(history.happened.values()) >= 3, history.happened
    assert len(expected) > 50


def _posts_seen(server: Server, history: History) -> bool:
    """Whether what the last step did to posts is stored, however it came."""
    there = {f"NW20220314{item.number:010}": item for item in history.posts}
    rows = server.ask("SELECT info_code, title, withdrawn IS NOT NULL FROM entry WHERE info_code LIKE 'NW%'")
    found = {code: (title, withdrawn) for code, title, withdrawn in rows}
    expected = {
        code: (item.text[:40].strip(), item.withdrawn is not None)
        for code, item in there.items()
        if code in found or item.withdrawn is None
    }
    return {code: found.get(code) for code in expected if not expected[code][1]} == {
        code: said for code, said in expected.items() if not said[1]
    } and all(found[code][1] for code, said in expected.items() if said[1] and code in found)


def _difference(one: dict[str, bytes], many: dict[str, bytes]) -> str:
    names = sorted(name for name in one.keys() | many.keys() if one.get(name) != many.get(name))
    first = next((name for name in names if name in one and name in many), "")
    return f"{len(names)} files differ: {names[:10]}\n{one.get(first, b'')[:1500]!r}\n{many.get(first, b'')[:1500]!r}\n"
