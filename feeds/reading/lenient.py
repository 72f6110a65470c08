"""The last resort: documents in which even mending finds no feed or no entry are read by feedparser.

Its dictionaries are made into elements again, and go through the functions that read those of a whole document: the
tables say which. Its cleaning is switched off: ours comes later.
"""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from lxml import etree

from feeds.document import Format, SourceFeed, Text, TextKind
from feeds.reading import atom, fields, files
from feeds.reading.draft import Draft, Head, Problems, document_base
from feeds.reading.errors import FeedSyntaxError
from feeds.reading.links import is_absolute
from feeds.reading.pace import PACE
from feeds.reading.people import parse_author
from feeds.reading.podcasts import EPISODE
from feeds.reading.texts import guess_text
from storage.entry import Author, Origin

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lxml.etree import _Element

    from feeds.document import SourceEntry
    from feeds.reading.walk import D, Handler

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
    "cdf": Format.CDF,
}
_HTML: Final = frozenset({"text/html", "application/xhtml+xml"})
_REFERENCE: Final = re.compile(r"&#(?:[xX]([0-9A-Fa-f]{1,12})|([0-9]{1,12}));")
_ENTRY_TAG: Final = re.compile(rb"</?(?:[\w.-]{1,20}:)?(?:item|entry)\b[^<>]*", re.IGNORECASE)
# feedparser takes them for categories, of which each would be a feed.
_KEYWORDS: Final = re.compile(r"<(media|itunes):keywords\b[^<>]*>[^<]*</\1:keywords\s*>", re.IGNORECASE)

_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# feedparser's dictionary, in which any key may be missing.
_Found = dict[str, Any]


def read_lenient(data: bytes, location: str, problems: Problems) -> SourceFeed:
    """The feed in *data*, which is UTF-8, of at most ``LARGEST`` bytes, and not well-formed.

    Raises:
        FeedSyntaxError: even so it is no feed.
    """
    found = _parse(data, location)
    if not found.get("version") and not found["entries"]:
        raise FeedSyntaxError("this is no feed: neither RSS, Atom nor JSON Feed can be recognised in it")
    cut_off = is_cut_off(data)
    if cut_off:
        # What is left of it may lack its id, and would be taken for another entry.
        problems.note("the document breaks off inside its last entry: left out")
    return _read_feed(found, location, problems, cut_off=cut_off)


def has_whole_entry(data: bytes) -> bool:
    """Whether feedparser could find an entry in *data* that the document does not break off in."""
    return len(_ENTRY_TAG.findall(data)) > is_cut_off(data)


def is_cut_off(data: bytes) -> bool:
    """Whether the last entry begins and does not end."""
    tags = _ENTRY_TAG.findall(data)
    return bool(tags) and not (tags[-1].startswith(b"</") or tags[-1].endswith(b"/"))


def _parse(data: bytes, location: str) -> _Found:
    # A stream only: feedparser opens a str or bytes as an address or a path.
    headers = {"content-type": "application/xml; charset=utf-8"}
    if location:
        headers["content-location"] = location
    import feedparser  # here, since hardly any document needs it

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


_BOTH: Final[dict[str, Handler[Draft]]] = {
    "id": atom.ENTRY["atom:id"],
    "published": fields.set_published,
    "updated": fields.set_updated,
    "tags": fields.add_category,
    "image": files.set_image,
    "rights": fields.set_rights,
}
_HEAD: Final[dict[str, Handler[Head]]] = {
    **_BOTH,
    "links": files.add_head_link,
    "logo": files.set_image,
    "icon": files.set_other_image,
    "media_thumbnail": files.set_other_image,
    "ttl": PACE["ttl"],
    "sy_updateperiod": PACE["sy:updateperiod"],
    "sy_updatefrequency": PACE["sy:updatefrequency"],
    "fh_archive": atom.HEAD["fh:archive"],
    "fh_complete": atom.HEAD["fh:complete"],
}
_ENTRY: Final[dict[str, Handler[Draft]]] = {
    **_BOTH,
    "created": fields.set_created,
    "links": files.add_link,
    "media_content": files.add_media,
    "media_thumbnail": files.set_other_image,
    "media_license": fields.set_licence,
    "comments": fields.set_comments,
    "wfw_commentrss": files.add_replies,
    "feedburner_origlink": files.set_preferred_link,
    "dc_identifier": fields.set_info_code,
    "itunes_duration": EPISODE["itunes:duration"],
    "itunes_season": EPISODE["itunes:season"],
    "itunes_episode": EPISODE["itunes:episode"],
    "itunes_episodetype": EPISODE["itunes:episodetype"],
    "itunes_explicit": EPISODE["itunes:explicit"],
}


