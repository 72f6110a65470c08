"""Links, files and pictures: Atom's ``link``, and Media RSS 1.5 (https://www.rssboard.org/media-rss)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from feeds.document import Term, Text
from feeds.reading.fields import (
    HTML_TYPES,
    XHTML_TYPES,
    add_keywords,
    html_of,
    set_licence,
    set_other_title,
    set_rights,
    text_of,
)
from feeds.reading.links import make_enclosure, resolve, seconds, whole_number
from feeds.reading.namespaces import XML_BASE, local_name
from storage.entry import Link

if TYPE_CHECKING:
    from lxml.etree import _Element

    from feeds.reading.draft import Draft, Head
    from feeds.reading.walk import Handler

_WEB_PAGE: Final = HTML_TYPES | XHTML_TYPES
_SCHEME: Final = "http://search.yahoo.com/mrss/category_schema"
_FILES: Final = ("audio", "video", "image")
_MEDIUMS: Final = frozenset({*_FILES, "document", "executable"})
_REGISTERED: Final = "http://www.iana.org/assignments/relation/"
# Relations that are about the feed or how to edit it, not about what the entry says (RFC 4287, 5023, 5005; WebSub).
_NOT_OF_ENTRIES: Final = frozenset({
    "self", "edit", "edit-media", "service", "hub", "first", "last", "previous", "prev", "next", "current",
    "prev-archive", "next-archive", "search", "http://schemas.google.com/g/2005#feed",
    "http://schemas.google.com/g/2005#post",
})  # fmt: skip
# More are an attack, and each is added to a copy of those before it.
_MOST_HUBS: Final = 100
_PAGING: Final = {
    "first": "first",
    "last": "last",
    "previous": "previous",
    "prev": "previous",
    "next": "next",
    "current": "current",
    "prev-archive": "previous_archive",
    "next-archive": "next_archive",
}


def _href(draft: Draft, element: _Element) -> str:
    href = (element.get("href") or "").strip()
    own_base = element.get(XML_BASE)
    return resolve(resolve(draft.base, own_base), href) if own_base else href


def _relation(element: _Element) -> str:
    """RFC 4287, 4.2.7.2: a registered name, alone or as the end of IANA's address, or an address of its own."""
    relation = element.get("rel")
    return relation.strip().lower().removeprefix(_REGISTERED) if relation else "alternate"


def _is_web_page(element: _Element) -> bool:
    media_type = element.get("type")
    return media_type is None or media_type.partition(";")[0].strip().lower() in _WEB_PAGE


def add_link(draft: Draft, element: _Element) -> None:
    """``atom:link`` of an entry (RFC 4287, 4.2.7): its page, a file, a licence, or something else to see."""
    href = _href(draft, element)
    if not href:
        return
    relation = _relation(element)
    if relation == "alternate":
        _add_alternate(draft, element, href)
    elif relation == "enclosure":
        url = resolve(draft.base, href)
        title = (element.get("title") or "").strip()
        draft.add_enclosure(make_enclosure(url, element.get("type"), element.get("length"), title=title))
    elif relation == "license":
        draft.licence = draft.licence or resolve(draft.base, href)
    elif relation == "replies" and _is_web_page(element):
        draft.comments = draft.comments or resolve(draft.base, href)
    elif relation not in _NOT_OF_ENTRIES:
        draft.add_link(_link(draft, element, href, relation))


def _add_alternate(draft: Draft, element: _Element, href: str) -> None:
    """The last web page is the entry's; any other form is a last resort, and something to see beside the page."""
    if _is_web_page(element):
        draft.link = href
    else:
        draft.other_link = draft.other_link or href
        draft.add_link(_link(draft, element, href, "alternate"))


def _link(draft: Draft, element: _Element, href: str, relation: str) -> Link:
    media_type, title, language = ((element.get(name) or "").strip() for name in ("type", "title", "hreflang"))
    return Link(resolve(draft.base, href), relation, media_type, title, language)


