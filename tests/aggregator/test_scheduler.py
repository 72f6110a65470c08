"""What runs when, in one process: what is due is pulled, what broke begins again, and all of it ends."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from aggregator import scheduler as scheduling
from aggregator.config import Config
from aggregator.mill import Mill, assembled
from aggregator.posts.errors import PostStoreError
from aggregator.posts.watch import changes
from aggregator.scheduler import Scheduler, ServerError
from aggregator.settings import PublishSettings, ServerSettings, SiteSettings, SourceSettings, StorageSettings
from feeds.publishing.folder import PublishError
from feeds.publishing.found import Document
from feeds.query import Query
from storage import search, sources
from storage.errors import StorageError
from storage.source import SourceKind
from tests import stores
from tests.aggregator.mills import mill_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine
    from pathlib import Path

_POST = "---\ntitle: {}\ndate: 2022-03-14 18:35:49\ncategories: harbour\n---\nThe water came.\n"
_FEED = (
    b'<rss version="2.0"><channel><title>Tides</title>'
    b"<item><title>Low tide</title><guid>1</guid></item></channel></rss>"
)


def _write_post(folder: Path, number: int) -> None:
    path = folder / "_posts" / f"2022-03-14-NW20220314000000000{number}.md"
    temporary = path.with_suffix(".new")
    temporary.write_text(_POST.format(f"Tide {number}"))
    temporary.replace(path)


@asynccontextmanager
async def _mill(folder: Path, upload: str = "", **server: Any) -> AsyncIterator[Mill]:
    (folder / "_posts").mkdir(exist_ok=True)
    (folder / "tides.xml").write_bytes(_FEED)
    _write_post(folder, 1)
    config = Config(
        site=SiteSettings(title="Tides", url="https://tide.example", language="en", timezone="UTC"),
        storage=StorageSettings(url=stores.url_at(folder / "mill.db")),
        publish=PublishSettings(directory=folder / "public", upload=upload),
        server=ServerSettings(**{"port": 0} | server),
        source=(
            SourceSettings(name="posts", kind=SourceKind.POSTS, path=folder),
            SourceSettings(name="tides", kind=SourceKind.FEED, path=folder / "tides.xml"),
        ),
    )
    async with assembled(config) as mill:
        yield mill


@asynccontextmanager
async def _running(mill: Mill, *, pulling: bool = True) -> AsyncIterator[Scheduler]:
    scheduler = Scheduler(mill, pulling=pulling)
    task = asyncio.create_task(scheduler.run())
    try:
        yield scheduler
    finally:
        scheduler._stop.set()
        await asyncio.wait_for(task, 20)


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110  files tell no event
            await asyncio.sleep(0.02)


def _served(mill: Mill, path: str) -> bytes:
    found = mill.documents.find(path)
    assert isinstance(found, Document)
    return found.body


def _count_pulls(mill: Mill, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the sources that are pulled from now on, in their order."""
    pulled: list[str] = []
    pull = mill.puller.pull

    async def counted(source: SourceSettings, **more: Any) -> Any:
        pulled.append(source.name)
        return await pull(source, **more)

    monkeypatch.setattr(mill.puller, "pull", counted)
    return pulled


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduling, "_TICK_SECONDS", 0.05)
    monkeypatch.setattr(scheduling, "_AGAIN_SECONDS", 0.2)
    monkeypatch.setattr(scheduling, "_INDEX_SECONDS", 0.05)


async def test_sources_are_pulled_and_published(tmp_path: Path) -> None:
    async with _mill(tmp_path) as mill, _running(mill):
        rss = tmp_path / "public" / "all.rss"
        await _until(lambda: rss.exists() and b"Tide 1" in rss.read_bytes() and b"Low tide" in rss.read_bytes())
        _write_post(tmp_path, 2)
        await _until(lambda: b"Tide 2" in rss.read_bytes())


async def test_what_is_not_due_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with _mill(tmp_path) as mill:
        known = await mill.puller.states(mill.config.source)
        later = datetime.now(UTC) + timedelta(hours=1)
        with mill.database.writing() as connection:
            sources.record(connection, [replace(state, next_pull=later) for state in known])
        pulled = _count_pulls(mill, monkeypatch)
        async with _running(mill):
            # Posts are looked at whenever it starts: somebody may have saved some meanwhile.
            await _until(lambda: pulled == ["posts"])
            await asyncio.sleep(0.3)
            assert pulled == ["posts"]


async def test_what_becomes_due_is_pulled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with _mill(tmp_path) as mill:
        known = await mill.puller.states(mill.config.source)
        soon = datetime.now(UTC) + timedelta(seconds=1)
        with mill.database.writing() as connection:
            sources.record(connection, [replace(state, next_pull=soon) for state in known])
        pulled = _count_pulls(mill, monkeypatch)
        async with _running(mill):
            await _until(lambda: "tides" in pulled)
        assert pulled.count("tides") == 1


