"""What RFC 9110 (HTTP semantics), RFC 9111 (caching), RFC 5861 (stale answers) and Fetch ask of a server of feeds, by
section; each test quotes the rule in its own words.
"""

from __future__ import annotations

import gzip
import importlib
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import brotli  # type: ignore[import-untyped]
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from feeds.publishing.documents import Documents
from feeds.publishing.rendering import Renderer
from feeds.site import entry_path
from feeds.web.app import application
from storage import category_moves
from tests.feeds.publishing.shelf import SITE, code, made

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.feeds.publishing.shelf import Shelf
    from tests.feeds.web.conftest import Ask

_zstd: Any = importlib.import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")
_UNDO = {"gzip": gzip.decompress, "br": brotli.decompress, "zstd": _zstd.decompress}
_FEED = "/category/guance.atom"


@dataclass
class Counted(Renderer):
    """A renderer that knows what it was asked to render."""

    rendered: list[str] = field(default_factory=list)

    def __init__(self) -> None:
        super().__init__(SITE)
        self.rendered = []

    def category(self, connection: Any, category: Any, suffixes: Any) -> Any:
        self.rendered.append(f"{category.slug}.{suffixes[0]}@{category.version}")
        return super().category(connection, category, suffixes)


@dataclass(frozen=True, slots=True)
class Served:
    """A shelf, its renderer, and a client that asks for no coding unless it is told to."""

    shelf: Shelf
    renderer: Counted
    client: TestClient

    def get(self, path: str = _FEED, **headers: str) -> Any:
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get(path, headers=fields)


@pytest.fixture
def served(shelf: Shelf) -> Iterator[Served]:
    renderer = Counted()
    app = application(Documents(shelf.database, renderer), SITE)
    with TestClient(app, follow_redirects=False) as client:
        client.headers["accept-encoding"] = "identity"
        yield Served(shelf, renderer, client)


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/", "text/html; charset=utf-8"), ("/index.html", "text/html; charset=utf-8"),
        ("/all.html", "text/html; charset=utf-8"), ("/category/guance.html", "text/html; charset=utf-8"),
        (f"/{entry_path(code(1))}", "text/html; charset=utf-8"), ("/style.css", "text/css; charset=utf-8"),
        ("/all.rss", "application/rss+xml; charset=utf-8"),
        ("/category/guance.rss", "application/rss+xml; charset=utf-8"),
        ("/all.atom", "application/atom+xml; charset=utf-8"), (_FEED, "application/atom+xml; charset=utf-8"),
        ("/feed.xml", "application/atom+xml; charset=utf-8"), ("/all.json", "application/feed+json; charset=utf-8"),
        ("/category/guance.json", "application/feed+json; charset=utf-8"),
        ("/feeds.opml", "text/x-opml; charset=utf-8"),
    ],
)  # fmt: skip
def test_8_3_content_type_is_the_media_type_and_charset(served: Served, path: str, media_type: str) -> None:
    assert served.get(path).headers["content-type"] == media_type


def test_8_4_1_every_coding_undone_is_the_same_document(served: Served) -> None:
    plain = served.get()
    for coding, undo in _UNDO.items():
        with served.client.stream("GET", _FEED, headers={"accept-encoding": coding}) as answer:
            assert answer.headers["content-encoding"] == coding
            assert undo(b"".join(answer.iter_raw())) == plain.content


def test_8_8_2_1_a_modification_date_is_not_in_the_future(served: Served) -> None:
    served.shelf.now = datetime.now(UTC) + timedelta(hours=1)
    served.shelf.put(made(9, "guance"))
    answer = served.get(if_modified_since=format_datetime(served.shelf.now, usegmt=True))
    assert answer.status_code == 200
    assert "last-modified" not in answer.headers


def test_8_8_2_2_a_date_is_a_validator_only_if_no_two_versions_share_it(served: Served) -> None:
    """An older entry that comes late changes the feed, and nothing that it shows is newer than before."""
    for number in (-1, -2, -3):
        known = served.get().headers["last-modified"]
        served.shelf.put(made(number, "guance"))
        answer = served.get(if_modified_since=known)
        assert answer.status_code == 200
        assert parsedate_to_datetime(answer.headers["last-modified"]) > parsedate_to_datetime(known)


def test_8_8_3_1_a_change_of_one_category_leaves_the_validators_of_others(served: Served) -> None:
    before = served.get("/category/harbour.rss").headers
    served.shelf.put(made(9, "guance"))
    after = served.get("/category/harbour.rss").headers
    assert (after["etag"], after["last-modified"]) == (before["etag"], before["last-modified"])


