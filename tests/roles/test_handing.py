"""Which sources are handed out: in what order, how many of one host, how many that nobody waits for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from aggregator.fetching.politeness import AT_ONCE, PER_HOST
from aggregator.handing import MOST_WAITING, Rates, alone_with, handed_out, priority_of
from aggregator.settings import SourceSettings
from storage.job import Job, Priority
from storage.source import PullState, SourceKind, Trouble

_NOW = datetime(2022, 3, 14, 12, tzinfo=UTC)


def _source(name: str, url: str = "", **more: Any) -> SourceSettings:
    given = {"name": name, "kind": "feed", "url": url or f"https://{name}.example/feed"} | more
    return SourceSettings.model_validate(given)


def _state(name: str, **facts: Any) -> PullState:
    known = {"last_success": _NOW - timedelta(hours=1), "next_pull": _NOW - timedelta(minutes=1)}
    return replace(PullState(name, SourceKind.FEED), **(known | facts))


def _handed(
    sources: list[SourceSettings],
    states: list[PullState],
    unfinished: dict[str, bool] | None = None,
    rates: Rates | None = None,
    now: datetime = _NOW,
) -> list[Job]:
    by_name = {source.name: source for source in sources}
    hosts = {source.name: urlsplit(source.url).hostname or "" for source in sources}
    return handed_out(states, by_name, hosts, unfinished or {}, rates or Rates(), now)


def _names(jobs: list[Job]) -> list[str]:
    return [job.about["source"] for job in jobs]


def test_the_most_overdue_of_the_most_pressing_goes_first() -> None:
    facts: dict[str, dict[str, Any]] = {
        "new": {"last_success": None, "next_pull": None},
        "usual": {},
        "overdue": {"next_pull": _NOW - timedelta(hours=2)},
        "fresh": {"rhythm": 20.0},
        "failing": {"failures": 2, "rhythm": 20.0},
        "later": {"next_pull": _NOW + timedelta(seconds=1)},
        "gone": {"next_pull": None, "trouble": Trouble.GONE},
    }
    states = [_state(name, **those) for name, those in facts.items()]
    jobs = _handed([_source(name) for name in facts], states)
    assert _names(jobs) == ["fresh", "overdue", "usual", "new", "failing"]
    assert [job.priority for job in jobs] == [20, 10, 10, 0, 0]


def test_what_waits_or_is_being_done_is_not_handed_out_again() -> None:
    sources, states = [_source("a"), _source("b")], [_state("a"), _state("b")]
    assert _names(_handed(sources, states, {alone_with("a"): True})) == ["b"]
    assert _handed(sources, states, {alone_with("a"): False, alone_with("b"): True}) == []


def test_what_is_not_configured_is_left() -> None:
    assert _handed([], [_state("a")]) == []


def test_a_host_has_as_many_at_once_as_it_has_connections() -> None:
    sources = [_source(f"s{number}", f"https://one.example/{number}") for number in range(9)]
    states = [_state(source.name) for source in sources]
    assert len(_handed(sources, states)) == PER_HOST
    assert len(_handed(sources, states, {alone_with("s0"): True, alone_with("s1"): False})) == PER_HOST - 2


def test_a_host_on_the_internet_has_its_rate() -> None:
    sources = [_source(f"s{number}", f"https://one.example/{number}") for number in range(60)]
    states = [_state(source.name) for source in sources]
    rates, given = Rates(), 0
    for second in range(21):
        given += len(_handed(sources, states, rates=rates, now=_NOW + timedelta(seconds=second)))
    assert given == AT_ONCE + 2 * 20
    private = [_source(f"s{number}", f"http://one.internal/{number}", private=True) for number in range(60)]
    assert sum(len(_handed(private, states, rates=rates, now=_NOW)) for _ in range(21)) == PER_HOST * 21


def test_a_flood_waits_and_what_is_fresh_goes_by() -> None:
    sources = [_source(f"s{number}") for number in range(MOST_WAITING + 50)]
    states = [_state(source.name, last_success=None, next_pull=None) for source in sources]
    flood = _handed(sources, states)
    assert len(flood) == MOST_WAITING
    waiting = {job.alone or "": False for job in flood}
    assert _handed(sources, states, waiting) == []
    sources.append(_source("news"))
    states.append(_state("news", rhythm=5.0))
    assert _names(_handed(sources, states, waiting)) == ["news"]


def test_folders_are_for_those_who_have_them(tmp_path: Any) -> None:
    posts = SourceSettings(name="posts", kind=SourceKind.POSTS, path=tmp_path)
    [job] = _handed([posts], [_state("posts")])
    assert (job.queue, job.work) == ("scan", "scan")


def test_priorities() -> None:
    assert priority_of(_state("a", rhythm=0.2)) is Priority.USUAL
    assert priority_of(_state("a", rhythm=1.0)) is Priority.FRESH
