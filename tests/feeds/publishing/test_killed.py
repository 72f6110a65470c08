"""Killed before any step of a publication, of a rollback, or of what completes them: nothing is half done for long."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING, Any

import pytest

from feeds.publishing.rendering import Renderer
from feeds.publishing.static_site import StaticSite
from storage.database import open_database
from tests.feeds.publishing.shelf import SITE, Shelf, files, made, served

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# Whoever forks with threads has to know what the child does: this one only ends.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

_STEPS = frozenset({"os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "open"})
_KILLED = 9
_STAGED = ".feedmill.next"


def _killed(at: int, url: str, folder: Path, work: Callable[[StaticSite], object]) -> bool:
    """Do *work* in a process that is gone before its step number *at* in the folder; False where there were fewer."""
    child = os.fork()
    if child:
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        assert code in {0, _KILLED}
        return code == _KILLED
    left = at

    def step(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal left
        if event in _STEPS and (event != "open" or (isinstance(arguments[2], int) and arguments[2] & os.O_ACCMODE)):
            left -= 1
            if left == 0:
                os._exit(_KILLED)

    try:
        static = StaticSite(folder, open_database(url), Renderer(SITE))
        sys.addaudithook(step)
        work(static)
    except BaseException:  # noqa: BLE001  the code says it
        os._exit(1)
    os._exit(0)


def _publish(static: StaticSite) -> object:
    return static.publish()


def _roll_back(static: StaticSite) -> object:
    return static.roll_back()


def _copied(source: Path, target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)


class _Two:
    """A folder before and after a publication that adds, replaces and removes files."""

    def __init__(self, static: StaticSite, folder: Path, shelf: Shelf, kept: Path) -> None:
        static.publish()
        self.folder, self.url, self.static = folder, shelf.url, static
        self.old = files(folder)
        self.old_copy, self.new_copy = kept / "old", kept / "new"
        _copied(folder, self.old_copy)
        shelf.put(made(6, "harbour"), made(7, "new"))
        shelf.correct(3, title="corrected")
        shelf.withdraw(1)
        self.new = served(shelf)
        static.publish()
        assert files(folder) == self.new
        _copied(folder, self.new_copy)
        self._half = 5

    def check_publication(self, at: int) -> bool:
        """Killed at step *at*; whether there was such a step."""
        _copied(self.old_copy, self.folder)
        killed = _killed(at, self.url, self.folder, _publish)
        there, begun = files(self.folder), (self.folder / _STAGED / "journal.json").exists()
        assert begun or there in (self.old, self.new)
        assert all(body in (self.old.get(path), self.new.get(path)) for path, body in there.items())
        self.static.publish()
        assert files(self.folder) == self.new
        assert not (self.folder / _STAGED).exists()
        self.static.roll_back()
        assert files(self.folder) == self.old
        return killed

    def check_rollback(self, at: int) -> bool:
        _copied(self.new_copy, self.folder)
        killed = _killed(at, self.url, self.folder, _roll_back)
        if not self.static.publish().held:  # it completes what was begun, and nothing more
            assert files(self.folder) == self.new
            self.static.roll_back()
        assert files(self.folder) == self.old
        assert not (self.folder / _STAGED).exists()
        assert self.static.publish().held
        return killed

    def check_completion(self, at: int) -> bool:
        """Killed in the middle of the swap, and then again while that is completed."""
        _copied(self.old_copy, self.folder)
        assert _killed(self._half, self.url, self.folder, _publish)
        while not (self.folder / _STAGED / "journal.json").exists():  # looked for once: it is the same each time
            self._half += 5
            assert _killed(self._half, self.url, self.folder, _publish)
        killed = _killed(at, self.url, self.folder, _publish)
        self.static.publish()
        assert files(self.folder) == self.new
        self.static.roll_back()
        assert files(self.folder) == self.old
        return killed


@pytest.mark.slow
@pytest.mark.parametrize("check", [_Two.check_publication, _Two.check_rollback, _Two.check_completion])
def test_killed_at_every_step(
    static: StaticSite, folder: Path, shelf: Shelf, tmp_path: Path, check: Callable[[_Two, int], bool]
) -> None:
    two = _Two(static, folder, shelf, tmp_path)
    steps = 1
    while check(two, steps):
        steps += 1
        assert steps < 500
    assert steps > 20


def test_killed_at_some_steps(static: StaticSite, folder: Path, shelf: Shelf, tmp_path: Path) -> None:
    two = _Two(static, folder, shelf, tmp_path)
    for at in (5, 30, 45, 70):
        assert two.check_publication(at)
    for at in (3, 15, 30):
        assert two.check_rollback(at)


def test_a_first_publication_that_is_killed(static: StaticSite, folder: Path, shelf: Shelf) -> None:
    expected = served(shelf)
    for at in (5, 30, 45, 60):
        shutil.rmtree(folder, ignore_errors=True)
        assert _killed(at, shelf.url, folder, _publish)
        begun = (folder / _STAGED / "journal.json").exists()
        assert begun or files(folder) in ({}, expected)
        static.publish()
        assert files(folder) == expected
