"""When to pull a source next: a pure decision over its history; clock and jitter come in as arguments."""

from __future__ import annotations

from datetime import datetime, timedelta

# Twelve failures in a row and more wait a day; a source is never given up.
_LONGEST_WAIT = timedelta(days=1)
# Sources that began together drift apart by up to this part of their interval.
_SPREAD = 0.1


def next_pull(
    now: datetime, every: timedelta, failures: int, jitter: float, retry_after: float | None = None
) -> datetime:
    """The moment of the next pull.

    Args:
        now: when the last pull ended (aware).
        every: the interval that is wished for while all is well.
        failures: how many pulls in a row have failed, this one included.
        jitter: a number from 0 to 1, drawn by the caller.
        retry_after: seconds that the server asked us to stay away (RFC 9110, 10.2.3); never shortens the wait.
    """
    wait: timedelta = min(every * 2 ** min(failures, 12), max(every, _LONGEST_WAIT))
    wait *= 1 + _SPREAD * jitter
    if retry_after is not None:
        wait = max(wait, timedelta(seconds=min(retry_after, _LONGEST_WAIT.total_seconds())))
    return now + wait


def is_due(next_pull_at: datetime | None, now: datetime) -> bool:
    """Whether a source should be pulled; one that never was always is."""
    return next_pull_at is None or next_pull_at <= now
