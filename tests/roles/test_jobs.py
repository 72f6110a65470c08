"""Jobs as they lie in PostgreSQL: none is lost to another that waits, none is there twice, none ends undone."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import text

from storage import jobs
from storage.database import Database, next_change, open_database
from storage.errors import StorageError
from storage.job import AFTER_CHANGE, CHANGED, LOOK, PUBLISH, Job, Priority, Queue, Work
from storage.leadership import Leadership
from tests.stores import postgresql_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PULL = Job(Queue.PULL, Work.PULL, "source:a", "source:a", {"source": "a"}, Priority.FLOOD)
_OTHER = replace(_PULL, alone="source:b", once="source:b", about={"source": "b"})


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(postgresql_at(tmp_path))
    yield database
    database.close()


def _defer(database: Database, *owed: Job) -> None:
    with database.noting() as connection:
        jobs.defer(connection, owed)


def _there(database: Database, columns: str = "queueing_lock, status::text") -> list[tuple[object, ...]]:
    with database.reading() as connection:
        return [tuple(row) for row in connection.execute(text(f"SELECT {columns} FROM procrastinate_jobs ORDER BY id"))]


def _set(database: Database, status: str, silent: int | None = None) -> None:
    """Let all jobs have this *status*; with a worker that was *silent* for so many seconds, or with none."""
    with database.noting() as connection:
        heard = text(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - make_interval(secs => :s)) RETURNING id"
        )
        worker = None if silent is None else connection.execute(heard, {"s": silent}).scalar_one()
        update = text(
            "UPDATE procrastinate_jobs SET status = CAST(:to AS procrastinate_job_status), worker_id = :worker"
        )
        connection.execute(update, {"to": status, "worker": worker})


def test_what_waits_is_not_there_twice_and_keeps_no_other_out(database: Database) -> None:
    _defer(database, _PULL)
    _defer(database, _PULL, _OTHER, LOOK)
    _defer(database, _PULL, _PULL)
    assert _there(database) == [("source:a", "todo"), ("look", "todo"), ("source:b", "todo")]


def test_what_is_asked_for_again_is_asked_for_sooner_and_more_urgently(database: Database) -> None:
    late, later = datetime.now(UTC) + timedelta(hours=1), datetime.now(UTC) + timedelta(hours=2)
    columns = "priority, scheduled_at, args"
    _defer(database, replace(_PULL, at=later))
    _defer(database, replace(_PULL, at=late, about={"since": "now"}))
    assert _there(database, columns) == [(Priority.FLOOD, late, {"source": "a", "since": "now"})]
    _defer(database, replace(_PULL, at=later, priority=Priority.TOLD))
    assert _there(database, columns)[0][:2] == (Priority.TOLD, late)
    _defer(database, _PULL)
    assert _there(database, columns)[0][:2] == (Priority.TOLD, None)
    _defer(database, replace(_PULL, at=late))
    assert _there(database, columns)[0][:2] == (Priority.TOLD, None)


def test_a_change_defers_what_it_makes_necessary_and_tells_who_listens(database: Database) -> None:
    with psycopg.connect(database.url, autocommit=True) as listener:
        listener.execute(f"LISTEN {CHANGED}".encode())
        with database.writing() as connection:
            next_change(connection, datetime.now(UTC))
        assert [told.payload for told in listener.notifies(timeout=10, stop_after=1)] == ["[]"]
    assert {name for name, _ in _there(database)} == {job.once for job in AFTER_CHANGE}


def test_what_changes_nothing_or_is_undone_makes_nothing_necessary(database: Database) -> None:
    with database.writing():
        pass
    with pytest.raises(RuntimeError):
        _change_in_vain(database)
    with database.writing():
        pass
    assert _there(database) == []


def _change_in_vain(database: Database) -> None:
    with database.writing() as connection:
        next_change(connection, datetime.now(UTC))
        raise RuntimeError


def test_what_waits_is_not_taken_up_while_it_is_asked_for_again(database: Database) -> None:
    """Else a publication could begin without seeing the change that asks for another."""
    _defer(database, PUBLISH)
    taken: list[object] = []

    def take() -> None:
        with psycopg.connect(database.url, autocommit=True) as connection:
            worker = connection.execute("SELECT worker_id FROM procrastinate_register_worker_v1()").fetchone()
            assert worker is not None
            query = "SELECT id FROM procrastinate_fetch_job_v2('{publish}', %s)"
            taken.extend(connection.execute(query, worker).fetchone() or ())

    with database.writing() as connection:
        next_change(connection, datetime.now(UTC))
        jobs.after_change(connection, 1)
        thread = threading.Thread(target=take)
        thread.start()
        thread.join()
        assert taken == [None]
    take()
    assert taken[1] is not None


@pytest.mark.parametrize(
    ("status", "silent", "again"), [("doing", 31, True), ("doing", 29, False), ("doing", None, True)]
)
def test_what_a_dead_worker_did_is_given_back(database: Database, status: str, silent: int | None, again: bool) -> None:
    _defer(database, _PULL)
    _set(database, status, silent)
    with database.noting() as connection:
        assert jobs.give_back(connection, 30, 60) == again
    assert _there(database) == [("source:a", "todo" if again else "doing")]


def test_what_was_broken_off_is_done_at_once_and_what_failed_later(database: Database) -> None:
    _defer(database, _PULL)
    _set(database, "aborted")
    with database.noting() as connection:
        assert jobs.give_back(connection, 30, 60) == 1
    assert _there(database, "status::text, scheduled_at, attempts") == [("todo", None, 1)]
    _set(database, "failed")
    with database.noting() as connection:
        assert jobs.give_back(connection, 30, 60) == 1
    [(status, at, attempts)] = _there(database, "status::text, scheduled_at, attempts")
    assert (status, attempts) == ("todo", 2)
    assert isinstance(at, datetime)
    assert timedelta(seconds=30) < at - datetime.now(UTC) < timedelta(seconds=90)


def test_what_waits_already_stands_in_for_what_is_given_back(database: Database) -> None:
    _defer(database, _PULL)
    _set(database, "failed")
    _defer(database, _PULL)
    _set(database, "failed")
    _defer(database, _PULL)
    with database.noting() as connection:
        assert jobs.give_back(connection, 30, 60) == 2
    assert _there(database) == [("source:a", "todo")]


def test_of_several_that_failed_one_is_given_back(database: Database) -> None:
    for _ in range(3):
        _defer(database, _PULL)
        _set(database, "failed")
    with database.noting() as connection:
        jobs.give_back(connection, 30, 60)
    assert _there(database) == [("source:a", "todo")]


def test_what_is_unfinished_is_told_by_what_it_is_alone_with(database: Database) -> None:
    _defer(database, _PULL)
    _set(database, "doing", 0)
    _defer(database, _PULL, _OTHER, LOOK)
    with database.reading() as connection:
        assert jobs.unfinished(connection, [Queue.PULL]) == {"source:a": True, "source:b": False}
        assert jobs.counts(connection) == {("pull", "doing"): 1, ("pull", "todo"): 2, ("deliver", "todo"): 1}


def _leads(one: Leadership) -> bool:
    with one.leading() as connection:
        return connection is not None


def _lead(one: Leadership, job: Job) -> None:
    with one.leading() as connection:
        assert connection is not None
        jobs.defer(connection, [job])


def test_one_leads_and_another_takes_over(database: Database) -> None:
    first, second = Leadership(database.url), Leadership(database.url)
    assert _leads(first)
    assert not _leads(second)
    assert _leads(first)
    first.resign()
    assert _leads(second)
    assert not _leads(first)
    second.resign()
    first.resign()


def test_who_lost_the_connection_leads_no_longer_and_stores_nothing(database: Database) -> None:
    first, second = Leadership(database.url), Leadership(database.url)
    assert _leads(first)
    with psycopg.connect(database.url, autocommit=True) as admin:
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'feedmill scheduler'"
        admin.execute(ended)
        with pytest.raises(StorageError, match="the connection of the scheduler"):
            _lead(first, _PULL)
    assert not first.leads
    assert _there(database) == []
    assert _leads(second)
    assert not _leads(first)
    second.resign()
    first.resign()
