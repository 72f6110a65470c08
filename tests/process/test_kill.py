"""Killed at any moment, Feedmill does again what was interrupted, and nothing twice."""

from __future__ import annotations

import shutil
import time
from random import Random
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from benchmarks.store import write_store
from tests import stores
from tests.process.conftest import files

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.process.conftest import Process

    Start = Callable[..., Process]

_KILLS = 15
_SETTINGS = '[publish]\ndirectory = "public"\n[[source]]\nname = "posts"\nkind = "posts"\npath = "../posts"\n'


@pytest.fixture(scope="module")
def posts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("store") / "posts"
    write_store(folder, posts=300, categories=40, size=1_500)
    return folder


def _site(posts: Path, name: str) -> Path:
    site = posts.parent / name
    shutil.rmtree(site, ignore_errors=True)
    site.mkdir()
    (site / "feedmill.toml").write_text(_SETTINGS)
    return site


def _undisturbed(site: Path, start: Start) -> dict[str, bytes]:
    """What a publication of the same store gives that nobody disturbed."""
    disturbed = site / "public"
    disturbed.rename(site / "disturbed")
    assert start(site, "publish").wait() == 0
    return files(site / "public")


def _held(site: Path) -> tuple[int, int]:
    with stores.sound(site / "data" / "feedmill.db") as connection:
        entries, codes = connection.execute(text("SELECT count(*), count(DISTINCT info_code) FROM entry")).one()
        return entries, codes


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_run_once_killed_at_any_moment(posts: Path, start: Start) -> None:
    whole = _site(posts, "whole")
    begun = time.monotonic()
    process = start(whole, "run", "--once")
    assert process.wait() == 0, process.said
    seconds = time.monotonic() - begun
    expected = _held(whole)

    random = Random(4711)
    site = _site(posts, "killed")
    for number in range(_KILLS):
        if number % 5 == 0:  # from the start, three times; in between it goes on where it was
            site = _site(posts, f"killed-{number}")
        process = start(site, "run", "--once")
        time.sleep(seconds * (number + random.random()) / _KILLS)
        process.kill()
        if number % 5 == 4:
            process = start(site, "run", "--once")
            assert process.wait() == 0, process.said
            assert _held(site) == expected
            disturbed = files(site / "public")
            assert disturbed == _undisturbed(site, start)
            assert {path for path in disturbed if path[0] != "."} == {
                path for path in files(whole / "public") if path[0] != "."
            }


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_publish_killed_at_any_moment(posts: Path, start: Start) -> None:
    site = _site(posts, "published")
    begun = time.monotonic()
    assert start(site, "run", "--once").wait() == 0
    expected = files(site / "public")
    begun = time.monotonic()
    assert start(site, "publish").wait() == 0
    seconds = time.monotonic() - begun
    random = Random(815)
    for number in range(4):
        shutil.rmtree(site / "public")
        process = start(site, "publish")
        time.sleep(seconds * (number + random.random()) / 4)
        process.kill()
        process = start(site, "run", "--once")
        assert process.wait() == 0, process.said
        assert files(site / "public") == expected


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_publish_killed_while_everything_changes(posts: Path, start: Start) -> None:
    """Whenever it is killed: the site is whole as it was, or the next one completes the swap."""
    site = _site(posts, "changed")
    config = site / "feedmill.toml"
    assert start(site, "run", "--once").wait() == 0
    old = _shown(site)
    config.write_text('[site]\ntitle = "Other"\n' + _SETTINGS)
    begun = time.monotonic()
    assert start(site, "publish").wait() == 0
    seconds = time.monotonic() - begun
    new = _shown(site)
    assert all(new[path] != body for path, body in old.items() if path.endswith(".html"))
    random = Random(1984)
    for number in range(5):
        assert start(site, "publish", "--rollback").wait() == 0
        assert _shown(site) == old
        process = start(site, "publish")
        # The swap is short, and at the end.
        time.sleep(seconds * (number + random.random()) / 5)
        process.kill()
        begun_to_swap = (site / "public" / ".feedmill.next" / "journal.json").exists()
        assert begun_to_swap or _shown(site) in (old, new)
        process = start(site, "publish")
        assert process.wait() == 0, process.said
        assert _shown(site) == new
        assert not (site / "public" / ".feedmill.next").exists()


def _shown(site: Path) -> dict[str, bytes]:
    return {path: body for path, body in files(site / "public").items() if path[0] != "."}
