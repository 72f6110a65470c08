"""Whole processes of Feedmill on a site of their own."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import stores

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
_PATIENCE = 60.0
"""Seconds that a slow machine may take for what takes one."""


class Process:
    """A Feedmill process; what it says goes to a file."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.folder = folder
        self.log = folder.parent / f"{folder.name}.log"
        environment = {key: value for key, value in os.environ.items() if not key.startswith("FEEDMILL_")}
        environment |= {"PYTHONPATH": str(ROOT), "FEEDMILL_SERVER__PORT": "0"}
        environment |= stores.environment(folder / "data" / "feedmill.db")
        with self.log.open("w") as log:
            self.popen = subprocess.Popen(
                [sys.executable, "-m", "aggregator", "-c", str(folder / "feedmill.toml"), *arguments],
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        return self.log.read_text()

    @property
    def address(self) -> str:
        """Where it serves; waits until it does."""
        self.until(lambda: " event=serving " in self.said)
        found = re.search(r"port=(\d+) event=serving", self.said)
        assert found
        return f"http://127.0.0.1:{found[1]}"

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"{self.address}/{path}", timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def until(self, holds: Callable[[], bool]) -> None:
        end = time.monotonic() + _PATIENCE
        while not holds():
            assert self.popen.poll() is None, self.said
            assert time.monotonic() < end, self.said
            time.sleep(0.05)

    def wait(self) -> int:
        return self.popen.wait(_PATIENCE)

    def end(self, by: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end; returns its exit code. Five seconds are its promise, doubled for slow machines."""
        self.popen.send_signal(by)
        return self.popen.wait(10)

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.popen.kill()
        self.popen.wait(_PATIENCE)


@pytest.fixture
def start() -> Iterator[Callable[..., Process]]:
    """Begin processes that are killed at the end of the test, if they are still there."""
    begun: list[Process] = []

    def started(folder: Path, *arguments: str) -> Process:
        begun.append(Process(folder, *arguments))
        return begun[-1]

    yield started
    for process in begun:
        process.kill()


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A copy of the example site, as it is before its first run."""
    folder = tmp_path / "site"
    shutil.copytree(ROOT / "examples" / "site", folder, ignore=shutil.ignore_patterns("data", "public"))
    return folder


def files(folder: Path) -> dict[str, bytes]:
    """Every file of an output folder; the mark is one of them, the lock and what was there before are not."""
    there = (path for path in folder.rglob("*") if path.is_file() and path.name != ".feedmill.lock")
    there = (path for path in there if not path.is_relative_to(folder / ".feedmill.last"))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in there}
