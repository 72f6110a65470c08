"""What the elements mean that several formats share: Atom's text, people and links, and the modules of RSS.

Each function has the shape of a handler: it puts one child element into a draft.
"""

from __future__ import annotations

import base64
import binascii
from html import escape
from typing import TYPE_CHECKING, Final

from feeds.document import Term, Text, TextKind
from feeds.reading.dates import parse_date
from feeds.reading.links import make_enclosure, resolve
from feeds.reading.namespaces import XML_BASE, XML_LANG, split_tag
from feeds.reading.people import parse_author
from feeds.reading.texts import guess_text
from feeds.reading.xml import inner_html
from storage.entry import DERIVED_INFO_CODE, NATIVE_INFO_CODE, Author

if TYPE_CHECKING:
    from lxml.etree import _Element

    from feeds.reading.draft import Draft
    from feeds.reading.walk import Handler

_HTML_TYPES: Final = frozenset({"html", "text/html"})
_XHTML_TYPES: Final = frozenset({"xhtml", "application/xhtml+xml"})
_MEDIA: Final = ("audio", "video", "image")
_ITUNES_SCHEME: Final = "http://www.itunes.com/"


def text_of(element: _Element) -> str:
    """The text of *element* without white space at its ends; markup that should have been escaped is kept."""
    if len(element):
        return inner_html(element)
    text = element.text
    return text.strip() if text else ""


# --- texts


def html_of(element: _Element) -> Text | None:
    """An element that holds escaped HTML, as RSS descriptions do."""
    value = text_of(element)
    return Text(value, TextKind.HTML) if value else None


def guessed(element: _Element) -> Text | None:
    """An element of which the format does not say whether it is text or HTML."""
    value = text_of(element)
    if not value:
        return None
    return Text(value, TextKind.HTML) if len(element) else guess_text(value)


def atom_text(element: _Element) -> Text | None:
    """An Atom text construct or content (RFC 4287, 3.1 and 4.1.3; Atom 0.3's ``mode`` too), None where it is empty."""
    kind = element.get("type", "text").strip().lower()
    if len(element):
        return _xhtml(element)
    value = (element.text or "").strip()
    if not value:
        return None
    if element.get("mode") == "base64":
        return _decoded(value, kind)
    if kind in _XHTML_TYPES and element.get("mode") != "escaped":
        return Text(escape(value, quote=False), TextKind.HTML)
    if kind in _HTML_TYPES or kind in _XHTML_TYPES:
        return Text(value, TextKind.HTML)
    # RFC 4287, 4.1.3.3: any other type is base64 of something that is not for reading.
    return Text(value) if kind in ("text", "plain") or kind.startswith("text/") else None


def _xhtml(element: _Element) -> Text | None:
    """Inline markup; the one ``div`` around it is not part of the content (RFC 4287, 3.1.1.3)."""
    child = element[0]
    around = (element.text or "").strip() or (child.tail or "").strip()
    alone = len(element) == 1 and not around and split_tag(child.tag)[1] == "div"
    value = inner_html(child if alone else element)
    return Text(value, TextKind.HTML) if value else None


def _decoded(value: str, kind: str) -> Text | None:
    try:
        text = base64.b64decode(value).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None  # a picture, or nothing at all: no text either way
    if not text:
        return None
    return Text(text, TextKind.HTML if kind in _HTML_TYPES | _XHTML_TYPES else TextKind.TEXT)


def set_atom_title(draft: Draft, element: _Element) -> None:
    """``atom:title``."""
    draft.title = draft.title or atom_text(element)


def set_atom_summary(draft: Draft, element: _Element) -> None:
    """``atom:summary``."""
    if draft.content is None:
        keep_body_base(draft, element)
    draft.summary = draft.summary or atom_text(element)


def set_atom_content(draft: Draft, element: _Element) -> None:
    """``atom:content``; what ``src`` names is not here to be read (RFC 4287, 4.1.3.2), but can be linked to."""
    keep_body_base(draft, element)
    draft.language = element.get(XML_LANG) or draft.language
    source = element.get("src")
    if source:
        draft.other_link = draft.other_link or source
    draft.content = draft.content or atom_text(element)


def keep_body_base(draft: Draft, element: _Element) -> None:
    """The ``xml:base`` that a body has for itself."""
    own_base = element.get(XML_BASE)
    if own_base:
        draft.body_base = resolve(draft.base, own_base)


def set_other_title(draft: Draft, element: _Element) -> None:
    """A title that a module gives beside the format's own."""
    draft.other_title = draft.other_title or guessed(element)


def set_other_summary(draft: Draft, element: _Element) -> None:
    """A summary that a module gives beside the format's own."""
    draft.other_summary = draft.other_summary or guessed(element)


def set_content(draft: Draft, element: _Element) -> None:
    """``content:encoded``; the first that is not empty."""
    keep_body_base(draft, element)
    draft.content = draft.content or html_of(element)


