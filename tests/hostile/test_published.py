"""What is published after hostile sources were pulled: valid, without scripts, and where it should be."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import lxml.html
import pytest
from lxml import etree

from aggregator.bounds import MOST_BEGUN
from feeds.publishing.rendered import Rendered
from feeds.publishing.validation import fault
from tests.feeds.validators.documents import feeds_of, problems_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

    from tests.hostile.conftest import Run

pytestmark = pytest.mark.slow

# What no text of a stranger may put on a page of ours, or into a reader.
_ELEMENTS = frozenset([
    "applet", "base", "button", "embed", "form", "frame", "iframe", "input", "link", "math", "meta", "noscript",
    "object", "script", "style", "svg", "template",
])  # fmt: skip
_LOADING = frozenset(["action", "background", "cite", "data", "formaction", "href", "poster", "src", "srcset"])
_SCHEMES = re.compile(r"[\s\x00-\x20]*(?:https?:|mailto:|tel:|/|#|\.|[\w%-]+[./?#]|$)", re.IGNORECASE)
_PATH = re.compile(
    r"(?:(?:category/)?[^/\x00-\x1f\\]{1,255}\.(?:rss|atom|json|html)|entry/[A-Z0-9]+\.html"
    r"|(?:all|category/[^/\x00-\x1f\\]{1,255})/[0-9]+\.html|(?:category/[^/\x00-\x1f\\.]{1,255}/)?archive/[0-9]+\.atom"
    r"|index\.html|feeds\.opml|feed\.xml|style\.css|find\.js|(?:news-)?sitemap\.xml|\.feedmill\.(?:json|lock|last/journal\.json))"
)


def _wrong(root: _Element) -> Iterator[str]:
    """What a browser would run or follow of *root*, and should not; the head of a page is ours."""
    for element in root.iter(etree.Element):
        parent = element.getparent()
        if parent is not None and parent.tag == "head" and element.tag in {"meta", "link"}:
            continue
        if element.tag in _ELEMENTS and not _is_own_script(element):
            yield f"<{element.tag}>"
        for name, value in element.items():
            if str(name).startswith("on") or name in {"style", "srcdoc"}:
                yield f"<{element.tag} {name!r}>"
            if name in _LOADING and not _SCHEMES.match(str(value)):
                yield f"<{element.tag} {name}={value!r}>"


def _is_own_script(element: _Element) -> bool:
    return element.tag == "script" and element.get("src") in {"find.js", "../find.js"} and not element.text


def test_every_feed_is_valid(run: Run) -> None:
    assert len(feeds_of(run.public)) > 100
    published = {path: body for path, body in run.public.items() if not path.startswith(".feedmill")}
    assert problems_of(published) == []


def test_every_document_would_pass_a_rehearsal(run: Run) -> None:
    wrong = {path: fault(path, Rendered(body, None)) for path, body in run.public.items() if not path.startswith(".")}
    assert {path: told for path, told in wrong.items() if told} == {}


def test_a_source_begins_so_many_categories_and_no_more(run: Run) -> None:
    assert sum(path.startswith("category/crowd-") and path.endswith(".rss") for path in run.public) == MOST_BEGUN


def test_no_page_runs_anything(run: Run) -> None:
    pages = [path for path in run.public if path.endswith(".html")]
    assert len(pages) > 100
    for path in pages:
        own = {"<form>", "<input>", "<button>"} if path == "subscribe.html" else set()
        wrong = [one for one in _wrong(lxml.html.document_fromstring(run.public[path])) if one not in own]
        assert wrong == [], path


def test_no_content_of_a_feed_runs_anything(run: Run) -> None:
    contents = [
        item["content_html"]
        for path, body in run.public.items()
        if path.endswith(".json") and not path.startswith(".")
        for item in json.loads(body)["items"]
        if item.get("content_html")
    ]
    assert len(contents) > 40
    for content in contents:
        assert list(_wrong(lxml.html.fragment_fromstring(content, create_parent="div"))) == [], content


def test_no_address_in_a_feed_is_a_script(run: Run) -> None:
    for path, body in run.public.items():
        if path.endswith((".rss", ".atom")):
            for element in etree.fromstring(body).iter():
                told = [element.get(name, "") for name in ("href", "url", "src", "uri")]
                if etree.QName(element).localname in {"link", "id", "guid", "uri", "comments", "icon", "logo"}:
                    told.append(element.text or "")
                assert [one for one in told if one.lower().strip().startswith(("javascript:", "data:"))] == [], path


def test_every_file_is_where_it_should_be(run: Run) -> None:
    assert [path for path in run.public if not _PATH.fullmatch(path)] == []
    assert {path.name for path in run.folder.iterdir()} == {"data", "public", "task.json", "result.json"}
    assert [path for path in run.folder.rglob("*") if path.is_symlink()] == []
    assert list(run.folder.parent.iterdir()) == [run.folder]
