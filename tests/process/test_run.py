"""``feedmill run`` as people use it: it serves, takes up what is saved, and ends when it is told to."""

from __future__ import annotations

import json
import os
import signal
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from lxml import etree
from sqlalchemy import text

from benchmarks.store import write_store
from tests import stores
from tests.process.conftest import files
from tests.storage.held import dump
from tests.stores import about_sqlite

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.process.conftest import Process

    Start = Callable[..., Process]

_DELETED = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"
_CODE = "NW202205301234567890"
_POST = """---
layout: post
title: "{title}"
date: 2022-05-30 09:00:00 +0800
categories: gangkouribao
tags: 港口日报新闻
{more}---
{body}

<http://127.0.0.1:8080/html_News/NewsShare.html?infoCode=NW202205301234567890>
"""


def _post(title: str = "白沙港开港", body: str = "今天白沙港开港。", more: str = "") -> str:
    return _POST.format(title=title, body=body, more=more)


def _save(site: Path, text: str) -> None:
    """As editors do: written beside its place, then moved there."""
    path = site / "_posts" / f"2022-05-30-{_CODE}.md"
    temporary = path.with_name(".new")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)


def _items(process: Process) -> dict[str, dict[str, Any]]:
    """By infoCode, in the order of the category's feed."""
    status, body = process.get("category/gangkouribao.json")
    assert status == 200
    return {item["_feedmill"]["infoCode"]: item for item in json.loads(body)["items"]}


def _ready(site: Path, start: Start) -> Process:
    """A process that has read and published what was there."""
    process = start(site, "run")
    process.until(lambda: "NW202205272392145570" in (process.get("all.json")[1]))
    process.until(lambda: (site / "public" / "entry" / "NW202205272392145570.html").exists())
    return process


@pytest.mark.slow
def test_a_post_from_its_first_words_to_its_withdrawal(site: Path, start: Start) -> None:
    process = _ready(site, start)
    file = site / "public" / "category" / "gangkouribao.json"
    assert process.get("")[0] == 200
    assert _CODE not in _items(process)

    _save(site, _post())
    process.until(lambda: _CODE in _items(process))
    process.until(lambda: _CODE in file.read_text())
    first = _items(process)
    assert next(iter(first)) == _CODE
    assert first[_CODE]["title"] == "白沙港开港"

    time.sleep(1.1)  # the time of a correction is written in seconds
    _save(site, _post(body="今天白沙港没有开港。"))
    process.until(lambda: _items(process)[_CODE]["_feedmill"]["revision"] == 2)
    second = _items(process)
    assert list(second) == list(first)
    assert second[_CODE]["date_published"] == first[_CODE]["date_published"]
    assert second[_CODE]["date_modified"] > first[_CODE]["date_modified"]
    process.until(lambda: "没有开港" in file.read_text())

    _save(site, _post(more="withdrawn: true\n"))
    process.until(lambda: _CODE not in _items(process))
    assert process.get(f"entry/{_CODE}.html")[0] == 410
    _, body = process.get("category/gangkouribao.atom")
    [stone] = etree.fromstring(body.encode()).findall(_DELETED)
    assert stone.get("ref", "").endswith(_CODE)
    for path in ("category/gangkouribao.rss", "category/gangkouribao.html", "all.json", ""):
        assert _CODE not in process.get(path)[1]
    process.until(lambda: not (site / "public" / "entry" / f"{_CODE}.html").exists())
    process.until(lambda: _CODE not in file.read_text())
    assert process.end() == 0
    assert "Traceback" not in process.said