def test_8_8_3_3_each_coding_has_a_strong_tag_of_its_own(served: Served) -> None:
    tags = {served.get(accept_encoding=coding).headers["etag"] for coding in ("identity", *_UNDO)}
    assert len(tags) == 4
    assert not any(tag.startswith("W/") for tag in tags)


def test_8_8_3_replicas_and_restarts_have_the_same_bytes_and_tags(served: Served) -> None:
    with TestClient(application(Documents(served.shelf.database, Renderer(SITE)), SITE)) as other:
        for path in ("/", "/all.rss", _FEED, "/feeds.opml", f"/{entry_path(code(1))}"):
            for coding in ("identity", *_UNDO):
                with served.client.stream("GET", path, headers={"accept-encoding": coding}) as one:
                    body = b"".join(one.iter_raw())
                with other.stream("GET", path, headers={"accept-encoding": coding}) as again:
                    assert b"".join(again.iter_raw()) == body
                assert again.headers == one.headers


def test_9_3_2_head_has_the_fields_of_get(served: Served) -> None:
    for coding in ("identity", *_UNDO):
        head = served.client.head(_FEED, headers={"accept-encoding": coding})
        assert head.content == b""
        assert head.headers == served.get(accept_encoding=coding).headers


def test_9_3_7_options_names_the_methods(served: Served) -> None:
    for path in ("/", _FEED):
        answer = served.client.options(path)
        assert (answer.status_code, answer.headers["allow"], answer.content) == (204, "GET, HEAD, OPTIONS", b"")


def test_12_5_3_vary_names_what_the_answer_was_chosen_by(served: Served) -> None:
    tag = served.get().headers["etag"]
    for answer in (served.get(), served.get(accept_encoding="br"), served.get(if_none_match=tag)):
        assert answer.headers["vary"] == "Accept-Encoding, Authorization"
    assert served.get("/").headers["vary"] == "Accept-Encoding"  # a key changes no page


@pytest.mark.parametrize(
    ("said", "status"), [("{tag}", 200), ("*", 200), ('"x", {tag}', 200), ('"x"', 412), ("W/{tag}", 412), ("", 412)]
)
def test_13_1_1_if_match_compares_strongly(served: Served, said: str, status: int) -> None:
    tag = served.get().headers["etag"]
    assert served.get(if_match=said.format(tag=tag)).status_code == status


def test_13_1_2_if_none_match_compares_weakly_and_goes_before_a_date(served: Served) -> None:
    known = served.get().headers
    assert served.get(if_none_match=f"W/{known['etag']}").status_code == 304
    assert served.get(if_none_match='"x"', if_modified_since=known["last-modified"]).status_code == 200


def test_13_1_2_a_client_that_has_another_acceptable_coding_has_the_document(served: Served) -> None:
    zipped = served.get(accept_encoding="gzip").headers["etag"]
    answer = served.get(accept_encoding="br, gzip", if_none_match=zipped)
    assert (answer.status_code, answer.headers["etag"]) == (304, zipped)
    assert served.get(accept_encoding="br", if_none_match=zipped).status_code == 200


def test_13_1_3_and_13_1_4_dates(served: Served) -> None:
    known = served.get().headers["last-modified"]
    earlier = format_datetime(parsedate_to_datetime(known) - timedelta(seconds=1), usegmt=True)
    assert served.get(if_modified_since=known).status_code == 304
    assert served.get(if_modified_since=earlier).status_code == 200
    assert served.get(if_unmodified_since=known).status_code == 200
    assert served.get(if_unmodified_since=earlier).status_code == 412


def test_13_1_3_the_obsolete_forms_of_a_date_are_read_too(served: Served) -> None:
    moment = parsedate_to_datetime(served.get().headers["last-modified"])
    for form in ("%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y"):
        assert served.get(if_modified_since=moment.strftime(form)).status_code == 304, form


def test_15_4_5_a_304_has_the_fields_that_a_200_would_have_and_renders_nothing(served: Served) -> None:
    whole = served.get()
    before = list(served.renderer.rendered)
    for asked in ({"if_none_match": whole.headers["etag"]}, {"if_modified_since": whole.headers["last-modified"]}):
        answer = served.get(**asked)
        assert (answer.status_code, answer.content) == (304, b"")
        for name in ("cache-control", "etag", "last-modified", "vary", "access-control-allow-origin"):
            assert answer.headers[name] == whole.headers[name]
        assert "content-type" not in answer.headers
    assert served.renderer.rendered == before


def test_15_4_2_a_renamed_category_is_found_where_it_is_now(served: Served) -> None:
    with served.shelf.database.writing() as connection:
        category_moves.move(connection, "guance", "观察", served.shelf.now)
    for suffix in ("rss", "atom", "json", "html"):
        answer = served.get(f"/category/guance.{suffix}", host="evil.example")
        assert answer.status_code == 301
        assert answer.headers["location"] == f"https://tide.example/category/%E8%A7%82%E5%AF%9F.{suffix}"
        assert served.get(answer.headers["location"]).status_code == 200


