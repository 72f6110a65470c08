"""What a publication would change, without changing it; and what it would find wrong."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from feeds.publishing import static_site
from feeds.publishing.documents import Documents
from feeds.publishing.folder import PublishError
from feeds.publishing.found import Document
from feeds.publishing.rendered import Rendered
from feeds.publishing.rendering import Renderer
from feeds.publishing.static_site import Rehearsed, StaticSite
from feeds.publishing.validation import fault
from feeds.site import category_path, entry_path
from tests.feeds.publishing.shelf import ODD_SLUGS, SITE, SUFFIXES, Shelf, code, files, made

if TYPE_CHECKING:
    from pathlib import Path


def _everything(folder: Path) -> dict[Path, tuple[int, int]]:
    return {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in [folder, *folder.rglob("*")]}


def test_nothing_is_written_for_a_folder_that_is_not_there(static: StaticSite, folder: Path, shelf: Shelf) -> None:
    rehearsed = static.rehearse()
    assert not folder.exists()
    assert rehearsed == Rehearsed(tuple(sorted(shelf.paths())), (), (), ())


def test_what_would_be_added_changed_and_removed(static: StaticSite, folder: Path, shelf: Shelf) -> None:
    static.publish()
    old = files(folder)
    shelf.put(made(6, "harbour"), made(7, "new"))
    shelf.correct(3, title="corrected")
    shelf.withdraw(1)
    (folder / "category" / "stranger.txt").write_text("mine")
    before = _everything(folder)
    rehearsed = static.rehearse()
    assert _everything(folder) == before
    assert rehearsed.faults == ()
    new_paths = [category_path("new", suffix) for suffix in SUFFIXES]
    assert rehearsed.added == tuple(sorted([*new_paths, entry_path(code(6)), entry_path(code(7))]))
    assert rehearsed.removed == tuple(sorted(["category/stranger.txt", entry_path(code(1))]))
    static.publish(everything=True)
    new = files(folder)
    assert rehearsed.changed == tuple(sorted(path for path in new if path in old and new[path] != old[path]))
    assert static.rehearse() == Rehearsed((), (), (), ())


def test_a_folder_that_is_held_is_rehearsed_as_any(static: StaticSite, shelf: Shelf) -> None:
    static.publish()
    shelf.put(made(6, "harbour"))
    static.publish()
    static.roll_back()
    assert static.rehearse().added == (entry_path(code(6)),)


def test_a_folder_of_somebody_else(static: StaticSite, folder: Path) -> None:
    folder.mkdir()
    (folder / "index.html").write_text("mine")
    with pytest.raises(PublishError, match="did not write"):
        static.rehearse()
    assert [path.name for path in folder.iterdir()] == ["index.html"]


def test_everything_that_is_published_is_right(static: StaticSite, shelf: Shelf) -> None:
    shelf.put(*(made(number, slug) for number, slug in enumerate(ODD_SLUGS, 100)))
    shelf.put(*(made(number, "large") for number in range(200, 420)))
    shelf.withdraw(250)
    shelf.correct(201, title="corrected & <b>more</b>")
    rehearsed = static.rehearse()
    assert rehearsed.faults == ()
    assert "category/large/archive/1.atom" in rehearsed.added
    assert "category/large/3.html" in rehearsed.added


@pytest.mark.slow
def test_several_processes_rehearse_the_same(
    static: StaticSite, folder: Path, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(static_site, "_MANY", 1)
    assert static.rehearse() == Rehearsed(tuple(sorted(shelf.paths())), (), (), ())
    assert not folder.exists()


_FEED = "category/harbour.{}"
_SPOILED = [
    (_FEED.format("rss"), b"</item>", b"</Item>", "it is not well-formed: "),
    (_FEED.format("rss"), b'version="2.0"', b'version="0.92"', "it is read as rss 0.92"),
    (_FEED.format("rss"), b"</guid>", b"x</guid>", ""),
    (_FEED.format("atom"), b"</entry>", b"", "it is not well-formed: "),
    (_FEED.format("atom"), b"http://www.w3.org/2005/Atom", b"http://purl.org/atom/ns#", "it is read as atom 0.3"),
    (_FEED.format("atom"), b"+08:00</published>", b"</published>", "without a time zone"),
    (_FEED.format("atom"), b"<published>", b"<published>soon, not ", "has no date"),
    (_FEED.format("json"), b'"items"', b'"items', "it is not well-formed: "),
    (_FEED.format("json"), b'"items"', b'"things"', "entries were rendered, and 0 are read"),
    (_FEED.format("json"), b"version/1.1", b"version/1", "it is read as json feed 1"),
    ("feeds.opml", b"<body>", b"", "it is not well-formed: "),
    ("feeds.opml", b"xmlUrl=", b"address=", "it has a problem: 潮汐观察 & more: has no xmlUrl"),
    ("index.html", b"</html>", b"", "it ends too soon"),
    ("index.html", b"</nav>", b"</nav></section>", "it is not well-formed: Unexpected end tag : section"),
    ("index.html", b"<title>", b"<title></title><title>", "it has no title"),
    ("index.html", "潮".encode(), "潮".encode()[:2], "it is not well-formed: 'utf-8' codec"),
]


@pytest.mark.parametrize(("path", "old", "new", "reason"), _SPOILED)
def test_what_is_wrong_is_told(shelf: Shelf, path: str, old: bytes, new: bytes, reason: str) -> None:
    document = Documents(shelf.database, Renderer(SITE)).find(path)
    assert isinstance(document, Document)
    number = None if path.endswith(("opml", "html")) else 2
    assert fault(path, Rendered(document.body, None, number)) == ""
    spoiled = document.body.replace(old, new)
    assert spoiled != document.body
    told = fault(path, Rendered(spoiled, None, number))
    assert reason in told
    assert bool(told) == bool(reason)


@pytest.mark.parametrize("suffix", ["rss", "atom", "json"])
def test_two_entries_with_one_id(shelf: Shelf, suffix: str) -> None:
    document = Documents(shelf.database, Renderer(SITE)).find(_FEED.format(suffix))
    assert isinstance(document, Document)
    first, second = (shelf.get(number).guid.encode() for number in (1, 2))
    told = fault(_FEED.format(suffix), Rendered(document.body.replace(first, second), None, 2))
    assert told == f"2 entries have the id {second.decode()}"
    assert fault(_FEED.format(suffix), Rendered(document.body, None, 3)) == "3 entries were rendered, and 2 are read"


def test_an_empty_document() -> None:
    assert fault("style.css", Rendered(b" \n", None)) == "it is empty"
    assert fault("style.css", Rendered(b"p {}", None)) == ""


def test_a_fault_of_the_code_that_writes(static: StaticSite, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = Renderer.home
    monkeypatch.setattr(
        Renderer, "home", lambda self, connection: Rendered(plain(self, connection).body[: -os.EX_USAGE], None)
    )
    assert static.rehearse().faults == (("index.html", "it ends too soon"),)
    assert not folder.exists()
