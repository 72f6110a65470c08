"""How long a follower is waited for."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from aggregator.deliver.parcel import Parcel
from aggregator.deliver.patience import LONGEST_PLEA, LONGEST_WAIT, PATIENCE, failed, given_up, past, taken
from storage.event import Event, EventKind
from storage.follower import Follower
from tests.storage.held import NOON, code

_MINUTE = timedelta(minutes=1)


def _event(number: int, ago: timedelta) -> Event:
    return Event(number, EventKind.CREATED, code(number), 1, NOON - ago)


@given(failures=st.integers(0, 10_000), chance=st.floats(0, 1), plea=st.none() | st.floats(0, 1e9))
def test_waits_are_bounded(failures: int, chance: float, plea: float | None) -> None:
    after = failed(Follower("hub:x", 0, failures=failures), "no", NOON, chance, plea)
    assert after.next_try is not None
    wait = after.next_try - NOON
    assert timedelta(seconds=5) <= wait <= max(LONGEST_WAIT * 1.25, LONGEST_PLEA)
    if plea is not None:
        assert wait >= min(timedelta(seconds=plea), LONGEST_PLEA)
    assert (after.failures, after.failing_since, after.failure) == (failures + 1, NOON, "no")


def test_waits_grow_and_spread() -> None:
    follower = Follower("hub:x", 0)
    waits = []
    for _ in range(12):
        follower = failed(follower, "no", NOON, 0.0)
        assert follower.next_try is not None
        waits.append(follower.next_try - NOON)
    assert waits[:4] == [timedelta(seconds=seconds) for seconds in (5, 15, 45, 135)]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT
    late = failed(Follower("hub:x", 0), "no", NOON, 1.0)
    assert late.next_try == NOON + timedelta(seconds=6.25)


def test_an_event_is_given_up_three_days_after_it_and_its_first_try() -> None:
    old, new = _event(1, 5 * PATIENCE), _event(2, PATIENCE - _MINUTE)
    assert given_up(Follower("topic:x", 0), [old], NOON) == []
    just_tried = Follower("topic:x", 0, failing_since=NOON - PATIENCE + _MINUTE)
    assert given_up(just_tried, [old, new], NOON) == []
    long_tried = Follower("topic:x", 0, failing_since=NOON - PATIENCE)
    assert given_up(long_tried, [old, new], NOON) == [old]
    assert given_up(long_tried, [old, new], NOON + _MINUTE) == [old, new]
    assert given_up(long_tried, [new, old], NOON) == []  # none is passed over


def test_what_comes_after_a_dead_letter() -> None:
    follower = Follower("topic:x", 3, failures=9, failing_since=NOON - PATIENCE, next_try=NOON, failure="no")
    after = past(follower, [_event(4, PATIENCE), _event(5, PATIENCE)], again=False)
    assert (after.position, after.next_try, after.failing_since, after.failures) == (5, None, None, 9)
    assert past(follower, [_event(2, PATIENCE)], again=True).position == 3


def test_what_is_taken() -> None:
    failing = Follower("topic:x", 3, failures=9, failing_since=NOON, next_try=NOON, failure="no")
    assert taken(failing, Parcel("", 4, (b"",)), NOON) == Follower("topic:x", 4, delivered=NOON)
    assert taken(failing, Parcel("", 4), NOON) == Follower("topic:x", 4)
    assert taken(failing, Parcel("", 2), NOON).position == 3
