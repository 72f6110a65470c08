"""Pages are valid HTML, and their style sheet is valid CSS, says the Nu Html Checker."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from feeds.publishing.rendering import Renderer
from feeds.publishing.static_site import StaticSite
from feeds.writing import pages
from tests.feeds.pages import library
from tests.feeds.publishing.conftest import empty
from tests.feeds.publishing.shelf import NOON, ODD_SLUGS, SITE, code, made
from tests.feeds.validators import html

if TYPE_CHECKING:
    from pathlib import Path

    from tests.feeds.publishing.shelf import Shelf

__all__ = ["empty"]

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("language", ["zh-CN", "en-GB"])
def test_every_page_is_valid(empty: Shelf, tmp_path: Path, language: str) -> None:
    html.checker()
    site = replace(SITE, language=language, entries_per_feed=20)
    library.fill(empty, categories=8, entries=130)
    empty.put(*(made(number, slug) for number, slug in enumerate(ODD_SLUGS, 3000)))
    for number in (7, 902):  # the last has markup as the store never holds it
        empty.withdraw(number)
    folder = tmp_path / "public"
    StaticSite(folder, empty.database, Renderer(site)).publish()
    (folder / "gone.html").write_bytes(pages.gone(site, code(7), NOON))
    (folder / "missing.html").write_bytes(pages.missing(site, "/no/such%20<page>"))
    assert len(list(folder.rglob("*.html"))) > 200
    assert html.problems_of(folder) == []


def test_what_is_not_valid_is_objected_to(tmp_path: Path) -> None:
    html.checker()
    head = "<!doctype html><html lang='en'><title>x</title>"
    broken = {
        "id.html": head + "<p id='a'>x<p id='a'>x",
        "list.html": head + "<ul><p>x</ul>",
        "address.html": head + "<a href='http://a b/'>x</a>",
        "title.html": "<!doctype html><html lang='en'><p>x",
        "nesting.html": head + "<b>never <i>closed</b></i>",
        "colour.css": "p { colour: red }",
    }
    for name, body in {**broken, "good.html": head + "<p>x"}.items():
        (tmp_path / name).write_text(body)
    assert {problem.partition(":")[0] for problem in html.problems_of(tmp_path)} == broken.keys()
