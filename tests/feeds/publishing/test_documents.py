"""What stands at which path, and when it is rendered."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from lxml import etree

from feeds.publishing import rendering
from feeds.publishing.cache import SizedCache
from feeds.publishing.documents import Documents, etag_of
from feeds.publishing.found import Document, Gone, Moved, Unchanged
from feeds.publishing.rendering import Renderer
from feeds.site import category_path, entry_path
from storage import category_moves
from storage.entry import CategoryName
from tests.feeds.publishing.shelf import NOON, ODD_SLUGS, ROOT, SITE, SUFFIXES, Shelf, code, made

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from feeds.publishing.rendered import Rendered
    from feeds.site import Site
    from storage.category import Category
    from storage.entry import Entry

_ATOM = "{http://www.w3.org/2005/Atom}"
_DELETED = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"

_TYPES = {
    "category/harbour.rss": "application/rss+xml",
    "category/harbour.atom": "application/atom+xml",
    "category/harbour.json": "application/feed+json",
    "category/harbour.html": "text/html",
    "category/haitang(xianggang).atom": "application/atom+xml",
    "all.rss": "application/rss+xml",
    "all.atom": "application/atom+xml",
    "all.json": "application/feed+json",
    "all.html": "text/html",
    "feed.xml": "application/atom+xml",
    "feeds.opml": "text/x-opml",
    "index.html": "text/html",
    "style.css": "text/css",
    f"entry/{code(1)}.html": "text/html",
}


_NOWHERE = (
    "", "/", "//", ".", "..", "category", "category/", "entry/", "category/.rss", "category/harbour",
    "category/harbour.",
    "category/harbour.xml", "category/harbour.RSS", "category/Harbour.rss", "category/harbour.rss/", "harbour.rss",
    "/category/harbour.rss", "category//harbour.rss", "category/../all.rss", "../all.rss", "category/%.rss",
    "category/%ff.rss", "category/%00.rss", "category/\0.rss", "category/%68arbour.rss", "category/%-.rss",
    "category/%-0123456789abcdef01234567.rss", "category/nobody.rss", "category/\ufffd.rss", "all", "all.xml",
    "all.opml", "index.htm", "INDEX.HTML", "feeds.xml", "style.css/", "entry/x.html", f"entry/{code(9)}.html",
    f"entry/{code(1)}",
    f"entry/{code(1)}.rss", f"entry/{code(1).lower()}.html", f"entry/{code(1)}.html\n", "x" * 100_000,
    f"category/{'x' * 100_000}.rss", f"entry/{'A' * 100_000}.html", ".feedmill.json", ".feedmill.lock",
)  # fmt: skip


def _at(documents: Documents, path: str) -> Document:
    found = documents.find(path)
    assert isinstance(found, Document), path
    return found


def test_what_stands_at_a_path(documents: Documents) -> None:
    for path, media_type in _TYPES.items():
        found = _at(documents, path)
        assert found.media_type == f"{media_type}; charset=utf-8"
        assert found.etag.rpartition("-")[2].strip('"') == etag_of(found.body).strip('"')
        assert found.body


def test_the_old_feed_is_that_of_everything(documents: Documents) -> None:
    assert _at(documents, "feed.xml").body == _at(documents, "all.atom").body


def test_every_path_and_no_other(documents: Documents, shelf: Shelf) -> None:
    assert {path for path in shelf.paths() if isinstance(documents.find(path), Document)} == set(shelf.paths())


def test_nothing_stands_there(documents: Documents) -> None:
    assert {path: documents.find(path) for path in _NOWHERE} == dict.fromkeys(_NOWHERE)


def test_a_withdrawn_entry_is_gone(documents: Documents, shelf: Shelf) -> None:
    assert documents.find(entry_path(code(5))) == Gone(code(5), NOON + timedelta(days=2, minutes=5))
    shown = [path for path in shelf.paths() if code(5).encode() in _at(documents, path).body]
    assert shown == ["feed.xml", "all.atom", "category/harbour.atom"]
    for path in shown:
        [stone] = etree.fromstring(_at(documents, path).body).iter(_DELETED)
        assert stone.get("ref") == shelf.get(5).atom_id
        assert stone.get("when") == "2022-03-16T12:05:00+08:00"


def test_an_empty_store_has_its_documents(empty: Shelf, renderer: Renderer) -> None:
    documents = Documents(empty.database, renderer)
    for path in empty.paths():
        assert _at(documents, path).body
    assert _at(documents, "all.rss").modified is None


def test_every_document_of_an_odd_slug_is_where_it_says(empty: Shelf, renderer: Renderer) -> None:
    empty.put(*(made(number, slug) for number, slug in enumerate(ODD_SLUGS, 100)))
    documents = Documents(empty.database, renderer)
    for (number, slug), suffix in product(enumerate(ODD_SLUGS, 100), SUFFIXES):
        found = _at(documents, category_path(slug, suffix))
        assert set(re.findall(rb"NW\d{18}", found.body)) == {code(number).encode()}, slug
        if suffix == "atom":
            links = etree.fromstring(found.body).findall(f"{_ATOM}link[@rel='self']")
        elif suffix == "rss":
            links = list(etree.fromstring(found.body).iter(f"{_ATOM}link"))
        else:
            links = []
        for link in links:
            path = unquote(link.get("href", "").removeprefix(f"{SITE.url}/"))
            assert documents.find(path) is found
        if suffix == "json":
            path = unquote(json.loads(found.body)["feed_url"].removeprefix(f"{SITE.url}/"))
            assert documents.find(path) is found


def test_slugs_that_differ_in_case_are_two(empty: Shelf, renderer: Renderer) -> None:
    empty.put(made(1, "TechWeb"), made(2, "Techweb"))
    documents = Documents(empty.database, renderer)
    assert code(1).encode() in _at(documents, "category/TechWeb.rss").body
    assert code(1).encode() not in _at(documents, "category/Techweb.rss").body
    assert code(2).encode() in _at(documents, "category/Techweb.rss").body


def test_newest_first_by_published_then_code_and_no_more_than_configured(empty: Shelf) -> None:
    empty.put(
        *(made(number, "a") for number in range(1, 8)), made(8, "a", published=NOON), made(9, "a", published=NOON)
    )
    documents = Documents(empty.database, Renderer(replace(SITE, entries_per_feed=8)))
    feed = json.loads(_at(documents, "category/a.json").body)
    expected = [code(number) for number in (7, 6, 5, 4, 3, 2, 1, 9)]
    assert [item["_feedmill"]["infoCode"] for item in feed["items"]] == expected


_ELSEWHERE = """
import hashlib, json, locale, sys
from feeds.publishing.documents import Documents
from feeds.publishing.rendering import Renderer
from storage.database import open_database
from tests.feeds.publishing.shelf import SITE
locale.setlocale(locale.LC_ALL, "")
database = open_database(sys.argv[1])
documents = Documents(database, Renderer(SITE))
found = {}
for path in reversed(json.loads(sys.argv[2])):
    one = documents.find(path)
    found[path] = [hashlib.sha256(one.body).hexdigest(), one.etag, str(one.modified)]
