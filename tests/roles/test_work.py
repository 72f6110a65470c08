"""What jobs come to: what is not due is left, what is owed is owed in the right order, what failed comes again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import psycopg
import pytest

from aggregator import jobs as work
from aggregator.deliver.outlook import Due
from aggregator.jobs import Jobs
from aggregator.measures import Measures
from aggregator.settings import PublishSettings
from storage.job import Priority, Queue, Work
from tests.roles.mills import mill_in

if TYPE_CHECKING:
    from pathlib import Path

    from aggregator.mill import Mill

_FEED = '<rss version="2.0"><channel><title>Tides</title><item><title>Tide</title><guid>1</guid></item></channel></rss>'
_HUB = "https://hub.example/"


def _ask(mill: Mill, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(mill.config.storage.url, autocommit=True) as connection:
        return connection.execute(query.encode()).fetchall()


async def test_a_source_that_is_not_due_is_left(tmp_path: Path) -> None:
    (tmp_path / "tides.xml").write_text(_FEED)
    async with mill_in(tmp_path) as mill:
        jobs = Jobs(mill, Measures())
        await jobs.pull("tides")
        [(first,)] = _ask(mill, "SELECT last_pull FROM source")
        await jobs.pull("tides")
        await jobs.pull("tides", since=(datetime.now(UTC) - timedelta(hours=1)).isoformat())
        assert _ask(mill, "SELECT last_pull FROM source") == [(first,)]
        await jobs.pull("tides", since=datetime.now(UTC).isoformat())
        assert _ask(mill, "SELECT last_pull FROM source") != [(first,)]
        await jobs.pull("nobody")  # it was configured when that was asked for


async def test_another_hub_is_told_of_what_is_published_and_no_more(tmp_path: Path) -> None:
    (tmp_path / "tides.xml").write_text(_FEED)
    tables = {"publish": PublishSettings(directory=tmp_path / "public", hub=_HUB)}
    async with mill_in(tmp_path, **tables) as mill:
        jobs = Jobs(mill, Measures())
        await jobs.pull("tides")
        await jobs.publish()
        assert (tmp_path / "public" / "all.rss").exists()
        [(change,)] = _ask(mill, "SELECT change FROM store")
        told = _ask(mill, "SELECT args FROM procrastinate_jobs WHERE task_name = 'deliver'")
        assert told == [({"follower": f"hub:{_HUB}", "published": change},)]


async def test_what_a_change_makes_necessary_is_there_with_it(tmp_path: Path) -> None:
    (tmp_path / "tides.xml").write_text(_FEED)
    async with mill_in(tmp_path) as mill:
        await Jobs(mill, Measures()).pull("tides")
        there = {name for (name,) in _ask(mill, "SELECT task_name FROM procrastinate_jobs")}
        assert there == {Work.LOOK, Work.PUBLISH, Work.INDEX}


@pytest.mark.parametrize(
    ("due", "priority"),
    [
        (Due("webhook:a", "a.example", failing=False), Priority.FRESH),
        (Due("webhook:a", "a.example", failing=True), Priority.FLOOD),
        (Due("webhook:a", "a.example", failing=False, replay=True), Priority.FLOOD),
    ],
)
def test_what_was_given_up_goes_after_what_is_new(due: Due, priority: Priority) -> None:
    job = work._to(due)
    assert (job.queue, job.priority, job.alone) == (Queue.DELIVER, priority, "follower:webhook:a")
    assert job.once == job.alone
