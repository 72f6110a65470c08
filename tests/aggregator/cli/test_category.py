"""``feedmill category``: what is published when categories are renamed, merged, hidden and titled by hand."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.feeds.publishing.shelf import files

if TYPE_CHECKING:
    from tests.aggregator.cli.conftest import Terminal


@pytest.fixture
def site(terminal: Terminal) -> Terminal:
    """A site that is read and published, with the categories ``harbour`` and ``tides``."""
    assert terminal.type("run", "--once").code == 0
    return terminal


def _published(site: Terminal) -> set[str]:
    return {path.name for path in (site.folder / "public" / "category").iterdir()}


def _files(*slugs: str) -> set[str]:
    return {f"{slug}.{suffix}" for slug in slugs for suffix in ("rss", "atom", "json", "html")}


def test_a_renamed_category_has_the_files_of_its_new_slug(site: Terminal) -> None:
    done = site.type("category", "rename", "harbour", "port")
    assert done.code == 0
    assert "harbour is port now; entries: 1" in done.err
    assert "removed: 4" in done.err
    assert _published(site) == _files("port", "tides")
    assert site.type("pull").code == 0
    assert site.type("publish").code == 0
    assert _published(site) == _files("port", "tides")


def test_two_categories_become_one(site: Terminal) -> None:
    assert "harbour is part of tides now; entries: 1" in site.type("category", "merge", "harbour", "tides").err
    assert _published(site) == _files("tides")
    feed = (site.folder / "public/category/tides.json").read_text(encoding="utf-8")
    assert {item["title"] for item in json.loads(feed)["items"]} == {"High tide", "Low tide"}


def test_a_hidden_category_has_no_file_and_is_named_in_none(site: Terminal) -> None:
    assert "harbour is hidden" in site.type("category", "hide", "harbour").err
    assert _published(site) == _files("tides")
    public = [body.decode() for body in files(site.folder / "public").values()]
    # A post's own word stays its tag.
    named = [line.replace('"tags":["harbour"]', "") for text in public for line in text.splitlines()]
    assert [line for line in named if "harbour" in line] == []
    assert any("High tide" in text for text in public)
    assert "harbour is shown" in site.type("category", "show", "harbour").err
    assert _published(site) == _files("harbour", "tides")


def test_a_title_by_hand(site: Terminal) -> None:
    assert "harbour is called 码头" in site.type("category", "title", "harbour", "码头").err
    assert "码头" in (site.folder / "public/feeds.opml").read_text(encoding="utf-8")
    assert "harbour is called harbour" in site.type("category", "title", "harbour", "").err


def test_the_list_says_what_is_what(site: Terminal) -> None:
    site.type("category", "rename", "harbour", "port")
    site.type("category", "title", "port", "Port")
    site.type("category", "hide", "tides")
    lines = site.type("category", "list").out.splitlines()
    assert lines == ["harbour  is port now  harbour", "port  1  Port", "tides  1 (hidden)  tides"]
    rows = json.loads(site.type("category", "list", "--json").out)
    assert [(row["slug"], row["entries"], row["hidden"], row["movedTo"], row["titleGiven"]) for row in rows] == [
        ("harbour", 0, False, "port", False),
        ("port", 1, False, None, True),
        ("tides", 1, True, None, False),
    ]


@pytest.mark.parametrize(
    "words",
    [("rename", "nobody", "x"), ("rename", "harbour", "tides"), ("merge", "tides", "tides"), ("hide", "nobody"),
     ("show", "tides"), ("title", "nobody", "x"), ("rename", "harbour", "")],
)  # fmt: skip
def test_what_cannot_be_done_is_a_sentence(site: Terminal, words: tuple[str, ...]) -> None:
    done = site.type("category", *words)
    assert done.code == 2
    assert done.err.startswith("feedmill: ")
    assert _published(site) == _files("harbour", "tides")


def test_what_is_exported_is_named_as_it_is_now(site: Terminal, tmp_path_factory: pytest.TempPathFactory) -> None:
    site.type("category", "rename", "harbour", "port")
    out = str(tmp_path_factory.mktemp("exported") / "out")
    done = site.type("export", "posts", out, "--category", "harbour")
    assert (done.code, done.err) == (2, "feedmill: harbour is port now: name that\n")
    assert site.type("export", "posts", out, "--category", "port").code == 0