print(json.dumps(found))
database.close()
"""


@pytest.mark.slow
def test_the_same_rows_give_the_same_bytes_in_any_process(documents: Documents, shelf: Shelf) -> None:
    paths = shelf.paths()
    here = {path: _at(documents, path) for path in paths}
    expected = {p: [hashlib.sha256(d.body).hexdigest(), d.etag, str(d.modified)] for p, d in here.items()}
    for zone, locale, seed in (("America/New_York", "C", "1"), ("Pacific/Kiritimati", "C.UTF-8", "4711")):
        environment = os.environ | {"TZ": zone, "LC_ALL": locale, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", _ELSEWHERE, shelf.url, json.dumps(paths)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout) == expected


def test_what_did_not_move_is_not_rendered_again(documents: Documents, shelf: Shelf) -> None:
    before = {path: _at(documents, path) for path in shelf.paths()}
    assert all(documents.find(path) is before[path] for path in before)
    shelf.correct(3, content="<p>corrected</p>")  # in guance alone
    moved = {path for path in before if documents.find(path) is not before[path]}
    expected = {category_path(slug, suffix) for slug in ("", "guance") for suffix in SUFFIXES}
    once = {"feed.xml", "index.html", "subscribe.html", "feeds.opml", "sitemap.xml", "news-sitemap.xml"}
    assert moved == expected | once | {entry_path(code(3))}
    assert b"corrected" in _at(documents, "category/guance.rss").body


def test_an_entry_is_rendered_once_for_each_format_and_change(
    documents: Documents, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendered: list[tuple[str, str]] = []

    def counting(suffix: str) -> tuple[rendering.Fragment, rendering.Joined]:
        fragment, joined = rendering._FORMATS[suffix]

        def counted(entry: Entry, site: Site, titles: Mapping[str, str]) -> bytes:
            rendered.append((suffix, entry.info_code))
            return fragment(entry, site, titles)

        return counted, joined

    monkeypatch.setattr(rendering, "_FORMATS", {suffix: counting(suffix) for suffix in rendering._FORMATS})
    for path in shelf.paths():
        documents.find(path)
    assert len(rendered) == len(set(rendered)) == 4 * 3
    shelf.put(made(6, "harbour"))
    for path in shelf.paths():
        documents.find(path)
    assert sorted(rendered[12:]) == [(suffix, code(6)) for suffix in ("atom", "json", "rss")]


def test_a_new_name_is_seen_in_every_document_that_shows_it(documents: Documents, shelf: Shelf) -> None:
    before = {path for path in shelf.paths() if "Name of harbour" in _at(documents, path).body.decode()}
    assert {
        "index.html", "feeds.opml", "all.rss", "all.atom", "category/harbour.rss", "category/harbour.html",
        "category/guance.atom", entry_path(code(1)), entry_path(code(2)),
    } <= before  # fmt: skip
    # One of its two entries calls it something else now; the other one's documents show the name too.
    shelf.put(replace(shelf.get(1), category_names=(CategoryName("harbour", "The other name"),)))
    for path in shelf.paths():
        body = _at(documents, path).body.decode()
        assert "Name of harbour" not in body, path
        assert ("The other name" in body) is (path in before), path


def test_two_threads_that_ask_at_once_render_once(
    shelf: Shelf, renderer: Renderer, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = Documents(shelf.database, renderer)
    calls: list[str] = []
    begun = threading.Barrier(4)
    plain = renderer.category

    def counted(connection: Connection, category: Category, suffixes: Sequence[str]) -> dict[str, Rendered]:
        calls.append(category.slug)
        return plain(connection, category, suffixes)

    def ask() -> object:
        begun.wait()
        return documents.find("category/harbour.rss")

    monkeypatch.setattr(renderer, "category", counted)
    with ThreadPoolExecutor(4) as pool:
        found = {id(done.result()) for done in [pool.submit(ask) for _ in range(4)]}
    assert len(found) == 1
    assert calls == ["harbour"]


def test_modified_is_when_the_category_was_last_changed(documents: Documents, shelf: Shelf) -> None:
    before = _at(documents, "category/harbour.rss").modified
    assert _at(documents, entry_path(code(1))).modified is None
    assert _at(documents, "style.css").modified is None
    shelf.now = NOON + timedelta(days=40, milliseconds=300)
    shelf.put(made(-9, "guance"))  # older than all that is there
    assert _at(documents, "category/guance.rss").modified == NOON + timedelta(days=40)
    assert _at(documents, "category/harbour.rss").modified == before
    for path in ("all.rss", "index.html", "feeds.opml"):
        assert _at(documents, path).modified == NOON + timedelta(days=40)


def test_no_two_versions_have_one_date(documents: Documents, shelf: Shelf) -> None:
    seen = set()
    for number in range(10, 15):  # all at one moment, and then the clock is put back
        shelf.put(made(number, "guance"))
        seen.add(_at(documents, "category/guance.rss").modified)
        shelf.now -= timedelta(hours=number == 13)
    assert len(seen) == 5


def test_whoever_has_it_has_nothing_rendered_even_when_its_bytes_were_let_go(
    documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = _at(documents, "category/guance.rss")
    monkeypatch.setattr(documents, "_held", SizedCache(1))
    rendered: list[object] = []
    monkeypatch.setattr(Renderer, "category", lambda *told: rendered.append(told))
    for _ in range(3):
        assert documents.find("category/guance.rss", lambda known: known.etag == found.etag) == Unchanged(
            found.validators
        )
    assert rendered == []


def test_a_renamed_category_is_where_it_is_now_and_a_hidden_one_nowhere(documents: Documents, shelf: Shelf) -> None:
    with shelf.database.writing() as connection:
        category_moves.move(connection, "guance", "x" * 300, shelf.now)
        category_moves.move(connection, "x" * 300, "watch", shelf.now)
    for suffix in SUFFIXES:
        for old in ("guance", "x" * 300):
            assert documents.find(category_path(old, suffix)) == Moved(category_path("watch", suffix))
        assert b"guance" not in _at(documents, category_path("watch", suffix)).body.replace(b"Name of guance", b"")
    with shelf.database.writing() as connection:
        category_moves.hide(connection, "watch", shelf.now, hidden=True)
    for slug in ("guance", "watch"):
        for suffix in SUFFIXES:
            assert documents.find(category_path(slug, suffix)) is None
    for path in shelf.paths():
        assert b"watch" not in _at(documents, path).body, path
        assert b"Name of guance" not in _at(documents, path).body, path
    with shelf.database.writing() as connection:
        category_moves.hide(connection, "watch", shelf.now, hidden=False)
    assert b"watch" in _at(documents, "feeds.opml").body


def test_a_name_from_a_categorys_page_is_seen_too(documents: Documents, shelf: Shelf) -> None:
    shelf.put(made(6, "harbour", category_names=()), made(7, "harbour", category_names=()))
    assert b"Name of harbour" in _at(documents, "category/harbour.rss").body
    shelf.put(*(replace(shelf.get(number), category_names=()) for number in (1, 2)))
    assert b"<title>harbour" in _at(documents, "category/harbour.rss").body
    shelf.name(harbour="港口日报新闻")
    for path in ("category/harbour.rss", "category/guance.html", entry_path(code(6)), "index.html", "feeds.opml"):
        assert "港口日报" in _at(documents, path).body.decode(), path


def test_a_source_that_floods_leaves_the_others_their_places(empty: Shelf) -> None:
    few = [made(number, "harbour", source="tides") for number in range(1, 4)]
    flood = [made(number, "harbour", source="flood") for number in range(100, 600)]
    empty.put(*few)
    empty.put(*flood)
    documents = Documents(empty.database, Renderer(SITE))

    expected = [code(number) for number in (*range(599, 552, -1), 3, 2, 1)]
    for path in ("category/harbour.json", "all.json"):
        items = json.loads(_at(documents, path).body)["items"]
        assert [item["_feedmill"]["infoCode"] for item in items] == expected
    for suffix in ("rss", "atom"):
        codes = re.findall(r"<dc:identifier>(.*?)<", _at(documents, f"category/harbour.{suffix}").body.decode())
        assert codes == expected
    assert all(isinstance(documents.find(entry_path(one.info_code)), Document) for one in (*few, *flood))


def test_what_an_only_source_floods_is_shown_by_date(empty: Shelf) -> None:
    empty.put(*(made(number, "harbour") for number in range(500)))
    items = json.loads(_at(Documents(empty.database, Renderer(SITE)), "category/harbour.json").body)["items"]
    assert [item["_feedmill"]["infoCode"] for item in items] == [code(number) for number in range(499, 449, -1)]


def test_every_entry_of_a_category_stands_on_one_of_its_pages(documents: Documents, shelf: Shelf) -> None:
    shelf.put(*(made(number, "harbour", "50%") for number in range(100, 305)))
    shelf.withdraw(200)
    for folder, total in (("category/50%25", 204), ("category/harbour", 206), ("all", 208)):
        found = []
        for number in (3, 2, 1):
            body = _at(documents, f"{folder}/{number}.html").body.decode()
            found += re.findall(r'<h2 dir="auto" lang="[^"]*"><a href="[^"]*entry/(\w+)\.html"', body) or re.findall(
                r'<h2 dir="auto"><a href="[^"]*entry/(\w+)\.html"', body
            )
        assert len(found) == len(set(found)) == total
        assert found == sorted(found, reverse=True)
        for path in ("0.html", "4.html", "01.html", "x.html", f"{10**9}.html", "1.rss"):
            assert documents.find(f"{folder}/{path}") is None
    assert documents.find("category/guance/1.html") is None  # all of it is on its own page
    assert documents.find("category/50%/1.html") is None
    front = _at(documents, "category/harbour.html").body.decode()
    assert 'href="../category/harbour/2.html">较早</a>' in front


def test_feeds_that_are_chosen(documents: Documents) -> None:
    def addresses(*chosen: str) -> list[str]:
        return re.findall(r'xmlUrl="https://tide.example/([^"]+)"', documents.opml(chosen).body.decode())

    assert addresses("harbour", "no such", "guance") == ["category/guance.atom", "category/harbour.atom"]
    assert addresses("", "harbour") == ["all.atom", "category/harbour.atom"]
    assert addresses("no such") == []
    assert documents.opml(["harbour", "guance"]) == documents.opml(["guance", "harbour", "harbour"])
