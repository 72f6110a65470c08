"""What only partners may see is nowhere in what everybody sees: no name, no entry, no count."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from feeds.publishing import searching
from feeds.publishing.documents import Documents
from feeds.publishing.found import Document, Gone
from feeds.publishing.rendering import Renderer
from feeds.publishing.search_index import SearchIndex
from feeds.publishing.static_site import StaticSite
from feeds.query import Query
from feeds.site import Site, archive_path, category_path, entry_path
from storage import category_moves, stories
from storage.entry import CategoryName
from storage.story import Place, Stories
from tests.feeds.publishing.shelf import SITE, SUFFIXES, Shelf, code, files, made, served

if TYPE_CHECKING:
    from pathlib import Path

    from storage.entry import Entry

SECRET = "vault"
WORDS = (SECRET.encode(), b"Confidential", b"conf.example")


def _confidential(number: int, *slugs: str) -> Entry:
    return made(
        number, *slugs, title="Confidential", content="<p>Confidential</p>", link=f"https://conf.example/{number}"
    )


def _close(shelf: Shelf, *, private: bool = True) -> int:
    with shelf.database.writing() as connection:
        return category_moves.keep_private(connection, SECRET, shelf.now, private=private)


def _fill(shelf: Shelf) -> None:
    shelf.put(*(made(number, "harbour") for number in range(1, 131)))
    names = (CategoryName("harbour", "Quay"), CategoryName(SECRET, "Confidential"))
    both = made(200, "harbour", SECRET, tags=("Quay新闻", "Confidential新闻", "tide"), category_names=names)
    shelf.put(both, *(_confidential(number, SECRET) for number in range(201, 205)))
    shelf.withdraw(204)


def _published(shelf: Shelf, folder: Path, site: Site = SITE) -> dict[str, bytes]:
    StaticSite(folder, shelf.database, Renderer(site)).publish()
    return files(folder)


def _assert_nothing_seen(found: dict[str, bytes]) -> None:
    assert len(found) > 130
    for path, body in found.items():
        for word in WORDS:
            assert word not in body, (path, word)
    assert not any(SECRET in path for path in found)


@pytest.mark.parametrize("first", [True, False], ids=["private before it is filled", "private later"])
@pytest.mark.parametrize("shown", list(Stories))
def test_nothing_of_it_is_published(shelf: Shelf, tmp_path: Path, shown: Stories, *, first: bool) -> None:
    site = replace(SITE, stories=shown)
    if first:
        _close(shelf)
    _fill(shelf)
    if not first:
        assert SECRET.encode() in _published(shelf, tmp_path / "public", site)[category_path("harbour", "atom")]
        assert _close(shelf) == 4

    found = _published(shelf, tmp_path / "public", site)

    _assert_nothing_seen(found)
    assert found == _published(shelf, tmp_path / "fresh", site)


def test_tags_that_do_not_name_it_stay(shelf: Shelf) -> None:
    _close(shelf)
    _fill(shelf)
    found = Documents(shelf.database, Renderer(SITE)).find("category/harbour.json")
    assert isinstance(found, Document)
    [item] = (one for one in json.loads(found.body)["items"] if one["_feedmill"]["infoCode"] == code(200))
    assert set(item["tags"]) == {"Name of harbour", "Quay新闻", "tide"}


def test_it_is_not_found_by_a_tag_that_names_it(shelf: Shelf) -> None:
    _close(shelf)
    _fill(shelf)
    index = SearchIndex(shelf.database)
    while index.step():
        pass
    with shelf.database.reading() as connection:
        for tag, number in (("Quay新闻", 1), ("Confidential新闻", 0)):
            assert len(searching.find(connection, Query(tags=(tag,)), 50)) == number


def test_nothing_of_it_is_served(shelf: Shelf) -> None:
    _close(shelf)
    _fill(shelf)

    _assert_nothing_seen(served(shelf))
    documents = Documents(shelf.database, Renderer(SITE))
    own = [category_path(SECRET, suffix) for suffix in SUFFIXES]
    alone = [entry_path(code(number)) for number in range(201, 205)]
    for path in (*own, *alone, archive_path(SECRET, 1)):
        assert documents.find(path) is None, path
    assert SECRET.encode() not in documents.opml({SECRET}).body
    assert documents.difference(category_path(SECRET, "atom"), '"x"') is None


def test_what_is_opened_again_is_as_if_it_had_never_been_closed(shelf: Shelf, tmp_path: Path) -> None:
    _fill(shelf)
    before = _published(shelf, tmp_path / "public")
    _close(shelf)
    _published(shelf, tmp_path / "public")
    _close(shelf, private=False)

    after = _published(shelf, tmp_path / "public")

    assert after.keys() == before.keys()
    assert all(after[path] == before[path] for path in before if path.startswith(("entry/", "category/vault")))
    documents = Documents(shelf.database, Renderer(SITE))
    assert isinstance(documents.find(entry_path(code(204))), Gone)


def test_another_slug_does_not_open_it(shelf: Shelf, tmp_path: Path) -> None:
    _close(shelf)
    _fill(shelf)
    with shelf.database.writing() as connection:
        category_moves.move(connection, SECRET, "vault-2", shelf.now)

    _assert_nothing_seen(_published(shelf, tmp_path / "public"))
    assert Documents(shelf.database, Renderer(SITE)).find(category_path(SECRET, "atom")) is None


def test_who_tells_the_same_is_not_told(shelf: Shelf) -> None:
    """A story's tellings are listed beside each other, but not one that only partners see."""
    # The tellings are put together by hand here: what finds them is tested elsewhere.
    _close(shelf)
    shelf.put(made(1, "harbour"), _confidential(2, SECRET))
    places = [Place(code(number), code(1), shelf.get(number).published) for number in (1, 2)]
    with shelf.database.writing() as connection:
        stories.arrange(connection, [], places)
    for shown in Stories:
        site = replace(SITE, stories=shown)
        documents = Documents(shelf.database, Renderer(site))
        for path in (entry_path(code(1)), category_path("harbour", "atom")):
            found = documents.find(path)
            assert found is not None
            assert b"conf.example" not in found.body  # type: ignore[union-attr]
