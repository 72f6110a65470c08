"""What holds for every page, whatever it shows and in both languages."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urljoin, urlsplit

import lxml.html
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.query import Query
from feeds.site import category_path, entry_path, file_name, page_path
from feeds.writing import pages
from feeds.writing.common import Found
from feeds.writing.search_parts import title_of_query
from feeds.writing.text import clean
from storage.category import ALL, Category
from storage.entry import Author, CategoryName, Enclosure, Origin

if TYPE_CHECKING:
    from collections.abc import Callable

    from feeds.site import Site
    from storage.entry import Entry

HOSTILE = """</title></script><script>alert('1')</script>" onload="alert(2)' {{ 7*7 }} &amp; <b>"""
ODD_SLUGS = [
    "hebianribao",
    "TechWeb",
    "anxin(xianggang) yanjiu",
    "100%",
    "a%20b",
    "河边日报",
    "x/y",
    "..",
    ".hidden",
    "c:d",
    "?q=1#f",
    "a+b&c=d;e",
    "all",
    HOSTILE,
    "长" * 300,
]
LOADING = ["href", "src", "action", "poster", "srcset", "data"]


def build(site: Site, entry: Entry, slugs: list[str]) -> dict[str, bytes]:
    """A small site, by path: an entry in all *slugs*, and every kind of page."""
    categories = [Category(slug, f"“{slug}”", entries=1) for slug in slugs]
    titles = {one.slug: one.title for one in categories}
    built = {
        "": pages.home(site, categories, [entry], titles),
        "all.html": pages.category(site, Category(ALL, "", entries=7), [entry], titles),
        entry_path(entry.info_code): pages.entry(site, entry, titles),
        "entry/gone.html": pages.gone(site, entry.info_code, entry.updated),
        "no/such/page.html": pages.missing(site, "no/such/page.html"),
        "subscribe.html": pages.subscribe(site, categories),
        "search.html": searched(site, Query(HOSTILE, tuple(slugs), (HOSTILE,), (HOSTILE,)), [entry], titles),
        "all/1.html": pages.paged(site, Category(ALL, "", entries=7), 1, [entry], titles, last=False),
        "all/2.html": pages.paged(site, Category(ALL, "", entries=7), 2, [entry], titles, last=True),
        "style.css": pages.stylesheet(),
        "find.js": pages.script(),
    }
    for one in categories:
        built[page_path(one.slug, 1)] = pages.paged(site, one, 1, [entry], titles, last=True)
        built[category_path(one.slug, "html")] = pages.category(site, one, [entry], titles)
    return built


def searched(site: Site, query: Query, entries: list[Entry], titles: dict[str, str]) -> bytes:
    return pages.search(site, Found(query, title_of_query(query, titles, site)), entries, titles)


def html_of(built: dict[str, bytes]) -> dict[str, bytes]:
    return {path: page for path, page in built.items() if path not in ("style.css", "find.js")}


@pytest.fixture(params=["chinese", "english"])
def site(request: pytest.FixtureRequest) -> Any:
    return replace(request.getfixturevalue(request.param), search=request.param == "english")


@pytest.fixture
def built(site: Site, make: Callable[..., Entry]) -> dict[str, bytes]:
    entry = make(
        categories=tuple(ODD_SLUGS), revision=2, enclosures=(Enclosure("https://a.example/b.mp3", "audio/mpeg"),)
    )
    return build(site, entry, ODD_SLUGS)


def test_every_page_is_one_well_formed_document(site: Site, built: dict[str, bytes], read: Any) -> None:
    for page in html_of(built).values():
        document = read(page)
        assert document.source.startswith("<!doctype html>\n")
        assert document.one("html").attributes["lang"] == site.language
        assert site.title in document.one("title").text
        for landmark in ("main", "h1", "body", "head"):
            document.one(landmark)
        ids = [one.attributes["id"] for one in document.elements if "id" in one.attributes]
        assert len(ids) == len(set(ids))
        for one in document.elements:
            assert one.attributes.get("aria-labelledby", ids[0]) in ids
        assert document.one("a", class_="skip").attributes["href"] == f"#{document.one('main').attributes['id']}"


