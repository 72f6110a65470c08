"""Configurations and what is made of them: ``tests/data/config/<case>.toml``, with an error or the values expected.

``<case>.env`` holds the environment. In what is expected, ``{folder}`` stands for the folder of the file.
"""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from aggregator.config import Config, ConfigError, load_config
from storage.source import SourceKind

if TYPE_CHECKING:
    from feeds.site import Site

_DATA = Path(__file__).parents[1] / "data" / "config"
_CASES = sorted(path.stem for path in _DATA.glob("*.toml"))


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.upper().startswith("FEEDMILL_"):
            monkeypatch.delenv(name)


def _load(case: str, monkeypatch: pytest.MonkeyPatch) -> Config:
    environment = _DATA / f"{case}.env"
    if environment.exists():
        for line in environment.read_text().splitlines():
            name, _, value = line.partition("=")
            monkeypatch.setenv(name, value)
    return load_config(_DATA / f"{case}.toml")


def test_every_case_says_what_is_expected() -> None:
    expected = {path.name.partition(".")[0] for path in [*_DATA.glob("*.error.txt"), *_DATA.glob("*.expected.json")]}
    assert expected == set(_CASES)


@pytest.mark.parametrize("case", [case for case in _CASES if (_DATA / f"{case}.error.txt").exists()])
def test_what_is_wrong_is_named_with_its_place(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError) as caught:
        _load(case, monkeypatch)
    told = str(caught.value).replace(str(_DATA), "{folder}")
    assert told + "\n" == (_DATA / f"{case}.error.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("case", [case for case in _CASES if (_DATA / f"{case}.expected.json").exists()])
def test_what_is_right_is_read(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = json.loads(_load(case, monkeypatch).model_dump_json(exclude_defaults=True).replace(str(_DATA), "{folder}"))
    expected = json.loads((_DATA / f"{case}.expected.json").read_text(encoding="utf-8"))
    assert found == expected


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "feedmill.toml"
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert str(caught.value) == f"{path} is not there: write one, or name another with --config"


def test_a_folder_in_place_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path)
    assert str(caught.value) == f"{tmp_path} cannot be read: Is a directory"


def test_paths_are_relative_to_the_file_wherever_the_process_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "conf").mkdir()
    text = '[site]\nurl = "https://a.example"\n[publish]\ndirectory = "out"\n'
    text += '[[source]]\nname = "posts"\nkind = "posts"\npath = "site"\n'
    (tmp_path / "conf" / "mill.toml").write_text(text)
    monkeypatch.chdir(tmp_path)
    config = load_config(Path("conf/mill.toml"))
    folder = tmp_path / "conf"
    assert config.storage.url == f"sqlite:///{folder}/data/feedmill.db"
    assert config.publish.directory == folder / "out"
    assert config.source[0].path == folder / "site"


def test_values_for_the_formats(monkeypatch: pytest.MonkeyPatch) -> None:
    site: Site = _load("whole", monkeypatch).published_site
    assert (site.title, site.url, site.language, site.author) == (
        "Tide Notes", "https://news.example/feeds", "en-GB", "The desk",
    )  # fmt: skip
    assert (site.timezone.key, site.entries_per_feed) == ("Europe/London", 20)


@pytest.mark.parametrize(
    ("publish", "offered"),
    [
        ("", True),
        ('directory = "out"', False),
        ('directory = "out"\nsearch = true', True),
        ("search = false", False),
    ],
)
def test_pages_lead_to_the_search_where_a_server_must_answer(tmp_path: Path, publish: str, offered: bool) -> None:
    path = tmp_path / "mill.toml"
    path.write_text(
        f'[site]\nurl = "https://a.example"\n[publish]\n{publish}\n[[source]]\nname = "a"\nkind = "posts"\npath = "a"\n'
    )
    assert load_config(path).published_site.search is offered


def test_the_hub_that_feeds_name(monkeypatch: pytest.MonkeyPatch) -> None:
    config = _load("hub", monkeypatch)
    assert config.published_site.hub == "https://news.example/hub"
    other = config.publish.model_copy(update={"hub": "https://hub.example/"})
    assert config.model_copy(update={"publish": other}).published_site.hub == "https://hub.example/"
    assert _load("minimal", monkeypatch).published_site.hub == ""


def test_who_owns_what_a_source_brings(monkeypatch: pytest.MonkeyPatch) -> None:
    posts, trusted, scoped = _load("whole", monkeypatch).source
    assert posts.kind is SourceKind.POSTS
    assert (posts.owner, trusted.owner, scoped.owner) == ("site", "site", "harbour.example")
    assert trusted.every == timedelta(hours=2)
    [plain] = _load("absolute-paths", monkeypatch).source
    assert plain.owner == "file"
    assert plain.every is None
