"""Documents that are not well-formed: feedparser understands most of them, at many times the cost.

What it gives is put into the same values as the strict readers give. Its cleaning is switched off: ours comes later.
"""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

import feedparser

from feeds.document import Format, SourceFeed, Term, Text, TextKind
from feeds.reading.dates import parse_date
from feeds.reading.draft import Draft, Problems, document_base
from feeds.reading.errors import FeedSyntaxError
from feeds.reading.links import is_absolute, make_enclosure, resolve
from feeds.reading.people import parse_author
from feeds.reading.texts import guess_text, plain
from storage.entry import DERIVED_INFO_CODE, NATIVE_INFO_CODE, Author, Origin

if TYPE_CHECKING:
    from datetime import datetime

    from feeds.document import SourceEntry

LARGEST: Final = 256 * 1024
"""Bytes that feedparser is given: it needs a second or more for each million, and more for those made to harm."""

_FORMATS: Final = {
    "rss090": Format.RSS_090,
    "rss091n": Format.RSS_091,
    "rss091u": Format.RSS_091,
    "rss092": Format.RSS_092,
    "rss093": Format.RSS_093,
    "rss094": Format.RSS_094,
    "rss10": Format.RSS_10,
    "rss20": Format.RSS_20,
    "rss": Format.RSS,
    "atom03": Format.ATOM_03,
    "atom10": Format.ATOM_10,
    "atom": Format.ATOM_10,
}
_HTML: Final = frozenset({"text/html", "application/xhtml+xml"})
_MEDIA: Final = ("audio", "video", "image")
_REFERENCE: Final = re.compile(r"&#(?:[xX]([0-9A-Fa-f]{1,12})|([0-9]{1,12}));")
_ENTRY_TAG: Final = re.compile(rb"</?(?:[\w.-]{1,20}:)?(?:item|entry)\b[^<>]*", re.IGNORECASE)
# feedparser takes them for categories, of which each would be a feed.
_KEYWORDS: Final = re.compile(r"<(media|itunes):keywords\b[^<>]*>[^<]*</\1:keywords\s*>", re.IGNORECASE)

# feedparser's dictionary, in which any key may be missing.
_Found = dict[str, Any]


def read_lenient(data: bytes, location: str, problems: Problems) -> SourceFeed:
    """The feed in *data*, which is UTF-8 and not well-formed.

    Raises:
        FeedSyntaxError: even so it is no feed, or it is too large to be read this way.
    """
    if len(data) > LARGEST:
        raise FeedSyntaxError(
            f"this is not well-formed, and with {len(data)} bytes too large to be mended (at most {LARGEST})"
        )
    found = _parse(data, location)
    if not found.get("version") and not found["entries"]:
        raise FeedSyntaxError("this is no feed: neither RSS, Atom nor JSON Feed can be recognised in it")
    cut_off = _is_cut_off(data)
    if cut_off:
        # What is left of it may lack its id, and would be taken for another entry.
        problems.note("the document breaks off inside its last entry: left out")
    return _read_feed(found, location, problems, cut_off=cut_off)


def has_whole_entry(data: bytes) -> bool:
    """Whether feedparser could find an entry in *data* that the document does not break off in."""
    return len(_ENTRY_TAG.findall(data)) > _is_cut_off(data)


def _is_cut_off(data: bytes) -> bool:
    """Whether the last entry begins and does not end."""
    tags = _ENTRY_TAG.findall(data)
    return bool(tags) and not (tags[-1].startswith(b"</") or tags[-1].endswith(b"/"))


