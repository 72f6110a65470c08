"""Which source is to be subscribed to, renewed, or dropped."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.push.agreement import agreed, asked, begun, denied, dropped, refused
from aggregator.push.subscribing import Plan, can_be_called, decide, wanted
from aggregator.settings import SourceSettings
from storage.source import PullState, SourceKind
from storage.subscription import Subscription

_NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
_HUB = "https://hub.example/"
_HOST = "mill.example.org"


def _source(name: str = "tides", **more: Any) -> SourceSettings:
    return SourceSettings(name=name, kind=SourceKind.FEED, url="https://tides.example/feed", **more)


def _state(name: str = "tides", hub: str = _HUB, topic: str = "https://tides.example/feed") -> PullState:
    return PullState(name, SourceKind.FEED, hub=hub, topic=topic)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("mill.example.org", True),
        ("8.8.8.8", True),
        ("2606:4700::1", True),
        ("localhost", False),
        ("LOCALHOST.", False),
        ("mill.localhost", False),
        ("127.0.0.1", False),
        ("::1", False),
        ("192.168.1.7", False),
        ("100.64.0.1", False),
        ("169.254.1.1", False),
        ("fd00::1", False),
        ("localhost.example", True),
    ],
)
def test_where_hubs_can_call(host: str, expected: bool) -> None:
    assert can_be_called(host) is expected
    assert (wanted(_source(), _state(), host) is not None) is expected
    assert wanted(_source(private=True), _state(), host) is not None


@pytest.mark.parametrize(
    ("hub", "expected"),
    [
        ("https://tides.example/hub", True),
        ("http://TIDES.example:8080/", True),
        ("https://hub.example/", False),
        ("http://10.0.0.1/admin", False),
    ],
)
def test_only_the_host_of_a_private_source_may_be_inside_our_network(hub: str, expected: bool) -> None:
    for private in (True, False):
        found = wanted(_source(private=private), _state(hub=hub), _HOST)
        assert found is not None
        assert found.private is (private and expected)
    file = SourceSettings(name="tides", kind=SourceKind.FEED, path=Path("tides.xml"), private=True)
    found = wanted(file, _state(hub=hub), _HOST)
    assert found is not None
    assert found.private


@pytest.mark.parametrize(
    ("source", "state"),
    [
        (_source(push=False), _state()),
        (_source(paused=True), _state()),
        (_source(), None),
        (_source(), _state(hub="")),
        (_source(), _state(topic="")),
        (_source(), _state(hub="ftp://hub.example/")),
        (_source(), _state(hub="javascript:alert(1)")),
        (_source(), _state(hub="/hub")),
        (_source(), _state(topic="tag:tides.example,2026:feed")),
    ],
)
def test_where_push_makes_no_sense(source: SourceSettings, state: PullState | None) -> None:
    assert wanted(source, state, _HOST) is None


names = st.sampled_from(["a", "b", "c"])
hubs = st.sampled_from(["", _HUB, "https://tides.example/hub"])
some_sources = st.lists(
    st.builds(_source, names, push=st.booleans(), private=st.booleans()), unique_by=lambda s: s.name
)
some_states = st.lists(st.builds(_state, names, hubs), unique_by=lambda state: state.source)
moves = st.sampled_from(["agreed", "denied", "refused"])


class _World:
    """Subscriptions by token, and what becomes of them."""

    def __init__(self) -> None:
        self.held: dict[str, Subscription] = {}
        self.now = _NOW
        self._numbers = count()

    @property
    def kept(self) -> dict[str, Subscription]:
        return {one.source: one for one in self.held.values() if one.dropped is None}

    def plan(self, sources: list[SourceSettings], states: dict[str, PullState]) -> Plan:
        gone = [one for one in self.held.values() if one.dropped is not None]
        return decide(sources, states, self.kept, gone, _HOST, self.now)

    def do(self, plan: Plan) -> None:
        new = [begun(want, f"token {next(self._numbers)}", "secret") for want in plan.begin]
        for one in [dropped(one, self.now) for one in plan.drop] + [asked(one, self.now) for one in [*plan.ask, *new]]:
            self.held[one.token] = one
        for token in plan.forget:
            assert not self.held.pop(token).holds(self.now)

    def happen(self, events: dict[str, str]) -> None:
        moves = {
            "agreed": lambda one: agreed(one, "864000", self.now),
            "denied": lambda one: denied(one, "no", self.now),
            "refused": lambda one: refused(one, "no", self.now, 60),
        }
        for token, one in self.held.items():
            if one.source in events:
                self.held[token] = moves[events[one.source]](one)


@settings(max_examples=60, deadline=None)
@given(
    steps=st.lists(
        st.tuples(some_sources, some_states, st.dictionaries(names, moves), st.integers(0, 40 * 24)), max_size=6
    )
)
def test_whatever_happens_each_source_has_its_one_subscription(
    steps: list[tuple[list[SourceSettings], list[PullState], dict[str, str], int]],
) -> None:
    world = _World()
    for sources, states, events, hours in steps:
        world.now += timedelta(hours=hours)
        known = {state.source: state for state in states}
        world.do(world.plan(sources, known))
        # What was planned is done: what is left to do is to end what was dropped.
        rest = world.plan(sources, known)
        assert rest == Plan(ask=rest.ask)
        assert all(one.dropped == world.now for one in rest.ask)
        world.happen(events)
        wants = {s.name: found for s in sources if (found := wanted(s, known.get(s.name), _HOST))}
        kept = world.kept
        assert kept.keys() == wants.keys()
        assert all(wants[name].is_met_by(one) for name, one in kept.items())
        assert all(one.next_ask is not None and one.next_ask > world.now for one in kept.values())


def test_the_longest_overdue_is_asked_first() -> None:
    kept = {
        name: Subscription(name, _HUB, "https://tides.example/feed", name, "s", next_ask=_NOW - timedelta(hours=hours))
        for name, hours in (("a", 1), ("b", 3), ("c", 2), ("d", -1))
    }
    plan = decide([_source(name) for name in kept], {name: _state(name) for name in kept}, kept, [], _HOST, _NOW)
    assert [one.source for one in plan.ask] == ["b", "c", "a"]


def test_waits_double_up_to_a_week_and_never_end() -> None:
    subscription = Subscription("tides", _HUB, "https://tides.example/feed", "t", "s")
    waits, now = [], _NOW
    for _ in range(400):
        subscription = asked(subscription, now)
        assert subscription.next_ask is not None
        waits.append(subscription.next_ask - now)
        now = subscription.next_ask
    assert [wait / timedelta(hours=1) for wait in waits[:9]] == [1, 2, 4, 8, 16, 32, 64, 128, 168]
    assert set(waits[8:]) == {timedelta(days=7)}


@pytest.mark.parametrize(
    ("said", "lease"),
    [
        ("864000", timedelta(days=10)),
        ("3600", timedelta(hours=1)),
        ("1", timedelta(seconds=1)),
        ("1000000000", timedelta(days=30)),
        ("", timedelta(days=1)),
        ("0", timedelta(days=1)),
        ("-5", timedelta(days=1)),
        ("10 days", timedelta(days=1)),
        ("٣٦٠٠", timedelta(days=1)),
        ("9" * 5_000, timedelta(days=1)),
    ],
)
def test_leases_of_any_length(said: str, lease: timedelta) -> None:
    subscription = agreed(asked(Subscription("tides", _HUB, "https://tides.example/feed", "t", "s"), _NOW), said, _NOW)
    assert subscription.lease_until == _NOW + lease
    assert subscription.next_ask == _NOW + max(lease * 2 / 3, timedelta(minutes=10))
    assert (subscription.failures, subscription.failure) == (0, "")


def test_what_brings() -> None:
    one = Subscription("tides", _HUB, "https://tides.example/feed", "t", "s", lease_until=_NOW + timedelta(days=1))
    hour = timedelta(hours=1)
    assert not one.brings(_NOW)
    pushed = replace(one, pushed=_NOW - hour)
    assert pushed.brings(_NOW)
    assert not pushed.brings(_NOW + timedelta(days=1))
    assert not replace(pushed, lease_until=None).brings(_NOW)
    assert not replace(pushed, dropped=_NOW).brings(_NOW)
    missed = replace(pushed, missed=_NOW)
    assert not missed.brings(_NOW)
    assert replace(missed, pushed=_NOW + hour).brings(_NOW + 2 * hour)
