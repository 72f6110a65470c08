"""Searches over HTTP: feeds and a page for every query, in one address each, whatever is asked."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree, html

from feeds.publishing.search_index import SearchIndex
from feeds.publishing.static_site import StaticSite
from storage.entry import Origin
from tests.feeds.publishing.shelf import NOON, SITE, catch_up, files, made

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.testclient import TestClient

    from feeds.publishing.rendering import Renderer
    from tests.feeds.publishing.shelf import Shelf
    from tests.feeds.web.conftest import Answer, Ask

_ATOM = "{http://www.w3.org/2005/Atom}"
_QUERY = "q=%E6%BD%AE%E6%B0%B4&category=harbour&category=guance"
_CANONICAL = "category=guance&category=harbour&q=%E6%BD%AE%E6%B0%B4"


@pytest.fixture(scope="module", autouse=True)
def _indexed(ask: Ask) -> None:
    ask.shelf.put(
        made(50, "harbour", title="A股市场", tags=("TechWeb",), origin=Origin("证券时报")),
        made(51, title="Withdrawn tide"),
    )
    ask.shelf.withdraw(51)
    catch_up(SearchIndex(ask.shelf.database))


def get(ask: Ask, target: str, *fields: bytes, **more: bytes) -> Answer:
    return ask(quote(target, safe="/?&=%+").encode(), *fields, **more)


def titles(answer: Answer) -> list[str]:
    return [title.text or "" for title in etree.fromstring(answer.body).iterfind(f"{_ATOM}entry/{_ATOM}title")]


def test_a_query_is_a_feed_in_every_format(ask: Ask) -> None:
    rss, atom, json = (get(ask, f"/search.{suffix}?{_QUERY}") for suffix in ("rss", "atom", "json"))
    expected = ["A股市场", "第3条 <tide>", "第2条 <tide>", "第1条 <tide>"]
    assert [answer.status for answer in (rss, atom, json)] == [200, 200, 200]
    assert titles(atom) == expected
    assert [item["title"] for item in orjson.loads(json.body)["items"]] == expected
    assert [title.text for title in etree.fromstring(rss.body).iterfind("channel/item/title")] == expected
    assert rss.headers["content-type"] == "application/rss+xml; charset=utf-8"
    assert atom.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert json.headers["content-type"] == "application/feed+json; charset=utf-8"


def page_of(answer: Answer) -> Any:
    return html.fromstring(answer.body.decode())


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=A股", ["A股市场"]),
        ("q=股市", ["A股市场"]),
        ("tag=techweb", ["A股市场"]),
        ("medium=证券时报", ["A股市场"]),
        ("medium=证券时报&tag=nothing", []),
        ("category=harbour&category=guance&q=3", ["第3条 <tide>"]),
        ("q=withdrawn", []),
        ("q=!", []),
    ],
)
def test_what_is_found(ask: Ask, query: str, found: list[str]) -> None:
    assert titles(get(ask, f"/search.atom?{query}")) == found


def test_a_feed_has_one_address_and_one_id_whoever_asks(ask: Ask) -> None:
    one = get(ask, f"/search.atom?{_QUERY}")
    other = get(ask, "/search.atom?utm_source=x&category=guance&q=潮水&category=harbour&tag=", host=b"evil.example")
    assert one.body == other.body
    feed = etree.fromstring(one.body)
    assert feed.findtext(f"{_ATOM}id") == f"tag:tide.example,2022:search?{_CANONICAL}"
    links = {link.get("rel"): link.get("href") for link in feed.iterfind(f"{_ATOM}link")}
    assert links == {
        "self": f"https://tide.example/search.atom?{_CANONICAL}",
        "alternate": f"https://tide.example/search.html?{_CANONICAL}",
    }
    assert orjson.loads(get(ask, f"/search.json?{_QUERY}").body)["feed_url"].endswith(f"/search.json?{_CANONICAL}")


def test_a_feed_is_called_what_was_asked_for(ask: Ask) -> None:
    title = etree.fromstring(get(ask, f"/search.atom?tag=a&tag=b&{_QUERY}").body).findtext(f"{_ATOM}title")
    assert title == "搜索：“潮水”、分类：Name of guance或Name of harbour、标签：a或b - 潮汐观察 & more"


def test_a_feed_changed_when_its_newest_entry_did(ask: Ask) -> None:
    updated = etree.fromstring(get(ask, "/search.atom?tag=techweb").body).findtext(f"{_ATOM}updated")
    assert updated == made(50).published.astimezone(SITE.timezone).isoformat()
    nothing = etree.fromstring(get(ask, "/search.atom?q=nothing").body).findtext(f"{_ATOM}updated")
    assert nothing == "1970-01-01T08:00:00+08:00"
    assert NOON.isoformat() not in nothing


def test_conditions_codings_and_other_sites(ask: Ask) -> None:
    whole = get(ask, f"/search.atom?{_QUERY}")
    assert "last-modified" not in whole.headers
    assert whole.headers["access-control-allow-origin"] == "*"
    assert whole.headers["cache-control"] == "public, max-age=60, stale-while-revalidate=300"
    assert whole.headers["vary"] == "Accept-Encoding, Authorization"
    again = get(ask, f"/search.atom?{_QUERY}", b"If-None-Match: " + whole.headers["etag"].encode())
    assert (again.status, again.body) == (304, b"")
    coded = get(ask, f"/search.atom?{_QUERY}", b"Accept-Encoding: gzip")
    assert gzip.decompress(coded.body) == whole.body
    assert coded.headers["etag"] != whole.headers["etag"]
    head = get(ask, f"/search.atom?{_QUERY}", method=b"HEAD")
    assert (head.status, head.body, head.headers["etag"]) == (200, b"", whole.headers["etag"])
    assert get(ask, "/search.atom", method=b"OPTIONS").headers["access-control-allow-methods"] == "GET, HEAD"
    assert get(ask, f"/search.atom?{_QUERY}", method=b"POST").status == 405
    assert "access-control-allow-origin" not in get(ask, f"/search.html?{_QUERY}").headers


def test_a_feed_of_nothing_is_refused_with_a_sentence(ask: Ask) -> None:
    for query in ("", "?", "?q=", "?q=%20&tag=", "?other=1"):
        answer = get(ask, f"/search.rss{query}")
        assert (answer.status, answer.headers["content-type"]) == (400, "text/plain; charset=utf-8")
        assert answer.body.decode() == "请说明要找什么：q 中的关键词，或者分类、标签、媒体。\n"
        assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("query", [f"q={'潮' * 201}", f"tag={'x' * 201}", "&".join(f"tag={n}" for n in range(51))])
def test_so_is_one_that_is_too_long(ask: Ask, query: str) -> None:
    answer = get(ask, f"/search.atom?{query}")
    assert (answer.status, answer.body.decode()[:12]) == (400, "关键词最多 200 个字")
    page = get(ask, f"/search.html?{query}")
    assert (page.status, page.headers["content-type"]) == (400, "text/html; charset=utf-8")
    document = page_of(page)
    assert document.findtext(".//p[@role='alert']") == answer.body.decode().strip()
    assert document.find(".//form") is not None


def test_the_page_is_an_empty_form_before_anything_is_asked(ask: Ask) -> None:
    page = page_of(get(ask, "/search.html"))
    assert page.find(".//form").attrib["action"] == "search.html"
    assert page.find(".//form").attrib["method"] == "get"
    assert [one.attrib["name"] for one in page.iterfind(".//form//input")] == ["q", "medium", "tag", "category"]
    assert page.findall(".//link[@rel='alternate']") == []
    assert page.find(".//ol") is None
    assert "没有找到" not in page.text_content()


def test_the_page_of_a_query(ask: Ask) -> None:
    answer = get(ask, f"/search.html?{_QUERY}&tag=TechWeb&medium=证券时报")
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    page = page_of(answer)
    entry = page.find(".//ol/li")
    assert entry.findtext("h2/a") == "A股市场"
    assert entry.find("h2/a").attrib["href"] == "entry/NW202203140000000050.html"
    assert entry.find(".//time").attrib["datetime"] == "2022-03-14T12:50:00+08:00"
    assert "证券时报" in entry.text_content()
    assert "潮水 50" in entry.findtext("p[@class='excerpt']")
    canonical = "category=guance&category=harbour&medium=" + quote("证券时报") + "&q=%E6%BD%AE%E6%B0%B4&tag=TechWeb"
    feeds = [link.attrib["href"] for link in page.iterfind(".//link[@rel='alternate']")]
    assert feeds == [f"https://tide.example/search.{suffix}?{canonical}" for suffix in ("rss", "atom", "json")]
    fields = [(one.attrib["name"], one.attrib.get("value", "")) for one in page.iterfind(".//form//input")]
    given_again = [field for field in fields if field[1]]
    assert given_again == [
        ("q", "潮水"),
        ("category", "guance"),
        ("category", "harbour"),
        ("tag", "TechWeb"),
        ("medium", "证券时报"),
    ]
    assert page.find(".//meta[@name='robots']").attrib["content"] == "noindex"


def test_the_folder_has_no_search_and_offers_none(shelf: Shelf, folder: Path, renderer: Renderer) -> None:
    StaticSite(folder, shelf.database, renderer).publish()
    written = files(folder)
    assert not [path for path in written if path.startswith("search")]
    assert not [path for path, body in written.items() if path.endswith(".html") and b"search.html" in body]


@pytest.mark.parametrize("path", ["/search", "/search.xml", "/search.atom/", "/search.atom/x", "/Search.atom"])
def test_nothing_stands_beside_it(client: TestClient, path: str) -> None:
    assert client.get(f"{path}?q=潮水").status_code == 404


_HOSTILE = st.sampled_from(
    [
        '"', "'", "*", "^", "(", ")", "-", "+", ":", "{a b}:", "NEAR(a b)", " AND ", " OR ", " NOT ", "tokens:",
        "'; DROP TABLE entry; --", "%00", "%ED%A0%80", "%F0%9F", "%", "%zz", "\\", "<script>", "&amp;", ";", "#",
        "潮水", "股", "%E6", "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"), "%C3%9F", "\u202e",
        "{{7*7}}", "../../etc/passwd", "%0d%0aX: y", "x" * 199, "&q=", "&category=", "&tag=", "&medium=", "=", "[]",
    ]
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(pieces=st.lists(_HOSTILE, max_size=12), suffix=st.sampled_from(["rss", "atom", "json", "html"]))
def test_hostile_queries_find_something_or_nothing(ask: Ask, pieces: list[str], suffix: str) -> None:
    raw = quote("".join(["q=", *pieces]), safe="%&=;'()*+!,/:@?[]{}|\\^`\"<>~$")
    answer = ask(f"/search.{suffix}?{raw}".encode().replace(b" ", b"+"))
    assert answer.status in (200, 400)
    assert b"X: y" not in "".join(answer.headers).encode()
    if answer.status == 200:
        if suffix == "json":
            orjson.loads(answer.body)
        elif suffix == "html":
            page = answer.body.decode()
            assert "<script>" not in page
            html.fromstring(page)
        else:
            etree.fromstring(answer.body)


@settings(max_examples=50, deadline=None)
@given(raw=st.binary(max_size=60))
def test_any_bytes_are_a_query(ask: Ask, raw: bytes) -> None:
    query = "".join(f"%{byte:02X}" for byte in raw).encode()
    for target in (b"/search.atom?q=" + query, b"/search.html?tag=" + query, b"/search.json?" + query):
        assert ask(target).status in (200, 400)


def test_thousands_of_parameters_and_a_long_one(ask: Ask) -> None:
    assert ask(b"/search.atom?" + b"&".join([b"tag=x"] * 8_000)).status == 200
    assert ask(b"/search.atom?" + b"&".join(b"tag=%d" % number for number in range(5_000))).status == 400
    assert ask(b"/search.atom?q=" + b"x" * 10_000).status == 400
    assert ask(b"/search.html?q=" + b"%22" * 10_000).status == 400
    longest = quote("".join(map(chr, range(0x4E00, 0x4E00 + 200)))).encode()
    assert ask(b"/search.atom?q=" + longest).status == 200
    assert ask(b"/search.atom?q=" + b"+".join([b"a"] * 100)).status == 200


def test_nothing_that_was_asked_changed_anything(ask: Ask) -> None:
    before = {path: ask.documents.find(path) for path in ask.shelf.paths()}
    ask(b"/search.atom?q='%3B+DROP+TABLE+entry%3B+--&category=%27%22")
    ask(b"/search.atom?q=search_words%3Adelete-all&tag=%27delete-all%27")
    assert {path: ask.documents.find(path) for path in ask.shelf.paths()} == before
    assert titles(get(ask, "/search.atom?q=A股")) == ["A股市场"]