def test_the_head_tells_a_browser_what_it_needs(built: dict[str, bytes], read: Any) -> None:
    for page in html_of(built).values():
        document = read(page)
        assert document.one("meta", charset="utf-8")
        assert document.one("meta", name="referrer").attributes["content"] == "no-referrer"
        assert document.one("meta", name="color-scheme").attributes["content"] == "light dark"
        assert "width=device-width" in document.one("meta", name="viewport").attributes["content"]
        policy = document.one("meta", http_equiv="Content-Security-Policy").attributes["content"]
        assert policy == pages.POLICY
        assert policy.startswith("default-src 'none'; style-src 'self'; script-src 'sha256-")
        for scripts in document.all("script"):
            assert f"'{scripts.attributes['integrity']}'" in policy


def test_no_script_and_no_request_to_another_host(built: dict[str, bytes], read: Any) -> None:
    for page in html_of(built).values():
        document = read(page)
        for one in document.all("script"):
            assert one.attributes["src"] == "find.js"
            assert not one.text
        for one in document.elements:
            assert not [name for name in one.attributes if name.startswith("on") or name == "style"]
            # What is followed only by a reader's own act, or read by machines, may lead anywhere.
            if one.tag in ("a", "audio") or one.attributes.get("rel") in ("alternate", "canonical"):
                continue
            for name in LOADING:
                address = urlsplit(one.attributes.get(name, ""))
                assert not address.netloc, one
                assert address.scheme in ("", "data"), one
        assert all(one.attributes["preload"] == "none" for one in document.all("audio"))


@pytest.mark.parametrize("base", ["https://mirror.example/", "http://localhost:8080/below/a/folder/"])
def test_relative_links_lead_to_what_is_published(base: str, built: dict[str, bytes], read: Any) -> None:
    published = {"", "feeds.opml"} | set(built)
    for suffix in ("rss", "atom", "json"):
        published |= {f"all.{suffix}", f"search.{suffix}"} | {category_path(slug, suffix) for slug in ODD_SLUGS}
    followed = set()
    for path, page in html_of(built).items():
        document = read(page)
        here = base + path.replace("%", "%25").replace("?", "%3F").replace("#", "%23")
        for one in [*document.all("a"), *document.all("link")]:
            href = one.attributes["href"]
            if urlsplit(href).scheme:
                continue
            target = urljoin(here, href)
            assert target.startswith(base), f"{href} leads out of the site from {path}"
            found = unquote(urlsplit(target).path.removeprefix(urlsplit(base).path))
            assert found in published, f"{href} on {path}"
            assert bool(urlsplit(target).query) is found.startswith("search.") or found == "search.html"
            followed.add(found)
    assert followed >= {"", "all.html", "feeds.opml", "style.css"}
    assert followed >= {category_path(slug, "html") for slug in ODD_SLUGS}


def test_what_machines_read_is_absolute(site: Site, built: dict[str, bytes], read: Any) -> None:
    missing = {"entry/gone.html", "no/such/page.html", "search.html"}
    for path, page in html_of(built).items():
        document = read(page)
        if path in missing:
            assert document.one("meta", name="robots").attributes["content"] == "noindex"
            assert not document.all("link", rel="canonical")
            continue
        assert document.one("link", rel="canonical").attributes["href"] == site.address(path)
        assert document.one("meta", property="og:url").attributes["content"] == site.address(path)
        assert not document.all("meta", name="robots")
        slug = ODD_SLUGS[0] if path.startswith("entry/") else ALL
        if path.startswith("category/"):
            slug = next(one for one in ODD_SLUGS if path in (category_path(one, "html"), page_path(one, 1)))
        found = [(one.attributes["type"], one.attributes["href"]) for one in document.all("link", rel="alternate")]
        assert found == [
            ("application/rss+xml", site.address(category_path(slug, "rss"))),
            ("application/atom+xml", site.address(category_path(slug, "atom"))),
            ("application/feed+json", site.address(category_path(slug, "json"))),
        ]


