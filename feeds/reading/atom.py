"""Atom 1.0 (RFC 4287) with tombstones (RFC 6721), and Atom 0.3.

Read ``HEAD`` and ``ENTRY`` first: they say which elements are understood.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from feeds.document import Format, SourceEntry, SourceFeed
from feeds.reading import fields
from feeds.reading.dates import parse_date
from feeds.reading.draft import Draft, Problems, document_base
from feeds.reading.links import resolve
from feeds.reading.namespaces import XML_BASE, XML_LANG, Names, split_tag
from feeds.reading.texts import plain
from feeds.reading.walk import walk
from storage.entry import Origin

if TYPE_CHECKING:
    from lxml.etree import _Element

    from feeds.reading.walk import Handler


def _set_id(draft: Draft, element: _Element) -> None:
    draft.id = fields.text_of(element)


def _set_source(draft: Draft, element: _Element) -> None:
    """RFC 4287, 4.2.11: the head of the feed that the entry was copied from; its authors are the entry's (4.2.1)."""
    source = Draft(resolve(draft.base, element.get(XML_BASE, "")) or draft.base, "", draft.problems)
    walk(source, element, Names(element.tag, "atom"), HEAD)
    origin = Origin(plain(source.title), source.best_link(), resolve(source.base, source.self_link))
    if origin.title or origin.link or origin.feed:
        draft.origin = origin
    draft.other_authors = source.authors


HEAD: Final[dict[str, Handler]] = {
    "atom:title": fields.set_atom_title,
    "atom:link": fields.add_atom_link,
    "atom:author": fields.add_person,
    "atom:updated": fields.set_updated,
    "atom:modified": fields.set_updated,
    "dc:language": fields.set_language,
}

ENTRY: Final[dict[str, Handler]] = {
    "atom:id": _set_id,
    "atom:title": fields.set_atom_title,
    "atom:link": fields.add_atom_link,
    "atom:summary": fields.set_atom_summary,
    "atom:content": fields.set_atom_content,
    "atom:published": fields.set_published,
    "atom:issued": fields.set_published,
    "atom:created": fields.set_created,
    "atom:updated": fields.set_updated,
    "atom:modified": fields.set_updated,
    "atom:author": fields.add_person,
    "atom:category": fields.add_atom_category,
    "atom:source": _set_source,
    "content:encoded": fields.set_content,
    "dc:creator": fields.add_other_person,
    "dc:date": fields.set_updated,
    "dc:subject": fields.add_subject,
    "dc:language": fields.set_language,
    "dc:identifier": fields.set_info_code,
    "dcterms:issued": fields.set_published,
    "dcterms:created": fields.set_created,
    "dcterms:modified": fields.set_updated,
    "itunes:author": fields.add_other_person,
    "itunes:summary": fields.set_other_summary,
    "media:content": fields.add_media,
    "media:group": fields.read_media_group,
    "media:title": fields.set_other_title,
    "media:description": fields.set_media_text,
    "feedburner:origlink": fields.set_preferred_link,
}


def read_atom(root: _Element, location: str, problems: Problems) -> SourceFeed:
    """The feed under *root*, which is ``feed``, or an ``entry`` that is a document of its own (RFC 4287, 2)."""
    names = Names(root.tag, "atom")
    head = Draft(resolve(location, root.get(XML_BASE, "")), root.get(XML_LANG, ""), problems)
    alone = split_tag(root.tag)[1].lower() == "entry"
    if not alone:
        walk(head, root, names, HEAD)
    head.base = head.base or document_base(location, head.link)
    entries = [_read_entry(root, head, names)] if alone else _read_entries(root, head, names)
    return SourceFeed(
        format=_format(root),
        title=plain(head.title),
        link=head.best_link(),
        language=head.language,
        updated=head.updated,
        authors=head.authors,
        entries=tuple(entries),
        problems=problems.all(),
    )


def _read_entries(root: _Element, head: Draft, names: Names) -> list[SourceEntry]:
    entries: list[SourceEntry] = []
    for child in root:
        name = names[child.tag]
        if name == "atom:entry":
            entries.append(_read_entry(child, head, names))
        elif name == "at:deleted-entry":
            entries.append(_read_tombstone(child, head))
    return entries


def _read_entry(entry: _Element, head: Draft, names: Names) -> SourceEntry:
    base = resolve(head.base, entry.get(XML_BASE, "")) or head.base
    draft = Draft(base, entry.get(XML_LANG) or head.language, head.problems)
    walk(draft, entry, names, ENTRY)
    return draft.entry()


def _read_tombstone(element: _Element, head: Draft) -> SourceEntry:
    """RFC 6721, 3."""
    return SourceEntry(
        id=element.get("ref", "").strip(),
        updated=parse_date(element.get("when", "")),
        base=head.base,
        withdrawn=True,
    )


def _format(root: _Element) -> Format:
    early = root.get("version", "").startswith("0.") or split_tag(root.tag)[0].startswith("http://purl.org/atom/ns")
    return Format.ATOM_03 if early else Format.ATOM_10
