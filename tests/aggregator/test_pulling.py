"""Pulls from a real server and from files: what is recorded, whatever comes of them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from aggregator import ingest
from aggregator.feed_documents import Desk, Prepared, Taking, prepare
from aggregator.worker import StoppingError
from storage import entries, listing, sources
from storage.category import ALL
from storage.errors import StorageError
from storage.source import PullOutcome, SourceKind
from tests.aggregator.publishers import Publisher, feed, milling, publishing, pulled

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from sqlalchemy import Connection

    from aggregator.mill import Mill


@pytest.fixture
async def publisher() -> AsyncIterator[Publisher]:
    async with publishing() as publisher:
        yield publisher


def _titles(mill: Mill) -> list[str]:
    with mill.database.reading() as connection:
        listed = listing.listed(connection, ALL, 100)
        found = entries.find(connection, [entry.info_code for entry in listed])
        return [found[entry.info_code].title for entry in listed]


async def test_the_first_pull_and_one_that_finds_the_same(publisher: Publisher, tmp_path: Path) -> None:
    before = datetime.now(UTC)
    async with milling(tmp_path, {"name": "tides", "url": publisher.url, "every": "1h"}) as mill:
        state = await pulled(mill)
        assert _titles(mill) == ["Tide 2", "Tide 1"]
        assert (state.outcome, state.failures, state.failure, state.etag) == (PullOutcome.CHANGED, 0, "", '"1"')
        assert state.last_pull is not None
        assert before <= state.last_pull <= datetime.now(UTC)
        assert state.last_success == state.last_pull
        assert state.next_pull is not None
        assert timedelta(hours=1) <= state.next_pull - before <= timedelta(hours=1, minutes=13)
        again = await pulled(mill)
        assert publisher.requests[1].headers["If-None-Match"] == '"1"'
        assert (again.outcome, again.digest) == (PullOutcome.UNCHANGED, state.digest)
        assert "tide.example" in publisher.requests[0].headers["User-Agent"]


async def test_the_same_bytes_without_validators(publisher: Publisher, tmp_path: Path) -> None:
    publisher.etag = ""
    async with milling(tmp_path, {"name": "tides", "url": publisher.url}) as mill:
        assert (await pulled(mill)).outcome is PullOutcome.CHANGED
        assert (await pulled(mill)).outcome is PullOutcome.UNCHANGED
        publisher.body = feed(1, 2, 3)
        assert (await pulled(mill)).outcome is PullOutcome.CHANGED
        assert _titles(mill) == ["Tide 3", "Tide 2", "Tide 1"]


async def test_a_remark_stays_while_the_document_does(publisher: Publisher, tmp_path: Path) -> None:
    publisher.body = feed(1, 2).replace(b"</channel>", b"")
    async with milling(tmp_path, {"name": "tides", "url": publisher.url}) as mill:
        remark = (await pulled(mill)).warning
        assert remark
        assert (await pulled(mill)).warning == remark  # 304
        publisher.etag = ""
        assert (await pulled(mill)).warning == remark  # the same bytes
        publisher.body = feed(1, 2)
        assert not (await pulled(mill)).warning


async def test_a_failure_is_told_waited_on_and_forgotten(publisher: Publisher, tmp_path: Path) -> None:
    async with milling(tmp_path, {"name": "tides", "url": publisher.url, "every": "15m"}) as mill:
        good = await pulled(mill)
        publisher.status = 500
        waits = []
        for failures in (1, 2, 3):
            state = await pulled(mill)
            assert (state.outcome, state.failures) == (PullOutcome.FAILED, failures)
            assert state.failure == f"{publisher.url} answers with status 500 (Internal Server Error)"
            assert (state.last_success, state.etag, state.digest) == (good.last_success, good.etag, good.digest)
            assert state.next_pull is not None
            assert state.last_pull is not None
            waits.append(state.next_pull - state.last_pull)
        for wait, minutes in zip(waits, (30, 60, 120), strict=True):
            assert timedelta(minutes=minutes) <= wait <= timedelta(minutes=minutes * 1.3)
        assert _titles(mill) == ["Tide 2", "Tide 1"]
        publisher.status = 200
        state = await pulled(mill)
        assert (state.outcome, state.failures, state.failure) == (PullOutcome.UNCHANGED, 0, "")
        assert state.last_success == state.last_pull


async def test_a_server_that_asks_us_to_stay_away(publisher: Publisher, tmp_path: Path) -> None:
    publisher.status = 503
    publisher.headers = {"Retry-After": "7200"}
    async with milling(tmp_path, {"name": "tides", "url": publisher.url, "every": "1m"}) as mill:
        state = await pulled(mill)
        assert state.next_pull is not None
        assert state.last_pull is not None
        assert state.next_pull - state.last_pull >= timedelta(hours=2)


async def test_what_is_no_feed(publisher: Publisher, tmp_path: Path) -> None:
    async with milling(tmp_path, {"name": "tides", "url": publisher.url}) as mill:
        await pulled(mill)
        publisher.body, publisher.etag = b"<html><body>Under repair</body></html>", '"2"'
        state = await pulled(mill)
        assert (state.outcome, state.failures) == (PullOutcome.FAILED, 1)
        assert state.failure
        assert "\n" not in state.failure
        assert state.etag == '"1"'  # so that the next pull is not told that nothing changed
        assert _titles(mill) == ["Tide 2", "Tide 1"]


async def test_an_address_that_is_not_public(publisher: Publisher, tmp_path: Path) -> None:
    async with milling(tmp_path, {"name": "tides", "url": publisher.url, "private": False}) as mill:
        state = await pulled(mill)
        assert state.outcome is PullOutcome.FAILED
        assert "127.0.0.1, which is not a public address; set private = true" in state.failure
        assert publisher.requests == []


async def test_a_feed_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    async with milling(tmp_path, {"name": "file", "path": path}) as mill:
        state = await pulled(mill)
        assert (state.outcome, state.failure) == (
            PullOutcome.FAILED,
            f"{path} cannot be read: No such file or directory",
        )
        path.write_bytes(feed(1))
        assert (await pulled(mill)).outcome is PullOutcome.CHANGED
        assert (await pulled(mill)).outcome is PullOutcome.UNCHANGED
        path.write_bytes(feed(1, 2))
        assert (await pulled(mill)).outcome is PullOutcome.CHANGED
        path.unlink()
        path.mkdir()
        state = await pulled(mill)
        assert (state.failures, state.failure) == (1, f"{path} cannot be read: Is a directory")
        assert _titles(mill) == ["Tide 2", "Tide 1"]


async def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    with path.open("wb") as file:
        file.truncate(15 * 2**20 + 1)
    async with milling(tmp_path, {"name": "file", "path": path}) as mill:
        assert (await pulled(mill)).failure == f"{path} is larger than 15 MB"


async def test_one_source_is_never_pulled_twice_at_once(publisher: Publisher, tmp_path: Path) -> None:
    publisher.seconds = 0.05
    async with milling(tmp_path, {"name": "tides", "url": publisher.url}) as mill:
        [source] = mill.config.source
        pulls = await asyncio.gather(*(mill.puller.pull(source) for _ in range(4)))
        assert publisher.busiest == 1
        outcomes = [pull.state.outcome for pull in pulls]
        assert outcomes == [PullOutcome.CHANGED, *[PullOutcome.UNCHANGED] * 3]


async def test_one_source_that_fails_costs_nothing_else(publisher: Publisher, tmp_path: Path) -> None:
    given: list[dict[str, Any]] = [
        {"name": "refused", "url": "http://127.0.0.1:9/feed"},
        {"name": "missing", "path": tmp_path / "none.xml"},
        {"name": "no posts", "kind": SourceKind.POSTS, "path": tmp_path / "none", "private": False},
        {"name": "tides", "url": publisher.url},
    ]
    async with milling(tmp_path, *given) as mill:
        pulls = await mill.pull(mill.config.source)
        outcomes = {pull.state.source: pull.state.outcome for pull in pulls}
        assert outcomes == {
            "refused": PullOutcome.FAILED,
            "missing": PullOutcome.FAILED,
            "no posts": PullOutcome.FAILED,
            "tides": PullOutcome.CHANGED,
        }
        assert all(pull.state.failure for pull in pulls[:3])
        assert _titles(mill) == ["Tide 2", "Tide 1"]


async def test_a_fault_of_ours_costs_that_source_alone(
    publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(desk: Desk, connection: Connection, taking: Taking) -> Prepared:
        if taking.source.name == "worst":
            raise RecursionError("too deep")
        return prepare(desk, connection, taking)

    monkeypatch.setattr(ingest, "prepare", broken)
    given = [{"name": "worst", "url": publisher.url}, {"name": "tides", "url": publisher.url}]
    async with milling(tmp_path, *given) as mill:
        worst, tides = await mill.pull(mill.config.source)
        assert worst.state.outcome is PullOutcome.FAILED
        assert worst.state.failure == (
            "a fault of Feedmill's own, with a traceback in the log: RecursionError: too deep"
        )
        assert tides.state.outcome is PullOutcome.CHANGED


async def test_a_store_that_fails_is_nobodys_failure(
    publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        raise StorageError("mill.db: disk is full")

    async with milling(tmp_path, {"name": "tides", "url": publisher.url}) as mill:
        before = await pulled(mill)
        monkeypatch.setattr(mill.puller._taking, "_work", broken)
        publisher.etag, publisher.body = '"2"', feed(3)
        with pytest.raises(StorageError):
            await mill.pull(mill.config.source)
        with mill.database.reading() as connection:
            assert sources.states(connection)["tides"] == before


async def test_documents_that_wait_together_end_with_the_process(publisher: Publisher, tmp_path: Path) -> None:
    given = [{"name": f"tides-{number}", "url": f"{publisher.url}?{number}"} for number in range(20)]
    async with milling(tmp_path, *given) as mill:
        mill.worker.closing = True
        with pytest.raises(StoppingError):
            await mill.pull(mill.config.source)
        mill.worker.closing = False
        outcomes = {pull.state.outcome for pull in await mill.pull(mill.config.source)}
        assert PullOutcome.FAILED not in outcomes


async def test_settings_that_cannot_be_read_again_and_again(tmp_path: Path) -> None:
    (tmp_path / "_posts").mkdir()
    post = "---\ntitle: Tide\ndate: 2022-03-14 10:00:00\ncategories: tides\n---\nHigh.\n"
    (tmp_path / "_posts" / "2022-03-14-tide.md").write_text(post)
    given = {"name": "posts", "kind": SourceKind.POSTS, "path": tmp_path, "private": False}
    async with milling(tmp_path, given) as mill:
        good = await pulled(mill)
        (tmp_path / "_config.yml").mkdir()
        for failures in (1, 2, 3):
            state = await pulled(mill)
            assert (state.failures, state.failure) == (failures, "_config.yml is not a file")
            assert (state.last_success, state.digest) == (good.last_success, good.digest)


async def test_another_address_is_asked_without_the_old_ones_validators(publisher: Publisher, tmp_path: Path) -> None:
    async with milling(tmp_path, {"name": "tides", "url": publisher.url}) as mill:
        await pulled(mill)
    async with milling(tmp_path, {"name": "tides", "url": publisher.url + "?all=1"}) as mill:
        await pulled(mill)
    assert "If-None-Match" not in publisher.requests[1].headers
