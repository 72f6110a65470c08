"""Documents of 15 MB that are made to cost as much as they can, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

SIZE: Final = 15 * 1024 * 1024


def _filled(start: bytes, piece: bytes, end: bytes = b"") -> bytes:
    return start + piece * ((SIZE - len(start) - len(end)) // len(piece)) + end


def _numbered(start: bytes, piece: bytes, end: bytes) -> bytes:
    """*piece* with a number in it that never comes again."""
    count = (SIZE - len(start) - len(end)) // (len(piece) + 4)
    return start + b"".join(piece % number for number in range(count)) + end


_RSS: Final = b'<rss version="2.0"><channel><item>'
_PODCAST: Final = (
    b'<rss version="2.0" xmlns:i="http://www.itunes.com/dtds/podcast-1.0.dtd" '
    b'xmlns:p="https://podcastindex.org/namespace/1.0"><channel><item>'
)
_END: Final = b"</item></channel></rss>"
_JSON: Final = b'{"version": "https://jsonfeed.org/version/1.1", "items": ['
_ENTITIES: Final = b'<!DOCTYPE rss [<!ENTITY a "%s">]>' % (b"x" * 60_000)

DOCUMENTS: Final[dict[str, Callable[[], bytes]]] = {
    "deep nesting": lambda: _filled(_RSS, b"<a>"),
    "deep nesting, closed wrongly": lambda: _filled(_RSS, b"<a></b>"),
    "end tags only": lambda: _filled(_RSS + b"<i>" * 150, b"</j>"),
    "one attribute": lambda: _filled(b'<rss version="', b"x", b'"/>'),
    "one attribute that does not end": lambda: _filled(b'<rss version="', b"x"),
    "attributes": lambda: _numbered(b"<rss ", b'a%d="" ', b"/>"),
    "namespaces": lambda: _numbered(b"<rss ", b'xmlns:a%d="b" ', b"/>"),
    "tiny entries": lambda: _filled(b"<rss><channel>", b"<item/>", b"</channel></rss>"),
    "tiny entries in Atom": lambda: _filled(b"<feed>", b"<entry/>", b"</feed>"),
    "tiny elements": lambda: _filled(_RSS, b"<a/>", _END),
    "small entries": lambda: _numbered(
        b"<rss><channel>", b"<item><title>A title of an entry</title><guid>%d</guid></item>", b"</channel></rss>"
    ),
    "entries as large as real ones": lambda: _numbered(
        b"<rss><channel>", b"<item><guid>%d</guid><description>" + b"word &lt;b&gt; " * 30 + b"</description></item>",
        b"</channel></rss>",
    ),
    "categories": lambda: _numbered(_RSS, b"<category>c%d</category>" + b" " * 40, _END),
    "enclosures": lambda: _numbered(_RSS, b'<enclosure url="http://a/%d"/>' + b" " * 40, _END),
    "links": lambda: _numbered(
        _RSS, b'<link xmlns="http://www.w3.org/2005/Atom" rel="via" href="http://a/%d"/>' + b" " * 80, _END
    ),
    "hubs": lambda: _numbered(b"<feed>", b'<link rel="hub" href="http://a/%d"/>' + b" " * 80, b"</feed>"),
    "contributors": lambda: _numbered(
        b"<feed><entry>", b"<contributor><name>a%d</name></contributor>" + b" " * 90, b"</entry></feed>"
    ),
    "transcripts": lambda: _numbered(_PODCAST, b'<p:transcript url="http://a/%d"/>' + b" " * 40, _END),
    "authors of an episode": lambda: _numbered(_PODCAST, b"<i:author>a%d</i:author>" + b" " * 40, _END),
    "keywords": lambda: _numbered(_PODCAST, b"<i:keywords>a%d</i:keywords>" + b" " * 40, _END),
    "authors": lambda: _numbered(_RSS, b"<author>a%d</author>" + b" " * 40, _END),
    "entities that grow": lambda: _filled(_ENTITIES + _RSS + b"<title>", b"&a;", b"</title>" + _END),
    "entities that are unknown": lambda: _filled(_RSS + b"<title>", b"&nbsp;", b"</title>" + _END),
    "ampersands": lambda: _filled(_RSS + b"<title>", b"&", b"</title>" + _END),
    "references to no characters": lambda: _filled(_RSS + b"<title>", b"&#xD800;", b"</title>" + _END),
    "references to characters": lambda: _filled(_RSS + b"<title>", b"&#x4E2D;", b"</title>&" + _END),
    "comments that do not end": lambda: _filled(_RSS, b"<!-- "),
    "CDATA that does not end": lambda: _filled(_RSS, b"<![CDATA["),
    "instructions that do not end": lambda: _filled(_RSS, b"<?a "),
    "less-than signs": lambda: _filled(_RSS, b"<"),
    "quotes that do not end": lambda: _filled(_RSS, b"<a b='\" "),
    "a doctype that does not end": lambda: _filled(b"<!DOCTYPE rss [", b"'\" "),
    "doctypes": lambda: _filled(b"", b"<!doctype ["),
    "spaces in a tag": lambda: _filled(_RSS + b"<a", b" "),
    "white space": lambda: _filled(b"\n", b" \n", b"x"),
    "base64": lambda: _filled(b'<feed><entry><content mode="base64">', b"QUFB", b"</content></entry></feed>"),
    "markup in CDATA": lambda: _filled(_RSS + b"<title><![CDATA[", b"<a b='c'>", b"]]></title>" + _END),
    "lists in JSON": lambda: _filled(_JSON, b"["),
    "empty lists in JSON": lambda: _filled(_JSON, b"[],", b"1]}"),
    "objects in JSON": lambda: _filled(_JSON, b'{"a":1},', b"{}]}"),
    "a text in JSON that does not end": lambda: _filled(_JSON + b'{"id": "', b'\\"'),
    "halves of characters in JSON": lambda: _filled(_JSON + b'{"id": "', b"\\ud800", b'"}]}'),
    "a number in JSON": lambda: _filled(_JSON + b'{"id": ', b"9", b"}]}"),
    "Chinese called UTF-8": lambda: _filled(_RSS + b"<title>", "新闻联播".encode("gb18030"), b"</title>" + _END),
    "Japanese called Chinese": lambda: _filled(
        b'<?xml version="1.0" encoding="gb2312"?>' + _RSS + b"<title>", "日本の話".encode("euc_jp"), _END
    ),
    "bytes that are nothing": lambda: _filled(_RSS + b"<title>", b"\xff\x80 ", b"</title>" + _END),
    "UTF-16 of emoji": lambda: "<rss><channel><title>".encode("utf-16") + "😀".encode("utf-16-le") * (SIZE // 4),
    "a web page": lambda: _filled(b"<html><head>", b"<link rel='alternate' "),
    "gzip of nothing": lambda: b"\x1f\x8b\x08\x00" + bytes(SIZE),
}  # fmt: skip
