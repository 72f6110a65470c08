"""RFC 3229 with the instance manipulation ``feed``: 226 with what is new since the feed that the client has."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from lxml import etree

from feeds.publishing import differences
from storage.entry import WithdrawnBy
from tests.feeds.publishing.shelf import NOON, code, made

if TYPE_CHECKING:
    from httpx2 import Response
    from starlette.testclient import TestClient

    from tests.feeds.web.conftest import Ask

_FEEDS = ("/category/pier.atom", "/category/pier.rss", "/category/pier.json")
_ATOM = "{http://www.w3.org/2005/Atom}"
_DELETED = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"


@pytest.fixture(autouse=True)
def pier(ask: Ask) -> None:
    ask.shelf.put(*(made(number, "pier") for number in range(1001, 1011)))


def _ask(client: TestClient, path: str, etag: str, a_im: str = "feed") -> Response:
    return client.get(path, headers={"A-IM": a_im, "If-None-Match": etag})


def _codes(body: bytes) -> set[int]:
    return {number for number in range(1001, 1100) if code(number).encode() in body}


@pytest.mark.parametrize("path", _FEEDS)
def test_only_what_is_new_or_corrected_is_told(client: TestClient, ask: Ask, path: str) -> None:
    """10.4.1: the answer is 226 IM Used, with IM and the entity tag of the instance that it leads to."""
    had = client.get(path).headers["etag"]
    ask.shelf.put(made(1011, "pier"))
    ask.shelf.correct(1003, title="Put right")
    ask.shelf.put(made(1012, "guance"))
    answer = _ask(client, path, had)
    assert (answer.status_code, answer.headers["im"]) == (226, "feed")
    assert _codes(answer.content) == {1003, 1011}
    assert answer.headers["delta-base"] == had
    assert answer.headers["cache-control"] == "no-store, im"
    whole = client.get(path, headers={"Accept-Encoding": "identity"})
    assert answer.headers["etag"] == whole.headers["etag"]
    assert answer.headers["content-type"] == whole.headers["content-type"]
    assert _ask(client, path, answer.headers["etag"]).status_code == 304


def test_withdrawals_are_told_in_atom(client: TestClient, ask: Ask) -> None:
    ask.shelf.withdraw(1001)
    had = client.get(_FEEDS[0]).headers["etag"]
    ask.shelf.withdraw(1002)
    ask.shelf.put(replace(ask.shelf.get(1004), categories=("guance",)))
    feed = etree.fromstring(_ask(client, _FEEDS[0], had).content)
    assert feed.find(f"{_ATOM}entry") is None
    gone = {one.get("ref") for one in feed.iterchildren(_DELETED)}
    assert gone == {ask.shelf.get(number).atom_id for number in (1002, 1004)}


def test_a_reader_that_takes_differences_holds_the_feed(client: TestClient, ask: Ask) -> None:
    held: set[str] = set()
    etag = ""
    for number in range(1011, 1031):
        ask.shelf.put(made(number, "pier"))
        if number % 3 == 0:
            gone = replace(ask.shelf.get(number - 2), withdrawn=NOON, withdrawn_by=WithdrawnBy.SOURCE)
            ask.shelf.put(gone)
        if number % 4:
            continue
        answer = _ask(client, _FEEDS[0], etag)
        assert answer.status_code == (226 if etag else 200)
        etag = answer.headers["etag"]
        feed = etree.fromstring(answer.content)
        held |= {one.findtext(f"{_ATOM}id", "") for one in feed.iterchildren(f"{_ATOM}entry")}
        held -= {one.get("ref", "") for one in feed.iterchildren(_DELETED)}
        whole = etree.fromstring(client.get(_FEEDS[0]).content)
        assert held == {one.findtext(f"{_ATOM}id", "") for one in whole.iterchildren(f"{_ATOM}entry")}


@pytest.mark.parametrize("a_im", ["", "vcdiff", "feed;q=0", "feed; q=0.000", "feeds"])
def test_the_whole_feed_for_who_does_not_ask(client: TestClient, ask: Ask, a_im: str) -> None:
    had = client.get(_FEEDS[0]).headers["etag"]
    ask.shelf.put(made(1011, "pier"))
    answer = _ask(client, _FEEDS[0], had, a_im)
    assert answer.status_code == 200
    assert "im" not in answer.headers
    assert _codes(answer.content) >= set(range(1001, 1012))


def test_the_whole_feed_where_the_version_is_not_known(client: TestClient, ask: Ask) -> None:
    had = client.get(_FEEDS[0]).headers["etag"]
    store, version, digest = had.strip('"').split("-")[:3]
    ask.shelf.put(made(1011, "pier"))
    unknown = [
        *('""', "*x", '"x"', f'"{digest}"', f'"{store}-{version}"', f'"{store}--1-{digest}"'),
        *(f'"00000000-{version}-{digest}"', f'"{store}-999999-{digest}"', f'"{store}-{"9" * 400}-{digest}"'),
    ]
    for etag in unknown:
        assert _ask(client, _FEEDS[0], etag).status_code == 200, etag


def test_pages_and_archives_have_no_differences(client: TestClient, ask: Ask) -> None:
    had = client.get(_FEEDS[0]).headers["etag"]
    ask.shelf.put(made(1011, "pier"))
    for path in ("/category/pier.html", "/index.html", "/feeds.opml"):
        assert _ask(client, path, had).status_code == 200


def test_everything_has_differences_too(client: TestClient, ask: Ask) -> None:
    for path in ("/all.atom", "/feed.xml"):
        had = client.get(path).headers["etag"]
        ask.shelf.put(made(1020 + len(path), "pier"))
        answer = _ask(client, path, f'"unknown", {had}', "vcdiff;q=0.2, FEED ; q=0.5")
        assert (answer.status_code, _codes(answer.content)) == (226, {1020 + len(path)})


def test_the_newest_of_several_versions_is_the_base() -> None:
    tags = [differences.tagged('"0a"', "0123456789abcdef", version) for version in (3, 12, 9)]
    assert differences.base(", ".join(tags), "0123456789abcdef", 20) == ('"01234567-12-0a"', 12)
    assert differences.base(", ".join(tags), "0123456789abcdef", 10) is None  # the store was put back
    assert differences.base(", ".join(tags), "f123456789abcdef", 20) is None
