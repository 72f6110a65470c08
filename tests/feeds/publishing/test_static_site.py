"""The folder that a site is published to: the same bytes as are served, written once, whole after any crash."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from feeds.publishing import static_site
from feeds.publishing.folder import MARK, PublishError
from feeds.publishing.rendering import Renderer
from feeds.publishing.static_site import Published, StaticSite
from feeds.site import category_path, entry_path
from tests import stores
from tests.feeds.publishing.shelf import ODD_SLUGS, SITE, SUFFIXES, Shelf, code, files, made, served, times

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_files_are_what_is_served_byte_for_byte(static: StaticSite, folder: Path, shelf: Shelf) -> None:
    shelf.put(*(made(number, slug) for number, slug in enumerate(ODD_SLUGS, 100)))
    published = static.publish()
    assert files(folder) == served(shelf)
    assert published == Published(len(shelf.paths()), 0)


def test_an_empty_store_is_a_site(empty: Shelf, folder: Path, renderer: Renderer) -> None:
    StaticSite(folder, empty.database, renderer).publish()
    assert files(folder) == served(empty)
    assert "all.atom" in files(folder)


def test_nothing_changed_nothing_is_written(static: StaticSite, folder: Path, shelf: Shelf) -> None:
    static.publish()
    before = times(folder)
    assert static.publish() == Published()
    assert StaticSite(folder, shelf.database, Renderer(SITE)).publish() == Published()
    assert times(folder) == before


def test_everything_looks_at_each_file_and_writes_those_that_differ(static: StaticSite, folder: Path) -> None:
    static.publish()
    before = times(folder)
    (folder / "all.rss").write_bytes((folder / "all.rss").read_bytes()[:-1] + b"!")
    (folder / "category" / "guance.html").unlink()
    assert static.publish() == Published()
    assert static.publish(everything=True) == Published(2, 0)
    after = times(folder)
    assert {path for path in before if after[path] != before[path]} == {MARK, "all.rss", "category/guance.html"}


def test_one_change_writes_what_it_touches(static: StaticSite, folder: Path, shelf: Shelf) -> None:
    static.publish()
    before = times(folder)
    shelf.put(made(6, "guance"))
    published = static.publish()
    after = times(folder)
    touched = {path for path in after if after[path] != before.get(path)}
    assert touched == {
        *(category_path(slug, suffix) for slug in ("", "guance") for suffix in SUFFIXES),
        "feed.xml", "index.html",
        "subscribe.html", "sitemap.xml", "news-sitemap.xml", entry_path(code(6)), MARK,
    }  # fmt: skip
    assert published.written == len(touched) - 1
    assert files(folder) == served(shelf)


def test_the_page_of_a_withdrawn_entry_is_removed(static: StaticSite, folder: Path, shelf: Shelf) -> None:
    static.publish()
    assert (folder / entry_path(code(2))).exists()
    shelf.withdraw(2)
    assert static.publish().removed == 1
    assert not (folder / entry_path(code(2))).exists()
    assert files(folder) == served(shelf)
    assert static.publish() == Published()


def test_a_folder_that_is_deleted_is_filled_anew(static: StaticSite, folder: Path, shelf: Shelf) -> None:
    static.publish()
    shutil.rmtree(folder)
    static.publish()
    assert files(folder) == served(shelf)


@pytest.mark.parametrize("there", ["index.html", "category/harbour.html", "entry/notes.txt", "category", "entry"])
def test_a_folder_of_somebody_else_is_refused_and_left(static: StaticSite, folder: Path, there: str) -> None:
    folder.mkdir()
    if there in {"category", "entry"}:
        (folder / there).mkdir()
    else:
        (folder / there).parent.mkdir(exist_ok=True)
        (folder / there).write_text("mine")
    before = files(folder)
    with pytest.raises(PublishError) as caught:
        static.publish(everything=True)
    assert str(caught.value) == (
        f"{folder} holds a site that Feedmill did not write: empty it, or name another folder in [publish] directory"
    )
    assert files(folder) == before
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
    assert set(files(folder)) - set(served(shelf)) == {"stale.html", "other/stale.rss", "category/harbour/inner.html"}


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
    assert files(folder) == served(shelf)


@pytest.mark.parametrize("change", ["x", None, 10**6, 1.5, [1]])
def test_a_mark_with_an_impossible_change(static: StaticSite, folder: Path, shelf: Shelf, change: object) -> None:
    static.publish()
    mark = json.loads((folder / MARK).read_bytes())
    (folder / MARK).write_text(json.dumps(mark | {"change": change}))
    shelf.put(made(7, "harbour"))
    static.publish()
    assert files(folder) == served(shelf)


def test_a_store_from_a_backup(static: StaticSite, folder: Path, shelf: Shelf, tmp_path: Path) -> None:
    shelf.database.maintain()
    stores.copied(tmp_path / "mill.db", tmp_path / "backup.db")
    shelf.put(made(6, "harbour"), made(7, "later"))
    shelf.correct(1, title="corrected")
    static.publish()
    restored = Shelf(tmp_path / "backup.db")
    StaticSite(folder, restored.database, Renderer(SITE)).publish()
    assert files(folder) == served(restored)
    restored.database.close()


def test_another_store_in_the_same_folder(static: StaticSite, folder: Path, tmp_path: Path) -> None:
    static.publish()
    other = Shelf(tmp_path / "other.db", identity="another")
    for number in range(10, 20):
        other.put(made(number, "elsewhere"))
    StaticSite(folder, other.database, Renderer(SITE)).publish()
    assert files(folder) == served(other)
    other.database.close()


def test_other_settings_have_everything_written_again(static: StaticSite, folder: Path, shelf: Shelf) -> None:
    static.publish()
    site = replace(SITE, url="https://moved.example", entries_per_feed=1)
    StaticSite(folder, shelf.database, Renderer(site)).publish()
    assert b"https://tide.example/all.rss" not in (folder / "all.rss").read_bytes()
    assert (folder / "all.rss").read_bytes().count(b"<item>") == 1


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


@pytest.mark.slow
def test_several_processes_write_the_same(
    static: StaticSite, folder: Path, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(static_site, "_MANY", 1)
    assert static.publish().written == len(shelf.paths())
    assert files(folder) == served(shelf)
    (folder / "category" / "harbour.rss").unlink()
    (folder / "category" / "harbour.rss").mkdir()
    with pytest.raises(PublishError) as caught:
        static.publish(everything=True)
    assert str(caught.value) == f"{folder}/category/harbour.rss cannot be written: Is a directory"


def test_pages_of_a_large_category_stand_still_while_newer_entries_come(
    static: StaticSite, folder: Path, shelf: Shelf
) -> None:
    shelf.put(*(made(number, "a.rss") for number in range(100, 320)))
    shelf.put(made(99, "a"))  # whose feed is the file a.rss
    static.publish()
    assert files(folder) == served(shelf)
    pages = [f"category/a%2Erss/{number}.html" for number in (1, 2, 3)]
    assert set(pages) < set(files(folder))

    def written(change: Callable[[], None]) -> set[str]:
        before = times(folder)
        change()
        static.publish()
        assert files(folder) == served(shelf)
        after = times(folder)
        return {path for path in pages if after.get(path) != before.get(path)}

    assert written(lambda: shelf.put(made(400, "a.rss"))) == {pages[2]}
    assert written(lambda: shelf.correct(120, title="Other")) == {pages[0]}
    assert written(lambda: shelf.withdraw(250)) == {pages[1], pages[2]}
    assert written(lambda: shelf.put(made(150, "harbour"))) == set(pages)  # it left the category
    for number in range(300, 320):
        shelf.withdraw(number)
    assert written(lambda: None) == {pages[1], pages[2]}
    assert pages[2] not in files(folder)
    shelf.put(made(500, "a.rss"), made(501, "a.rss"))
    assert written(lambda: None) == {pages[1], pages[2]}
    # Another process, which knows nothing of what this one has written.
    other = StaticSite(folder, shelf.database, Renderer(SITE))
    shelf.withdraw(130)
    other.publish()
    assert written(lambda: shelf.put(made(131, "a.rss"), made(132, "a.rss"), made(130, "a.rss"))) == set(pages)
    (folder / "category" / "a%2Erss" / "9.html").write_text("stale")
    static.publish(everything=True)
    assert files(folder) == served(shelf)