async def test_a_server_alone_pulls_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with _mill(tmp_path) as mill:
        pulled = _count_pulls(mill, monkeypatch)
        async with _running(mill, pulling=False):
            await asyncio.sleep(0.3)
        assert pulled == []
        assert not (tmp_path / "public").exists()


def _finds(mill: Mill, words: str) -> bool:
    return b'"infoCode"' in mill.documents.search(Query(words), "json").body


async def test_search_follows_what_is_pulled(tmp_path: Path) -> None:
    async with _mill(tmp_path) as mill, _running(mill):
        await _until(lambda: _finds(mill, "tide 1") and _finds(mill, "low"))
        _write_post(tmp_path, 2)
        await _until(lambda: _finds(mill, "tide 2"))


async def test_search_follows_what_another_process_stored(tmp_path: Path) -> None:
    async with _mill(tmp_path) as mill, _running(mill, pulling=False):
        assert not _finds(mill, "low")
        async with assembled(mill.config) as other:
            await other.pull(other.config.source)
        await _until(lambda: _finds(mill, "tide 1") and _finds(mill, "low"))


async def test_an_index_that_cannot_be_written_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with _mill(tmp_path) as mill:
        step, failures = mill.search_index.step, [StorageError("the disk is full")] * 2

        def failing() -> bool:
            if failures:
                raise failures.pop()
            return step()

        monkeypatch.setattr(mill.search_index, "step", failing)
        async with _running(mill):
            await _until(lambda: _finds(mill, "tide 1"))
        assert not failures


async def test_a_stale_index_is_built_anew_by_maintenance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.search._STALE", -9)
    async with _mill(tmp_path) as mill, _running(mill):
        await _until(lambda: _finds(mill, "tide 1") and _finds(mill, "low"))
        await mill.worker.do(mill.maintain)
        with mill.database.reading() as connection:
            assert search.mark(connection).emptied
        await _until(lambda: _finds(mill, "tide 1") and _finds(mill, "low"))


async def test_a_store_that_fails_is_not_asked_at_every_tick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduling, "_AGAIN_SECONDS", 3600)
    asked: list[str] = []

    async def broken(source: SourceSettings, **_: Any) -> Any:
        asked.append(source.name)
        raise StorageError("mill.db: database is locked")

    async with _mill(tmp_path) as mill:
        monkeypatch.setattr(mill.puller, "pull", broken)
        async with _running(mill):
            await _until(lambda: len(asked) == 2)
            await asyncio.sleep(0.3)
        assert sorted(asked) == ["posts", "tides"]


@pytest.mark.parametrize("error", [PublishError("full"), StorageError("locked"), ValueError("a fault of ours")])
async def test_a_publication_that_failed_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    async with _mill(tmp_path) as mill:
        rss = tmp_path / "public" / "all.rss"
        async with _running(mill):
            await _until(lambda: rss.exists() and b"Low tide" in rss.read_bytes() and b"Tide 1" in rss.read_bytes())
            assert mill.static_site is not None
            with monkeypatch.context() as patch:
                calls: list[int] = []

                def broken(**_: Any) -> Any:
                    calls.append(1)
                    raise error

                patch.setattr(mill.static_site, "publish", broken)
                _write_post(tmp_path, 2)
                await _until(lambda: len(calls) > 1)
            await _until(lambda: b"Tide 2" in rss.read_bytes())


async def test_a_folder_that_is_held_is_left_alone_and_that_is_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(scheduling.log, "warning", lambda event, **_: said.append(event))
    async with _mill(tmp_path) as mill:
        rss = tmp_path / "public" / "all.rss"
        async with _running(mill):
            await _until(lambda: rss.exists() and b"Low tide" in rss.read_bytes() and b"Tide 1" in rss.read_bytes())
            _write_post(tmp_path, 2)
            await _until(lambda: b"Tide 2" in rss.read_bytes())
            assert said == []
            await mill.roll_back()
            before = rss.read_bytes()
            assert b"Tide 2" not in before
            _write_post(tmp_path, 3)
            await _until(lambda: len(said) == 1)
            _write_post(tmp_path, 4)
            await _until(lambda: b"Tide 4" in _served(mill, "all.rss"))
            await asyncio.sleep(0.3)
            assert rss.read_bytes() == before
            [told] = said
            assert "feedmill publish lets it be written to again" in told
            await mill.publish(everything=True)
            _write_post(tmp_path, 5)
            await _until(lambda: b"Tide 5" in rss.read_bytes())


async def test_what_is_published_is_uploaded_meanwhile_and_again_where_that_failed(tmp_path: Path) -> None:
    www = tmp_path / "www"
    www.write_text("a file, which is no folder")
    async with _mill(tmp_path, upload=f"file://{www}") as mill, _running(mill):
        rss = tmp_path / "public" / "all.rss"
        await _until(lambda: rss.exists() and b"Low tide" in rss.read_bytes() and b"Tide 1" in rss.read_bytes())
        www.unlink()
        await _until(lambda: (www / "all.rss").exists() and (www / "all.rss").read_bytes() == rss.read_bytes())
        _write_post(tmp_path, 2)
        await _until(lambda: b"Tide 2" in rss.read_bytes())
        await _until(lambda: (www / "all.rss").read_bytes() == rss.read_bytes())


