"""Publishing that breaks off, is killed, or is done twice at once: the next one makes the folder whole."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from feeds.publishing.folder import PublishError
from feeds.site import entry_path
from tests.feeds.publishing.shelf import ROOT, Shelf, code, files, made, served

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from feeds.publishing.static_site import StaticSite


class _Full:
    """A disk that is full at the n-th step: when a file is put in its place, written, or removed."""

    def __init__(self, at: int) -> None:
        self.left = at
        self.failed = False

    def step(self) -> None:
        self.left -= 1
        if self.left == 0:
            self.failed = True
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "somewhere")


def _replacing(disk: _Full, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = os.replace

    def put(source: str, target: str) -> None:
        disk.step()
        plain(source, target)

    monkeypatch.setattr(os, "replace", put)


def _writing(disk: _Full, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = os.write

    def write(file: int, body: memoryview) -> int:
        if len(body) > 1:
            return plain(file, body[: len(body) // 2])
        disk.step()  # the last byte is missing
        return plain(file, body)

    monkeypatch.setattr(os, "write", write)


def _removing(disk: _Full, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = Path.unlink

    def remove(path: Path, *args: Any, **more: Any) -> None:
        disk.step()
        plain(path, *args, **more)

    monkeypatch.setattr(Path, "unlink", remove)


def _linking(disk: _Full, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = os.link

    def link(source: str, target: str) -> None:
        disk.step()
        plain(source, target)

    monkeypatch.setattr(os, "link", link)


def _broken_at_every_step(
    way: Callable[[_Full, pytest.MonkeyPatch], None], publish: Callable[[], object], ready: Callable[[], None]
) -> Iterator[int]:
    """Publish with a failure at the first step, at the second, … until there are no more steps."""
    for at in range(1, 200):
        ready()
        disk = _Full(at)
        with pytest.MonkeyPatch.context() as patch:
            way(disk, patch)
            try:
                publish()
            except PublishError as error:
                told = str(error)
            else:
                assert not disk.failed
                return
        assert told == "somewhere cannot be written: No space left on device"
        yield at
    pytest.fail("there is no end of steps")


@pytest.mark.slow
@pytest.mark.parametrize("way", [_replacing, _writing])
def test_a_first_publication_that_breaks_off_anywhere(
    static: StaticSite, folder: Path, shelf: Shelf, way: Callable[[_Full, pytest.MonkeyPatch], None]
) -> None:
    expected = served(shelf)
    steps = 0
    for _ in _broken_at_every_step(way, static.publish, lambda: shutil.rmtree(folder, ignore_errors=True)):
        there = files(folder)
        assert not there if way is _writing else there.items() <= expected.items()
        static.publish()
        assert files(folder) == expected
        steps += 1
    assert steps >= len(expected)


@pytest.mark.parametrize("way", [_replacing, _writing, _removing, _linking])
def test_a_change_that_breaks_off_anywhere(
    static: StaticSite,
    folder: Path,
    shelf: Shelf,
    tmp_path: Path,
    way: Callable[[_Full, pytest.MonkeyPatch], None],
) -> None:
    static.publish()
    before = tmp_path / "before"
    shutil.copytree(folder, before)
    old = files(folder)
    shelf.put(made(6, "harbour"))
    shelf.correct(3, title="corrected")
    shelf.withdraw(1)
    expected = served(shelf)

    def ready() -> None:
        shutil.rmtree(folder)
        shutil.copytree(before, folder)

    steps = 0
    for _ in _broken_at_every_step(way, static.publish, ready):
        for path, body in files(folder).items():
            assert body in (old.get(path), expected.get(path))
        if way is _writing:
            assert files(folder) == old
            assert not (folder / ".feedmill.next").exists()
        static.publish()
        assert files(folder) == expected
        static.roll_back()
        assert files(folder) == old
        steps += 1
    assert steps >= 1


def test_what_a_killed_process_left_is_cleared_away(static: StaticSite, folder: Path, shelf: Shelf) -> None:
    static.publish()
    (folder / ".feedmill.next").mkdir()
    (folder / ".feedmill.next" / "4711-0").write_bytes(b"<half")
    shelf.put(made(6, "guance"))
    static.publish()
    assert files(folder) == served(shelf)
    assert not (folder / ".feedmill.next").exists()


def test_whoever_publishes_waits_for_the_other(static: StaticSite, folder: Path, shelf: Shelf) -> None:
    static.publish()
    shelf.put(made(6, "guance"))
    with (folder / ".feedmill.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        thread = threading.Thread(target=static.publish)
        thread.start()
        thread.join(0.3)
        assert thread.is_alive()
        assert not (folder / entry_path(code(6))).exists()
    thread.join(30)
    assert files(folder) == served(shelf)


_PUBLISH = """
import sys
from pathlib import Path
from feeds.publishing.rendering import Renderer
from feeds.publishing.static_site import StaticSite
from storage.database import open_database
from tests.feeds.publishing.shelf import SITE
database = open_database(sys.argv[1])
print(StaticSite(Path(sys.argv[2]), database, Renderer(SITE)).publish(everything=True))
database.close()
"""


@pytest.mark.slow
def test_two_processes_at_once(folder: Path, shelf: Shelf) -> None:
    shelf.put(*(made(number, f"c{number % 7}") for number in range(10, 60)))
    command = [sys.executable, "-c", _PUBLISH, shelf.url, str(folder)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    both = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in "12"]
    told = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0], told
    assert sorted(b"written=0," in out for out, _ in told) == [False, True], told
    assert files(folder) == served(shelf)


def test_whoever_stops_it_finds_it_whole_the_next_time(static: StaticSite, folder: Path, shelf: Shelf) -> None:
    class Stop(Exception):  # noqa: N818
        pass

    def stop(_done: int, _total: int) -> None:
        raise Stop

    with pytest.raises(Stop):
        static.publish(progress=stop)
    static.publish()
    assert files(folder) == served(shelf)