def add_replies(draft: Draft, element: _Element) -> None:
    """``wfw:commentRss``: the feed of the comments."""
    draft.add_link(Link(resolve(draft.base, text_of(element)), "replies", "application/rss+xml"))


def add_head_link(head: Head, element: _Element) -> None:
    """``atom:link`` of a feed: its page, itself, its hubs, its other parts (RFC 5005), its licence."""
    href = _href(head, element)
    if not href:
        return
    relation = _relation(element)
    if relation == "self":
        head.self_link = head.self_link or href
    elif relation == "hub" and len(head.hubs) < _MOST_HUBS:
        head.hubs += (href,)
    elif relation in _PAGING:
        head.paging = replace(head.paging, **{_PAGING[relation]: href})
    elif relation == "alternate" or relation == "license":
        add_link(head, element)


def set_preferred_link(draft: Draft, element: _Element) -> None:
    """``feedburner:origLink``: the page itself, where ``link`` counts clicks."""
    draft.preferred_link = text_of(element)


def set_image(draft: Draft, element: _Element) -> None:
    """A picture that stands for the whole: ``itunes:image``, ``media:thumbnail``, ``image`` of RSS."""
    address = element.get("href") or element.get("url") or _inner_address(element)
    draft.image = draft.image or resolve(draft.base, address)


def set_other_image(draft: Draft, element: _Element) -> None:
    """A picture that counts where there is no larger one: ``atom:icon``, a thumbnail beside an image."""
    address = element.get("href") or element.get("url") or _inner_address(element)
    draft.other_image = draft.other_image or resolve(draft.base, address)


def _inner_address(element: _Element) -> str:
    """The ``url`` inside RSS's ``image``, or the text where there are no elements."""
    if not len(element):
        return (element.text or "").strip()
    return next((text_of(child) for child in element if local_name(child.tag) == "url"), "")


# --- Media RSS


def add_media(draft: Draft, element: _Element) -> None:
    """``media:content``: a file with its own title; players and pages are no files of the entry."""
    titles = (text_of(child) for child in element if local_name(child.tag) == "title")
    enclosure = make_enclosure(
        resolve(draft.base, element.get("url", "")),
        element.get("type"),
        element.get("fileSize"),
        title=next(titles, ""),
        duration=seconds(element.get("duration")),
        width=whole_number(element.get("width")),
        height=whole_number(element.get("height")),
    )
    if element.get("medium", "").lower() in _MEDIUMS or enclosure.media_type.startswith(_FILES):
        draft.add_enclosure(enclosure)
    read_media_group(draft, element)


def read_media_group(draft: Draft, element: _Element) -> None:
    """``media:group``: its children count as if they stood beside it, and so do those of ``media:content``."""
    for child in element:
        handler = MEDIA.get(f"media:{local_name(child.tag)}")
        if handler is not None:
            handler(draft, child)


def set_media_text(draft: Draft, element: _Element) -> None:
    """``media:description``, which is plain unless it says otherwise."""
    if element.get("type") == "html":
        draft.other_summary = draft.other_summary or html_of(element)
    else:
        value = text_of(element)
        draft.other_summary = draft.other_summary or (Text(value) if value else None)


def add_media_category(draft: Draft, element: _Element) -> None:
    """``media:category``."""
    label, scheme = element.get("label", "").strip(), element.get("scheme", _SCHEME).strip()
    term = text_of(element) or label
    draft.add_category(Term(term, "" if label == term else label, scheme))


MEDIA: Final[dict[str, Handler[Draft]]] = {
    "media:content": add_media,
    "media:group": read_media_group,
    "media:title": set_other_title,
    "media:description": set_media_text,
    "media:thumbnail": set_other_image,
    "media:category": add_media_category,
    "media:keywords": add_keywords,
    "media:license": set_licence,
    "media:copyright": set_rights,
}
"""The elements of Media RSS, in an entry or in a group."""
