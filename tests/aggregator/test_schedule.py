"""When a source is pulled next: examples as a table, and what holds for any history."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.schedule import FLOOR, LONGEST_WAIT, decide, due
from storage.source import Pace, PullState, SourceKind, Trouble

_NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)  # a Tuesday
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_KNOWN = PullState("tides", SourceKind.FEED, last_success=_NOON, last_new=_NOON, rhythm=12.0)
_NEW = PullState("tides", SourceKind.FEED)


_PLAIN: dict[str, Any] = {"every": None, "local": False, "private": False, "pushed": False, "jitter": 0.0}


def wait(state: PullState, **given: Any) -> timedelta:
    found = decide(state, _NOON, **_PLAIN | given).next_pull
    assert found is not None
    return found - _NOON


@pytest.mark.parametrize(
    ("state", "given", "expected", "why"),
    [
        # What is wished for, within reason.
        ({}, {"every": 15 * _MINUTE}, 15 * _MINUTE, "it is wished for every 15 min"),
        ({}, {"every": timedelta(seconds=1)}, FLOOR, "every 60 s"),
        ({}, {"every": timedelta(seconds=1), "local": True}, timedelta(seconds=1), "every 1 s"),
        ({}, {"every": timedelta(seconds=1), "private": True}, timedelta(seconds=1), "every 1 s"),
        ({}, {"private": True}, 15 * _MINUTE, "it is near"),
        ({"pace": Pace(ttl=_HOUR)}, {"private": True}, _HOUR, "(ttl)"),
        ({"pace": Pace(ttl=_HOUR, skip_hours=frozenset({12}))}, {"local": True}, 15 * _MINUTE, "it is near"),
        ({}, {"every": 7 * _DAY}, 7 * _DAY, "every 7 days"),
        ({}, {"local": True}, 15 * _MINUTE, "it is near"),
        # Its own rhythm: half of what lies between two entries.
        ({}, {}, _HOUR, "it brings 12 entries a day"),
        ({"rhythm": 1000.0}, {}, 10 * _MINUTE, "1e+03 entries"),
        ({"rhythm": 0.5}, {}, 6 * _HOUR, "0.5 entries"),
        ({"rhythm": 0.0}, {}, 6 * _HOUR, "nothing for two weeks"),
        ({"last_success": None}, {}, 15 * _MINUTE, "nothing is known"),
        ({"last_new": _NOON - _DAY}, {}, 3 * _HOUR, "but nothing for 24 h"),
        ({"last_new": _NOON - 90 * _DAY}, {}, 6 * _HOUR, "but nothing for 90 days"),
        # What its document and its server's cache say, but never so that entries are missed.
        ({"pace": Pace(ttl=3 * _HOUR)}, {}, 3 * _HOUR, "good for 3 h (ttl)"),
        ({"pace": Pace(ttl=10 * _MINUTE)}, {}, _HOUR, "12 entries a day"),
        ({"pace": Pace(ttl=7 * _DAY)}, {}, 20 * _HOUR, "would miss entries"),
        ({"pace": Pace(ttl=7 * _DAY), "rhythm": 1.0}, {}, _DAY, "(ttl), though"),
        ({"pace": Pace(ttl=2 * _HOUR)}, {"every": 15 * _MINUTE}, 2 * _HOUR, "(ttl)"),
        ({"fresh_until": _NOON + 2 * _HOUR}, {}, 2 * _HOUR, "nothing new for 2 h"),
        ({"fresh_until": _NOON - 2 * _HOUR}, {}, _HOUR, "12 entries a day"),
        ({"fresh_until": _NOON + 2 * _HOUR, "pace": Pace(ttl=3 * _HOUR)}, {}, 3 * _HOUR, "ttl"),
        ({"pace": Pace(period=_DAY)}, {}, _HOUR, "12 entries a day"),
        # Hours and days that its document leaves out.
        ({"pace": Pace(skip_hours=frozenset({13, 14}))}, {}, 3 * _HOUR, "; not in the hours"),
        ({"pace": Pace(skip_hours=frozenset({13, 14}))}, {"every": 90 * _MINUTE}, 3 * _HOUR, "; not in the hours"),
        ({"pace": Pace(skip_hours=frozenset(range(24)))}, {}, _HOUR, "a day"),
        ({"pace": Pace(skip_days=frozenset({1, 2}))}, {}, 36 * _HOUR, "; not in the hours or on the days"),
        ({"pace": Pace(skip_days=frozenset({1}), skip_hours=frozenset({0, 1}))}, {}, 14 * _HOUR, "on the days"),
        ({"pace": Pace(skip_days=frozenset(range(7)))}, {}, _HOUR, "a day"),
        # Pushes.
        ({}, {"pushed": True}, 12 * _HOUR, "its hub sends what is new"),
        ({"failures": 1}, {"pushed": True}, 2 * _HOUR, "the last pull failed"),
        ({}, {"pushed": True, "every": _DAY}, _DAY, "wished"),
        # Failures back off, and never for good.
        ({"failures": 1}, {"every": 15 * _MINUTE}, 30 * _MINUTE, "the last pull failed, so it is tried again after 30"),
        ({"failures": 2}, {"every": 15 * _MINUTE}, _HOUR, "the last 2 pulls failed"),
        ({"failures": 7}, {"every": 15 * _MINUTE}, _DAY, "tried again after 24 h"),
        ({"failures": 500}, {}, _DAY, "the last 500 pulls"),
        ({"failures": 3}, {"every": 7 * _DAY}, 7 * _DAY, "tried again after 7 days"),
        # What its server asks for.
        ({"failures": 1, "retry_until": _NOON + 5 * _HOUR}, {}, 5 * _HOUR, "(Retry-After)"),
        ({"failures": 1, "retry_until": _NOON + _MINUTE}, {}, 2 * _HOUR, "the last pull failed"),
    ],
)  # fmt: skip
def test_the_next_pull(state: dict[str, Any], given: dict[str, Any], expected: timedelta, why: str) -> None:
    known = replace(_KNOWN, **state)
    assert wait(known, **given) == expected
    assert why in decide(known, _NOON, **_PLAIN | given).why


def test_one_that_is_gone_is_not_pulled_by_itself() -> None:
    decision = decide(replace(_KNOWN, trouble=Trouble.GONE), _NOON, **_PLAIN)
    assert decision.next_pull is None
    assert "gone for good" in decision.why


_TIMES = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
_SPANS = st.timedeltas(timedelta(0), timedelta(days=400))
_STATES = st.builds(
    PullState,
    source=st.sampled_from("abcdef"),
    kind=st.just(SourceKind.FEED),
    last_success=st.none() | _TIMES,
    last_new=st.none() | _TIMES,
    next_pull=st.none() | _TIMES,
    failures=st.integers(0, 10_000),
    trouble=st.none() | st.sampled_from([trouble for trouble in Trouble if trouble is not Trouble.GONE]),
    rhythm=st.floats(0, 1e6),
    fresh_until=st.none() | _TIMES,
    pace=st.builds(
        Pace,
        ttl=st.none() | _SPANS,
        skip_hours=st.frozensets(st.integers(0, 23)),
        skip_days=st.frozensets(st.integers(0, 6)),
    ),
)
_EVERY = st.none() | st.timedeltas(timedelta(seconds=1), timedelta(days=365))


@given(_STATES, _TIMES, _EVERY, st.booleans(), st.booleans(), st.floats(0, 1))
def test_every_source_is_pulled_again_and_none_too_soon(
    state: PullState, now: datetime, every: timedelta | None, private: bool, pushed: bool, jitter: float
) -> None:
    decision = decide(state, now, every=every, local=False, private=private, pushed=pushed, jitter=jitter)
    assert decision.next_pull is not None
    length = decision.next_pull - now
    assert length >= (timedelta(seconds=1) if private else FLOOR)
    longest = max(every or LONGEST_WAIT, LONGEST_WAIT) * 1.2
    # A week of days and hours that are left out, but for one hour of one day.
    assert length <= longest + 7 * _DAY + timedelta(microseconds=1)
    pace = state.pace
    if len(pace.skip_hours) < 24 and len(pace.skip_days) < 7:
        assert decision.next_pull.hour not in pace.skip_hours
        assert decision.next_pull.weekday() not in pace.skip_days


@given(_STATES, _TIMES, _EVERY, st.integers(1, 100))
def test_more_failures_never_wait_less(state: PullState, now: datetime, every: timedelta | None, more: int) -> None:
    state = replace(state, pace=Pace(), fresh_until=None, failures=1)
    some = decide(state, now, **_PLAIN | {"every": every})
    worse = decide(replace(state, failures=1 + more), now, **_PLAIN | {"every": every})
    assert some.next_pull is not None
    assert worse.next_pull is not None
    assert worse.next_pull >= some.next_pull


@given(_STATES, _TIMES, st.integers(0, 86_400), st.floats(0, 1))
def test_what_the_server_asks_for_is_respected(state: PullState, now: datetime, seconds: int, jitter: float) -> None:
    asked = now + timedelta(seconds=seconds)
    state = replace(state, retry_until=asked, pace=Pace())
    decision = decide(state, now, **_PLAIN | {"jitter": jitter})
    assert decision.next_pull is not None
    assert decision.next_pull >= asked


@given(_STATES, _TIMES)
def test_sources_that_begin_together_drift_apart(state: PullState, now: datetime) -> None:
    state = replace(state, pace=Pace())
    moments = {decide(state, now, **_PLAIN | {"jitter": part / 100}).next_pull for part in range(100)}
    assert len(moments) == 100


def test_the_most_overdue_goes_first() -> None:
    ago = {"late": _HOUR, "later": _DAY, "now": timedelta(0), "never": None, "early": -_MINUTE}
    states = [
        replace(_NEW, source=name, next_pull=None if length is None else _NOON - length) for name, length in ago.items()
    ]
    gone = replace(_NEW, source="gone", trouble=Trouble.GONE)
    hosts = dict.fromkeys([*ago, "gone"], "tide.example")
    assert due([*states, gone], hosts, _NOON) == ["never", "later", "late", "now"]


def test_a_host_that_asks_several_of_its_sources_is_left_alone() -> None:
    asked = [replace(_NEW, source=f"asked-{n}", next_pull=_NOON, retry_until=_NOON + _HOUR) for n in range(3)]
    other = replace(_NEW, source="other", next_pull=_NOON)
    elsewhere = replace(_NEW, source="elsewhere", next_pull=_NOON)
    hosts = {state.source: "tide.example" for state in [*asked, other]} | {"elsewhere": "port.example"}
    assert due([*asked, other, elsewhere], hosts, _NOON) == ["elsewhere"]
    assert due([*asked[:2], other], hosts, _NOON) == ["asked-0", "asked-1", "other"]
    assert "other" in due([*asked, other], hosts, _NOON + _HOUR)


def test_sources_without_a_host_are_no_host() -> None:
    asked = [replace(_NEW, source=f"{n}", next_pull=_NOON, retry_until=_NOON + _HOUR) for n in range(5)]
    assert len(due(asked, {state.source: "" for state in asked}, _NOON)) == 5