# --- dates


def set_published(draft: Draft, element: _Element) -> None:
    """When it was published; the last one that is a date."""
    draft.published = parse_date(element.text or "") or draft.published


def set_created(draft: Draft, element: _Element) -> None:
    """When it was written, which counts where nothing says when it was published."""
    draft.other_published = parse_date(element.text or "") or draft.other_published


def set_updated(draft: Draft, element: _Element) -> None:
    """When it was changed; the last one that is a date."""
    draft.updated = parse_date(element.text or "") or draft.updated


# --- people and categories


def person(element: _Element) -> Author | None:
    """An Atom person construct (RFC 4287, 3.2), or a person as one text."""
    parts = {split_tag(child.tag)[1].lower(): text_of(child) for child in element}
    if not parts:
        return parse_author(text_of(element))
    email, uri = parts.get("email", ""), parts.get("uri", "") or parts.get("url", "")
    name = parts.get("name", "") or email or uri
    return Author(name, email, uri) if name else None


def add_person(draft: Draft, element: _Element) -> None:
    """``atom:author``, ``author``, ``dc:creator``."""
    draft.add_author(person(element))


def add_other_person(draft: Draft, element: _Element) -> None:
    """``itunes:author``, which repeats the others or stands alone."""
    author = parse_author(text_of(element))
    if author is not None:
        draft.other_authors += (author,)


def add_subject(draft: Draft, element: _Element) -> None:
    """``dc:subject``."""
    draft.add_category(Term(text_of(element)))


def add_atom_category(draft: Draft, element: _Element) -> None:
    """``atom:category``."""
    label = element.get("label", "").strip()
    term = element.get("term", "").strip() or text_of(element) or label
    draft.add_category(Term(term, "" if label == term else label, element.get("scheme", "").strip()))


def add_itunes_category(draft: Draft, element: _Element) -> None:
    """``itunes:category``, which holds a narrower one."""
    for category in element.iter(element.tag):
        draft.add_category(Term(category.get("text", "").strip(), scheme=_ITUNES_SCHEME))


# --- links and files


def add_atom_link(draft: Draft, element: _Element) -> None:
    """``atom:link`` (RFC 4287, 4.2.7): the page, a file, or the feed itself."""
    href = element.get("href", "").strip()
    relation = element.get("rel", "alternate").strip().lower().rpartition("/")[2]
    own_base = element.get(XML_BASE)
    if own_base:
        href = resolve(resolve(draft.base, own_base), href)
    if not href:
        return
    if relation == "alternate":
        if element.get("type", "text/html").lower() in _HTML_TYPES | _XHTML_TYPES:
            draft.link = href
        else:
            draft.other_link = draft.other_link or href
    elif relation == "enclosure":
        draft.add_enclosure(make_enclosure(resolve(draft.base, href), element.get("type"), element.get("length")))
    elif relation == "self":
        draft.self_link = href


def set_preferred_link(draft: Draft, element: _Element) -> None:
    """``feedburner:origLink``: the page itself, where ``link`` counts clicks."""
    draft.preferred_link = text_of(element)


def add_media(draft: Draft, element: _Element) -> None:
    """``media:content`` of a picture, a sound or a film; players and pages are no files of the entry."""
    url = resolve(draft.base, element.get("url", ""))
    enclosure = make_enclosure(url, element.get("type"), element.get("fileSize"))
    if element.get("medium", "").lower() in _MEDIA or enclosure.media_type.startswith(_MEDIA):
        draft.add_enclosure(enclosure)
    read_media_group(draft, element)


def read_media_group(draft: Draft, element: _Element) -> None:
    """``media:group``: its children count as if they stood beside it, and so do those of ``media:content``."""
    for child in element:
        handler = _IN_GROUP.get(split_tag(child.tag)[1])
        if handler is not None:
            handler(draft, child)


def set_media_text(draft: Draft, element: _Element) -> None:
    """``media:description``, which is plain unless it says otherwise (Media RSS 1.5)."""
    if element.get("type") == "html":
        draft.other_summary = draft.other_summary or html_of(element)
    else:
        value = text_of(element)
        draft.other_summary = draft.other_summary or (Text(value) if value else None)


_IN_GROUP: Final[dict[str, Handler]] = {
    "content": add_media,
    "title": set_other_title,
    "description": set_media_text,
}


# --- the rest


def set_language(draft: Draft, element: _Element) -> None:
    """``language`` and ``dc:language``."""
    draft.language = text_of(element) or draft.language


def set_info_code(draft: Draft, element: _Element) -> None:
    """``dc:identifier``, where it is an infoCode."""
    value = text_of(element)
    if NATIVE_INFO_CODE.fullmatch(value) or DERIVED_INFO_CODE.fullmatch(value):
        draft.info_code = value
