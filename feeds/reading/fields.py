"""What the elements mean that several formats share: texts, dates, people, categories, rights.

Each function has the shape of a handler: it puts one child element into a draft. ``files`` has those of links and
files, ``podcasts`` those of episodes, ``pace`` those of how often a feed changes.
"""

from __future__ import annotations

import base64
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Final

from feeds.document import Term, Text, TextKind
from feeds.reading.dates import parse_date
from feeds.reading.links import is_absolute, resolve
from feeds.reading.namespaces import RDF_RESOURCE, XML_BASE, XML_LANG, local_name, split_tag
from feeds.reading.people import parse_author
from feeds.reading.texts import guess_text, plain
from feeds.reading.xml import inner_html
from storage.entry import DERIVED_INFO_CODE, NATIVE_INFO_CODE, Author, Origin

if TYPE_CHECKING:
    from lxml.etree import _Element

    from feeds.reading.draft import Draft

HTML_TYPES: Final = frozenset({"html", "text/html"})
XHTML_TYPES: Final = frozenset({"xhtml", "application/xhtml+xml"})
_HTML: Final = TextKind.HTML
# Of one entry; more are a mistake or an attack, and each is added to a copy of those before it.
_MOST: Final = 1_000
# Characters; longer terms are not worth remembering.
_SHORT: Final = 100


def text_of(element: _Element) -> str:
    """The text of *element* without white space at its ends; markup that should have been escaped is kept."""
    if len(element):
        return inner_html(element)
    text = element.text
    return text.strip() if text else ""


# --- texts


def html_of(element: _Element) -> Text | None:
    """An element that holds escaped HTML, as RSS descriptions do."""
    value = (element.text or "").strip() if not len(element) else inner_html(element)  # text_of(), and no call
    return Text(value, _HTML) if value else None


def guessed(element: _Element) -> Text | None:
    """An element of which the format does not say whether it is text or HTML."""
    if len(element):
        return html_of(element)
    value = (element.text or "").strip()
    if "<" not in value and "&" not in value:  # as nearly all titles
        return Text(value) if value else None
    return guess_text(value)


def atom_text(element: _Element) -> Text | None:
    """An Atom text construct or content (RFC 4287, 3.1 and 4.1.3; Atom 0.3's ``mode`` too), None where it is empty."""
    kind = element.get("type", "").strip().lower() or "text"
    if len(element):
        return _xhtml(element)
    value = (element.text or "").strip()
    if not value:
        return None
    if element.get("mode") == "base64":
        return _decoded(value, kind)
    if kind in XHTML_TYPES and element.get("mode") != "escaped":
        return Text(escape(value, quote=False), _HTML)
    if kind in HTML_TYPES or kind in XHTML_TYPES:
        return Text(value, _HTML)
    if kind in ("text", "plain") or kind.startswith("text/"):
        return Text(value)
    # RFC 4287, 4.1.3.3: XML is of another kind, anything else is base64.
    return None if kind.endswith(("+xml", "/xml")) else _decoded(value, kind)


def _xhtml(element: _Element) -> Text | None:
    """Inline markup; the one ``div`` around it is not part of the content (RFC 4287, 3.1.1.3)."""
    child = element[0]
    around = (element.text or "").strip() or (child.tail or "").strip()
    alone = len(element) == 1 and not around and split_tag(child.tag)[1] == "div"
    value = inner_html(child if alone else element)
    return Text(value, _HTML) if value else None


def _decoded(value: str, kind: str) -> Text | None:
    try:
        text = base64.b64decode(value).decode()
    except ValueError:
        return None  # a picture, or nothing at all: no text either way
    if not text or "\0" in text:
        return None
    return Text(text, _HTML if kind in HTML_TYPES | XHTML_TYPES else TextKind.TEXT)


def set_atom_title(draft: Draft, element: _Element) -> None:
    """``atom:title``."""
    draft.title = draft.title or atom_text(element)


def set_atom_summary(draft: Draft, element: _Element) -> None:
    """``atom:summary``."""
    if draft.content is None:
        keep_base_and_language(draft, element)
    draft.summary = draft.summary or atom_text(element)


def set_atom_content(draft: Draft, element: _Element) -> None:
    """``atom:content``; what ``src`` names is not here to be read (RFC 4287, 4.1.3.2), but can be linked to."""
    keep_base_and_language(draft, element)
    source = element.get("src")
    if source:
        draft.other_link = draft.other_link or source
    draft.content = draft.content or atom_text(element)


