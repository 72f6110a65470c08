"""Every row of the table, and what holds for all of them together."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from storage.source import PullOutcome, Trouble
from tests.hostile.contents import SHARED
from tests.hostile.good import ENTRIES, GOOD, titles, words
from tests.hostile.server import OUTSIDE
from tests.hostile.table import TABLE

if TYPE_CHECKING:
    from tests.hostile.conftest import Run
    from tests.hostile.rows import Row

pytestmark = pytest.mark.slow

LARGEST_MEMORY = 512 * 2**20


def _stored(run: Run, name: str) -> str:
    """All that is stored of a source's entries."""
    return json.dumps(run.sources[name]["entries"], ensure_ascii=False)


@pytest.mark.parametrize("row", [pytest.param(row, id=row.name) for row in TABLE])
def test_what_a_person_would_expect(run: Run, row: Row) -> None:
    told = run.sources[row.name]
    state, stored = told["state"], _stored(run, row.name)
    said = state["failure"] + state["warning"]
    assert state["outcome"] == row.outcome, said
    assert row.says in said
    assert bool(state["failure"]) == (row.outcome == PullOutcome.FAILED)
    assert len(told["entries"]) == row.entries
    assert told["kept"]["rejected"] == row.rejected
    assert [words for words in row.has if words not in stored] == []
    assert [words for words in row.lacks if words in stored or words in said] == []
    published = [path for path, body in run.public.items() if any(words.encode() in body for words in row.lacks)]
    assert published == []
    if row.asked is not None:
        assert tuple(request.path for request in run.requests[f"{row.name}.example"]) == row.asked
    assert state["trouble"] == row.trouble
    assert bool(told["hub"]) == bool(row.hub)
    assert row.hub in told["hub"]


def test_the_table_is_long_and_no_row_is_there_twice() -> None:
    assert len(TABLE) >= 80
    assert len({row.name for row in TABLE}) == len(TABLE)


@pytest.mark.parametrize("name", GOOD)
def test_a_good_source_is_whole(run: Run, name: str) -> None:
    told = run.sources[name]
    assert (told["state"]["outcome"], told["state"]["failure"], told["state"]["warning"]) == ("changed", "", "")
    found = {entry["title"]: entry for entry in told["entries"]}
    assert sorted(found) == titles(name)
    for number, title in enumerate(titles(name)):
        assert found[title]["content"] == words(title)
        assert found[title]["link"] == f"http://{name}.example/{number}"
        assert found[title]["categories"] == [SHARED]
        assert f"entry/{found[title]['info_code']}.html" in run.public
    assert len(found) == ENTRIES


def test_who_hangs_keeps_nobody_waiting(run: Run) -> None:
    hanging = [row.name for row in TABLE if row.hangs]
    assert len(hanging) >= 5
    assert sorted(run.order[-len(hanging) :]) == sorted(hanging)


def test_no_connection_leads_inside(run: Run) -> None:
    assert run.connected == [OUTSIDE]
    assert run.trapped == []
    asked = [request for requests in run.requests.values() for request in requests]
    assert len(asked) > len(TABLE)
    assert [request.head for request in asked if request.path.startswith("/never") or request.host == OUTSIDE] == []


def test_no_password_goes_to_another_host(run: Run) -> None:
    [shown] = run.requests["hands-on.example"]
    [unshown] = run.requests["listens.example"]
    assert "authorization:" in shown.head.lower()
    assert "authorization:" not in unshown.head.lower()


def test_memory_stays_bounded(run: Run) -> None:
    assert run.peak < LARGEST_MEMORY


def test_a_failure_is_one_short_line(run: Run) -> None:
    for name, told in run.sources.items():
        for said in (told["state"]["failure"], told["state"]["warning"]):
            assert len(said) < 600, name
            assert said == "" or said.isprintable(), name
            assert "fault of Feedmill" not in said


def test_nobody_is_left_alone_for_more_than_a_day_or_two(run: Run) -> None:
    for name, told in run.sources.items():
        state = told["state"]
        if state["trouble"] == Trouble.GONE:
            assert state["next_pull"] is None
            continue
        wait = datetime.fromisoformat(state["next_pull"]) - datetime.fromisoformat(state["last_pull"])
        assert timedelta(minutes=1) < wait < timedelta(days=2), name


def test_what_others_were_after_is_as_it_was(run: Run) -> None:
    [own] = run.sources["victim"]["entries"]
    [atom] = run.sources["victim-atom"]["entries"]
    assert (own["title"], own["content"], own["revision"], own["withdrawn"]) == (
        "Victim's own",
        "<p>True.</p>",
        1,
        None,
    )
    assert own["scope"] == "site"
    assert (atom["title"], atom["atom_id"], atom["withdrawn"]) == (
        "Victim's own words",
        "tag:victim.example,2022:1",
        None,
    )
    ids = [entry["atom_id"] for told in run.sources.values() for entry in told["entries"]]
    codes = [entry["info_code"] for told in run.sources.values() for entry in told["entries"]]
    assert len(set(ids)) == len(ids)
    assert len(set(codes)) == len(codes)


def test_the_server_did_as_it_was_told(run: Run) -> None:
    assert run.faults == []


def test_a_flood_leaves_the_others_their_places(run: Run) -> None:
    shown = json.loads(run.public[f"category/{SHARED}.json"])["items"]
    flood = [item for item in shown if item["title"].startswith("Flood")]
    assert 0 < len(flood) <= len(shown) // 2
