"""feedparser's own test documents, and what both readers make of one, in the same plain words.

What feedparser normalises is switched off (it neither cleans markup nor resolves addresses in it), and what is left
is undone here: both sides are brought into a form in which only what they understood differs.
"""

from __future__ import annotations

import calendar
import re
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape, unescape
from io import BytesIO
from typing import TYPE_CHECKING, Any

import feedparser
from w3lib.html import remove_tags

from feeds.document import Text, TextKind
from feeds.reading import FeedSyntaxError, read
from feeds.reading.texts import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from feeds.document import SourceEntry, SourceFeed, Term
    from storage.entry import Author

_HEADER = re.compile(rb"^Header:\s+([^:]+):(.+)$", re.MULTILINE)
_HTML = frozenset({"text/html", "application/xhtml+xml"})
_FILES = ("audio", "video", "image")
# Links that Feedmill keeps in fields of their own, or that are about the feed.
_ELSEWHERE = frozenset({
    "alternate", "enclosure", "license", "self", "edit", "edit-media", "service", "hub", "first", "last", "previous",
    "prev", "next", "current", "prev-archive", "next-archive", "http://schemas.google.com/g/2005#feed",
})  # fmt: skip

Said = dict[str, Any]


@dataclass(frozen=True)
class Served:
    """A document and what a server says of it."""

    data: bytes
    content_type: str
    location: str

    @classmethod
    def of(cls, path: Path) -> Served:
        """The document in *path*, with the headers that stand in a comment in it."""
        data = path.read_bytes()
        headers = {key.decode().lower(): value.decode().strip() for key, value in _HEADER.findall(data)}
        location = headers.get("content-location", "")
        return cls(data, headers.get("content-type", "application/xml"), location)


# --- ours


def ours(served: Served, reader: Callable[..., SourceFeed] = read) -> Said:
    """What *reader*, called as ``feeds.reading.read`` is, makes of the document, or why it makes nothing of it."""
    try:
        feed = reader(served.data, content_type=served.content_type, location=served.location)
    except FeedSyntaxError as error:
        return {"refused": str(error)}
    entries = [our_entry(entry) for entry in feed.entries if not entry.withdrawn]
    return {"feed": our_feed(feed), "entries": entries, "lenient": feed.lenient}


