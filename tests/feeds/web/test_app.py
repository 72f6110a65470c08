"""What the server answers: documents as they are published, conditional requests, and what is not there."""

from __future__ import annotations

import gzip
import re
from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from feeds.publishing.found import Document
from feeds.site import category_path, entry_path
from feeds.web.app import application
from tests.feeds.publishing.shelf import SITE, code, made

if TYPE_CHECKING:
    from feeds.publishing.documents import Documents
    from tests.feeds.publishing.shelf import Shelf
    from tests.feeds.web.conftest import Ask

_SHARE = "/html_News/NewsShare.html"
_STRONG = re.compile(r'"([0-9a-f]{8}-[0-9]+-)?[0-9a-f]{32}"')


def _url(path: str) -> str:
    return SITE.address(path).removeprefix(SITE.url)


def test_every_document_is_answered_as_it_is_published(client: TestClient, ask: Ask) -> None:
    for path in ask.shelf.paths():
        if "%" in path:  # the test client decodes those twice; they are asked for on the wire
            continue
        published = ask.documents.find(path)
        assert isinstance(published, Document)
        answer = client.get(_url(path))
        assert answer.status_code == 200, path
        assert answer.content == published.body
        assert answer.headers["content-type"] == published.media_type
        assert answer.headers["etag"] == published.etag
        assert _STRONG.fullmatch(answer.headers["etag"])
        assert answer.headers["content-length"] == str(len(published.body))
        of_key = ", Authorization" if path.endswith((".rss", ".atom", ".json", ".opml", ".xml")) else ""
        assert answer.headers["vary"] == f"Accept-Encoding{of_key}"
        assert answer.headers["cache-control"] == "public, max-age=60, stale-while-revalidate=300"


def test_home(client: TestClient) -> None:
    assert client.get("/").content == client.get("/index.html").content
    assert client.get("/").headers["content-type"] == "text/html; charset=utf-8"


def test_the_server_is_well(client: TestClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["/", "/all.rss", "/healthz", _SHARE, "/nothing"])
def test_other_methods(client: TestClient, method: str, path: str) -> None:
    answer = client.request(method, path)
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) >= {"GET", "HEAD"}


