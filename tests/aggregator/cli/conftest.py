"""The command line in this process and in one of its own, on a small site."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import structlog

from aggregator.cli.main import main
from tests import stores

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROOT = Path(__file__).parents[3]

SETTINGS = """
[site]
title = "Tide Notes"
url = "https://tide.example"
timezone = "Asia/Shanghai"

[publish]
directory = "public"

[server]
port = 0

[[source]]
name = "posts"
kind = "posts"
path = "."

[[source]]
name = "tides"
kind = "feed"
path = "tides.xml"
"""
POST = "---\ntitle: High tide\ndate: 2022-03-14 18:35:49\ncategories: harbour\n---\nThe water came.\n"
FEED = (
    '<rss version="2.0"><channel><title>Tides</title><item><title>Low tide</title><guid>1</guid>'
    "<link>https://tides.example/1</link><pubDate>Mon, 14 Mar 2022 01:00:00 GMT</pubDate></item></channel></rss>"
)


@dataclass(frozen=True, slots=True)
class Done:
    """What a command came to."""

    code: int | str | None
    out: str
    err: str


class Terminal:
    """A folder with a site, and commands that are typed there."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self._capture = capture
        self._patch = patch

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        os.utime(path, (1_600_000_000, 1_600_000_000))  # nobody waits for more
        return path

    def type(self, *arguments: str) -> Done:
        """Run ``feedmill`` with these *arguments*, in this process; there is no traceback, ever."""
        self._capture.readouterr()
        self._patch.setattr(sys, "argv", ["feedmill", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = self._capture.readouterr()
        assert "Traceback" not in out + err, err
        return Done(ended.value.code, out, err)

    def start(self, *arguments: str) -> Done:
        """Run it in a process of its own."""
        command = [sys.executable, "-m", "aggregator", *arguments]
        environment = os.environ | {"PYTHONPATH": str(_ROOT)}
        done = subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False, timeout=60
        )
        assert "Traceback" not in done.stdout + done.stderr, done.stderr
        return Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    for name in list(os.environ):
        if name.upper().startswith("FEEDMILL_"):
            monkeypatch.delenv(name)
    for name, value in stores.environment(tmp_path / "data" / "feedmill.db").items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    terminal = Terminal(tmp_path, capsys, monkeypatch)
    terminal.write("feedmill.toml", SETTINGS)
    terminal.write("_posts/2022-03-14-NW202203142308379872.md", POST)
    terminal.write("tides.xml", FEED)
    yield terminal
    structlog.reset_defaults()  # the log must not go on into this test's captured stream