def _parse(data: bytes, location: str) -> _Found:
    # A stream only: feedparser opens a str or bytes as an address or a path.
    headers = {"content-type": "application/xml; charset=utf-8"}
    if location:
        headers["content-location"] = location
    try:
        found: _Found = feedparser.parse(
            BytesIO(_prepared(data)),
            response_headers=headers,
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except Exception as error:  # it raises whatever its handlers do with documents made to harm
        raise FeedSyntaxError(f"this is not well-formed, and cannot be mended: {error!r}") from error
    return found


def _prepared(data: bytes) -> bytes:
    """*data* without keywords, and without references for which feedparser would refuse the whole document.

    References to halves of characters, as generators that think in UTF-16 write them for emoji, are put together;
    what is no character becomes U+FFFD.
    """
    text = _REFERENCE.sub(_character, _KEYWORDS.sub("", data.decode()))
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


def _character(match: re.Match[str]) -> str:
    number = int(match[1], 16) if match[1] else int(match[2])
    if 0xD800 <= number < 0xE000:
        return chr(number)
    return match[0] if 0 < number <= 0x10FFFF else "\ufffd"


def _read_feed(found: _Found, location: str, problems: Problems, *, cut_off: bool) -> SourceFeed:
    feed = found["feed"]
    atom = str(found.get("version", "")).startswith("atom")
    link = str(feed.get("link") or "")
    head = Draft(document_base(location, link), str(feed.get("language") or ""), problems)
    head.title = _typed(feed.get("title_detail"), atom=atom)
    head.link = link
    entries = tuple(_read_entry(entry, head, atom=atom) for entry in found["entries"][: -1 if cut_off else None])
    return SourceFeed(
        format=_FORMATS.get(found.get("version", ""), Format.UNKNOWN),
        title=plain(head.title),
        link=head.best_link(),
        language=head.language,
        updated=_date(feed, "updated") or _date(feed, "published"),
        authors=_authors(feed),
        entries=entries,
        problems=problems.all(),
        lenient=True,
    )


def _read_entry(entry: _Found, head: Draft, *, atom: bool) -> SourceEntry:
    draft = Draft(head.base, head.language, head.problems)
    draft.id = str(entry.get("id") or "")
    draft.preferred_link = str(entry.get("feedburner_origlink") or "")
    draft.link = _link(entry)
    draft.title = _typed(entry.get("title_detail"), atom=atom)
    _read_texts(draft, entry)
    draft.published = _date(entry, "published")
    draft.other_published = _date(entry, "created")
    draft.updated = _date(entry, "updated")
    draft.authors = _authors(entry)
    for tag in dict.get(entry, "tags") or ():
        label = (tag.get("label") or "").strip()
        term = (tag.get("term") or "").strip() or label
        draft.add_category(Term(term, "" if label == term else label, (tag.get("scheme") or "").strip()))
    _read_files(draft, entry)
    draft.origin = _origin(entry.get("source"))
    code = str(entry.get("dc_identifier") or "")
    if NATIVE_INFO_CODE.fullmatch(code) or DERIVED_INFO_CODE.fullmatch(code):
        draft.info_code = code
    return draft.entry()


def _link(entry: _Found) -> str:
    """feedparser makes a link of any guid; only one that is an address is one."""
    link = str(entry.get("link") or "")
    return "" if entry.get("guidislink") and not is_absolute(link) else link


def _read_texts(draft: Draft, entry: _Found) -> None:
    contents = [part for part in entry.get("content") or () if part.get("value")]
    summary = entry.get("summary_detail")
    if contents:
        first = contents[0]
        draft.content = Text(first["value"], TextKind.HTML if first.get("type") in _HTML else TextKind.TEXT)
        draft.body_base = str(first.get("base") or "")
        draft.language = str(first.get("language") or "") or draft.language
    if summary and summary.get("value"):
        draft.summary = Text(summary["value"], TextKind.HTML if summary.get("type") in _HTML else TextKind.TEXT)
        draft.body_base = draft.body_base or str(summary.get("base") or "")


def _read_files(draft: Draft, entry: _Found) -> None:
    for link in dict.get(entry, "links") or ():
        if link.get("rel") == "enclosure":
            url = resolve(draft.base, str(link.get("href") or ""))
            draft.add_enclosure(make_enclosure(url, link.get("type"), link.get("length")))
    for media in entry.get("media_content") or ():
        enclosure = make_enclosure(
            resolve(draft.base, media.get("url") or ""), media.get("type"), media.get("filesize")
        )
        if (media.get("medium") or "") in _MEDIA or enclosure.media_type.startswith(_MEDIA):
            draft.add_enclosure(enclosure)


def _typed(detail: _Found | None, *, atom: bool) -> Text | None:
    value = str((detail or {}).get("value") or "")
    if not value or detail is None:
        return None
    if not atom:
        return guess_text(value)
    return Text(value, TextKind.HTML if detail.get("type") in _HTML else TextKind.TEXT)


def _authors(found: _Found) -> tuple[Author, ...]:
    authors = []
    for person in found.get("authors") or ():
        name, email, uri = (str(person.get(key) or "") for key in ("name", "email", "href"))
        author = Author(name or email or uri, email, uri)
        if author.name and author not in authors:
            authors.append(author)
    if not authors and found.get("author"):
        one = parse_author(str(found["author"]))
        authors = [one] if one is not None else []
    return tuple(authors)


def _origin(source: _Found | None) -> Origin | None:
    if not source:
        return None
    feeds = [link.get("href") or "" for link in source.get("links") or () if link.get("rel") == "self"]
    title, link = str(source.get("title") or ""), str(source.get("link") or "")
    feed = str(feeds[0] if feeds else dict.get(source, "href") or "")
    return Origin(title, link, feed) if title or link or feed else None


def _date(found: _Found, name: str) -> datetime | None:
    """The text is read by our own rules, which leave out absurd years and keep what zone was given.

    ``dict.get``, since feedparser's own gives ``published`` for a missing ``updated``.
    """
    return parse_date(str(dict.get(found, name) or ""))
