"""Entries made to harm whoever publishes or reads them, or other sources."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.hostile import redirects
from tests.hostile.documents import later
from tests.hostile.server import answer, made, paths, silent
from tests.hostile.wire import ok
from tests.hostile.words import atom, body, entry, item, json_feed, rss, tide

if TYPE_CHECKING:
    from tests.hostile.server import Behaviour, Request

VICTIM_CODE = "NW202203142308379872"
"""An infoCode that a trusted source brought first."""
VICTIM_ID = "tag:victim.example,2022:1"
SHARED = "harbour"
"""A category that several sources fill."""

_ATTACKS = (
    "<script>alert('SCRIPTED')</script>",
    "<img src=x onerror=alert('SCRIPTED')>",
    "<svg/onload=alert('SCRIPTED')>",
    "<a href='javascript:alert(`SCRIPTED`)'>here</a>",
    "<a href='&#106;ava\tscript:alert(`SCRIPTED`)'>here</a>",
    "<iframe srcdoc='<script>alert(`SCRIPTED`)</script>'></iframe>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert('SCRIPTED')>",
    "<noscript><p title='</noscript><img src=x onerror=alert(`SCRIPTED`)>'>",
    "<form action='javascript:SCRIPTED'><input type=submit><button formaction='javascript:x'>x</button></form>",
    "<base href='javascript:alert(`SCRIPTED`)//'><meta http-equiv=refresh content='0;url=javascript:SCRIPTED'>",
    "<object data='data:text/html,<script>SCRIPTED</script>'></object><embed src='javascript:SCRIPTED'>",
    "<img src='data:text/html;base64,U0NSSVBURUQ='><link rel=stylesheet href='javascript:SCRIPTED'>",
    "<p style='background:url(javascript:SCRIPTED)' onclick=SCRIPTED>Words</p><style>@import 'x'</style>",
    "<!--[if IE]><script>alert('SCRIPTED')</script><![endif]--><![CDATA[<script>SCRIPTED</script>]]>",
    "<video poster='javascript:x' onloadstart=SCRIPTED><source src='javascript:x' onerror=SCRIPTED></video>",
    "\"'><script>alert('SCRIPTED')</script>",
)
MARKUP = "<p>Words</p>" + "".join(_ATTACKS)
_WORD = "\"'></title></script><script>alert('SCRIPTED')</script>"
_LINK = "javascript:alert('SCRIPTED')//http://tide.example/"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def _fields() -> str:
    words = ("author", "category", "dc:creator", "dc:subject", "dc:identifier", "itunes:author", "itunes:keywords")
    links = ("link", "comments", "dc:rights")
    told = "".join(f"<{name}>{_escaped(_WORD)}</{name}>" for name in words)
    told += "".join(f"<{name}>{_escaped(_LINK)}</{name}>" for name in links)
    told += f'<enclosure url="{_LINK}" type="{_escaped(_WORD)}" length="{_escaped(_WORD)}"/>'
    told += f'<media:content url="{_LINK}" medium="image"><media:title>{_escaped(_WORD)}</media:title></media:content>'
    told += f'<source url="{_LINK}">{_escaped(_WORD)}</source><itunes:image href="{_LINK}"/>'
    return told + f"<content:encoded>{_escaped(MARKUP)}</content:encoded>"


SCRIPTS_RSS = ok(
    rss(
        item(_WORD, _fields() + body(MARKUP), guid=_escaped(_WORD)),
        head=f"<link>{_escaped(_LINK)}</link><language>{_escaped(_WORD)}</language><image><url>{_LINK}</url></image>",
        title=_escaped(_WORD),
    )
)
SCRIPTS_ATOM = ok(
    atom(
        entry(
            "Told",
            f'<title type="html">{_escaped(MARKUP)}</title><content type="html">{_escaped(MARKUP)}</content>'
            f'<link href="{_LINK}"/><link rel="related" href="{_LINK}" title="{_escaped(_WORD)}"/>'
            f'<link rel="{_escaped(_WORD)}" href="http://a.example/"/>'
            f'<category term="{_escaped(_WORD)}" label="{_escaped(_WORD)}" scheme="{_LINK}"/>'
            f"<author><name>{_escaped(_WORD)}</name><uri>{_LINK}</uri><email>{_escaped(_WORD)}</email></author>"
            f"<source><title>{_escaped(_WORD)}</title><id>{_LINK}</id></source><rights>{_escaped(_WORD)}</rights>",
            own=_LINK,
        ),
        entry(
            "XHTML",
            '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml" onclick="SCRIPTED">'
            "<script>SCRIPTED</script><p onclick='SCRIPTED'>Words</p></div></content>",
            own="urn:tide:2",
        ),
        head=f'<link rel="hub" href="{_LINK}"/>',
    )
)
SCRIPTS_JSON = ok(
    json_feed(
        tide(
            _WORD,
            id=_WORD,
            url=_LINK,
            external_url=_LINK,
            content_html=MARKUP,
            summary=_WORD,
            image=_LINK,
            tags=[_WORD],
            language=_WORD,
            authors=[{"name": _WORD, "url": _LINK, "avatar": _LINK}],
            attachments=[{"url": _LINK, "mime_type": _WORD, "title": _WORD}],
            _feedmill={"infoCode": _WORD, "comments": _LINK, "licence": _WORD, "links": [{"url": _LINK, "rel": _WORD}]},
        ),
        title=_WORD,
        home_page_url=_LINK,
        feed_url=_LINK,
    )
)
PLAIN_SCRIPTS = ok(json_feed(tide("Told", content_html=None, content_text=MARKUP)))
TEMPLATES = ok(
    rss(
        item(
            "{{ 7331*7 }} {% raw %} ${7331*7} <%= 7331*7 %> #{7331*7}", body("{{ config }}{% include '/etc/passwd' %}")
        )
    )
)
RIGHT_TO_LEFT = ok(rss(item("gpj.\u202eexe\u202c and \u2066more")))

PATHS = (
    "../../../../tmp/escaped",
    "..",
    ".",
    "/etc/passwd",
    "..\\..\\escaped",
    "C:\\escaped",
    "%2e%2e%2fescaped",
    "a/../../escaped",
    "escaped\x00.html",
    ".htaccess",
    "all",
    "index.html",
    "CON",
    "con.rss",
    "~root",
    "-rf",
    "a\nb",
    " ",
    "\u202eescaped",
    "x" * 5_000,
    "长" * 300,
)
"""Names of categories that would be dangerous as names of files."""


def _paths_rss() -> bytes:
    terms = "".join(f"<category>{_escaped(name).replace(chr(0), '')}</category>" for name in PATHS)
    return rss(item("Told", terms))


PATHS_RSS = ok(_paths_rss())
PATHS_JSON = ok(json_feed(tide("Told", tags=list(PATHS))))
PATHS_ID = ok(rss(item("Told", "<link>http://a.example/../../../escaped</link>", guid="../../../../tmp/escaped")))


def literal_list() -> bytes:
    """A JSON list whose slugs are taken as they are."""
    items = [{"id": f"tide-{n}", "title": f"Told {n}", "medium": name} for n, name in enumerate(PATHS)]
    return json.dumps(items).encode()


LITERAL = later(literal_list)
LITERAL_SETTINGS: dict[str, Any] = {
    "kind": "json",
    "json": {"fields": {"id": "id", "title": "title", "medium": "medium"}, "as_posts": True},
}


def dated(*dates: str) -> Behaviour:
    """An entry for each date, in the words that follow."""
    return ok(rss(*(item(f"Dated {n}", guid=f"dated-{n}", date=date) for n, date in enumerate(dates))))


FUTURE = dated("Fri, 31 Dec 9999 23:59:59 GMT", "9999-12-31T23:59:59-14:00", "Mon, 14 Mar 2072 10:00:00 GMT")
PAST = dated("0000-00-00", "0001-01-01T00:00:00+14:00", "Thu, 01 Jan 1970 00:00:00 GMT", "-4000-01-01T00:00:00Z")
NO_DATES = dated("yesterday", "9" * 10_000, "1e400", "2022-13-45T99:99:99Z", "Mon, 32 Foo 2022 10:00:00 +9999")
JSON_DATES = ok(
    json_feed(
        tide("Late", id="1", date_published="9999-12-31T23:59:60Z", date_modified="9999-12-31T23:59:59Z"),
        tide("Early", id="2", date_published="-999999-01-01T00:00:00Z"),
        tide("Number", id="3", date_published=10**18),
    )
)

VICTIM = ok(json_feed(tide("Victim's own", id="1", _feedmill={"infoCode": VICTIM_CODE}, content_html="<p>True.</p>")))
VICTIM_ATOM = ok(atom(entry("Victim's own words", own=VICTIM_ID)))
HIJACK_UNTRUSTED = ok(
    json_feed(tide("Hijacked", id="1", _feedmill={"infoCode": VICTIM_CODE}, content_html="<p>False.</p>"))
)
HIJACK_RSS = ok(rss(item("Hijacked", f"<dc:identifier>{VICTIM_CODE}</dc:identifier>", guid=VICTIM_CODE)))
HIJACK_ATOM_ID = ok(atom(entry("Hijacked", own=VICTIM_ID)))
HIJACK_OUR_ID = ok(atom(entry("Hijacked", own=f"tag:mill.example,2022-03-14:{VICTIM_CODE}")))
RETRACTS = ok(
    atom(
        entry("Told"),
        head=f'<at:deleted-entry ref="{VICTIM_ID}" when="2022-03-15T10:00:00Z"/>'
        f'<at:deleted-entry ref="tag:mill.example,2022-03-14:{VICTIM_CODE}" when="2022-03-15T10:00:00Z"/>',
    )
)
SAME_GUID = ok(rss(*(item(f"Told {n}", f"<link>http://a.example/{n}</link>", guid="tide") for n in range(20))))


def flood(count: int, category: str) -> Behaviour:
    """So many new entries of one category, all dated as late as can be."""
    items = (
        item(f"Flood {n}", f"<category>{category}</category>", guid=f"flood-{n}", date="Fri, 31 Dec 2027 10:00:00 GMT")
        for n in range(count)
    )
    return ok(rss(*items))


def crowd(entries: int, each: int) -> Behaviour:
    """So many entries, each of so many categories that nobody else has."""
    items = (
        item(
            f"Crowd {n}",
            "".join(f"<category>crowd {n} {m}</category>" for m in range(each)),
            guid=f"crowd-{n}",
        )
        for n in range(entries)
    )
    return ok(rss(*items))


LONG_LETTERS = ok(rss(item("Told", f"<category>{chr(0x10330) * 66}</category>")))
"""A category of letters that have four bytes each."""
OTHER_GUIDS = tuple(
    ok(rss(item("Told", "<link>http://a.example/tide</link>", guid=f"tide-{number}"))) for number in range(2)
)
"""The same entry, under another id each time."""
REDATED = tuple(
    ok(rss(item("Told", date=date), item("Later", guid="2", date="Tue, 15 Mar 2022 10:00:00 GMT")))
    for date in ("Mon, 14 Mar 2022 10:00:00 GMT", "Fri, 31 Dec 2027 10:00:00 GMT")
)
SCRIPTED = ok(rss(item("Low tide", body(MARKUP))))


def listed(text: str) -> Behaviour:
    """A JSON list whose entry has its text elsewhere."""

    def make(request: Request) -> bytes:
        address = text.format(port=request.port, host=f"{request.host}:{request.port}")
        return answer(json.dumps([{"id": "1", "title": "Told", "summary": "In short.", "text": address}]).encode())

    return paths(feed=made(make), never=silent, moved=redirects.to("http://inside.example:{port}/never"), slow=silent)


LISTED: dict[str, Any] = {
    "kind": "json",
    "json": {
        "fields": {"id": "id", "title": "title", "summary": "summary"},
        "text": {"url": "text", "path": "body"},
    },
}
SCRIPTED_PAGE = ok(
    f"<html><body><article><h2>{_escaped(_WORD)}</h2><a href='/tide'>More</a><a href='{_escaped(_LINK)}'>Run</a>"
    f"<div>{MARKUP}</div></article><article><a href='{_escaped(_LINK)}'>Run</a></article></body></html>".encode()
)
PAGED: dict[str, Any] = {
    "kind": "page",
    "page": {"items": "article", "fields": {"link": "a", "title": "h2", "content": "div"}},
}