@pytest.mark.slow
def test_a_post_that_is_written_in_two_halves(site: Path, start: Start) -> None:
    process = _ready(site, start)
    text = _post(body="前半" * 300 + "\n\n后半完").encode()
    path = site / "_posts" / f"2022-05-30-{_CODE}.md"
    with path.open("wb", buffering=0) as file:
        file.write(text[: len(text) // 2])
        time.sleep(0.3)
        file.write(text[len(text) // 2 :])
    process.until(lambda: "后半完" in process.get(f"entry/{_CODE}.html")[1])
    process.until(lambda: "后半完" in (site / "public" / "entry" / f"{_CODE}.html").read_text())
    assert process.get(f"entry/{_CODE}.html")[0] == 200
    assert process.end() == 0


def _rows(site: Path) -> dict[str, list[str]]:
    database = stores.open_at(site / "data" / "feedmill.db")
    with closing(database), database.reading() as connection:
        return dump(connection)


@pytest.mark.slow
def test_a_second_run_changes_nothing(site: Path, start: Start) -> None:
    assert start(site, "run", "--once").wait() == 0
    public = site / "public"
    rows, written = _rows(site), files(public)
    times = {path: (public / path).stat().st_mtime_ns for path in written}
    assert start(site, "run", "--once").wait() == 0
    again = _rows(site)
    assert {name for name in rows if rows[name] != again[name]} == {"source"}
    assert files(public) == written
    assert {path: (public / path).stat().st_mtime_ns for path in written} == times


@pytest.mark.slow
def test_what_is_served_is_what_is_in_the_files(site: Path, start: Start) -> None:
    assert start(site, "run", "--once").wait() == 0
    process = start(site, "serve")
    for path, body in files(site / "public").items():
        if not path.startswith(".") and "%" not in path:
            assert process.get(quote(path)) == (200, body.decode()), path
    assert process.end(signal.SIGINT) == 0


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """3,000 posts, and settings for them."""
    folder = tmp_path_factory.mktemp("large") / "site"
    write_store(folder, posts=3_000, categories=300, size=1_500)
    text = '[publish]\ndirectory = "public"\n[[source]]\nname = "posts"\nkind = "posts"\npath = "."\n'
    (folder / "feedmill.toml").write_text(text)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(
    ("when", "by"),
    [
        ("serving", signal.SIGTERM),
        ("reading", signal.SIGTERM),
        ("publishing", signal.SIGTERM),
        ("publishing", signal.SIGINT),
    ],
)
def test_it_ends_when_told_even_in_its_first_build(
    large: Path, tmp_path: Path, start: Start, when: str, by: signal.Signals
) -> None:
    settings = (large / "feedmill.toml").read_text().replace('path = "."', f'path = "{large}"')
    site = tmp_path / "site"
    site.mkdir()
    (site / "feedmill.toml").write_text(settings)
    process = start(site, "run")
    assert process.address
    if when == "reading":
        process.until(lambda: "NW2022" in process.get("all.json")[1])
    elif when == "publishing":
        process.until(lambda: len(list((site / "public").glob(".feedmill.next/*"))) > 100)
    begun = time.monotonic()
    # To the whole group, as a terminal does.
    os.killpg(process.popen.pid, by) if by is signal.SIGINT else process.popen.send_signal(by)
    assert process.popen.wait(10) == 0, process.said
    assert time.monotonic() - begun < 10
    assert "event=stopped" in process.said.splitlines()[-1]
    assert "Traceback" not in process.said
    assert not list((site / "public").glob(".feedmill.next"))
    with stores.sound(site / "data" / "feedmill.db") as connection:
        # Whatever was begun is there as a whole.
        entries = connection.execute(text("SELECT entries FROM category WHERE slug = ''")).scalar() or 0
        assert entries == connection.execute(text("SELECT count(*) FROM entry WHERE withdrawn IS NULL")).scalar_one()


@about_sqlite
@pytest.mark.slow
def test_ctrl_c_ends_a_run_once_at_its_next_step(large: Path, tmp_path: Path, start: Start) -> None:
    settings = (large / "feedmill.toml").read_text().replace('path = "."', f'path = "{large}"')
    site = tmp_path / "site"
    site.mkdir()
    (site / "feedmill.toml").write_text(settings)
    process = start(site, "run", "--once")
    database = site / "data" / "feedmill.db-wal"
    process.until(lambda: database.exists() and database.stat().st_size > 300_000)
    os.killpg(process.popen.pid, signal.SIGINT)
    assert process.popen.wait(30) == 130, process.said
    assert "Traceback" not in process.said
    assert "files written" not in process.said


@pytest.mark.slow
def test_a_running_process_serves_what_the_operator_did(site: Path, start: Start) -> None:
    process = _ready(site, start)
    code = "NW202205272392145570"
    page = site / "public" / "entry" / f"{code}.html"
    log = site.with_name("commands")
    for command, status in (("withdraw", 410), ("restore", 200)):
        log.mkdir(exist_ok=True)
        (log / "site").unlink(missing_ok=True)
        (log / "site").symlink_to(site)
        assert start(log / "site", "entry", command, code).wait() == 0
        assert process.get(f"entry/{code}.html")[0] == status
        assert page.exists() is (status == 200)
    assert code in process.get("all.json")[1]
    assert process.end() == 0
    assert "Traceback" not in process.said