def our_feed(feed: SourceFeed) -> Said:
    """The head of a feed."""
    return {
        "id": feed.id,
        "title": words(feed.title),
        "subtitle": markup(feed.subtitle),
        "link": feed.link,
        "self": feed.self_link,
        "hubs": list(feed.hubs),
        "language": feed.language.replace("_", "-"),
        "updated": in_utc(feed.updated),
        "authors": people(feed.authors),
        "contributors": people(feed.contributors),
        "categories": terms(feed.categories),
        "image": feed.image,
        "licence": words(feed.licence),
        "next": feed.paging.next,
        "ttl": int(feed.pace.ttl.total_seconds() // 60) if feed.pace.ttl else None,
    }


def our_entry(entry: SourceEntry) -> Said:
    """One entry."""
    return {
        "id": entry.id,
        "link": entry.link,
        "links": sorted({(link.rel, link.href) for link in entry.links if link.rel not in _ELSEWHERE}),
        "title": markup(entry.title),
        "content": markup(entry.content),
        "summary": markup(entry.summary),
        "published": in_utc(entry.published),
        "updated": in_utc(entry.updated),
        "authors": people(entry.authors),
        "contributors": people(entry.contributors),
        "categories": sorted([*terms(entry.categories), *((word, "", "") for word in entry.tags)]),
        "source": (words(entry.origin.title), entry.origin.link, entry.origin.feed) if entry.origin else None,
        "enclosures": [(file.url, file.media_type, file.length) for file in entry.enclosures],
        "image": entry.image,
        "licence": words(entry.licence),
        "comments": entry.comments,
        "language": entry.language.replace("_", "-"),
        "duration": entry.episode.duration if entry.episode else None,
        "explicit": bool(entry.episode and entry.episode.explicit),
    }


# --- theirs


def theirs(served: Served) -> Said:
    """What feedparser makes of the document."""
    headers = {"content-type": served.content_type}
    if served.location:
        headers["content-location"] = served.location
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of its own fallbacks
        found: Said = feedparser.parse(
            BytesIO(served.data), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    rss = not str(found.get("version", "")).startswith(("atom", "json"))
    return {
        "feed": their_feed(found["feed"]),
        "entries": [their_entry(entry, rss=rss) for entry in found["entries"]],
        "bozo": bool(found.get("bozo")),
    }


def their_feed(feed: Said) -> Said:
    """The head of a feed."""
    links = feed.get("links") or ()
    return {
        "id": text(feed, "id"),
        "title": words(plain_detail(feed, "title")),
        "subtitle": detail(feed.get("subtitle_detail") or feed.get("summary_detail")),
        "link": "" if feed.get("guidislink") and feed.get("link") == feed.get("id") else text(feed, "link"),
        "self": first_link(links, "self"),
        "hubs": [link.get("href", "") for link in links if link.get("rel") == "hub"],
        "language": text(feed, "language"),
        "updated": moment(feed, "updated_parsed") or moment(feed, "published_parsed"),
        "authors": their_people(feed.get("authors")),
        "contributors": their_people(feed.get("contributors")),
        "categories": their_terms(feed),
        "image": text(feed.get("image") or {}, "href") or text(feed, "logo") or text(feed, "icon"),
        "licence": first_link(links, "license") or words(plain_detail(feed, "rights")),
        "next": first_link(links, "next"),
        "ttl": int(feed["ttl"]) if str(feed.get("ttl", "")).isdigit() else None,
    }


def their_entry(entry: Said, *, rss: bool) -> Said:
    """One entry."""
    links = entry.get("links") or ()
    link = text(entry, "feedburner_origlink") or text(entry, "link")
    if entry.get("guidislink") and link == text(entry, "id") and (not rss or not link.startswith("http")):
        link = ""  # it makes a link of any guid, and of Atom's ids, which are only names (RFC 4287, 4.2.6)
    contents = entry.get("content") or ()
    return {
        "id": text(entry, "id"),
        "link": link,
        "links": their_links(entry),
        "title": their_title(entry),
        "content": detail(contents[0]) if contents else "",
        "summary": detail(entry.get("summary_detail")),
        "published": moment(entry, "published_parsed") or moment(entry, "created_parsed"),
        "updated": moment(entry, "updated_parsed"),
        # RFC 4287, 4.2.1: the authors of its source are those of an entry that names none.
        "authors": their_people(entry.get("authors") or dict.get(entry.get("source") or {}, "authors")),
        "contributors": their_people(entry.get("contributors")),
        "categories": sorted(their_terms(entry)),
        "source": their_source(entry.get("source")),
        "enclosures": their_files(entry),
        "image": text(entry.get("image") or {}, "href") or their_thumbnail(entry),
        "licence": first_link(links, "license")
        or text(entry.get("media_license") or {}, "href")
        or words(text(entry, "rights")),
        "comments": text(entry, "comments"),
        "language": text(entry, "language") or language(contents or [entry.get("summary_detail") or {}]),
        "duration": clock(text(entry, "itunes_duration")),
        "explicit": bool(entry.get("itunes_explicit")),
    }


def text(found: Said, name: str) -> str:
    """A text under its own name only: feedparser's dictionaries give other fields for missing ones."""
    return str(dict.get(found, name) or "")


def language(details: Iterable[Said]) -> str:
    """The language of the first text."""
    return next((str(one.get("language") or "") for one in details), "")


def their_title(entry: Said) -> str:
    """The title; its detail may be of another element of that name, further down."""
    typed = entry.get("title_detail") or {}
    return detail(typed) if typed.get("value") == entry.get("title") else same_markup(escape(text(entry, "title")))


def their_links(entry: Said) -> list[tuple[str, str]]:
    """Relation and address of what is neither the page nor a file; the feed of its comments too."""
    links = [(one["rel"], one.get("href", "")) for one in entry.get("links") or () if one["rel"] not in _ELSEWHERE]
    replies = text(entry, "wfw_commentrss")
    return sorted({*links, ("replies", replies)} if replies else set(links))


def first_link(links: Iterable[Said], relation: str) -> str:
    """The address of the first link with *relation*."""
    return next((str(link.get("href", "")) for link in links if link.get("rel") == relation), "")


def their_people(found: Iterable[Said] | None) -> list[tuple[str, str, str]]:
    """Authors with a name, an address, or a page."""
    trios = [(text(one, "name"), text(one, "email"), text(one, "href")) for one in found or ()]
    named = [(name or email or page, email, page) for name, email, page in trios]
    return [one for one in dict.fromkeys(named) if one[0]]


def their_terms(found: Said) -> list[tuple[str, str, str]]:
    """Categories: term, label where it differs, scheme."""
    tags = [
        (text(tag, "term").strip(), text(tag, "label").strip(), text(tag, "scheme").strip())
        for tag in dict.get(found, "tags") or ()
    ]
    named = [(term or label, "" if label == (term or label) else label, scheme) for term, label, scheme in tags]
    return [one for one in dict.fromkeys(named) if one[0]]


def their_source(source: Said | None) -> tuple[str, str, str] | None:
    """Title, page and feed of where an entry came from."""
    if not source:
        return None
    people = source.get("authors") or source.get("contributors")
    feed = first_link(source.get("links") or (), "self") or ("" if people else text(source, "href"))
    link = "" if source.get("guidislink") else text(source, "link")
    found = (words(text(source, "title")), link, feed)
    return found if any(found) else None


def their_files(entry: Said) -> list[tuple[str, str, int | None]]:
    """Enclosures, and media that are files."""
    files: dict[str, tuple[str, str, int | None]] = {}
    for link in entry.get("links") or ():
        if link.get("rel") == "enclosure" and link.get("href"):
            files.setdefault(link["href"], (link["href"], text(link, "type"), number(link.get("length"))))
    for media in entry.get("media_content") or ():
        kind = text(media, "type")
        if media.get("url") and (text(media, "medium") in _FILES or kind.startswith(_FILES)):
            files.setdefault(media["url"], (media["url"], kind, number(media.get("filesize"))))
    return list(files.values())


def their_thumbnail(entry: Said) -> str:
    """The first thumbnail."""
    return next((str(one.get("url", "")) for one in entry.get("media_thumbnail") or ()), "")


# --- one form for both


def people(found: Iterable[Author]) -> list[tuple[str, str, str]]:
    """Name, address and page of each."""
    return [(one.name, one.email, one.uri) for one in found]


def terms(found: Iterable[Term]) -> list[tuple[str, str, str]]:
    """Term, label and scheme of each."""
    return [(one.term, one.label, one.scheme) for one in found]


def words(value: str) -> str:
    """*value* without markup and differences of white space."""
    return " ".join(remove_tags(unescape(unescape(value))).split())


def detail(found: Said | None) -> str:
    """feedparser's typed text, as markup."""
    if not found or not found.get("value"):
        return ""
    return same_markup(found["value"] if found.get("type") in _HTML else escape(found["value"], quote=False))


def plain_detail(found: Said, name: str) -> str:
    """A typed text of feedparser, as plain text."""
    typed = dict.get(found, f"{name}_detail") or {}
    kind = TextKind.HTML if typed.get("type") in _HTML else TextKind.TEXT
    return plain(Text(text(found, name), kind))


def markup(found: Text | None) -> str:
    """Our typed text, as markup."""
    if found is None:
        return ""
    return same_markup(found.value if found.kind is TextKind.HTML else escape(found.value, quote=False))


# The div around XHTML that is not part of it (RFC 4287, 3.1.1.3), which Atom 0.3 and RSS have as well.
_PREFIX = re.compile(r"\sxmlns(?::\w+)?=(?:'[^']*'|\"[^\"]*\")|(?<=[<\s/])[\w-]+:(?=[\w-]+[\s=>])")
_AROUND = re.compile(r"<div[^<>]*>((?:(?!</?div).)*)</div>", re.DOTALL)


def same_markup(value: str) -> str:
    """*value* without what does not change its meaning: references, white space, how void elements end."""
    value = re.sub(r"</(?:br|img|hr|input|area|col|embed|source|link|meta|param)\s*>", "", value)
    value = re.sub(r"\s*/?>", ">", unescape(value))
    value = re.sub(r"<([\w:-]+)([^<>]*)></\1>", r"<\1\2>", value)
    value = _PREFIX.sub("", value)
    value = " ".join(value.replace('"', "'").split())
    around = _AROUND.fullmatch(value)
    return around[1].strip() if around else value


def number(value: object) -> int | None:
    """A length that is known."""
    found = str(value or "").strip()
    length = int(found) if found.isdigit() else 0
    return length or None


def clock(value: str) -> int | None:
    """Seconds of ``1:02:03``."""
    parts = value.split(":")
    if not all(part.isdigit() for part in parts):
        return None
    return sum(int(part) * int(60**place) for place, part in enumerate(reversed(parts)))


def in_utc(value: datetime | None) -> datetime | None:
    """A moment without a zone counts as UTC, as feedparser has it, and without fractions of a second."""
    if value is None:
        return None
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)


def moment(found: Said, name: str) -> datetime | None:
    """feedparser's time tuple."""
    parsed = dict.get(found, name)
    return datetime.fromtimestamp(calendar.timegm(parsed), UTC) if parsed else None
