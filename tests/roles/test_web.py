"""A server among several: told of changes, and right without being told; what hubs send becomes a job."""

from __future__ import annotations

import asyncio
import urllib.request
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import psycopg
from sqlalchemy import text

from aggregator.feed_documents import Document
from aggregator.jobs import Jobs, defer_now, pushed
from aggregator.measures import Measures
from aggregator.roles import web as web_role
from aggregator.roles.web import WebRole
from storage.job import Work
from tests.roles.mills import mill_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    import pytest

    from aggregator.mill import Mill

_FEED = '<rss version="2.0"><channel><title>Tides</title>{}</channel></rss>'
_ITEM = "<item><title>Tide {0}</title><guid>{0}</guid></item>"
_LISTENS = "SELECT pid FROM pg_stat_activity WHERE application_name = 'feedmill web' AND datname = current_database()"


@asynccontextmanager
async def _serving(mill: Mill) -> AsyncIterator[WebRole]:
    role = WebRole(mill, Measures())
    task = asyncio.create_task(role.run())
    try:
        await _until(lambda: bool(_ask(mill, _LISTENS)))
        yield role
    finally:
        role.stop()
        await asyncio.wait_for(task, 20)


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110  the store tells no event
            await asyncio.sleep(0.05)


def _ask(mill: Mill, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(mill.config.storage.url, autocommit=True) as connection:
        return connection.execute(query.encode()).fetchall()


async def _bring(mill: Mill, folder: Path, items: int) -> None:
    told = _FEED.format("".join(_ITEM.format(number) for number in range(items)))
    (folder / "tides.xml").write_text(told)
    await mill.puller.pull(mill.config.source[0])


async def _get(mill: Mill, path: str) -> str:
    def get() -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{mill.config.server.port}/{path}", timeout=30) as answer:
            body: bytes = answer.read()
            return body.decode()

    return await asyncio.to_thread(get)


def _held(mill: Mill, path: str) -> bytes:
    found = mill.documents._held.get(path)
    return found[1].body if found else b""


async def test_what_was_asked_for_is_rendered_before_it_is_asked_for_again(tmp_path: Path) -> None:
    async with mill_in(tmp_path) as mill:
        await _bring(mill, tmp_path, 1)
        async with _serving(mill):
            assert "Tide 0" in await _get(mill, "all.rss")
            await _bring(mill, tmp_path, 2)
            await _until(lambda: b"Tide 1" in _held(mill, "all.rss"))
            assert not _held(mill, "all.json")  # nobody asked for it


async def test_a_lost_connection_changes_no_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_role, "_AGAIN_SECONDS", 3)
    async with mill_in(tmp_path) as mill:
        await _bring(mill, tmp_path, 1)
        async with _serving(mill):
            assert "Tide 0" in await _get(mill, "all.rss")
            [(listener,)] = _ask(mill, _LISTENS)
            _ask(mill, f"SELECT pg_terminate_backend({listener})")
            await _bring(mill, tmp_path, 2)
            assert "Tide 1" in await _get(mill, "all.rss")  # at once, with nobody told
            await _until(lambda: bool(_ask(mill, _LISTENS)))
            assert _ask(mill, _LISTENS) != [(listener,)]
            await _bring(mill, tmp_path, 3)
            await _until(lambda: b"Tide 2" in _held(mill, "all.rss"))


async def test_what_a_hub_sent_is_a_job(tmp_path: Path) -> None:
    told = _FEED.format(_ITEM.format(7)).encode()
    document = Document(told, "https://tide.example/feed", "text/xml", hubs=("https://hub.example/",))
    async with mill_in(tmp_path) as mill:
        await mill.worker.do(lambda: defer_now(mill, [pushed("tides", document), pushed("tides", document)]))
        rows = _ask(mill, "SELECT task_name, lock, args FROM procrastinate_jobs ORDER BY id")
        assert len(rows) == 2  # in their order: none stands in for another
        name, lock, about = rows[0]
        assert (name, lock) == (Work.TAKE, "source:tides")
        assert isinstance(about, dict)
        await Jobs(mill, Measures()).take(**about)
        with mill.database.reading() as connection:
            titles = connection.execute(text("SELECT title FROM entry")).scalars().all()
        assert titles == ["Tide 7"]
