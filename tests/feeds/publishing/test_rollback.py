"""The last publication taken back: the files are what they were, and stay so until somebody publishes by hand."""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING

import pytest

from feeds.publishing.folder import PublishError, RollbackError
from feeds.publishing.rendering import Renderer
from feeds.publishing.static_site import Published, StaticSite
from feeds.site import entry_path
from tests.feeds.publishing.shelf import SITE, Shelf, code, files, made, served, times

if TYPE_CHECKING:
    from pathlib import Path


def _changed(shelf: Shelf) -> None:
    """Adds, replaces and removes files."""
    shelf.put(made(6, "harbour"), made(7, "new"))
    shelf.correct(3, title="corrected")
    shelf.withdraw(1)


def test_the_files_are_what_they_were(static: StaticSite, folder: Path, shelf: Shelf) -> None:
    static.publish()
    old = files(folder)
    _changed(shelf)
    published = static.publish()
    new = files(folder)
    undone = static.roll_back()
    assert files(folder) == old
    added, removed = len(set(new) - set(old)), len(set(old) - set(new))
    assert added == 6
    assert removed == 1
    assert undone == Published(published.written - added + removed, added, held=True)


def test_a_folder_is_held_until_somebody_publishes_to_it(static: StaticSite, folder: Path, shelf: Shelf) -> None:
    static.publish()
    old = files(folder)
    _changed(shelf)
    static.publish()
    static.roll_back()
    shelf.put(made(8, "harbour"))
    before = times(folder)
    other = StaticSite(folder, shelf.database, Renderer(SITE))  # another process
    assert static.publish() == other.publish() == Published(held=True)
    assert times(folder) == before
    assert files(folder) == old
    assert static.publish(everything=True).written > 0
    assert files(folder) == served(shelf)
    shelf.put(made(9, "harbour"))
    assert not other.publish().held
    assert files(folder) == served(shelf)


def test_what_was_published_after_a_rollback_can_be_taken_back(static: StaticSite, folder: Path, shelf: Shelf) -> None:
    static.publish()
    old = files(folder)
    _changed(shelf)
    static.publish()
    for _ in range(3):
        static.roll_back()
        assert files(folder) == old
        static.publish(everything=True)
        assert files(folder) == served(shelf)


def test_only_the_last_publication_is_kept(static: StaticSite, folder: Path, shelf: Shelf) -> None:
    static.publish()
    shelf.put(made(6, "harbour"))
    static.publish()
    second = files(folder)
    shelf.put(made(7, "harbour"))
    static.publish()
    static.publish(everything=True)  # changed nothing, so that it is not the last that did
    static.roll_back()
    assert files(folder) == second
    with pytest.raises(RollbackError) as caught:
        static.roll_back()
    assert str(caught.value) == (
        f"the last publication to {folder} was taken back already, and what was before that is not kept; "
        "feedmill publish brings the folder up to date again"
    )
    assert files(folder) == second


def test_there_is_nothing_to_take_back(static: StaticSite, folder: Path) -> None:
    with pytest.raises(RollbackError, match="is not there: nothing was published yet"):
        static.roll_back()
    assert not folder.exists()
    folder.mkdir()
    with pytest.raises(RollbackError, match="holds nothing that could be taken back: publish first"):
        static.roll_back()
    static.publish()
    whole = files(folder)
    with pytest.raises(RollbackError, match="was its first: nothing was before it"):
        static.roll_back()
    assert files(folder) == whole


def test_what_somebody_changed_by_hand_comes_back(static: StaticSite, folder: Path) -> None:
    static.publish()
    (folder / "all.rss").write_bytes(b"mine")
    (folder / "category" / "stranger.txt").write_bytes(b"mine, too")
    (folder / os.fsdecode(b"category/\xff.txt")).write_bytes(b"of a name that is no text")
    old = files(folder)
    static.publish(everything=True)
    assert len(files(folder)) == len(old) - 2
    static.roll_back()
    assert files(folder) == old


def test_what_is_missing_meanwhile_does_not_matter(static: StaticSite, folder: Path, shelf: Shelf) -> None:
    static.publish()
    _changed(shelf)
    static.publish()
    (folder / entry_path(code(6))).unlink()
    (folder / "all.rss").unlink()
    static.roll_back()
    static.publish(everything=True)
    assert files(folder) == served(shelf)


def test_nobody_else_reads_what_is_not_published(static: StaticSite, folder: Path, shelf: Shelf) -> None:
    static.publish()
    shelf.withdraw(1)
    static.publish()
    last = folder / ".feedmill.last"
    assert any(path.name.startswith("old-") for path in last.iterdir())
    assert stat.S_IMODE(last.stat().st_mode) == 0o700


def test_a_disk_without_second_names_for_files(
    static: StaticSite, folder: Path, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_source: str, _target: str) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    static.publish()
    old = files(folder)
    _changed(shelf)
    monkeypatch.setattr(os, "link", refused)
    static.publish()
    assert files(folder) == served(shelf)
    static.roll_back()
    assert files(folder) == old


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"moves": 1}'])
def test_a_journal_that_is_damaged(static: StaticSite, folder: Path, shelf: Shelf, damage: bytes) -> None:
    static.publish()
    _changed(shelf)
    static.publish()
    (folder / ".feedmill.last" / "journal.json").write_bytes(damage)
    with pytest.raises(RollbackError, match="holds nothing that could be taken back"):
        static.roll_back()
    (folder / ".feedmill.last").rename(folder / ".feedmill.next")
    (folder / "all.rss").write_bytes(b"half")
    static.publish()  # nobody knows what was under way: everything is looked at
    assert files(folder) == served(shelf)
    assert not (folder / ".feedmill.next").exists()


def test_a_swap_that_cannot_be_done_is_done_later(static: StaticSite, folder: Path, shelf: Shelf) -> None:
    static.publish()
    old = files(folder)
    shelf.put(made(6, "harbour", "new"))
    with pytest.MonkeyPatch.context() as patch:
        plain = os.replace

        def refused(source: str, target: str) -> None:
            if str(target).endswith("new.atom"):
                raise PermissionError(13, "Permission denied", str(target))
            plain(source, target)

        patch.setattr(os, "replace", refused)
        for _ in range(2):
            with pytest.raises(PublishError) as caught:
                static.publish()
            assert str(caught.value) == f"{folder}/category/new.atom cannot be written: Permission denied"
            assert (folder / entry_path(code(6))).exists()
            assert files(folder)["index.html"] == old["index.html"]  # nothing leads to what is not there yet
    assert static.publish() == Published()
    assert files(folder) == served(shelf)
    static.roll_back()
    assert files(folder) == old