def test_a_percent_sign_in_a_file_name_is_encoded_once(chinese: Site, make: Callable[..., Entry]) -> None:
    page = pages.entry(chinese, make(categories=("100%",)), {}).decode()
    assert file_name("100%") == "100%25"
    assert 'href="../category/100%2525.html"' in page
    assert 'href="https://news.example/category/100%2525.rss"' in page


def test_hostile_texts_stay_texts(site: Site, make: Callable[..., Entry], read: Any) -> None:
    entry = make(
        title=HOSTILE,
        summary=HOSTILE,
        content="",
        link=f"https://x.example/{HOSTILE}",
        origin=Origin(HOSTILE, f"https://x.example/{HOSTILE}"),
        authors=(Author(HOSTILE),),
        categories=(HOSTILE,),
        category_names=(CategoryName(HOSTILE, HOSTILE),),
        enclosures=(Enclosure(f"https://x.example/{HOSTILE}", HOSTILE, 1), Enclosure("https://x.example/v", "VIDEO/x")),
        language=HOSTILE,
    )
    built = build(site, entry, [HOSTILE])
    built["missing"] = pages.missing(site, HOSTILE)
    for page in html_of(built).values():
        document = read(page)
        assert {one.attributes.get("src") for one in document.all("script")} <= {"find.js"}
        assert not document.all("b")
        assert not [one for one in document.elements if "onload" in one.attributes]
        assert lxml.html.document_fromstring(page).xpath("count(//script[not(@src)] | //b | //@onload)") == 0
    document = read(built[entry_path(entry.info_code)])
    assert document.one("h1").text == " ".join(HOSTILE.split())
    assert document.one("article").attributes["lang"] == HOSTILE


@settings(deadline=None, max_examples=60)
@given(title=st.text(), slug=st.text(min_size=1), name=st.text(), words=st.text())
def test_any_text_can_be_shown(
    chinese: Site, make: Callable[..., Entry], read: Any, title: str, slug: str, name: str, words: str
) -> None:
    entry = make(title=title, summary=words, content="", categories=(slug,), origin=Origin(name))
    category = Category(slug, name, entries=1)
    titles = {slug: name}
    built = [
        pages.home(chinese, [category], [entry], titles),
        pages.category(chinese, category, [entry], titles),
        pages.entry(chinese, entry, titles),
        pages.missing(chinese, words),
    ]
    built.append(pages.paged(chinese, category, 1, [entry], titles, last=True))
    built.append(pages.subscribe(chinese, [category]))
    built.append(searched(chinese, Query(words, (slug,), (title,), (name,)), [entry], titles))
    for page in built:
        document = read(page)
        assert not [one for one in document.all("script") if one.attributes.get("src") != "find.js"]
        # Controls, which HTML cannot carry, are left out; all else is as it was.
        assert not [one for one in document.source if one < " " and one not in "\t\n\r"]
    href = f"../{chinese.address(category_path(slug, 'html')).removeprefix('https://news.example/')}"
    assert read(built[2]).all("a", href=href)
    assert read(built[2]).one("h1").text == (" ".join(clean(title).split()) or "无题")


def test_the_same_values_give_the_same_bytes(site: Site, make: Callable[..., Entry]) -> None:
    assert build(site, make(), ODD_SLUGS) == build(site, make(), ODD_SLUGS)


def test_a_lone_surrogate_does_not_stop_a_page(chinese: Site) -> None:
    assert "?" in pages.missing(chinese, "a\udc80b").decode()
