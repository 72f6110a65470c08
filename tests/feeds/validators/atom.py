"""Atom documents against the schema of RFC 4287, and against the rules that it, RFC 5005, 6721, 4685 and WebSub write
beside it. Nothing of it comes from what writes or reads feeds here.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import etree

from tests.feeds.validators import modules
from tests.feeds.validators.words import (
    Rules,
    attributes,
    is_absolute,
    is_iri,
    is_rfc_3339,
    is_web,
    relative_links,
    twice,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

    from tests.feeds.validators.words import Problem

ATOM = "{http://www.w3.org/2005/Atom}"
_DELETED = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"
_HISTORY = "{http://purl.org/syndication/history/1.0}"
_REPLY = "{http://purl.org/syndication/thread/1.0}in-reply-to"
_BASE = "{http://www.w3.org/XML/1998/namespace}base"

RULES = Rules({
    "xml": "RFC 4287, 2: a document is well-formed XML",
    "schema": "RFC 4287, appendix B",
    "namespace": "RFC 4287, 6.3: an element in no namespace is foreign markup, and read by nobody",
    "feed-author": "RFC 4287, 4.1.1: a feed has an author unless all its entries have one",
    "entry-author": "RFC 4287, 4.1.2: an entry has an author, or its source or its feed does",
    "entry-alternate": "RFC 4287, 4.1.2: an entry without content has a link rel=alternate",
    "alternate-twice": "RFC 4287, 4.1.1 and 4.1.2: one link rel=alternate of a type and language",
    "summary": "RFC 4287, 4.1.2: an entry whose content is elsewhere, or in Base64, has a summary",
    "self": "RFC 4287, 4.1.1: a feed should have one link rel=self",
    "date": "RFC 4287, 3.3: a date is as RFC 3339 has it, with capital T and Z",
    "id": "RFC 4287, 4.2.6: an id is an absolute IRI",
    "same-id": "RFC 4287, 4.1.1: two entries of one id should differ in updated",
    "iri": "RFC 4287, 2 and 4.2.7.1: an address is an IRI; and absolute, where no xml:base says of what",
    "rel": "RFC 4287, 4.2.7.2: a relation is a name of RFC 3987's isegment-nz-nc, or an IRI",
    "length": "RFC 4287, 4.2.7.6: a length is a number of octets",
    "relative-markup": "RFC 4287, 3.1.1: relative addresses in HTML have no base once they are copied",
    "tombstone": "RFC 6721, 3: a tombstone is in a feed, its ref an IRI, its when a date; one at:by, one at:comment",
    "tombstone-beside": "RFC 6721, 3: an entry beside its own tombstone was updated after that",
    "history": "RFC 5005, 2 and 4: fh:complete and fh:archive are empty, alone, and in a feed",
    "archive-current": "RFC 5005, 4: an archive document should have a link rel=current",
    "archive-links": "RFC 5005, 4: one document comes before, one after, and one is the current one",
    "reply": "RFC 4685, 3: in-reply-to has a ref that is an IRI",
    "hub": "WebSub, 4: a hub has an address in http or https",
})  # fmt: skip

# RFC 3987, 2.2: a segment without a colon.
_NAME = re.compile(r"(?:[^:/?#\[\]%\s]|%[0-9A-Fa-f]{2})+")
_DATES = (f"{ATOM}updated", f"{ATOM}published")
_ADDRESSES = {"link": "href", "content": "src", "category": "scheme", "generator": "uri"}
_TEXTS = (f"{ATOM}uri", f"{ATOM}icon", f"{ATOM}logo")


@cache
def _schema() -> etree.RelaxNG:
    return etree.RelaxNG(etree.parse(Path(__file__).parents[2] / "data" / "schemas" / "atom.rng"))


def check(document: bytes) -> list[Problem]:
    """What is wrong with an Atom document, in the order in which it was looked for."""
    try:
        root = etree.fromstring(document)
    except etree.XMLSyntaxError as error:
        return [RULES.broken("xml", error)]
    return list(_problems(root))


def _problems(root: _Element) -> Iterator[Problem]:
    if not _schema().validate(root):
        yield RULES.broken("schema", _schema().error_log.last_error)
    for element in root.iter(etree.Element):
        if not str(element.tag).startswith("{"):
            yield RULES.broken("namespace", element.tag)
    if root.tag == f"{ATOM}feed":
        yield from _feed(root)
    entries = list(root.iter(f"{ATOM}entry"))
    for entry in entries:
        yield from _entry(entry, root if entry is not root else None)
    for parent in (root, *entries):
        yield from _links(parent)
    yield from _everywhere(root)


def _feed(feed: _Element) -> Iterator[Problem]:
    entries = feed.findall(f"{ATOM}entry")
    if feed.find(f"{ATOM}author") is None and not (
        entries and all(entry.find(f"{ATOM}author") is not None for entry in entries)
    ):
        yield RULES.broken("feed-author", "no author")
    if len(feed.findall(f"{ATOM}link[@rel='self']")) != 1:
        yield RULES.broken("self", "none, or several")
    versions = [f"{entry.findtext(f'{ATOM}id')} {entry.findtext(f'{ATOM}updated')}" for entry in entries]
    for version in twice(versions):
        yield RULES.broken("same-id", version)
    yield from _history(feed)
    updated = {entry.findtext(f"{ATOM}id", ""): entry.findtext(f"{ATOM}updated", "") for entry in entries}
    for grave in feed.iterchildren(_DELETED):
        ref, when = grave.get("ref", ""), grave.get("when", "")
        if ref in updated and not _is_later(updated[ref], when):
            yield RULES.broken("tombstone-beside", ref)


def _is_later(one: str, other: str) -> bool:
    return is_rfc_3339(one) and is_rfc_3339(other) and datetime.fromisoformat(one) > datetime.fromisoformat(other)


def _history(feed: _Element) -> Iterator[Problem]:
    marks = list(feed.iter(f"{_HISTORY}archive", f"{_HISTORY}complete"))
    if len(marks) > 1 or any(len(mark) or (mark.text or "").strip() or mark.getparent() is not feed for mark in marks):
        yield RULES.broken("history", [mark.tag for mark in marks])
    relations = [link.get("rel", "") for link in feed.iterchildren(f"{ATOM}link")]
    if feed.find(f"{_HISTORY}archive") is not None and "current" not in relations:
        yield RULES.broken("archive-current", "no link rel=current")
    for rel in twice(rel for rel in relations if rel in {"prev-archive", "next-archive", "current"}):
        yield RULES.broken("archive-links", rel)
    hubs = [link.get("href") for link in feed.iterchildren(f"{ATOM}link") if link.get("rel") == "hub"]
    if not all(map(is_web, hubs)):
        yield RULES.broken("hub", hubs)


def _entry(entry: _Element, feed: _Element | None) -> Iterator[Problem]:
    name = entry.findtext(f"{ATOM}id")
    places = (entry, entry.find(f"{ATOM}source"), feed)
    if all(place is None or place.find(f"{ATOM}author") is None for place in places):
        yield RULES.broken("entry-author", name)
    content = entry.find(f"{ATOM}content")
    relations = [link.get("rel", "alternate") for link in entry.iterchildren(f"{ATOM}link")]
    if content is None and "alternate" not in relations:
        yield RULES.broken("entry-alternate", name)
    if content is not None and entry.find(f"{ATOM}summary") is None and _is_opaque(content):
        yield RULES.broken("summary", name)
    yield from modules.check(entry)


def _is_opaque(content: _Element) -> bool:
    kind = content.get("type", "text").lower()
    inline = kind in {"text", "html", "xhtml"} or kind.startswith("text/") or kind.endswith(("+xml", "/xml"))
    return content.get("src") is not None or not inline


def _links(parent: _Element) -> Iterator[Problem]:
    links = list(parent.iterchildren(f"{ATOM}link"))
    pages = [link for link in links if link.get("rel", "alternate") == "alternate"]
    for page in twice(f"{page.get('type')} {page.get('hreflang')}" for page in pages):
        yield RULES.broken("alternate-twice", page)
    for link in links:
        rel = link.get("rel", "alternate")
        if not _NAME.fullmatch(rel) and not is_iri(rel):
            yield RULES.broken("rel", rel)
        length = link.get("length", "0")
        if not (length.isdecimal() and length.isascii()):
            yield RULES.broken("length", length)


def _everywhere(root: _Element) -> Iterator[Problem]:
    for element in root.iter(*_DATES):
        if not is_rfc_3339(element.text or ""):
            yield RULES.broken("date", element.text)
    for element in root.iter(f"{ATOM}id"):
        if not is_iri(element.text):
            yield RULES.broken("id", element.text)
    for element in root.iter(_REPLY):
        if not is_iri(element.get("ref")):
            yield RULES.broken("reply", attributes(element))
    yield from _graves(root)
    yield from _addresses(root)
    yield from _markup(root)


def _graves(root: _Element) -> Iterator[Problem]:
    for grave in root.iter(_DELETED):
        known = [str(child.tag).partition("}")[2] for child in grave if str(child.tag).startswith(_DELETED[:-13])]
        if not (
            is_iri(grave.get("ref"))
            and is_rfc_3339(grave.get("when", ""))
            and (grave.getparent() is None or grave.getparent() is root)
            and not twice(known)
        ):
            yield RULES.broken("tombstone", attributes(grave))


def _markup(root: _Element) -> Iterator[Problem]:
    for element in root.iter(*(f"{ATOM}{name}" for name in ("title", "subtitle", "summary", "content", "rights"))):
        if element.get("type") == "html":
            for address in relative_links(element.text or ""):
                yield RULES.broken("relative-markup", address)


def _addresses(root: _Element) -> Iterator[Problem]:
    named = [
        element.get(attribute)
        for name, attribute in _ADDRESSES.items()
        for element in root.iter(f"{ATOM}{name}")
        if element.get(attribute) is not None
    ]
    named += [element.text for element in root.iter(*_TEXTS)]
    named += [element.get(_BASE) for element in root.iter(etree.Element) if element.get(_BASE) is not None]
    for address in named:
        if not is_absolute(address):
            yield RULES.broken("iri", address)