def test_15_5_what_is_not_there_and_what_is_no_more(served: Served) -> None:
    assert served.get("/category/nobody.rss").status_code == 404
    assert served.get(f"/{entry_path(code(5))}").status_code == 410


def test_5_2_2_9_of_rfc_9111_and_rfc_5861_every_answer_says_how_long_it_is_fresh(served: Served) -> None:
    tag = served.get().headers["etag"]
    answers = [served.get(path) for path in ("/", _FEED, "/style.css", "/category/nobody.rss", "/feeds.opml")]
    for answer in [*answers, served.get(if_none_match=tag), served.get(if_match='"x"')]:
        assert answer.headers["cache-control"] == "public, max-age=60, stale-while-revalidate=300"


def test_fetch_3_3_a_reader_in_a_browser_is_let_in(served: Served) -> None:
    for path in ("/all.rss", _FEED, "/all.json", "/feeds.opml", "/feed.xml", "/category/nobody.rss"):
        answer = served.get(path, origin="https://reader.example")
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "ETag" in answer.headers["access-control-expose-headers"]
        asked = {"origin": "https://reader.example", "access-control-request-method": "GET"}
        asked["access-control-request-headers"] = "if-none-match"
        preflight = served.client.options(path, headers=asked)
        assert (preflight.status_code, preflight.headers["access-control-allow-origin"]) == (204, "*")
        assert "GET" in preflight.headers["access-control-allow-methods"]
        assert "If-None-Match" in preflight.headers["access-control-allow-headers"]
    assert "access-control-allow-origin" not in served.get("/").headers


def test_what_one_request_renders_no_other_renders(served: Served) -> None:
    served.get()
    served.shelf.put(made(9, "guance"))
    served.renderer.rendered.clear()
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: served.get(accept_encoding="br"), range(64)))
    assert len({(answer.status_code, answer.content, answer.headers["etag"]) for answer in answers}) == 1
    assert len(served.renderer.rendered) == 1


_NAMES = st.sampled_from(
    [
        *["accept-encoding", "if-none-match", "if-match", "if-modified-since", "if-unmodified-since", "range", "host"],
        *["accept", "origin", "accept-language", "x-forwarded-host", "cookie", "authorization", "te", "via", "a-im"],
    ]
)
_PARTS = st.sampled_from(
    [
        *[
            "gzip",
            "br",
            "zstd",
            "identity",
            "*",
            ";q=0",
            ";q=1",
            ";q=0.5",
            ";q=",
            ",",
            " ",
            "\t",
            '"',
            "W/",
            '"x"',
            "GMT",
        ],
        *["Mon, 14 Mar 2022 04:03:00 GMT", "Mon, 31 Feb 2022 99:00:00 GMT", "0000", "bytes=0-9", "\xff", "\x80"],
    ]
)
_VALUES = st.lists(_PARTS, max_size=8).map("".join) | st.text(
    st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=60
)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=st.lists(st.tuples(_NAMES, _VALUES), max_size=5), path=st.sampled_from(["/all.atom", "/", "/style.css"]))
def test_no_bytes_of_a_header_change_a_document_or_break_the_server(
    client: TestClient, asked: list[tuple[str, str]], path: str
) -> None:
    fields = [(name.encode(), value.encode("latin-1")) for name, value in asked]
    plain = _plain(client, path)
    with client.stream("GET", path, headers=fields) as answer:
        body = b"".join(answer.iter_raw())
    assert answer.status_code in {200, 304, 412}
    if answer.status_code == 200:
        coding = answer.headers.get("content-encoding")
        assert (_UNDO[coding](body) if coding else body) == plain[0]
        assert answer.headers["content-length"] == str(len(body))
    else:
        assert body == b""
    same = ("cache-control", "last-modified", "vary", "access-control-allow-origin")
    assert {name: answer.headers.get(name) for name in same} == {name: plain[1].get(name) for name in same}


def _plain(client: TestClient, path: str) -> tuple[bytes, Mapping[str, str]]:
    answer = client.get(path)
    return answer.content, answer.headers


@settings(max_examples=60, deadline=None)
@given(value=_VALUES)
def test_no_bytes_on_the_wire_break_it(ask: Ask, value: str) -> None:
    line = value.encode("latin-1").replace(b"\r", b"").replace(b"\n", b"")
    for name in (b"Accept-Encoding: ", b"If-None-Match: ", b"If-Modified-Since: "):
        assert ask(b"/all.atom", name + line).status in {200, 304, 400}
