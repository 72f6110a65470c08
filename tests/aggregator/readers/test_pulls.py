"""Pages and lists pulled from a real server, and a page that was rebuilt."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from aggregator.settings import SourceSettings
from storage.source import PullOutcome
from tests.aggregator.readers.conftest import Upstream, held, milling

if TYPE_CHECKING:
    from pathlib import Path

PAGE = {"items": "li", "fields": {"link": "a@href", "title": "a", "date": "time"}}
LIST = {"fields": {"id": "id", "title": "title"}}


def page(*numbers: int) -> bytes:
    items = "".join(f'<li><a href="a/{n}">潮 {n}</a><time>2022年3月{n}日</time></li>' for n in numbers)
    return f'<meta charset="gbk"><title>潮报</title><ul>{items}</ul>'.encode("gbk")


async def test_a_page_and_what_becomes_of_it(upstream: Upstream, tmp_path: Path) -> None:
    source = {"name": "p", "kind": "page", "url": f"{upstream.url}/news/", "private": True, "page": PAGE}
    upstream.documents["/news/"] = page(1, 2)
    upstream.types["/news/"] = "text/html"
    async with milling(tmp_path, source) as mill:
        [pull] = await mill.pull(mill.config.source)
        assert (pull.state.failure, pull.problems, pull.kept.created) == ("", (), 2)
        assert upstream.requests[0].headers["Accept"].startswith("text/html")
        entries = held(mill)
        assert sorted(entry.title for entry in entries.values()) == ["潮 1", "潮 2"]
        assert {entry.link for entry in entries.values()} == {f"{upstream.url}/news/a/{n}" for n in (1, 2)}
        assert {entry.origin.title for entry in entries.values()} == {"潮报"}
        assert sorted(entry.published.isoformat() for entry in entries.values()) == [
            "2022-02-28T16:00:00+00:00", "2022-03-01T16:00:00+00:00",
        ]  # fmt: skip
        [pull] = await mill.pull(mill.config.source)
        assert pull.state.outcome is PullOutcome.UNCHANGED
        upstream.documents["/news/"] = page(1, 2, 3)
        [pull] = await mill.pull(mill.config.source)
        assert pull.kept.created == 1
        upstream.documents["/news/"] = b"<p>Neu!</p>"
        [pull] = await mill.pull(mill.config.source)
        assert pull.state.outcome is PullOutcome.FAILED
        assert pull.state.failure == "[source.page] items: 'li' finds nothing on the page; was the page rebuilt?"
        assert len(held(mill)) == 3


@pytest.mark.parametrize(("info_codes", "scope"), [("trusted", "site"), ("derived", "l")])
async def test_only_a_trusted_list_brings_codes(
    info_codes: str, scope: str, upstream: Upstream, tmp_path: Path
) -> None:
    code = "NW202203142308379872"
    upstream.documents["/l"] = json.dumps([{"id": code, "title": "Tide"}, {"id": 7, "title": "Ebb"}]).encode()
    source: dict[str, Any] = {"name": "l", "kind": "json", "url": f"{upstream.url}/l", "private": True, "json": LIST}
    async with milling(tmp_path, source | {"info_codes": info_codes}) as mill:
        await mill.pull(mill.config.source)
        entries = held(mill)
    assert len(entries) == 2
    assert (code in entries) == (info_codes == "trusted")
    assert {entry.scope for entry in entries.values()} == {scope}


async def test_another_mapping_reads_everything_again(upstream: Upstream, tmp_path: Path) -> None:
    upstream.documents["/l"] = json.dumps([{"id": 7, "title": "Ebb", "name": "Flow"}]).encode()
    source = {"name": "l", "kind": "json", "url": f"{upstream.url}/l", "private": True}
    async with milling(tmp_path, source | {"json": LIST}) as mill:
        await mill.pull(mill.config.source)
    async with milling(tmp_path, source | {"json": {"fields": {"id": "id", "title": "name"}}}) as mill:
        [pull] = await mill.pull(mill.config.source)
        assert pull.kept.corrected == 1
        assert [entry.title for entry in held(mill).values()] == ["Flow"]


async def test_a_fault_in_the_mapping_keeps_what_was_there(upstream: Upstream, tmp_path: Path) -> None:
    upstream.documents["/l"] = json.dumps([{"id": 7, "title": "Ebb"}]).encode()
    source = {"name": "l", "kind": "json", "url": f"{upstream.url}/l", "private": True, "json": LIST}
    async with milling(tmp_path, source) as mill:
        await mill.pull(mill.config.source)
        before = held(mill)
        upstream.documents["/l"] = b'[{"id": 8, "titel": "Flow"}]'
        [pull] = await mill.pull(mill.config.source)
        assert pull.state.failure == "[source.json.fields] title: no item has 'title'"
        assert held(mill) == before


def test_check_reads_lists_and_pages_in_files(tmp_path: Path) -> None:
    from aggregator.cli.check import _document

    path = tmp_path / "list.json"
    source = SourceSettings.model_validate({"name": "l", "kind": "json", "path": path, "json": LIST})
    path.write_bytes(b'[{"id": 8, "title": "Flow"}, 7]')
    assert list(_document(source, path)) == ["items of the list that are no objects were left out: 1"]
    path.write_bytes(b'[{"id": 8, "titel": "Flow"}]')
    assert list(_document(source, path)) == ["[source.json.fields] title: no item has 'title'"]
