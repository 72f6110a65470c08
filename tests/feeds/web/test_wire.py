"""The server on a real connection: what bytes come back, and that nothing that is asked breaks it."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from feeds.publishing.found import Document
from feeds.site import category_path, entry_path
from tests.feeds.publishing.shelf import ODD_SLUGS, SITE, SUFFIXES, code

if TYPE_CHECKING:
    from tests.feeds.web.conftest import Answer, Ask

_PATHS = (b"/", b"/all.atom", b"/style.css", b"/nothing", f"/{entry_path(code(5))}".encode(), b"/healthz")
_SHARED = f"/html_News/NewsShare.html?infoCode={code(1)}".encode()


def _fields(answer: Answer) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name != "date"}


def test_head_has_the_fields_of_get_and_no_body(ask: Ask) -> None:
    for target in (*_PATHS, _SHARED):
        for fields in ((), (b"Accept-Encoding: gzip",)):
            got, headed = ask(target, *fields), ask(target, *fields, method=b"HEAD")
            assert headed.status == got.status, target
            assert _fields(headed) == _fields(got)
            assert headed.body == b""
            assert len(got.body) == int(got.headers["content-length"])


def test_a_304_has_no_body(ask: Ask) -> None:
    tag = ask(b"/all.atom").headers["etag"].encode()
    for method in (b"GET", b"HEAD"):
        answer = ask(b"/all.atom", b"If-None-Match: " + tag, method=method)
        assert (answer.status, answer.body) == (304, b"")


def test_gzip_on_the_wire(ask: Ask) -> None:
    plain, zipped = ask(b"/all.atom"), ask(b"/all.atom", b"Accept-Encoding: gzip")
    assert zipped.headers["content-encoding"] == "gzip"
    assert gzip.decompress(zipped.body) == plain.body
    assert zipped.headers["etag"] == plain.headers["etag"][:-1] + '-gzip"'


def test_fields_that_come_in_several_lines(ask: Ask) -> None:
    tag = ask(b"/all.atom").headers["etag"].encode()
    assert ask(b"/all.atom", b'If-None-Match: "x"', b"If-None-Match: " + tag).status == 304
    answer = ask(b"/all.atom", b"Accept-Encoding: gzip;q=0.5", b"Accept-Encoding: zstd")
    assert answer.headers.get("content-encoding") == "zstd"


@pytest.mark.parametrize(
    "host", [b"evil.example", b"[::1", b"a/b/c", b"a?b", b"a#b", b"a@b", b"a:b", b"", b"\xff\xfe", b"x" * 5_000]
)
def test_no_host_breaks_it_or_shows(ask: Ask, host: bytes) -> None:
    for target in (*_PATHS, _SHARED):
        plain, hostile = ask(target), ask(target, host=host)
        # What is no host name at all the server may refuse, before it is ours to answer.
        if hostile.status != 400:
            assert (hostile.status, hostile.body, _fields(hostile)) == (plain.status, plain.body, _fields(plain))


@pytest.mark.parametrize(
    "target",
    [
        b"/../../etc/passwd", b"/%2e%2e/%2e%2e/etc/passwd", b"/..%2f..%2fetc%2fpasswd", b"/category/..%2Fall.rss",
        b"/category/../all.rss", b"/category%2Fharbour.rss", b"/category/%2E%2E/%2E%2E/mill.db",
        b"/.feedmill.json", b"//all.rss",
        b"/%00", b"/all.rss%00", b"/category/%00.rss", b"/category/%2500.rss", b"/category/%ff.rss",
        b"/category/%25ff.rss",
        b"/category/%C3%28.rss", b"/%ED%A0%80", b"/category/%25ED%25A0%2580.rss", b"/%", b"/%zz", b"/%2",
        b"/all.rss/", b"/\\all.rss",
        b"/category/%25-.rss", b"/category/%25-0123.html", b"/entry/%0A.html", b"/entry/.html", b"/" + b"a" * 30_000,
        b"/" + b"a/" * 10_000,
        b"/category/" + b"%41" * 9_000 + b".rss", b"/entry/" + b"A" * 30_000 + b".html", b"/%F0%9F%8C%8A",
        b"/?x=%ff&y", b"/nothing?x=%00",
        b"/static/../../feeds/site.py",
    ],
)  # fmt: skip
def test_nothing_that_is_asked_breaks_it(ask: Ask, target: bytes) -> None:
    answer = ask(target)
    expected = 200 if target.startswith(b"/?") else 404
    if target in {b"/category%2Fharbour.rss", b"/category/../all.rss"}:
        expected = answer.status if answer.status in {200, 404} else 404  # other words for what is published anyhow
    assert answer.status == expected, answer
    assert b"root:" not in answer.body
    assert b"SQLite format" not in answer.body
    assert len(answer.body) < 20_000
    assert ask(b"/healthz").status == 200


@pytest.mark.parametrize("target", [b"/" + b"a" * 200_000, b"/\xe8\xaf\x81", b"/a b", b"all.rss", b"*", b""])
def test_what_is_not_http_is_refused(ask: Ask, target: bytes) -> None:
    assert 400 <= ask(target).status < 500
    assert ask(b"/healthz").status == 200


def test_a_missing_page_is_small_and_finds_its_style(ask: Ask) -> None:
    answer = ask(b"/a/b/c.html")
    assert answer.status == 404
    assert b'href="../../style.css"' in answer.body


def test_every_document_of_an_odd_slug_is_at_its_address(ask: Ask) -> None:
    for slug in ODD_SLUGS:
        for suffix in SUFFIXES:
            path = category_path(slug, suffix)
            published = ask.documents.find(path)
            assert isinstance(published, Document)
            answer = ask(SITE.address(path).removeprefix(SITE.url).encode())
            assert (answer.status, answer.body) == (200, published.body), path


def test_a_store_that_fails_is_told_and_passes(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(path: str) -> None:
        raise OSError(path)

    with monkeypatch.context() as patch:
        patch.setattr(ask.documents, "find", broken)
        assert ask(b"/all.rss").status == 500
        assert ask(b"/healthz").status == 500
    assert ask(b"/all.rss").status == 200
