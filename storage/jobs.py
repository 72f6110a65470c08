"""Jobs in PostgreSQL, as Procrastinate's workers take them up (https://procrastinate.readthedocs.io).

They are put there by our own statement, in the transaction that makes them necessary: Procrastinate's own refuses all
of a batch where one job of it waits already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import orjson
from sqlalchemy import text

from storage import categories
from storage.job import AFTER_CHANGE, CHANGED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

    from storage.job import Job, Queue

# What waits is locked until this transaction ends, even where nothing of it changes: a worker that took it up before
# would not see what it is asked for again.
_DEFER: Final = text(
    """
    INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args, priority, scheduled_at)
    SELECT queue, work, alone, once, about, priority, at FROM jsonb_to_recordset(CAST(:jobs AS jsonb)) AS asked (
        queue text, work text, alone text, once text, about jsonb, priority integer, at timestamptz
    )
    ON CONFLICT (queueing_lock) WHERE status = 'todo' DO UPDATE SET
        priority = greatest(procrastinate_jobs.priority, excluded.priority),
        args = procrastinate_jobs.args || excluded.args,
        scheduled_at = CASE
            WHEN procrastinate_jobs.scheduled_at IS NULL OR excluded.scheduled_at IS NULL THEN NULL
            ELSE least(procrastinate_jobs.scheduled_at, excluded.scheduled_at) END
    WHERE procrastinate_jobs.priority < excluded.priority
        OR NOT procrastinate_jobs.args @> excluded.args
        OR procrastinate_jobs.scheduled_at > excluded.scheduled_at
        OR (procrastinate_jobs.scheduled_at IS NOT NULL AND excluded.scheduled_at IS NULL)
    """
)
_NOTIFY: Final = text("SELECT pg_notify(:channel, :payload)")
# https://www.postgresql.org/docs/current/sql-notify.html: fewer than 8,000 bytes.
_MOST_BYTES: Final = 7_900
_OPEN: Final = text(
    "SELECT lock, status::text FROM procrastinate_jobs "
    "WHERE queue_name = ANY (:queues) AND status IN ('todo', 'doing') AND lock IS NOT NULL"
)
_COUNTS: Final = text(
    "SELECT queue_name, status::text, count(*) FROM procrastinate_jobs "
    "WHERE status IN ('todo', 'doing') AND (scheduled_at IS NULL OR scheduled_at <= now()) GROUP BY 1, 2"
)
# A worker that says nothing has died: it says something every few seconds, and ends its work when it cannot.
_LEFT: Final = text(
    """
    SELECT job.id FROM procrastinate_jobs AS job LEFT JOIN procrastinate_workers AS worker ON worker.id = job.worker_id
    WHERE job.status IN ('failed', 'aborted')
        OR (job.status = 'doing'
            AND (worker.id IS NULL OR worker.last_heartbeat < now() - make_interval(secs => :silent)))
    ORDER BY job.id FOR UPDATE OF job SKIP LOCKED
    """
)
# What waits already under the same name does the same.
_LEAVE: Final = text(
    """
    DELETE FROM procrastinate_jobs AS job USING procrastinate_jobs AS other
    WHERE job.id = ANY (:ids) AND other.queueing_lock = job.queueing_lock
        AND (other.status = 'todo' OR (other.id = ANY (:ids) AND other.id < job.id))
    """
)
_GIVE_BACK: Final = text(
    """
    UPDATE procrastinate_jobs SET status = 'todo', attempts = attempts + 1, worker_id = NULL, abort_requested = false,
        scheduled_at = CASE status WHEN 'failed' THEN now() + make_interval(secs => :again) END
    WHERE id = ANY (:ids)
    """
)
_FORGET_WORKERS: Final = text(
    "DELETE FROM procrastinate_workers WHERE last_heartbeat < now() - make_interval(secs => :silent)"
)


def defer(connection: Connection, jobs: Iterable[Job]) -> None:
    """Have *jobs* done once this transaction is committed; what waits already is not there twice."""
    asked = {job.once or number: job for number, job in enumerate(jobs)}
    if not asked:
        return
    rows = [
        {
            "queue": job.queue,
            "work": job.work,
            "alone": job.alone,
            "once": job.once,
            "about": job.about,
            "priority": job.priority,
            "at": job.at,
        }
        # In one order, so that two who defer the same never wait for each other; of those that only wait their turn
        # the first stays first.
        for job in sorted(asked.values(), key=lambda job: job.once or "")
    ]
    connection.execute(_DEFER, {"jobs": orjson.dumps(rows).decode()})


def after_change(connection: Connection, first: int) -> None:
    """Defer what is necessary after the changes from number *first* on, which this transaction makes, and tell who
    listens of the categories.
    """
    defer(connection, AFTER_CHANGE)
    slugs = [category.slug for category in categories.changed_since(connection, first - 1)]
    payload = orjson.dumps(slugs)
    told = payload if len(payload) < _MOST_BYTES else b"[]"
    connection.execute(_NOTIFY, {"channel": CHANGED, "payload": told.decode()})


def unfinished(connection: Connection, queues: Iterable[Queue]) -> Mapping[str, bool]:
    """What waits or is done alone in *queues*: each by what it is alone with, and whether it is being done."""
    found: dict[str, bool] = {}
    for name, status in connection.execute(_OPEN, {"queues": [str(queue) for queue in queues]}):
        found[name] = found.get(name, False) or status == "doing"
    return found


def counts(connection: Connection) -> dict[tuple[str, str], int]:
    """How many jobs could be done now (``todo``), or are being done (``doing``), by queue and that word."""
    return {(queue, status): number for queue, status, number in connection.execute(_COUNTS)}


def give_back(connection: Connection, silent: float, again: float) -> int:
    """Let others do what workers had begun that were *silent* for so many seconds, what was broken off, and, *again*
    so many seconds later, what failed: no job ends but by being done. Returns how many were given back.
    """
    ids = list(connection.execute(_LEFT, {"silent": silent}).scalars())
    if ids:
        connection.execute(_LEAVE, {"ids": ids})
        connection.execute(_GIVE_BACK, {"ids": ids, "again": again})
    connection.execute(_FORGET_WORKERS, {"silent": silent})
    return len(ids)
