"""The configuration edited: whole or not at all, with all that people wrote in it."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from aggregator import editing
from aggregator.config import ConfigError, load_config
from aggregator.editing import add_sources, pause_sources, remove_sources
from aggregator.source_tables import with_sources

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_TEXT = """# Ours
[site]
url = "https://tide.example"  # keep

# The tables
[[source]]
name = "tides"
kind = "feed"
url = "https://tides.example/feed"
"""
_SHIPS = {"name": "ships", "kind": "feed", "url": "https://ships.example/feed", "every": "2h"}


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in list(os.environ):
        if name.upper().startswith("FEEDMILL_"):
            monkeypatch.delenv(name)
    path = tmp_path / "feedmill.toml"
    path.write_text(_TEXT)
    return path


def _only(path: Path) -> list[str]:
    return [there.name for there in path.parent.iterdir()]


def test_added_paused_resumed_and_removed(path: Path) -> None:
    config = add_sources(path, [_SHIPS])
    assert config == load_config(path)
    assert (config.source[1].name, config.source[1].every) == ("ships", timedelta(hours=2))
    assert pause_sources(path, ["ships"], paused=True).source[1].paused
    assert load_config(path).source[1].paused
    assert not pause_sources(path, ["ships"], paused=False).source[1].paused
    assert [source.name for source in remove_sources(path, ["ships"]).source] == ["tides"]
    assert path.read_text() == _TEXT
    assert _only(path) == ["feedmill.toml"]


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (_SHIPS | {"every": "often"}, '[[source]] "ships" every: a duration is a number and a unit'),
        (_SHIPS | {"name": "tides"}, "'tides' is the name of two sources"),
        (_SHIPS | {"url": "ships"}, "a feed's address is absolute"),
        (_SHIPS | {"colour": "red"}, "there is no such setting"),
        (_SHIPS | {"categories": ["\ud800"]}, "is no character"),
    ],
)
def test_a_wrong_edit_leaves_the_file(path: Path, table: Mapping[str, object], told: str) -> None:
    before = path.stat()
    with pytest.raises(ConfigError) as caught:
        add_sources(path, [table])
    assert told in str(caught.value)
    assert path.read_text() == _TEXT
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert _only(path) == ["feedmill.toml"]


def test_what_others_depend_on_is_not_removed(tmp_path: Path) -> None:
    (tmp_path / "_config.yml").write_text("url: https://tide.example\n")
    path = tmp_path / "feedmill.toml"
    path.write_text('[[source]]\nname = "posts"\nkind = "posts"\npath = "."\n')
    with pytest.raises(ConfigError, match=r"\[site\] url is missing"):
        remove_sources(path, ["posts"])
    assert load_config(path).source[0].name == "posts"


def test_permissions_and_links_stay(path: Path, tmp_path: Path) -> None:
    path.chmod(0o640)
    (tmp_path / "etc").mkdir()
    link = tmp_path / "etc" / "mill.toml"
    link.symlink_to("../feedmill.toml")
    add_sources(link, [_SHIPS])
    assert link.is_symlink()
    assert link.readlink().as_posix() == "../feedmill.toml"
    assert path.stat().st_mode & 0o777 == 0o640
    assert path.read_text().startswith(_TEXT)


def test_what_someone_else_writes_meanwhile_is_not_lost(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = with_sources

    def slow(text: str, tables: list[dict[str, object]]) -> str:
        path.write_text(_TEXT + "# more\n")
        return plain(text, tables)

    monkeypatch.setattr(editing, "with_sources", slow)
    with pytest.raises(ConfigError, match="changed by someone else meanwhile"):
        add_sources(path, [_SHIPS])
    assert path.read_text() == _TEXT + "# more\n"
    assert _only(path) == ["feedmill.toml"]


def test_a_folder_that_cannot_be_written(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigError) as caught:
        add_sources(path, [_SHIPS])
    assert str(caught.value) == f"{path} cannot be written: No space left on device; nothing was changed"
    assert path.read_text() == _TEXT
    assert _only(path) == ["feedmill.toml"]


def test_sources_of_the_environment_are_not_edited(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEEDMILL_SOURCE", '[{"name": "a", "kind": "feed", "url": "https://a.example/"}]')
    with pytest.raises(ConfigError, match="cannot be edited to that effect"):
        add_sources(path, [_SHIPS])
    assert path.read_text() == _TEXT


def test_a_list_is_not_edited(path: Path) -> None:
    text = 'source = [{name = "a", kind = "feed", url = "https://a.example/"}]\n[site]\nurl = "https://tide.example"\n'
    path.write_text(text)
    with pytest.raises(ConfigError, match="gives its sources as one list: write each as a table"):
        remove_sources(path, ["a"])
    with pytest.raises(ConfigError):
        add_sources(path, [_SHIPS])
    assert path.read_text() == text
