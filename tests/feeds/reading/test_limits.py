"""What a hostile or broken document may cost, and what it can reach."""

from __future__ import annotations

import socket
import tracemalloc
from pathlib import Path
from typing import NoReturn

import feedparser
import pytest

from feeds.reading import FeedSyntaxError, read
from feeds.reading.errors import NotWellFormedError
from feeds.reading.xml import parse_xml

FOLDER = Path(__file__).parents[2] / "data" / "feeds"


def test_entities_do_not_grow() -> None:
    data = (FOLDER / "rss-billion-laughs.xml").read_bytes()
    tracemalloc.start()
    read(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10_000_000


def test_nothing_is_fetched_or_opened(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("not for feeds")

    def refuse(*_arguments: object, **_named: object) -> NoReturn:
        raise AssertionError("no network")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    document = (
        f'<!DOCTYPE rss SYSTEM "http://127.0.0.1:9/x.dtd" [<!ENTITY x SYSTEM "{secret.as_uri()}">'
        '<!ENTITY % y SYSTEM "http://127.0.0.1:9/y">%y;]>'
        '<rss version="2.0"><channel><title>&x;</title></channel></rss>'
    )
    assert "not for feeds" not in repr(read(document.encode()))


@pytest.mark.parametrize("data", [b"http://127.0.0.1:9/feed", b"/etc/hostname", b"<http://127.0.0.1:9/"])
def test_an_address_is_no_document(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_named: object) -> NoReturn:
        raise AssertionError("feedparser opens what it is given")

    monkeypatch.setattr("feedparser.http.get", refuse)
    with pytest.raises(FeedSyntaxError):
        read(data)


@pytest.mark.parametrize("start", [b"<title>", b"<title><![CDATA[", b"<!--", b"<title a='"])
def test_a_text_that_is_too_long_is_told_in_our_words(start: bytes) -> None:
    document = b"<rss version='2.0'><channel>" + start + b"water " * 2_000_000
    ends = {b"<title>": b"</title>", b"<title><![CDATA[": b"]]></title>", b"<!--": b"-->", b"<title a='": b"'/>"}
    with pytest.raises(NotWellFormedError, match=r"^a text in it is longer than 10 MB$"):
        parse_xml(document + ends[start] + b"</channel></rss>")


def test_what_is_too_large_is_not_mended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what is no feed at all, feedparser is only given the short ones."""
    asked: list[bytes] = []
    monkeypatch.setattr("feeds.reading.detect.read_lenient", lambda data, *_: asked.append(data))
    monkeypatch.setattr("feeds.reading.detect.LARGEST", 100)
    read(b"<x>Salt & water</x>")
    with pytest.raises(FeedSyntaxError, match="cannot be mended"):
        read(b"<x>Salt & water</x>" + b" " * 100 + b"<!-- -->")
    assert len(asked) == 1


def test_what_feedparser_raises_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object, **_named: object) -> NoReturn:
        raise KeyError("a handler's mistake")

    monkeypatch.setattr(feedparser, "parse", fail)
    with pytest.raises(FeedSyntaxError, match="cannot be mended") as caught:
        read(b"<x>Salt & water</y>")
    assert isinstance(caught.value.__cause__, KeyError)


def test_problems_are_few() -> None:
    items = ", ".join(f'{{"id": "{number}", "title": {number}}}' for number in range(500))
    feed = read(f'{{"version": "https://jsonfeed.org/version/1.1", "items": [{items}]}}'.encode())
    assert len(feed.entries) == 500
    assert len(feed.problems) == 20


def test_long_texts_are_read_in_no_time() -> None:
    """Patterns that look at the same text again and again would need minutes here."""
    hostile = ("<" * 50_000, "<!--" * 50_000, "&amp;" * 50_000, "a@" * 50_000, "(" * 50_000, " " * 200_000 + "x")
    items = "".join(
        f"<item><title><![CDATA[{text}]]></title><author><![CDATA[{text}]]></author>"
        f"<pubDate><![CDATA[{text}]]></pubDate><link><![CDATA[{text}]]></link></item>"
        for text in hostile
    )
    assert len(read(f'<rss version="2.0"><channel>{items}</channel></rss>'.encode()).entries) == len(hostile)
