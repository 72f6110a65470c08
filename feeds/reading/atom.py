"""Atom 1.0 (RFC 4287) with tombstones (RFC 6721) and parts (RFC 5005), and Atom 0.3.

Read ``HEAD`` and ``ENTRY`` first: they say which elements are understood.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from feeds.document import Format, SourceFeed
from feeds.reading import fields, files
from feeds.reading.dates import parse_date
from feeds.reading.draft import Draft, Head, Problems, document_base
from feeds.reading.links import resolve
from feeds.reading.modules import MODULES
from feeds.reading.namespaces import XML_BASE, XML_LANG, Names, split_tag
from feeds.reading.pace import PACE
from feeds.reading.texts import plain
from feeds.reading.walk import Rules, walk
from storage.entry import Origin

if TYPE_CHECKING:
    from lxml.etree import _Element

    from feeds.document import SourceEntry
    from feeds.reading.walk import Handler


def _set_id(draft: Draft, element: _Element) -> None:
    draft.id = fields.text_of(element)


def _set_subtitle(head: Head, element: _Element) -> None:
    head.subtitle = head.subtitle or fields.atom_text(element)


def _set_source(draft: Draft, element: _Element) -> None:
    """RFC 4287, 4.2.11: the head of the feed that the entry was copied from; its authors are the entry's (4.2.1)."""
    source = Head(resolve(draft.base, element.get(XML_BASE, "")) or draft.base, "", draft.problems)
    walk(source, element, _rules(element.tag)[1])
    origin = Origin(plain(source.title), source.best_link(), resolve(source.base, source.self_link))
    if origin.title or origin.link or origin.feed:
        draft.origin = origin
    draft.other_authors = source.authors


def _mark_archive(head: Head, _: _Element) -> None:
    head.archive = True


def _mark_complete(head: Head, _: _Element) -> None:
    head.complete = True


HEAD: Final[dict[str, Handler[Head]]] = {
    "atom:id": _set_id,
    "atom:title": fields.set_atom_title,
    "atom:subtitle": _set_subtitle,
    "atom:tagline": _set_subtitle,
    "atom:link": files.add_head_link,
    "atom:author": fields.add_person,
    "atom:contributor": fields.add_contributor,
    "atom:category": fields.add_category,
    "atom:logo": files.set_image,
    "atom:icon": files.set_other_image,
    "atom:rights": fields.set_rights,
    "atom:copyright": fields.set_rights,
    "atom:updated": fields.set_updated,
    "atom:modified": fields.set_updated,
    "dc:contributor": fields.add_contributor,
    "dc:subject": fields.add_subject,
    "dc:date": fields.set_updated,
    "dc:language": fields.set_language,
    "dc:rights": fields.set_rights,
    "cc:license": fields.set_licence,
    "creativecommons:license": fields.set_licence,
    "itunes:image": files.set_image,
    "fh:archive": _mark_archive,
    "fh:complete": _mark_complete,
    **PACE,
}

ENTRY: Final[dict[str, Handler[Draft]]] = {
    **MODULES,
    "atom:id": _set_id,
    "atom:title": fields.set_atom_title,
    "atom:link": files.add_link,
    "atom:summary": fields.set_atom_summary,
    "atom:content": fields.set_atom_content,
    "atom:published": fields.set_published,
    "atom:issued": fields.set_published,
    "atom:created": fields.set_created,
    "atom:updated": fields.set_updated,
    "atom:modified": fields.set_updated,
    "atom:author": fields.add_person,
    "atom:contributor": fields.add_contributor,
    "atom:category": fields.add_category,
    "atom:rights": fields.set_rights,
    "atom:copyright": fields.set_rights,
    "atom:source": _set_source,
    "content:encoded": fields.set_content,
    "dc:creator": fields.add_other_person,
}


@lru_cache(maxsize=64)
def _rules(root: str) -> tuple[Names, Rules[Head], Rules[Draft]]:
    """The tables for documents whose root has the tag *root*."""
    names = Names(root, "atom")
    return names, Rules(HEAD, names), Rules(ENTRY, names)


def read_atom(root: _Element, location: str, problems: Problems) -> SourceFeed:
    """The feed under *root*, which is ``feed``, or an ``entry`` that is a document of its own (RFC 4287, 2)."""
    names, head_rules, rules = _rules(root.tag)
    head = Head(resolve(location, root.get(XML_BASE, "")) or location, root.get(XML_LANG, ""), problems)
    alone = split_tag(root.tag)[1].lower() == "entry"
    if not alone:
        walk(head, root, head_rules)
    head.base = head.base or document_base(location, head.link)
    entries = [_read_entry(root, head, rules)] if alone else _read_entries(root, head, names, rules)
    return head.feed(_format(root), tuple(entries))


def _read_entries(root: _Element, head: Head, names: Names, rules: Rules[Draft]) -> list[SourceEntry]:
    entries: list[SourceEntry] = []
    for child in root:
        name = names[child.tag]
        if name in ("atom:entry", "atom:item"):
            entries.append(_read_entry(child, head, rules))
        elif name == "at:deleted-entry":
            entries.append(_read_tombstone(child, head))
    return entries


def _read_entry(entry: _Element, head: Head, rules: Rules[Draft]) -> SourceEntry:
    draft = Draft(head.base, head.language, head.problems)
    if entry.keys():  # most entries have no attribute at all
        draft.base = resolve(head.base, entry.get(XML_BASE, "")) or head.base
        draft.language = entry.get(XML_LANG, head.language)
    walk(draft, entry, rules)
    return draft.entry()


def _read_tombstone(element: _Element, head: Head) -> SourceEntry:
    """RFC 6721, 3."""
    draft = Draft(head.base, head.language, head.problems)
    draft.id = element.get("ref", "").strip()
    draft.updated = parse_date(element.get("when", ""))
    draft.withdrawn = True
    return draft.entry()


def _format(root: _Element) -> Format:
    early = root.get("version", "").startswith("0.") or split_tag(root.tag)[0].startswith("http://purl.org/atom/ns")
    return Format.ATOM_03 if early else Format.ATOM_10
