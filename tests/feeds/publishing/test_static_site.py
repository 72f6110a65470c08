"""The folder that a site is published to: the same bytes as are served, written once, whole after any crash."""

from __future__ import annotations

import builtins
import errno
import fcntl
import json
import os
import shutil
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pytest

from feeds.publishing import static_site
from feeds.publishing.documents import Document, Documents
from feeds.publishing.rendering import Renderer
from feeds.publishing.static_site import MARK, Published, PublishError, StaticSite
from feeds.site import category_path, entry_path
from tests.feeds.publishing.shelf import ODD_SLUGS, ROOT, SITE, SUFFIXES, Shelf, code, made

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_OURS = {MARK, ".feedmill.lock"}


def _files(folder: Path) -> dict[str, bytes]:
    """Every file below *folder* but those that only Feedmill reads."""
    there = (path for path in folder.rglob("*") if path.is_file())
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in there}
    return {path: body for path, body in found.items() if path not in _OURS}


def _times(folder: Path) -> dict[str, tuple[int, int]]:
    there = (path for path in folder.rglob("*") if path.is_file() and path.name != ".feedmill.lock")
    return {p.relative_to(folder).as_posix(): (p.stat().st_ino, p.stat().st_mtime_ns) for p in there}


def _served(shelf: Shelf) -> dict[str, bytes]:
    documents = Documents(shelf.database, Renderer(SITE))
    found = {path: documents.find(path) for path in shelf.paths()}
    return {path: one.body for path, one in found.items() if isinstance(one, Document)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "public"


@pytest.fixture
def static(folder: Path, shelf: Shelf, renderer: Renderer) -> StaticSite:
    return StaticSite(folder, shelf.database, renderer)


def test_files_are_what_is_served_byte_for_byte(static: StaticSite, folder: Path, shelf: Shelf) -> None:
    shelf.put(*(made(number, slug) for number, slug in enumerate(ODD_SLUGS, 100)))
    published = static.publish()
    assert _files(folder) == _served(shelf)
    assert published == Published(len(shelf.paths()), 0)


def test_an_empty_store_is_a_site(empty: Shelf, folder: Path, renderer: Renderer) -> None:
    StaticSite(folder, empty.database, renderer).publish()
    assert _files(folder) == _served(empty)
    assert "all.atom" in _files(folder)


def test_nothing_changed_nothing_is_written(static: StaticSite, folder: Path, shelf: Shelf) -> None:
    static.publish()
    before = _times(folder)
    assert static.publish() == Published()
    assert StaticSite(folder, shelf.database, Renderer(SITE)).publish() == Published()
    assert _times(folder) == before


def test_everything_looks_at_each_file_and_writes_those_that_differ(static: StaticSite, folder: Path) -> None:
    static.publish()
    before = _times(folder)
    (folder / "all.rss").write_bytes((folder / "all.rss").read_bytes()[:-1] + b"!")
    (folder / "category" / "guance.html").unlink()
    assert static.publish() == Published()
    assert static.publish(everything=True) == Published(2, 0)
    after = _times(folder)
    assert {path for path in before if after[path] != before[path]} == {MARK, "all.rss", "category/guance.html"}


def test_one_change_writes_what_it_touches(static: StaticSite, folder: Path, shelf: Shelf) -> None:
    static.publish()
    before = _times(folder)
    shelf.put(made(6, "guance"))
    published = static.publish()
    after = _times(folder)
    touched = {path for path in after if after[path] != before.get(path)}
    assert touched == {
        *(category_path(slug, suffix) for slug in ("", "guance") for suffix in SUFFIXES),
        "feed.xml", "index.html", entry_path(code(6)), MARK,
    }  # fmt: skip
    assert published.written == len(touched) - 1
    assert _files(folder) == _served(shelf)


def test_the_page_of_a_withdrawn_entry_is_removed(static: StaticSite, folder: Path, shelf: Shelf) -> None:
    static.publish()
    assert (folder / entry_path(code(2))).exists()
    shelf.withdraw(2)
    assert static.publish().removed == 1
    assert not (folder / entry_path(code(2))).exists()
    assert _files(folder) == _served(shelf)
    assert static.publish() == Published()


def test_a_folder_that_is_deleted_is_filled_anew(static: StaticSite, folder: Path, shelf: Shelf) -> None:
    static.publish()
    shutil.rmtree(folder)
    static.publish()
    assert _files(folder) == _served(shelf)


@pytest.mark.parametrize("there", ["index.html", "category/harbour.html", "entry/notes.txt", "category", "entry"])
def test_a_folder_of_somebody_else_is_refused_and_left(static: StaticSite, folder: Path, there: str) -> None:
    folder.mkdir()
    if there in {"category", "entry"}:
        (folder / there).mkdir()
    else:
        (folder / there).parent.mkdir(exist_ok=True)
        (folder / there).write_text("mine")
    before = _files(folder)
    with pytest.raises(PublishError) as caught:
        static.publish(everything=True)
    assert str(caught.value) == (
        f"{folder} holds a site that Feedmill did not write: empty it, or name another folder in [publish] directory"
    )
    assert _files(folder) == before
    assert not (folder / MARK).exists()


def test_other_files_in_the_folder_are_left(static: StaticSite, folder: Path) -> None:
    (folder / ".git").mkdir(parents=True)
    (folder / ".git" / "HEAD").write_text("ref")
    (folder / "CNAME").write_text("tide.example")
    static.publish(everything=True)
    static.publish(everything=True)
    assert (folder / "CNAME").read_text() == "tide.example"
    assert (folder / ".git" / "HEAD").read_text() == "ref"


def test_stale_files_are_removed_in_our_folders_only(static: StaticSite, folder: Path, shelf: Shelf) -> None:
    static.publish()
    for name in ("stale.html", "category/stale.rss", "category/.hidden", "entry/NW1.html", "other/stale.rss"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("stale")
    (folder / "category" / "harbour").mkdir()
    (folder / "category" / "harbour" / "inner.html").write_text("kept")
    assert static.publish() == Published()
    assert static.publish(everything=True) == Published(0, 3)
    assert set(_files(folder)) - set(_served(shelf)) == {"stale.html", "other/stale.rss", "category/harbour/inner.html"}


@pytest.mark.parametrize(
    "mark", [b"", b"{", b"[]", b"null", b"7", b"{}", b'{"store":1,"change":"x","look":[]}', b"\xff\xfe"]
)
def test_a_mark_that_is_broken_has_everything_looked_at(
    static: StaticSite, folder: Path, shelf: Shelf, mark: bytes
) -> None:
    static.publish()
    (folder / MARK).write_bytes(mark)
    (folder / "all.json").unlink()
    assert static.publish() == Published(1, 0)
    assert _files(folder) == _served(shelf)


@pytest.mark.parametrize("change", ["x", None, 10**6, 1.5, [1]])
def test_a_mark_with_an_impossible_change(static: StaticSite, folder: Path, shelf: Shelf, change: object) -> None:
    static.publish()
    mark = json.loads((folder / MARK).read_bytes())
    (folder / MARK).write_text(json.dumps(mark | {"change": change}))
    shelf.put(made(7, "harbour"))
    static.publish()
    assert _files(folder) == _served(shelf)


def test_a_store_from_a_backup(static: StaticSite, folder: Path, shelf: Shelf, tmp_path: Path) -> None:
    shelf.database.maintain()
    shutil.copy(tmp_path / "mill.db", tmp_path / "backup.db")
    shelf.put(made(6, "harbour"), made(7, "later"))
    shelf.correct(1, title="corrected")
    static.publish()
    restored = Shelf(tmp_path / "backup.db")
    StaticSite(folder, restored.database, Renderer(SITE)).publish()
    assert _files(folder) == _served(restored)
    restored.database.close()


def test_another_store_in_the_same_folder(static: StaticSite, folder: Path, tmp_path: Path) -> None:
    static.publish()
    other = Shelf(tmp_path / "other.db")
    for number in range(10, 20):
        other.put(made(number, "elsewhere"))
    StaticSite(folder, other.database, Renderer(SITE)).publish()
    assert _files(folder) == _served(other)
    other.database.close()


def test_other_settings_have_everything_written_again(static: StaticSite, folder: Path, shelf: Shelf) -> None:
    static.publish()
    site = replace(SITE, url="https://moved.example", entries_per_feed=1)
    StaticSite(folder, shelf.database, Renderer(site)).publish()
    assert b"https://tide.example/all.rss" not in (folder / "all.rss").read_bytes()
    assert (folder / "all.rss").read_bytes().count(b"<item>") == 1


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
    plain = builtins.open

    class Half:
        def __init__(self, file: IO[bytes]) -> None:
            self._file = file

        def __enter__(self) -> Half:
            return self

        def __exit__(self, *_: object) -> None:
            self._file.close()

        def write(self, body: bytes) -> None:
            self._file.write(body[: len(body) // 2])
            disk.step()
            self._file.write(body[len(body) // 2 :])

    def opened(path: Any, mode: str = "r", *args: Any, **more: Any) -> Any:
        file = plain(path, mode, *args, **more)
        return Half(file) if "w" in mode and ".feedmill.tmp" in str(path) else file

    monkeypatch.setattr(builtins, "open", opened)


def _removing(disk: _Full, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = Path.unlink

    def remove(path: Path, *args: Any, **more: Any) -> None:
        disk.step()
        plain(path, *args, **more)

    monkeypatch.setattr(Path, "unlink", remove)


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
    expected = _served(shelf)
    steps = 0
    for _ in _broken_at_every_step(way, static.publish, lambda: shutil.rmtree(folder, ignore_errors=True)):
        whole = {path: body for path, body in _files(folder).items() if not path.startswith(".feedmill.tmp")}
        assert whole.items() <= expected.items()
        static.publish()
        assert _files(folder) == expected
        steps += 1
    assert steps >= len(expected)


@pytest.mark.parametrize("way", [_replacing, _writing, _removing])
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
    old = _files(folder)
    shelf.put(made(6, "harbour"))
    shelf.correct(3, title="corrected")
    shelf.withdraw(1)
    expected = _served(shelf)

    def ready() -> None:
        shutil.rmtree(folder)
        shutil.copytree(before, folder)

    steps = 0
    for _ in _broken_at_every_step(way, static.publish, ready):
        for path, body in _files(folder).items():
            assert body in (old.get(path), expected.get(path)) or path.startswith(".feedmill.tmp")
        static.publish()
        assert _files(folder) == expected
        steps += 1
    assert steps >= 1


def test_what_a_killed_process_left_is_cleared_away(static: StaticSite, folder: Path, shelf: Shelf) -> None:
    static.publish()
    (folder / ".feedmill.tmp.4711").write_bytes(b"<half")
    shelf.put(made(6, "guance"))
    static.publish()
    assert _files(folder) == _served(shelf)


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
    assert _files(folder) == _served(shelf)


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
    assert _files(folder) == _served(shelf)


def test_a_folder_that_cannot_be_made(shelf: Shelf, renderer: Renderer, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PublishError) as caught:
        StaticSite(tmp_path / "file" / "public", shelf.database, renderer).publish()
    assert str(caught.value) == f"{tmp_path}/file/public cannot be written: Not a directory"


def test_a_file_in_place_of_the_folder(shelf: Shelf, renderer: Renderer, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PublishError) as caught:
        StaticSite(tmp_path / "file", shelf.database, renderer).publish()
    assert str(caught.value) == f"{tmp_path}/file cannot be written: File exists"


def test_a_folder_in_place_of_a_file(static: StaticSite, folder: Path) -> None:
    (folder / "all.rss").mkdir(parents=True)
    with pytest.raises(PublishError) as caught:
        static.publish()
    assert str(caught.value) == f"{folder}/all.rss cannot be written: Is a directory"


def test_progress_is_told_to_the_end(static: StaticSite) -> None:
    told: list[tuple[int, int]] = []
    static.publish(progress=lambda done, total: told.append((done, total)))
    assert told
    assert told == sorted(told)
    assert all(total == told[-1][0] for _, total in told)


def test_whoever_stops_it_finds_it_whole_the_next_time(static: StaticSite, folder: Path, shelf: Shelf) -> None:
    class Stop(Exception):  # noqa: N818
        pass

    def stop(_done: int, _total: int) -> None:
        raise Stop

    with pytest.raises(Stop):
        static.publish(progress=stop)
    static.publish()
    assert _files(folder) == _served(shelf)


@pytest.mark.slow
def test_several_processes_write_the_same(
    static: StaticSite, folder: Path, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(static_site, "_MANY", 1)
    assert static.publish().written == len(shelf.paths())
    assert _files(folder) == _served(shelf)
    (folder / "category" / "harbour.rss").unlink()
    (folder / "category" / "harbour.rss").mkdir()
    with pytest.raises(PublishError) as caught:
        static.publish(everything=True)
    assert str(caught.value) == f"{folder}/category/harbour.rss cannot be written: Is a directory"
