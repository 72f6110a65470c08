"""What search engines are led to: every public page, and of entries what is new."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from feeds.publishing.documents import Documents
from feeds.publishing.found import Document
from feeds.publishing.rendering import Renderer
from feeds.site import entry_path
from feeds.writing import sitemap
from storage import category_moves, stories
from storage.story import Place, Stories
from tests.feeds.publishing.conftest import empty, shelf
from tests.feeds.publishing.shelf import NOON, SITE, Shelf, code, made

if TYPE_CHECKING:
    from feeds.site import Site

__all__ = ["empty", "shelf"]


def listed(shelf: Shelf, path: str, site: Site = SITE) -> list[str]:
    """The paths that a sitemap lists."""
    return re.findall(f"<loc>{re.escape(site.url)}/(.*?)</loc>", body(shelf, path, site))


def body(shelf: Shelf, path: str, site: Site = SITE) -> str:
    found = Documents(shelf.database, Renderer(site)).find(path)
    assert isinstance(found, Document)
    assert found.media_type == "application/xml; charset=utf-8"
    return found.body.decode()


def test_every_page_that_lists_entries(shelf: Shelf) -> None:
    pages = ["", "all.html", "category/guance.html", "category/harbour.html", "category/haitang(xianggang).html"]
    assert sorted(listed(shelf, "sitemap.xml")) == sorted(pages)
    few = replace(SITE, entries_per_feed=2)
    assert listed(shelf, "sitemap.xml", few)[:3] == ["", "all.html", "all/1.html"]


def test_entries_of_two_days_by_the_newest(empty: Shelf) -> None:
    days = (0, 1, 2, 3)
    empty.put(*(made(day, "pier", published=NOON + timedelta(days=day, seconds=1)) for day in days))
    assert listed(empty, "news-sitemap.xml") == [entry_path(code(3)), entry_path(code(2))]
    empty.withdraw(3)
    assert listed(empty, "news-sitemap.xml") == [entry_path(code(2)), entry_path(code(1))]


def test_no_more_than_may_be(empty: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemap, "MOST_NEWS", 3)
    monkeypatch.setattr(sitemap, "_MOST", 3)
    empty.put(*(made(number, f"pier{number}") for number in range(1, 6)))
    assert listed(empty, "news-sitemap.xml") == [entry_path(code(number)) for number in (5, 4, 3)]
    assert listed(empty, "sitemap.xml") == ["", "all.html", "category/pier1.html"]


def test_what_is_closed_hidden_or_renamed_stands_in_neither(shelf: Shelf) -> None:
    shelf.put(made(7, "vault", title="Confidential"), made(8, "attic"), made(9, "old"))
    with shelf.database.writing() as connection:
        category_moves.keep_private(connection, "vault", NOON, private=True)
        category_moves.hide(connection, "attic", NOON, hidden=True)
        category_moves.move(connection, "old", "new", NOON)
    both = body(shelf, "sitemap.xml") + body(shelf, "news-sitemap.xml")
    assert not re.search(f"vault|attic|category/old|Confidential|{code(7)}", both)
    assert "category/new.html" in both
    assert entry_path(code(8)) in both


def test_a_story_stands_once_in_the_news_where_feeds_tell_it_once(empty: Shelf) -> None:
    empty.put(made(1, "pier"), made(2, "pier"))
    with empty.database.writing() as connection:
        places = [Place(code(number), code(1), empty.get(number).published) for number in (1, 2)]
        stories.arrange(connection, [], places)
    assert listed(empty, "news-sitemap.xml", replace(SITE, stories=Stories.FIRST)) == [entry_path(code(1))]


@pytest.mark.parametrize(
    ("tag", "expected"),
    [("en-GB", "en"), ("zh-CN", "zh-cn"), ("zh-Hant-HK", "zh-tw"), ("zh", "zh-cn"), ("<b>", "de"), ("", "de")],
)
def test_languages_of_news(empty: Shelf, tag: str, expected: str) -> None:
    empty.put(made(1, "pier", language=tag, title="Ein & zwei"))
    text = body(empty, "news-sitemap.xml", replace(SITE, language="de-AT"))
    assert f"<news:language>{expected}</news:language>" in text
    assert "<news:title>Ein &amp; zwei</news:title>" in text