def keep_base_and_language(draft: Draft, element: _Element) -> None:
    """The ``xml:base`` and ``xml:lang`` that a body has for itself."""
    if not element.keys() and draft.body_language is None:
        return
    own_language = element.get(XML_LANG)
    if own_language is not None or draft.body_language is not None:
        draft.body_language = draft.language if own_language is None else own_language
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
    keep_base_and_language(draft, element)
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


def person(draft: Draft, element: _Element) -> Author | None:
    """An Atom person construct (RFC 4287, 3.2), or a person as one text."""
    if not len(element):
        return parse_author(element.text or "")
    parts = {local_name(child.tag): text_of(child) for child in element}
    email = parts.get("email", "")
    uri = resolve(draft.base, parts.get("uri") or parts.get("url") or parts.get("homepage") or "")
    name = parts.get("name") or email or uri
    return Author(name, email, uri) if name else None


def add_person(draft: Draft, element: _Element) -> None:
    """``atom:author``, ``author``, ``dc:creator``."""
    draft.add_author(person(draft, element))


def add_contributor(draft: Draft, element: _Element) -> None:
    """``atom:contributor``, ``dc:contributor``."""
    draft.add_contributor(person(draft, element))


def add_other_person(draft: Draft, element: _Element) -> None:
    """``itunes:author``, which repeats the others or stands alone."""
    author = parse_author(text_of(element))
    if author is not None and len(draft.other_authors) < _MOST:
        draft.other_authors += (author,)


@lru_cache(maxsize=1024)
def _short_term(term: str) -> Term:
    """Entries of a feed share a few categories."""
    return Term(term)


def _term(term: str) -> Term:
    return _short_term(term) if len(term) <= _SHORT else Term(term)


def add_subject(draft: Draft, element: _Element) -> None:
    """``dc:subject``."""
    draft.add_category(_term(text_of(element)))


def add_category(draft: Draft, element: _Element) -> None:
    """``category`` of RSS and Atom: the term as text or attribute, the scheme as ``domain`` or ``scheme``."""
    if not element.keys():
        draft.add_category(_term((element.text or "").strip()))
        return
    label = element.get("label", "").strip()
    term = element.get("term", "").strip() or (element.text or "").strip() or label
    scheme = element.get("scheme") or element.get("domain") or ""
    draft.add_category(Term(term, "" if label == term else label, scheme.strip()))


def add_keywords(draft: Draft, element: _Element) -> None:
    """``itunes:keywords`` and ``media:keywords``: many words, of which each would be a feed if it were a category."""
    if len(draft.tags) < _MOST:
        words = map(str.strip, text_of(element).split(","))
        draft.tags += tuple(word for word in words if word)[:_MOST]


# --- rights and where it came from


def set_licence(draft: Draft, element: _Element) -> None:
    """The address of a licence: ``creativeCommons:license``, ``cc:license``, ``media:license``."""
    address = element.get(RDF_RESOURCE) or element.get("href") or text_of(element)
    draft.licence = draft.licence or resolve(draft.base, address)


def set_rights(draft: Draft, element: _Element) -> None:
    """Rights as a text (``atom:rights``, ``copyright``, ``dc:rights``), which count where no licence has an address."""
    draft.other_licence = draft.other_licence or plain(_any_text(element))


def _any_text(element: _Element) -> Text | None:
    return atom_text(element) if element.get("type") or element.get("mode") else guessed(element)


def set_other_origin(draft: Draft, element: _Element) -> None:
    """``dc:source``: the page or the name of what the entry was taken from."""
    value = text_of(element)
    if value:
        draft.other_origin = Origin("", value) if is_absolute(value) else Origin(plain(guess_text(value)))


# --- the rest


def set_comments(draft: Draft, element: _Element) -> None:
    """``comments``: the page where the entry is discussed."""
    draft.comments = resolve(draft.base, text_of(element)) or draft.comments


def set_language(draft: Draft, element: _Element) -> None:
    """``language`` and ``dc:language``."""
    draft.language = text_of(element) or draft.language


def set_info_code(draft: Draft, element: _Element) -> None:
    """``dc:identifier``, where it is an infoCode."""
    value = text_of(element)
    if NATIVE_INFO_CODE.fullmatch(value) or DERIVED_INFO_CODE.fullmatch(value):
        draft.info_code = value