def _read_feed(found: _Found, location: str, problems: Problems, *, cut_off: bool) -> SourceFeed:
    feed = found["feed"]
    rss = not str(found.get("version", "")).startswith("atom")
    link = str(feed.get("link") or "")
    head = Head(document_base(location, link), str(feed.get("language") or ""), problems)
    _read(head, feed, _HEAD, rss=rss)
    head.subtitle = _text(feed.get("subtitle_detail") or feed.get("summary_detail"))
    entries = tuple(_read_entry(entry, head, rss=rss) for entry in found["entries"][: -1 if cut_off else None])
    format_ = _FORMATS.get(found.get("version", ""), Format.UNKNOWN)
    return replace(head.feed(format_, entries), lenient=True)


def _read_entry(entry: _Found, head: Head, *, rss: bool) -> SourceEntry:
    draft = Draft(head.base, str(dict.get(entry, "language") or head.language), head.problems)
    _read(draft, entry, _ENTRY, rss=rss, guid=rss)
    content = next((part for part in entry.get("content") or () if part.get("value")), None)
    summary = entry.get("summary_detail")
    draft.content, draft.summary = _text(content), _text(summary)
    body = content or summary or {}
    draft.body_base = str(body.get("base") or "")
    draft.body_language = body.get("language") or None
    source = entry.get("source") or {}
    draft.origin = _origin(source)
    draft.other_authors = _people(source.get("authors"))
    return draft.entry()


def _read(draft: D, found: _Found, table: Mapping[str, Handler[D]], *, rss: bool, guid: bool = False) -> None:
    draft.title = _text(found.get("title_detail"), guess=rss)
    draft.link = _link(found, guid=guid)
    draft.authors = _people(found.get("authors"))
    author = None if draft.authors else parse_author(str(found.get("author") or ""))
    draft.add_author(author)
    draft.contributors = _people(found.get("contributors"))
    for name, handler in table.items():
        values = dict.get(found, name)  # its own ``get`` gives other fields for missing ones
        for value in values if isinstance(values, list) else [values]:
            if value is not None:
                handler(draft, _element(value))


def _element(value: object) -> _Element:
    """What feedparser took apart: attributes if it is a dictionary, else a text."""
    element = etree.Element("x")
    if not isinstance(value, dict):
        element.text = _NO_XML.sub("", str(value))
        return element
    for name, text in value.items():
        if isinstance(text, str) and name.isidentifier():
            element.set("fileSize" if name == "filesize" else name, _NO_XML.sub("", text))
    return element


def _link(found: _Found, *, guid: bool = False) -> str:
    """feedparser makes a link of any id; only RSS's *guid* is one, and only if it is an address."""
    link = str(found.get("link") or "")
    return "" if found.get("guidislink") and not (guid and is_absolute(link)) else link


def _text(detail: _Found | None, *, guess: bool = False) -> Text | None:
    value = str((detail or {}).get("value") or "")
    if not value or detail is None:
        return None
    if guess:
        return guess_text(value)
    return Text(value, TextKind.HTML if detail.get("type") in _HTML else TextKind.TEXT)


def _people(found: list[_Found] | None) -> tuple[Author, ...]:
    authors: dict[Author, None] = {}
    for person in found or ():
        name, email, uri = (str(dict.get(person, key) or "") for key in ("name", "email", "href"))
        if name or email or uri:
            authors[Author(name or email or uri, email, uri)] = None
    return tuple(authors)


def _origin(source: _Found) -> Origin | None:
    feeds = [link.get("href") or "" for link in source.get("links") or () if link.get("rel") == "self"]
    title, link = str(source.get("title") or ""), _link(source)
    people = source.get("authors") or source.get("contributors")
    address = "" if people else dict.get(source, "href")  # which is a person's, where there is one
    feed = str(feeds[0] if feeds else address or "")
    return Origin(title, link, feed) if title or link or feed else None
