"""Texts in documents of their own: fetched once, tried again when they failed, never for what is not published."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from aggregator.readers import text_fetching
from storage import entries
from storage.entries import EntryChange
from storage.source import PullOutcome
from tests.aggregator.readers.conftest import Upstream, held, milling
from tests.aggregator.store import MORNING

if TYPE_CHECKING:
    from pathlib import Path

    from aggregator.mill import Mill
    from aggregator.pulling import Pull
    from storage.entry import Entry


def tide(upstream: Upstream, *numbers: int, **changed: str) -> None:
    """The list of tides with those *numbers*; *changed* titles go by ``t`` and number."""
    listed = [
        {"id": n, "title": changed.get(f"t{n}", f"Tide {n}"), "note": f"Note {n}.", "at": "2022-03-14 08:00:00"}
        for n in numbers
    ]
    upstream.documents["/list"] = json.dumps({"list": listed}).encode()
    for n in numbers:
        upstream.documents.setdefault(f"/text/{n}", json.dumps({"text": f"<p>The whole of tide {n}.</p>"}).encode())


def source(upstream: Upstream, **more: Any) -> dict[str, Any]:
    return {
        "name": "tides", "kind": "json", "url": f"{upstream.url}/list", "private": True,
        "json": {
            "items": "list",
            "fields": {"id": "id", "title": "title", "summary": "note", "date": "at"},
            "text": {"url": upstream.url + "/text/{id}", "path": "text"},
        },
    } | more  # fmt: skip


async def pulled(mill: Mill) -> Pull:
    [pull] = await mill.pull(mill.config.source)
    assert pull.state.failure == ""
    return pull


def by_title(mill: Mill) -> dict[str, Entry]:
    return {entry.title: entry for entry in held(mill).values()}


async def test_a_text_is_fetched_once(upstream: Upstream, tmp_path: Path) -> None:
    tide(upstream, 1, 2)
    async with milling(tmp_path, source(upstream)) as mill:
        await pulled(mill)
        assert sorted(upstream.asked("/text")) == ["/text/1", "/text/2"]
        assert by_title(mill)["Tide 2"].content == "<p>The whole of tide 2.</p>"
        assert by_title(mill)["Tide 2"].summary == "Note 2."
        assert (await pulled(mill)).state.outcome is PullOutcome.UNCHANGED
        tide(upstream, 1, 2, 3)
        await pulled(mill)
        assert upstream.asked("/text") == ["/text/3"]
        tide(upstream, 1, 2, 3, t2="Spring tide")
        assert (await pulled(mill)).kept.corrected == 1
        assert upstream.asked("/text") == ["/text/2"]
        assert [entry.content for entry in by_title(mill).values()].count("<p>The whole of tide 1.</p>") == 1
        assert by_title(mill)["Spring tide"].content == "<p>The whole of tide 2.</p>"


@pytest.mark.parametrize("bad", [500, 404, b"", b"no json", b'{"text": null}', b'{"txt": "x"}', b"[]"])
async def test_one_text_that_fails_costs_nothing_else_and_is_tried_again(
    bad: bytes | int, upstream: Upstream, tmp_path: Path
) -> None:
    upstream.documents["/text/2"] = bad
    tide(upstream, 1, 2)
    async with milling(tmp_path, source(upstream)) as mill:
        pull = await pulled(mill)
        assert len(pull.problems) == 1
        assert pull.problems[0].startswith(f"{upstream.url}/text/2 ")
        assert by_title(mill)["Tide 1"].content == "<p>The whole of tide 1.</p>"
        assert by_title(mill)["Tide 2"].content == "<p>Note 2.</p>"
        upstream.asked()
        assert (await pulled(mill)).state.outcome is PullOutcome.UNCHANGED
        assert upstream.asked("/text") == ["/text/2"]
        upstream.documents["/text/2"] = b'{"text": "At last."}'
        pull = await pulled(mill)
        assert (pull.kept.corrected, pull.problems, pull.state.warning) == (1, (), "")
        assert by_title(mill)["Tide 2"].content == "<p>At last.</p>"
        upstream.asked()
        await pulled(mill)
        assert upstream.asked("/text") == []


async def test_an_entry_keeps_the_text_it_has_until_another_is_there(upstream: Upstream, tmp_path: Path) -> None:
    tide(upstream, 1)
    async with milling(tmp_path, source(upstream)) as mill:
        await pulled(mill)
        before = by_title(mill)
        upstream.documents["/text/1"] = 500
        tide(upstream, 1, t1="Spring tide")
        assert (await pulled(mill)).state.warning
        assert by_title(mill) == before
        upstream.documents["/text/1"] = b'{"text": "More of it."}'
        await pulled(mill)
        [entry] = by_title(mill).values()
        assert (entry.title, entry.content, entry.revision) == ("Spring tide", "<p>More of it.</p>", 2)


async def test_nothing_is_fetched_for_what_is_withdrawn(upstream: Upstream, tmp_path: Path) -> None:
    from dataclasses import replace

    from storage.entry import WithdrawnBy

    tide(upstream, 1, 2)
    async with milling(tmp_path, source(upstream)) as mill:
        await pulled(mill)
        before = by_title(mill)["Tide 1"]
        gone = replace(before, withdrawn=MORNING, withdrawn_by=WithdrawnBy.OPERATOR)
        with mill.database.writing() as connection:
            entries.save(connection, [EntryChange(before, gone)], MORNING)
        upstream.asked()
        tide(upstream, 1, 2, t1="Spring tide", t2="Neap tide")
        await pulled(mill)
        assert upstream.asked("/text") == ["/text/2"]
        await pulled(mill)
        assert upstream.asked("/text") == []


async def test_a_few_at_once_and_no_more_than_so_many(
    upstream: Upstream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_fetching, "MOST_TEXTS", 12)
    tide(upstream, *range(20))
    async with milling(tmp_path, source(upstream)) as mill:
        pull = await pulled(mill)
        assert pull.kept.created == 20
        assert len(pull.problems) == 8
        assert pull.problems[0] == f"{upstream.url}/text/12 was not asked for yet"
        assert len(upstream.asked("/text")) == 12
        assert upstream.busiest <= 4
        assert await pulled(mill)
        assert len(upstream.asked("/text")) == 8
        assert all(entry.content.startswith("<p>The whole") for entry in held(mill).values())


async def test_those_that_there_is_no_time_for_come_later(
    upstream: Upstream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tide(upstream, 1)
    async with milling(tmp_path, source(upstream)) as mill:
        monkeypatch.setattr(text_fetching, "_SECONDS", 0.0)
        assert (await pulled(mill)).problems == (f"{upstream.url}/text/1 was not asked for yet",)
        monkeypatch.undo()
        assert (await pulled(mill)).kept.corrected == 1


async def test_a_server_that_asks_for_less_is_left_alone(upstream: Upstream, tmp_path: Path) -> None:
    upstream.documents |= {f"/text/{n}": 429 for n in range(20)}
    tide(upstream, *range(20))
    async with milling(tmp_path, source(upstream)) as mill:
        pull = await pulled(mill)
        assert (len(pull.problems), pull.kept.created) == (20, 20)
        assert len(upstream.asked("/text")) <= 4


async def test_the_guards_hold_for_texts_too(upstream: Upstream, tmp_path: Path) -> None:
    tide(upstream, 1)
    path = tmp_path / "list.json"
    path.write_bytes(upstream.documents["/list"])  # type: ignore[arg-type]
    given = source(upstream, url="", path=path, private=False)
    async with milling(tmp_path, given) as mill:
        [problem] = (await pulled(mill)).problems
        assert "not a public address" in problem
        assert upstream.asked() == []
        assert by_title(mill)["Tide 1"].content == "<p>Note 1.</p>"


async def test_what_is_asked_for(upstream: Upstream, tmp_path: Path) -> None:
    tide(upstream, 1)
    async with milling(tmp_path, source(upstream)) as mill:
        await pulled(mill)
    async with milling(tmp_path, source(upstream, accept="text/x-tide")) as mill:
        tide(upstream, 2)
        await pulled(mill)
    accepts = [request.headers["Accept"] for request in upstream.requests]
    assert [accept.partition(",")[0] for accept in accepts] == ["application/json"] * 2 + ["text/x-tide"] * 2


async def test_values_in_addresses_are_encoded(upstream: Upstream, tmp_path: Path) -> None:
    listed = [{"id": "../a?b#ü", "title": "Tide", "note": "x", "at": "2022-03-14 08:00:00"}]
    upstream.documents["/list"] = json.dumps({"list": listed}).encode()
    async with milling(tmp_path, source(upstream)) as mill:
        await pulled(mill)
    assert upstream.requests[1].raw_path == "/text/..%2Fa%3Fb%23%C3%BC"