def test_the_tag_moves_with_the_bytes(documents: Documents, shelf: Shelf) -> None:
    client = TestClient(application(documents, SITE))
    before = client.get("/category/harbour.rss")
    other = client.get("/category/guance.rss")
    shelf.put(made(6, "harbour"))
    after = client.get("/category/harbour.rss", headers={"if-none-match": before.headers["etag"]})
    assert after.status_code == 200
    assert after.headers["etag"] != before.headers["etag"]
    again = client.get("/category/guance.rss", headers={"if-none-match": other.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("field", "status"),
    [
        ("{tag}", 304), ("W/{tag}", 304), ('"x", {tag}', 304), ('"x",{tag},"y"', 304), ('"x" ,  W/{tag} ', 304),
        ("*", 304),
        ('"x"', 200), ('W/"x"', 200), ("", 200), ("{bare}", 200), ('"{bare}x"', 200), ("w/{tag}", 200),
    ],
)  # fmt: skip
def test_if_none_match(client: TestClient, field: str, status: int) -> None:
    tag = client.get("/all.atom").headers["etag"]
    answer = client.get("/all.atom", headers={"if-none-match": field.format(tag=tag, bare=tag.strip('"'))})
    assert answer.status_code == status


def test_a_304_has_the_fields_of_the_200_and_no_body(client: TestClient) -> None:
    whole = client.get("/all.atom")
    answer = client.get("/all.atom", headers={"if-none-match": whole.headers["etag"]})
    assert answer.status_code == 304
    assert answer.content == b""
    for name in ("etag", "last-modified", "cache-control", "vary"):
        assert answer.headers[name] == whole.headers[name]
    assert not {"content-type", "content-encoding"} & set(answer.headers)


def test_a_date_alone_is_a_validator(client: TestClient) -> None:
    said = client.get("/category/guance.atom").headers["last-modified"]
    known = parsedate_to_datetime(said)
    for moment, status in ((known, 304), (known - timedelta(seconds=1), 200), (known + timedelta(seconds=1), 304)):
        field = format_datetime(moment, usegmt=True)
        assert client.get("/category/guance.atom", headers={"if-modified-since": field}).status_code == status, field
    for field in ("yesterday", "", "0", said.replace("GMT", "+0000"), f"{said}, {said}", said.lower()):
        assert client.get("/category/guance.atom", headers={"if-modified-since": field}).status_code == 200, field


def test_the_tag_decides_before_the_date(client: TestClient) -> None:
    whole = client.get("/all.atom").headers
    both = {"if-none-match": '"other"', "if-modified-since": whole["last-modified"]}
    assert client.get("/all.atom", headers=both).status_code == 200
    both = {"if-none-match": whole["etag"], "if-modified-since": "Mon, 01 Jan 2001 00:00:00 GMT"}
    assert client.get("/all.atom", headers=both).status_code == 304


def test_what_has_no_date_asks_for_none(client: TestClient) -> None:
    answer = client.get("/style.css", headers={"if-modified-since": ""})
    assert answer.status_code == 200
    assert "last-modified" not in answer.headers


@pytest.mark.parametrize(
    ("field", "coding"),
    [
        ("gzip", "gzip"), ("GZIP", "gzip"), ("x-gzip", "gzip"), ("*", "br"), ("zstd", "zstd"), ("gzip, br, zstd", "br"),
        ("gzip, zstd", "zstd"), ("deflate, gzip;q=1.0, *;q=0.5", "gzip"), ("br;q=0.2, gzip;q=0.8", "gzip"),
        ("gzip;q=0.001", "gzip"), ("gzip ; q=0.5", "gzip"), ("*;q=0, gzip", "gzip"), ("gzip;q=0", ""),
        ("br;q=0, *", "zstd"),
        ("gzip;q=0.000", ""), ("*, br;q=0, zstd;q=0, gzip;q=0", ""), ("identity", ""), ("", ""), ("deflate", ""),
        ("*;q=0", ""), ("identity;q=0", ""), ("identity, gzip;q=0.5", ""), ("identity;q=0.5, gzip;q=0.5", "gzip"),
        ("gzipped", ""), ("gzip;q=2", ""), ("gzip;q=0.0001", ""), ("gzip;level=9", ""), ("gzip;q=-1", ""),
        (",,gzip,", "gzip"),
    ],
)  # fmt: skip
def test_who_gets_which_coding(client: TestClient, field: str, coding: str) -> None:
    answer = client.get("/all.atom", headers={"accept-encoding": field})
    assert answer.headers.get("content-encoding", "") == coding
    assert answer.headers["etag"].endswith(f'-{coding}"' if coding else '"')
    assert answer.headers["vary"] == "Accept-Encoding, Authorization"


def test_gzip_holds_the_same_bytes_under_a_tag_of_its_own(client: TestClient) -> None:
    plain = client.get("/all.atom")
    zipped = client.get("/all.atom", headers={"accept-encoding": "gzip"})
    again = client.get("/all.atom", headers={"accept-encoding": "gzip"})
    assert zipped.content == plain.content  # the client unpacks it
    assert zipped.headers["etag"] != plain.headers["etag"]
    assert (again.headers["etag"], again.headers["content-length"]) == (
        zipped.headers["etag"],
        zipped.headers["content-length"],
    )
    headers = {"accept-encoding": "gzip", "if-none-match": zipped.headers["etag"]}
    known = client.get("/all.atom", headers=headers)
    assert (known.status_code, known.headers["etag"]) == (304, zipped.headers["etag"])


def test_nothing_stands_there(client: TestClient) -> None:
    answer = client.get("/category/nobody.rss")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "category/nobody.rss" in answer.text
    assert 'href="../style.css"' in answer.text


def test_nothing_that_a_missing_path_says_is_markup(client: TestClient) -> None:
    answer = client.get("/%3Cscript%3Ealert(1)%3C/script%3E")
    assert answer.status_code == 404
    assert "<script" not in answer.text


def test_a_withdrawn_entry_is_gone(client: TestClient) -> None:
    answer = client.get(f"/{entry_path(code(5))}")
    assert answer.status_code == 410
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert code(5) in answer.text
    assert "2022年3月16日 12:05" in answer.text


@pytest.mark.parametrize(
    "query", [f"infoCode={code(1)}", f"from=x&infoCode={code(1)}&y=%20", f"infoCode=&infoCode={code(1)}"]
)
def test_the_original_share_address_leads_to_the_entry(client: TestClient, query: str) -> None:
    answer = client.get(f"{_SHARE}?{query}")
    assert answer.status_code == 308
    assert answer.headers["location"] == f"https://tide.example/entry/{code(1)}.html"


def test_the_share_address_of_a_withdrawn_entry_leads_to_where_it_was(client: TestClient) -> None:
    answer = client.get(f"{_SHARE}?infoCode={code(5)}")
    assert (answer.status_code, answer.headers["location"]) == (308, f"https://tide.example/entry/{code(5)}.html")


@pytest.mark.parametrize(
    "query",
    [
        "", "infoCode=", "infoCode", "infocode=NW202203140000000001", f"infoCode={code(9)}", f"infoCode={code(1)}%0A",
        f"infoCode={code(1)}/../x", "infoCode=../../etc/passwd", f"infoCode={code(1).lower()}",
        f"infoCode=%20{code(1)}",
        "infoCode=%00", "infoCode=%FF%FE", "infoCode=%", f"infoCode={'A' * 60_000}", "infoCode=https://evil.example",
        "infoCode=ＮＷ202203140000000001", "infoCode=NW20220314000000000%D9%A1",
    ],
)  # fmt: skip
def test_a_share_address_that_leads_nowhere(client: TestClient, query: str) -> None:
    answer = client.get(f"{_SHARE}?{query}")
    assert answer.status_code == 404
    assert "location" not in answer.headers


_HOSTILE: list[dict[str, str]] = [
    {"host": "evil.example"},
    {"host": "evil.example:99999999"},
    {"host": "[::1"},
    {"host": "evil.example/path?x=1#y"},
    {"host": "tide.example@evil.example"},
    {"host": ""},
    {"host": '"><script>'},
    {"x-forwarded-host": "evil.example", "x-forwarded-proto": "javascript", "x-forwarded-for": "'; drop"},
    {"forwarded": "for=evil;host=evil.example;proto=gopher"},
    {"x-original-url": "/admin", "x-rewrite-url": "/admin", "x-forwarded-prefix": "/evil"},
    {"referer": "https://evil.example/", "user-agent": "<b>", "cookie": "a=b", "accept": "text/plain"},
    {"accept-language": "de", "origin": "https://evil.example"},
]


@pytest.mark.parametrize(
    "path", ["/", "/all.atom", "/category/harbour.html", f"/{entry_path(code(5))}", "/none/x", "share"]
)
def test_no_header_changes_a_byte(client: TestClient, path: str) -> None:
    path = f"{_SHARE}?infoCode={code(1)}" if path == "share" else path
    plain = client.get(path)
    for headers in _HOSTILE:
        hostile = client.get(path, headers=headers)
        assert hostile.status_code == plain.status_code, headers
        assert hostile.content == plain.content, headers
        assert hostile.headers == plain.headers, headers


def test_a_gzip_body_says_the_same_on_any_machine(client: TestClient, ask: Ask) -> None:
    found = ask.documents.find(category_path("", "json"))
    assert isinstance(found, Document)
    answer = client.get("/all.json", headers={"accept-encoding": "gzip"})
    assert int(answer.headers["content-length"]) == len(gzip.compress(found.body, 6, mtime=0))


def test_opml_of_a_choice(client: TestClient) -> None:
    answer = client.get("/feeds.opml?category=guance&category=harbour&category=harbour&x=1")
    assert answer.headers["content-type"] == "text/x-opml; charset=utf-8"
    assert answer.text.count("<outline") == 2
    assert client.get("/feeds.opml?x=1").content == client.get("/feeds.opml").content
    etag = answer.headers["etag"]
    again = client.get("/feeds.opml?category=harbour&category=guance", headers={"if-none-match": etag})
    assert again.status_code == 304


@pytest.mark.parametrize("path", ["/", "/all.html", f"/{entry_path(code(1))}", f"/{entry_path(code(5))}", "/no"])
def test_pages_forbid_what_they_do_not_need(client: TestClient, path: str) -> None:
    policy = client.get(path).headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    assert policy.endswith("; frame-ancestors 'none'")
    assert "unsafe" not in policy