async def test_it_ends_while_an_upload_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hanging, ended = threading.Event(), threading.Event()

    def hang(*_: object, **__: object) -> None:
        hanging.set()
        ended.wait(60)

    async with _mill(tmp_path, upload=f"file://{tmp_path}/www") as mill:
        monkeypatch.setattr(mill.static_site, "upload", hang)
        async with _running(mill):
            rss = tmp_path / "public" / "all.rss"
            await _until(hanging.is_set)
            await _until(lambda: rss.exists() and b"Tide 1" in rss.read_bytes())
            _write_post(tmp_path, 2)
            await _until(lambda: b"Tide 2" in rss.read_bytes())  # publishing goes on
    ended.set()


async def test_a_watch_that_broke_begins_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[int] = []

    async def broken(root: Path, stop: asyncio.Event) -> AsyncIterator[frozenset[str]]:
        begun.append(1)
        if len(begun) < 3:
            raise PostStoreError("no more watches")
        async for paths in changes(root, stop):
            yield paths

    monkeypatch.setattr(scheduling, "changes", broken)
    async with _mill(tmp_path) as mill, _running(mill):
        rss = tmp_path / "public" / "all.rss"
        await _until(lambda: len(begun) == 3)
        _write_post(tmp_path, 2)
        await _until(lambda: rss.exists() and b"Tide 2" in rss.read_bytes())


async def test_a_folder_of_somebody_else_ends_it(tmp_path: Path) -> None:
    async with _mill(tmp_path) as mill:
        (tmp_path / "public").mkdir()
        (tmp_path / "public" / "index.html").write_text("mine")
        with pytest.raises(PublishError, match="did not write"):
            await Scheduler(mill).run()


async def test_an_address_that_cannot_be_listened_at(tmp_path: Path) -> None:
    async with _mill(tmp_path, host="no.such.host.invalid") as mill:
        with pytest.raises(ServerError, match=r"cannot listen at no\.such\.host\.invalid port 0: "):
            await Scheduler(mill).run()


async def test_it_listens_at_ipv6() -> None:
    with contextlib.ExitStack() as stack:
        try:
            found = stack.enter_context(scheduling.listening(ServerSettings(host="::1", port=0)))
        except ServerError:
            pytest.skip("this machine has no IPv6")
        assert found.getsockname()[1] > 0


async def test_it_ends_without_a_word_of_error_at_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with _mill(tmp_path) as mill:
        for _ in range(5):
            scheduler = Scheduler(mill)
            scheduler._stop.set()  # while the first tick is only asked for
            await asyncio.wait_for(scheduler.run(), 20)
    assert [record.getMessage() for record in caplog.records if record.levelname in {"ERROR", "WARNING"}] == []


async def test_the_store_is_maintained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduling, "_MAINTAIN_HOURS", 0.1 / 3600)
    async with _mill(tmp_path) as mill:
        done: list[int] = []
        plain = mill.database.maintain

        def maintain() -> None:
            plain()
            done.append(1)

        monkeypatch.setattr(mill.database, "maintain", maintain)
        async with _running(mill):
            await _until(lambda: len(done) > 1)


async def test_after_a_long_sleep_a_few_at_a_time_the_most_overdue_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduling, "_MOST_A_TICK", 2)
    for number in range(5):
        (tmp_path / f"{number}.xml").write_bytes(_FEED)
    given = [{"name": f"{n}", "kind": "feed", "path": tmp_path / f"{n}.xml"} for n in range(5)]
    site = SiteSettings(title="Tides", url="https://tide.example", language="en", timezone="UTC")
    async with mill_of(tmp_path, site, given) as mill:
        now = datetime.now(UTC)
        known = await mill.puller.states(mill.config.source)
        overdue = [now - timedelta(hours=hours) for hours in (1, 5, 2, 4, 3)]
        with mill.database.writing() as connection:
            late = zip(known, overdue, strict=True)
            sources.record(connection, [replace(state, next_pull=when) for state, when in late])
        scheduler = Scheduler(mill)
        begun: list[list[str]] = [[]]

        def begin(work: Coroutine[object, object, None], name: str) -> None:
            work.close()
            begun[-1].append(name)

        monkeypatch.setattr(scheduler, "_begin", begin)
        await scheduler._begin_pulling(AsyncIOScheduler())
        for _ in range(3):
            begun.append([])
            await scheduler._tick()
        assert [[name[-1] for name in tick] for tick in begun[-3:]] == [["1", "3"], ["4", "2"], ["0"]]


def test_no_answer_waits_for_the_other_side_to_confirm_its_first_half() -> None:
    with (
        scheduling.listening(ServerSettings(port=0)) as listener,
        socket.create_connection(listener.getsockname()),
        listener.accept()[0] as connection,
    ):
        assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
