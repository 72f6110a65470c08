"""When a source is pulled next: examples as a table, and what holds for any history."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.schedule import is_due, next_pull

_NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
_DAY = timedelta(days=1)
_EVERY = st.timedeltas(timedelta(seconds=1), timedelta(days=365))
_NOW = st.datetimes(datetime(2000, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
_FAILURES = st.integers(0, 10_000)
_JITTER = st.floats(0, 1)
_SECONDS = st.none() | st.floats(0, 1e12)


@pytest.mark.parametrize(
    ("every", "failures", "jitter", "retry_after", "wait"),
    [
        ("15m", 0, 0.0, None, timedelta(minutes=15)),
        ("15m", 0, 1.0, None, timedelta(minutes=16, seconds=30)),
        ("15m", 1, 0.0, None, timedelta(minutes=30)),
        ("15m", 2, 0.0, None, timedelta(hours=1)),
        ("15m", 6, 0.0, None, timedelta(hours=16)),
        ("15m", 7, 0.0, None, _DAY),
        ("15m", 7, 1.0, None, _DAY * 1.1),
        ("15m", 500, 0.0, None, _DAY),
        ("1s", 12, 0.0, None, timedelta(seconds=4096)),
        ("7d", 0, 0.0, None, timedelta(days=7)),
        ("7d", 3, 0.0, None, timedelta(days=7)),
        ("15m", 1, 0.0, 7200.0, timedelta(hours=2)),
        ("15m", 1, 0.0, 60.0, timedelta(minutes=30)),
        ("15m", 1, 0.0, 0.0, timedelta(minutes=30)),
        ("15m", 1, 0.0, 1e12, _DAY),
    ],
)
def test_the_next_pull(every: str, failures: int, jitter: float, retry_after: float | None, wait: timedelta) -> None:
    units = {"s": 1, "m": 60, "d": 86_400}
    interval = timedelta(seconds=int(every[:-1]) * units[every[-1]])
    assert next_pull(_NOON, interval, failures, jitter, retry_after) == _NOON + wait


@given(_NOW, _EVERY, _FAILURES, _JITTER, _SECONDS)
def test_it_is_never_before_the_interval_nor_long_after_a_day(
    now: datetime, every: timedelta, failures: int, jitter: float, retry_after: float | None
) -> None:
    wait = next_pull(now, every, failures, jitter, retry_after) - now
    assert every <= wait <= max(every, _DAY) * 1.1 + timedelta(microseconds=1)


@given(_NOW, _EVERY, _FAILURES, _FAILURES, _JITTER)
def test_more_failures_never_wait_less(now: datetime, every: timedelta, some: int, more: int, jitter: float) -> None:
    some, more = sorted((some, more))
    assert next_pull(now, every, some, jitter) <= next_pull(now, every, more, jitter)


@given(_NOW, _EVERY, _FAILURES, _JITTER, st.floats(0, 86_400))
def test_what_the_server_asks_for_is_respected(
    now: datetime, every: timedelta, failures: int, jitter: float, retry_after: float
) -> None:
    found = next_pull(now, every, failures, jitter, retry_after)
    assert found >= now + timedelta(seconds=retry_after)
    assert found >= next_pull(now, every, failures, jitter)


def test_what_is_due() -> None:
    assert is_due(None, _NOON)
    assert is_due(_NOON, _NOON)
    assert is_due(_NOON - _DAY, _NOON)
    assert not is_due(_NOON + timedelta(microseconds=1), _NOON)
