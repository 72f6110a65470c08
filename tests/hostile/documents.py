"""Documents made to harm whoever parses them."""

from __future__ import annotations

import gzip
import json
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from tests.hostile.server import OUTSIDE, answer, made
from tests.hostile.wire import FEED, ok
from tests.hostile.words import item, json_feed, rss, tide

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.hostile.server import Behaviour

SECRET = Path(__file__).with_name("secret.txt")
"""What is in it is a secret of this machine."""
LARGE = 14 * 2**20


def later(make: Callable[[], bytes], *fields: str) -> Behaviour:
    """A document that is made when it is asked for."""
    return made(lambda _: answer(make(), *fields))


def packed(make: Callable[[], bytes]) -> Behaviour:
    """One that is too large to be sent as it is."""
    return later(lambda: gzip.compress(make(), 1), "Content-Encoding: gzip")


def aimed(text: bytes) -> Behaviour:
    """A document that names addresses inside and outside, and a file, where *text* says so."""

    def make(request: object) -> bytes:
        port = str(request.port).encode()  # type: ignore[attr-defined]
        outside, inside = b"http://%s:%s/never" % (OUTSIDE.encode(), port), b"http://127.0.0.1:%s/never" % port
        aims = {b"OUTSIDE": outside, b"INSIDE": inside, b"FILE": SECRET.as_uri().encode()}
        body = text
        for name, address in aims.items():
            body = body.replace(name, address)
        return answer(body)

    return made(make)


def doctype(declared: str, name: str = "rss", external: str = "") -> str:
    return f"<!DOCTYPE {name} {external}[{declared}]>"


def _laughs() -> str:
    names = "abcdefghijk"
    grown = "".join(f'<!ENTITY {after} "{f"&{before};" * 10}">' for before, after in pairwise(names))
    return f'<!ENTITY a "haha">{grown}'


def raw(markup: str) -> str:
    """An item's description whose markup is the document's own."""
    return f"<description>{markup}</description>"


LAUGHS = ok(rss(item("Funny", raw("&k;")), before=doctype(_laughs())))
QUADRATIC = later(lambda: rss(item("Funny", raw("&a;" * 50_000)), before=doctype(f'<!ENTITY a "{"ha" * 50_000}">')))
RECURSION = ok(rss(item("Funny", raw("&a;")), before=doctype('<!ENTITY a "&b;"><!ENTITY b "&a;">')))
IN_ATTRIBUTE = ok(
    rss(
        item("Funny", '<enclosure url="http://tide.example/&k;" type="audio/mpeg" length="1"/>'),
        before=doctype(_laughs()),
    )
)
XXE_FILE = aimed(rss(item("Told", raw("[&x;]")), before=doctype('<!ENTITY x SYSTEM "FILE">')))
XXE_OUTSIDE = aimed(rss(item("Told", raw("[&x;]")), before=doctype('<!ENTITY x SYSTEM "OUTSIDE">')))
XXE_INSIDE = aimed(rss(item("Told", raw("[&x;]")), before=doctype('<!ENTITY x PUBLIC "-//x" "INSIDE">')))
XXE_PARAMETER = aimed(
    rss(item("Told"), before=doctype('<!ENTITY % p SYSTEM "OUTSIDE"> %p; <!ENTITY % q SYSTEM "FILE"> %q;'))
)
XXE_DTD = aimed(rss(item("Told", raw("[&x;]")), before='<!DOCTYPE rss SYSTEM "OUTSIDE">'))
XXE_DTD_FILE = aimed(rss(item("Told"), before='<!DOCTYPE rss PUBLIC "-//x" "FILE">'))
XINCLUDE = aimed(
    rss(
        item(
            "Told",
            '<description><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="FILE" parse="text"/>'
            '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="OUTSIDE"/></description>',
        )
    )
)
STYLESHEET = aimed(
    rss(item("Told"), before='<?xml-stylesheet type="text/xsl" href="OUTSIDE"?><?xml-stylesheet href="INSIDE"?>')
)
SCHEMA = aimed(
    rss(item("Told")).replace(
        b"<rss ",
        b'<rss xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="OUTSIDE" '
        b'xsi:schemaLocation="http://a.example INSIDE" ',
    )
)
NAMES_INSIDE = aimed(
    rss(
        item(
            "Told",
            '<description>&lt;img src="INSIDE"&gt; Words &lt;a href="INSIDE"&gt;in&lt;/a&gt;.</description>'
            '<link>INSIDE</link><enclosure url="INSIDE" type="audio/mpeg" length="1"/>'
            '<comments>INSIDE</comments><source url="INSIDE">Tides</source>',
        ),
        head='<atom:link rel="hub" href="INSIDE"/><atom:link rel="self" href="INSIDE"/><link>INSIDE</link>'
        '<atom:link rel="next" href="INSIDE"/><image><url>INSIDE</url></image><cloud domain="127.0.0.1" path="/"/>',
    )
)


