"""The commands of the roles: where they do not fit, they say what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aggregator.config import ConfigError, load_config
from tests.process.conftest import Process
from tests.stores import about_sqlite

if TYPE_CHECKING:
    from pathlib import Path

_SITE = '[site]\nurl = "https://tide.example"\n'


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "feedmill.toml").write_text(f'{_SITE}[storage]\nurl = "sqlite:///x.db"\n')
    return folder


@about_sqlite
@pytest.mark.parametrize("command", ["scheduler", "worker", "web"])
def test_with_a_file_there_is_one_process(site: Path, command: str) -> None:
    process = Process(site, command)
    assert process.wait() == 2
    assert f"feedmill {command} is one of several processes" in process.said
    assert "use feedmill run" in process.said
    assert "Traceback" not in process.said


def test_a_queue_that_is_none(site: Path) -> None:
    process = Process(site, "worker", "--queue", "pull,dance")
    assert process.wait() == 2
    assert "there is no queue 'dance'" in process.said
    assert "maintain" in process.said


def test_a_setting_in_a_file(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "url").write_text("postgresql://tide:secret@db/tide\n")
    monkeypatch.setenv("FEEDMILL_STORAGE__URL_FILE", str(tmp_path / "url"))
    monkeypatch.delenv("FEEDMILL_STORAGE__URL", raising=False)
    assert load_config(site / "feedmill.toml").storage.url == "postgresql://tide:secret@db/tide"


def test_a_file_of_a_setting_that_is_missing(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEEDMILL_SERVER__KEY_FILE", str(tmp_path / "none"))
    with pytest.raises(ConfigError, match=r"FEEDMILL_SERVER__KEY_FILE in the environment: .*none cannot be read"):
        load_config(site / "feedmill.toml")
