"""The table: every way in which a source misbehaves here, and what a person would expect of it."""

from __future__ import annotations

from typing import Any, Final

from storage.source import Trouble
from tests.hostile import contents, documents, encodings, redirects, wire
from tests.hostile.redirects import FORMS, NOT_AS_USUAL, to
from tests.hostile.rows import UNCHANGED, Row, fails, reads
from tests.hostile.server import answer, resets, says, silent
from tests.hostile.wire import FEED, OK, head, ok, status
from tests.hostile.words import body, item, rss

REFUSED, UNREACHABLE, BAD_ANSWER = Trouble.REFUSED, Trouble.UNREACHABLE, Trouble.BAD_ANSWER
UNREADABLE = Trouble.UNREADABLE


NO_ANSWER = "did not give a whole answer in 60 seconds"
BREAKS_OFF = "has a body that breaks off before its end"
NO_HTTP = "does not answer in HTTP as we take it"
INSIDE = "which is not a public address"
NO_ADDRESS = "redirects to what is not an http or https address"

WIRE: Final = (
    fails("deaf", silent, "cannot be connected to", UNREACHABLE, url="http://deaf.example:{deaf}/"),
    fails("closes", wire.closes, "closes the connection without an answer", UNREACHABLE),
    fails("silent", silent, NO_ANSWER, UNREACHABLE, hangs=True),
    fails("drips", wire.drips, NO_ANSWER, UNREACHABLE, hangs=True),
    fails("stalls", wire.stalls, NO_ANSWER, UNREACHABLE, hangs=True),
    fails("trickles-chunks", wire.TRICKLED_CHUNKS, NO_ANSWER, UNREACHABLE, hangs=True),
    fails("no-name", silent, "does not resolve", UNREACHABLE, url="http://nowhere.example/"),
    fails("lost", silent, NO_ANSWER, UNREACHABLE, lost=True, hangs=True),
    fails("reset-at-once", resets(b""), "is lost on the way", UNREACHABLE),
    fails("reset-in-head", resets(b"HTTP/1.1 200 OK\r\nContent-"), "is lost on the way", UNREACHABLE),
    fails("reset-in-body", resets(OK + b"\r\n" + FEED), BREAKS_OFF, UNREACHABLE),
    fails("length-too-long", says(answer(FEED, length=len(FEED) + 9)), BREAKS_OFF, UNREACHABLE),
    fails("length-too-short", says(answer(FEED, length=len(FEED) - 90)), NO_HTTP, BAD_ANSWER),
    fails("length-too-short-and-kept", wire.kept(len(FEED) - 90), NO_HTTP, BAD_ANSWER),
    fails("length-immense", says(answer(b"", length=10**15)), "announces more than 10,485,760 bytes", BAD_ANSWER),
    fails("length-negative", head("Content-Length: -5"), NO_HTTP, BAD_ANSWER),
    fails("lengths-two", head(f"Content-Length: {len(FEED)}", "Content-Length: 5"), NO_HTTP, BAD_ANSWER),
    fails("length-and-chunks", head("Content-Length: 5", "Transfer-Encoding: chunked"), NO_HTTP, BAD_ANSWER),
    fails("chunk-without-end", says(wire.CHUNKED + b"1000\r\n" + FEED), BREAKS_OFF, UNREACHABLE),
    fails("chunk-of-nonsense", says(wire.CHUNKED + b"zz\r\n" + FEED), NO_HTTP, BAD_ANSWER),
    fails("chunk-immense", says(wire.CHUNKED + b"f" * 30 + b"\r\n" + FEED), NO_HTTP, BAD_ANSWER),
    reads("chunks-of-a-byte", says(wire.MANY_ENCODED_CHUNKS), 2),
    reads("packets-of-a-byte", wire.bytewise, 2),
    fails("body-endless", wire.ENDLESS_BODY, "is larger than", BAD_ANSWER),
    fails("chunks-endless", wire.ENDLESS_CHUNKS, "is larger than", BAD_ANSWER),
    fails("fields-endless", wire.ENDLESS_FIELDS, NO_HTTP, BAD_ANSWER),
    fails("field-endless", wire.ENDLESS_FIELD, NO_HTTP, BAD_ANSWER),
    fails("trailers-endless", wire.trails, BREAKS_OFF, UNREACHABLE),
    fails("extension-endless", wire.ENDLESS_EXTENSION, "is larger than", BAD_ANSWER),
    fails("early-hints-endless", wire.ENDLESS_HINTS, NO_HTTP, BAD_ANSWER),
    fails("error-endless", wire.ENDLESS_ERROR, "status 500", Trouble.SERVER_ERROR),
    reads("redirect-endless", wire.ENDLESS_REDIRECT, 2, asked=("/feed", "/next")),
    reads("smuggles", wire.smuggles, has=("Asked for",), lacks=("Forged",), url="http://{host}/kept/feed"),
    fails("ssh", says(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), NO_HTTP, BAD_ANSWER),
    fails("no-head", says(FEED), NO_HTTP, BAD_ANSWER),
    fails("field-with-nul", head("X-Odd: a\0b"), NO_HTTP, BAD_ANSWER),
    fails(
        "no-tls",
        says(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        "cannot be reached over TLS",
        UNREACHABLE,
        url="https://{host}/feed",
    ),
    fails("switches", status("101 Switching Protocols"), "status 101", BAD_ANSWER),
    fails("status-of-nonsense", status("999 Perhaps"), "status 999", BAD_ANSWER),
    fails("not-modified-unasked", says(answer(b"", status="304 Not Modified")), "status 304", BAD_ANSWER),
    fails("unauthorised", status("401 Unauthorized"), "status 401", Trouble.UNAUTHORISED),
    fails("forbidden", status("403 Forbidden"), "status 403", Trouble.FORBIDDEN),
    fails("not-found", status("404 Not Found"), "status 404", Trouble.NOT_FOUND),
    fails("gone", status("410 Gone"), "status 410", Trouble.GONE),
    fails("busy-for-ever", status("429 Too Many Requests", "Retry-After: 9999999999"), "status 429", Trouble.BUSY),
    fails(
        "busy-till-9999",
        status("503 Service Unavailable", "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT"),
        "status 503",
        Trouble.BUSY,
    ),
    reads("validators-immense", ok(FEED, f'ETag: "{"e" * 30_000}"', f"Last-Modified: {'m' * 30_000}"), 2),
    reads("cookies", ok(FEED, *["Set-Cookie: a=b; Domain=example"] * 90), 2),
)

ENCODINGS: Final = (
    *(
        fails(name, encodings.encoded(encoding, make), says, trouble)
        for name, encoding, make, says, trouble in (
            ("bomb-gzip", "gzip", encodings.gzip_bomb, "larger than 15,728,640 bytes decoded", BAD_ANSWER),
            ("bomb-gzip-twice", "gzip, gzip", encodings.gzip_bomb_twice, "larger than 15,728,640 bytes", BAD_ANSWER),
            ("bomb-deflate", "deflate", encodings.deflate_bomb, "larger than 15,728,640 bytes decoded", BAD_ANSWER),
            ("bomb-br", "br", encodings.br_bomb, "larger than 15,728,640 bytes decoded", BAD_ANSWER),
            ("bomb-zstd", "zstd", encodings.zstd_bomb, "larger than 15,728,640 bytes decoded", BAD_ANSWER),
            ("zstd-window", "zstd", encodings.zstd_window, "content encoding it claims", BAD_ANSWER),
            ("layers", "gzip, gzip, gzip", encodings.three_layers, "3 content encodings; 2 are the most", BAD_ANSWER),
            ("many-members", "gzip", encodings.many_members, "more than 1000 gzip members", BAD_ANSWER),
            ("packed-breaks-off", "gzip", encodings.broken_off, BREAKS_OFF, UNREACHABLE),
            ("checksum", "gzip", encodings.wrong_checksum, "content encoding it claims", BAD_ANSWER),
            ("encoding-unknown", "compress", lambda: FEED, "'compress', which we did not ask for", BAD_ANSWER),
            ("encoding-untrue", "gzip", lambda: FEED, "content encoding it claims", BAD_ANSWER),
            ("encoding-untrue-br", "br", lambda: FEED, "content encoding it claims", BAD_ANSWER),
            ("bomb-unannounced", "", encodings.gzip_bomb, "gzip file of more than 16 MB", UNREADABLE),
        )
    ),
    reads("packed-and-padded", encodings.encoded("gzip", encodings.padded), 2),
)

REDIRECTS: Final = (
    fails("loop", to("/feed"), "one redirect more than the 5", BAD_ANSWER, asked=("/feed",) * 6),
    fails("ping", to("http://pong.example:{port}/feed"), "one redirect more than the 5", BAD_ANSWER),
    fails("no-end", redirects.chain(1_000), "one redirect more than the 5", BAD_ANSWER),
    reads("five-steps", redirects.chain(5), 2),
    fails("six-steps", redirects.chain(6), "one redirect more than the 5", BAD_ANSWER),
    fails("to-nowhere", redirects.NOWHERE, "redirects without saying where to", BAD_ANSWER),
    fails("to-file", to("file:///etc/passwd"), NO_ADDRESS, BAD_ANSWER),
    fails("to-ftp", to("ftp://127.0.0.1/feed"), NO_ADDRESS, BAD_ANSWER),
    fails("to-gopher", to("gopher://127.0.0.1:6379/_FLUSHALL"), NO_ADDRESS, BAD_ANSWER),
    fails("to-data", to("data:text/xml,<rss/>"), NO_ADDRESS, BAD_ANSWER),
    fails("to-script", to("javascript:alert(1)"), NO_ADDRESS, BAD_ANSWER),
    fails("to-half-an-address", to("http://[::1/feed"), NO_ADDRESS, BAD_ANSWER),
    fails("to-no-port", to("http://tide.example:99999/"), NO_ADDRESS, BAD_ANSWER),
    fails("to-no-name", to("http://a..example/"), NO_ADDRESS, BAD_ANSWER),
    fails("to-the-end-of-the-line", to("/" + "x" * 100_000), NO_HTTP, BAD_ANSWER),
    fails("choices", status("300 Multiple Choices", "Location: /next"), "status 300", BAD_ANSWER),
    fails("use-proxy", status("305 Use Proxy", "Location: http://127.0.0.1/"), "status 305", BAD_ANSWER),
    fails("to-localhost", to("http://localhost:{port}/never"), INSIDE, REFUSED),
    fails("to-inside", to("http://inside.example:{port}/never", "301 Moved Permanently"), INSIDE, REFUSED),
    fails("to-both", to("http://both.example:{port}/never", "307 Temporary Redirect"), INSIDE, REFUSED),
    fails("to-later", to("http://rebind.example:{port}/feed", "308 Permanent Redirect"), INSIDE, REFUSED),
    fails("as-user-inside", to("http://{port}@127.0.0.1:{port}/never"), INSIDE, REFUSED),
    fails("outside-as-user", to("http://127.77.0.1@127.0.0.1:{port}/never"), INSIDE, REFUSED),
    reads("as-user", to("http://root:toor@if-unknown.example:{port}/feed"), 2, lacks=("toor",)),
    reads(
        "hands-on",
        redirects.hands_on("http://listens.example:{port}/feed"),
        2,
        url="http://tide:open-sesame@{host}/feed",
        lacks=("open-sesame",),
    ),
    reads("refresh", redirects.REFRESH, 2, asked=("/feed",)),
    fails("refresh-in-page", redirects.META_REFRESH, "this is a web page, not a feed", UNREADABLE),
    fails("source-inside", silent, INSIDE, REFUSED, url="http://inside.example:{port}/never"),
    fails("source-both", silent, INSIDE, REFUSED, url="http://both.example:{port}/never"),
    fails("source-loopback", silent, INSIDE, REFUSED, url="http://127.0.0.1:{port}/never"),
    *(
        fails(f"to-{name}", to(f"http://{address}:{{port}}/never"), INSIDE, REFUSED)
        for name, address in FORMS.items()
        if name not in NOT_AS_USUAL
    ),
    *(
        fails(f"to-{name}", to(f"http://{FORMS[name]}:{{port}}/never"), "not an address as it is usually", REFUSED)
        for name in sorted(NOT_AS_USUAL)
    ),
)

_UNQUOTED: Final = ("the words of a file that no feed may quote",)
DOCUMENTS: Final = (
    reads("laughs", documents.LAUGHS, says="damaged", has=("Funny",), lacks=("hahahahaha",)),
    reads("quadratic", documents.QUADRATIC, says="damaged", has=("Funny",), lacks=("hahahahaha",)),
    reads("recursion", documents.RECURSION, says="damaged", has=("Funny",)),
    reads("laughs-in-attribute", documents.IN_ATTRIBUTE, says="damaged", has=("Funny",), lacks=("hahahahaha",)),
    reads("entity-file", documents.XXE_FILE, has=("Told",), lacks=_UNQUOTED),
    reads("entity-outside", documents.XXE_OUTSIDE, has=("Told",)),
    reads("entity-inside", documents.XXE_INSIDE, has=("Told",)),
    reads("entity-parameter", documents.XXE_PARAMETER, has=("Told",), lacks=_UNQUOTED),
    reads("dtd-outside", documents.XXE_DTD, has=("Told",)),
    reads("dtd-file", documents.XXE_DTD_FILE, has=("Told",), lacks=_UNQUOTED),
    reads("xinclude", documents.XINCLUDE, has=("Told",), lacks=_UNQUOTED),
    reads("stylesheet", documents.STYLESHEET, has=("Told",)),
    reads("schema", documents.SCHEMA, has=("Told",)),
    reads("names-inside", documents.NAMES_INSIDE, has=("Told",), hub=INSIDE),
    reads("deep", documents.DEEP),
    reads("deep-markup", documents.DEEP_MARKUP, has=("Told", "word")),
    fails("many-elements", documents.MANY_ELEMENTS, "more than 300,000 elements", UNREADABLE),
    fails("many-attributes", documents.MANY_ATTRIBUTES, "more than 300,000 elements or attributes", UNREADABLE),
    fails("many-entries", documents.MANY_ENTRIES, "50,001 entries: at most 50,000 are read", UNREADABLE),
    fails("less-than", documents.LESS_THAN, "more than 300,000 elements", UNREADABLE),
    fails("long-text", documents.LONG_TEXT, "a text in it is longer than 10 MB", UNREADABLE),
    reads("long-words", documents.LONG_WORDS, has=("TTT",), lacks=("T" * 1_001, "c" * 201, "N" * 201)),
    reads("many-parts", documents.MANY_PARTS, has=("kind 49", "a.example/99"), lacks=("kind 50", "a.example/100")),
    fails("json-deep", documents.JSON_DEEP, "not valid JSON", UNREADABLE),
    fails("json-many", documents.JSON_MANY, "more than 500,000 values", UNREADABLE),
    fails("json-number", documents.JSON_NUMBER, "not valid JSON", UNREADABLE),
    fails("json-other", documents.JSON_OTHER, "this is JSON, but no JSON Feed", UNREADABLE),
    reads("json-wrong", documents.JSON_WRONG, has=("Kept",)),
    reads("json-halves", documents.JSON_HALVES, says="not valid JSON", has=("of one",)),
    fails("zip", documents.ZIP, "this is no feed", UNREADABLE),
    fails("picture", documents.PICTURE, "this is no feed", UNREADABLE),
    fails("page", documents.PAGE, "this is a web page, not a feed", UNREADABLE),
    fails("empty", documents.EMPTY, "the document is empty", UNREADABLE),
    fails("blank", documents.BLANK, "the document is empty", UNREADABLE),
    Row(name="no-entries", behaviour=documents.NO_ENTRIES, outcome=UNCHANGED),
    reads("cut", documents.CUT, 1, "damaged", has=("Low tide",)),
    reads("twice", documents.TWICE, 2, "damaged"),
    reads("controls", documents.CONTROLS, says="damaged", has=("Bell",), lacks=("\\u0007", "\x07")),
    reads("utf-7", documents.UTF_7, has=("Told",), lacks=("<script>alert(7)",)),
    reads("utf-16", documents.UTF_16, has=("Told",)),
    reads("overlong", documents.OVERLONG, has=("Told",), lacks=("<script>alert(8)",)),
    reads("charset", documents.CHARSET, 2),
)

CONTENTS: Final = (
    reads("scripts-rss", contents.SCRIPTS_RSS),
    reads("scripts-atom", contents.SCRIPTS_ATOM, 2),
    reads("scripts-json", contents.SCRIPTS_JSON),
    reads("scripts-plain", contents.PLAIN_SCRIPTS),
    reads("templates", contents.TEMPLATES, has=("{{ 7331*7 }}",), lacks=("51317",)),
    reads("right-to-left", contents.RIGHT_TO_LEFT),
    reads("paths-rss", contents.PATHS_RSS),
    reads("paths-json", contents.PATHS_JSON),
    reads("paths-id", contents.PATHS_ID),
    reads("paths-literal", contents.LITERAL, len(contents.PATHS), settings=contents.LITERAL_SETTINGS),
    reads("future", contents.FUTURE, 3, has=("Dated 2",), lacks=("9999-", "2072-")),
    reads("past", contents.PAST, 4, has=("Dated 3",), lacks=("1970-01-01", "0001-")),
    reads("no-dates", contents.NO_DATES, 5, has=("Dated 4",)),
    reads("json-dates", contents.JSON_DATES, 3, lacks=("9999-",)),
    reads("hijack-untrusted", contents.HIJACK_UNTRUSTED, has=("Hijacked",)),
    reads("hijack-rss", contents.HIJACK_RSS, has=("Hijacked",)),
    Row(
        name="hijack-trusted",
        behaviour=contents.HIJACK_UNTRUSTED,
        outcome=UNCHANGED,
        rejected=1,
        settings={"info_codes": "trusted", "scope": "hijacker"},
    ),
    reads("hijack-atom-id", contents.HIJACK_ATOM_ID, has=("Hijacked",)),
    reads("hijack-our-id", contents.HIJACK_OUR_ID, has=("Hijacked",)),
    reads("retracts", contents.RETRACTS),
    reads("same-guid", contents.SAME_GUID, 20),
    reads("crowd", contents.crowd(100, 50), 100, "more categories than the 500 that one source may begin"),
    reads("long-letters", contents.LONG_LETTERS, has=("Told",)),
    reads("flood", contents.flood(400, contents.SHARED), 400),
)

_TOLD: Final[dict[str, Any]] = {"entries": 2, "before": ok(FEED), "has": ("Low tide", "High tide")}
_LISTED: Final[dict[str, Any]] = {"settings": contents.LISTED, "has": ("Told", "In short.")}
TURNS: Final = (
    Row(
        name="not-modified",
        behaviour=says(answer(b"", status="304 Not Modified")),
        outcome=UNCHANGED,
        **_TOLD | {"before": ok(FEED, 'ETag: "1"')},
    ),
    fails("turns-page", documents.PAGE, "this is a web page, not a feed", UNREADABLE, **_TOLD),
    fails("turns-empty", documents.EMPTY, "the document is empty", UNREADABLE, **_TOLD),
    fails("turns-gone", status("410 Gone"), "status 410", Trouble.GONE, **_TOLD),
    fails("turns-inside", to("http://inside.example:{port}/never"), INSIDE, REFUSED, **_TOLD),
    fails("turns-bomb", encodings.encoded("br", encodings.br_bomb), "decoded", BAD_ANSWER, **_TOLD),
    Row(name="turns-blank", behaviour=documents.NO_ENTRIES, outcome=UNCHANGED, **_TOLD),
    Row(name="turns-short", behaviour=documents.CUT, outcome=UNCHANGED, says="damaged", **_TOLD),
    Row(
        name="other-guid",
        behaviour=contents.OTHER_GUIDS[1],
        outcome=UNCHANGED,
        entries=1,
        before=contents.OTHER_GUIDS[0],
    ),
    reads("redated", contents.REDATED[1], 2, before=contents.REDATED[0]),
    reads(
        "turns-scripted",
        contents.SCRIPTED,
        before=ok(rss(item("Low tide", body("<p>Calm words.</p>")))),
        has=("Words",),
    ),
)

TEXTS: Final = (
    reads("text-inside", contents.listed("http://inside.example:{port}/never"), says=INSIDE, **_LISTED),
    reads("text-loopback", contents.listed("http://[::1]:{port}/never"), says=INSIDE, **_LISTED),
    reads("text-redirected", contents.listed("http://{host}/moved"), says=INSIDE, **_LISTED),
    reads("text-file", contents.listed("file:///etc/passwd"), **_LISTED),
    reads(
        "text-slow", contents.listed("http://{host}/slow"), says="did not give a whole answer", hangs=True, **_LISTED
    ),
    reads("page-scripted", contents.SCRIPTED_PAGE, settings=contents.PAGED, has=("/tide",)),
)

TABLE: Final = (*WIRE, *ENCODINGS, *REDIRECTS, *DOCUMENTS, *CONTENTS, *TURNS, *TEXTS)