def filled(start: bytes, piece: bytes, end: bytes = b"") -> bytes:
    return start + piece * ((LARGE - len(start) - len(end)) // len(piece)) + end


_OPEN = b'<rss version="2.0"><channel><title>Tides</title><item><guid>1</guid><title>Told</title>'
_CLOSE = b"</item></channel></rss>"

DEEP = later(lambda: _OPEN + b"<description>" + b"<b>" * 200_000 + b"</b>" * 200_000 + b"</description>" + _CLOSE)
DEEP_MARKUP = later(lambda: rss(item("Told", raw("&lt;b&gt;" * 50_000 + "word"))))
MANY_ELEMENTS = packed(lambda: filled(_OPEN, b"<a/>", _CLOSE))
MANY_ATTRIBUTES = later(lambda: b"<rss " + b"".join(b'a%d="" ' % n for n in range(400_000)) + b"><channel/></rss>")
MANY_ENTRIES = later(
    lambda: (
        b"<rss><channel>" + b"".join(b"<item><guid>%d</guid></item>" % n for n in range(50_001)) + b"</channel></rss>"
    )
)
LESS_THAN = packed(lambda: filled(_OPEN, b"<"))
LONG_TEXT = packed(lambda: filled(_OPEN + b"<description>", b"water ", b"</description>" + _CLOSE))
LONG_WORDS = later(
    lambda: rss(
        item("T" * 3_000_000, raw("word " * 1_000_000) + f"<category>{'c' * 500_000}</category>", guid="g" * 500_000),
        title="N" * 500_000,
    )
)
MANY_PARTS = later(
    lambda: rss(
        item(
            "Told",
            "".join(
                f'<category>kind {n}</category><dc:creator>person {n}</dc:creator><enclosure url="http://a.example/{n}"/>'
                for n in range(5_000)
            ),
        )
    )
)
JSON_DEEP = later(lambda: b'{"version": "https://jsonfeed.org/version/1.1", "items": ' + b"[" * 1_000_000)
JSON_MANY = later(lambda: b'{"version": "https://jsonfeed.org/version/1.1", "items": [' + b"[]," * 600_000 + b"1]}")
JSON_NUMBER = ok(b'{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": ' + b"9" * 100_000 + b"}]}")
JSON_OTHER = ok(json.dumps({"version": ["https://jsonfeed.org"], "items": {"id": None}, "title": 7}).encode())
JSON_WRONG = ok(
    json_feed(
        tide("Kept", content_html=["<p>"], date_published=10**30, tags="no list", authors={"name": 1}, attachments=5)
    )
)
JSON_HALVES = ok(json_feed(tide("Half \ud800 of one")))
ZIP = ok(b"PK\x03\x04" + bytes(range(256)) * 40, "Content-Type: application/rss+xml")
PICTURE = ok(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40)
PAGE = ok(b"<!doctype html><html><head><title>For sale</title></head><body>This domain.</body></html>")
EMPTY = ok(b"")
BLANK = ok(b" \n" * 100_000)
NO_ENTRIES = ok(rss().replace(item().encode(), b""))
CUT = ok(FEED[: FEED.index(b"High tide")])
TWICE = ok(FEED + FEED)
CONTROLS = ok(rss(item("Bell\x07 and\x00 nothing\x1b[31m")))
UTF_7 = ok(rss(item("Told", raw("+ADw-script+AD4-alert(7)+ADw-/script+AD4-"))), "Content-Type: text/xml; charset=utf-7")
UTF_16 = ok(rss(item("Told")).decode().encode("utf-16-be"), "Content-Type: text/xml; charset=iso-8859-1")
OVERLONG = ok(rss(item("Told", raw("X"))).replace(b"X", b"\xc0\xbcscript\xc0\xbealert(8)"))
CHARSET = ok(FEED, "Content-Type: text/xml; charset=../../etc/passwd")
PACKED_BOMB = later(lambda: gzip.compress(bytes(64 * 2**20), 1))
