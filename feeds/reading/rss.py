"""RSS 0.90 to 2.0, RSS 1.0's RDF, where the items stand beside the channel, and CDF, from which RSS comes.

Read ``HEAD`` and ``ITEM`` first: they say which elements are understood.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from feeds.document import Format, SourceFeed
from feeds.reading import atom, fields, files, podcasts
from feeds.reading.dates import parse_date
from feeds.reading.draft import Draft, Head, Problems, document_base
from feeds.reading.errors import FeedSyntaxError
from feeds.reading.links import is_absolute, make_enclosure, resolve
from feeds.reading.modules import MODULES
from feeds.reading.namespaces import RDF, RDF_ABOUT, XML_BASE, XML_LANG, Names, split_tag
from feeds.reading.pace import PACE
from feeds.reading.texts import plain
from feeds.reading.walk import Rules, walk
from storage.entry import Origin

if TYPE_CHECKING:
    from lxml.etree import _Element

    from feeds.document import SourceEntry
    from feeds.reading.walk import Handler

_VERSIONS: Final = {
    "0.90": Format.RSS_090,
    "0.91": Format.RSS_091,
    "0.92": Format.RSS_092,
    "0.93": Format.RSS_093,
    "0.94": Format.RSS_094,
    "1.0": Format.RSS_10,
}


def _set_title(draft: Draft, element: _Element) -> None:
    draft.title = draft.title or fields.guessed(element)


def _set_description(draft: Draft, element: _Element) -> None:
    draft.summary = draft.summary or fields.html_of(element)


def _set_subtitle(head: Head, element: _Element) -> None:
    head.subtitle = head.subtitle or fields.html_of(element)


def _set_other_subtitle(head: Head, element: _Element) -> None:
    head.other_subtitle = head.other_subtitle or fields.guessed(element)


def _set_link(draft: Draft, element: _Element) -> None:
    link = fields.text_of(element)
    if not element.keys():  # nearly always, and sooner asked than each attribute by its name
        draft.link = link or draft.link
    elif link:
        draft.link = resolve(resolve(draft.base, element.get(XML_BASE, "")) or draft.base, link)
    elif element.get("href"):
        files.add_link(draft, element)  # Atom's link without Atom's namespace


def _set_head_link(head: Head, element: _Element) -> None:
    if element.get("href"):
        files.add_head_link(head, element)
    else:
        _set_link(head, element)


def _set_guid(draft: Draft, element: _Element) -> None:
    """RSS 2.0: a guid is a permalink unless it says that it is none."""
    guid = fields.text_of(element)
    if not guid:
        return
    draft.id = guid
    if not draft.link and is_absolute(guid) and element.get("isPermaLink", "true").strip().lower() != "false":
        draft.other_link = guid


def _add_enclosure(draft: Draft, element: _Element) -> None:
    url = resolve(draft.base, element.get("url") or element.get("href") or "")
    draft.add_enclosure(make_enclosure(url, element.get("type"), element.get("length")))


def _set_source(draft: Draft, element: _Element) -> None:
    title, feed = plain(fields.guessed(element)), resolve(draft.base, element.get("url", ""))
    if title or feed:
        draft.origin = Origin(title, feed=feed)


HEAD: Final[dict[str, Handler[Head]]] = {
    "title": _set_title,
    "link": _set_head_link,
    "description": _set_subtitle,
    "abstract": _set_subtitle,
    "language": fields.set_language,
    "copyright": fields.set_rights,
    "category": fields.add_category,
    "image": files.set_image,
    "lastbuilddate": fields.set_updated,
    "pubdate": fields.set_published,
    "managingeditor": fields.add_person,
    "author": fields.add_person,
    "id": atom.HEAD["atom:id"],
    "updated": fields.set_updated,
    "atom:link": files.add_head_link,
    "atom:id": atom.HEAD["atom:id"],
    "atom:subtitle": _set_other_subtitle,
    "atom:updated": fields.set_updated,
    "atom:author": fields.add_person,
    "atom:contributor": fields.add_contributor,
    "dc:title": fields.set_other_title,
    "dc:description": _set_other_subtitle,
    "dc:creator": fields.add_person,
    "dc:author": fields.add_person,
    "dc:contributor": fields.add_contributor,
    "dc:date": fields.set_updated,
    "dc:language": fields.set_language,
    "dc:rights": fields.set_rights,
    "dc:subject": fields.add_subject,
    "dcterms:issued": fields.set_published,
    "dcterms:modified": fields.set_updated,
    "cc:license": fields.set_licence,
    "creativecommons:license": fields.set_licence,
    "itunes:author": fields.add_other_person,
    "itunes:category": podcasts.add_category,
    "itunes:image": files.set_image,
    "itunes:link": files.set_image,
    "itunes:subtitle": _set_other_subtitle,
    "itunes:summary": _set_other_subtitle,
    "googleplay:image": files.set_image,
    "media:thumbnail": files.set_other_image,
    "fh:archive": atom.HEAD["fh:archive"],
    "fh:complete": atom.HEAD["fh:complete"],
    **PACE,
}

ITEM: Final[dict[str, Handler[Draft]]] = {
    **MODULES,
    "title": _set_title,
    "link": _set_link,
    "guid": _set_guid,
    "description": _set_description,
    "abstract": _set_description,
    "pubdate": fields.set_published,
    "author": fields.add_person,
    "category": fields.add_category,
    "comments": fields.set_comments,
    "enclosure": _add_enclosure,
    "image": files.set_image,
    "source": _set_source,
    "id": atom.ENTRY["atom:id"],
    "published": fields.set_published,
    "updated": fields.set_updated,
    "summary": fields.set_other_summary,
    "body": fields.set_content,
    "fullitem": fields.set_content,
    "content:encoded": fields.set_content,
    "xhtml:body": fields.set_content,
    "xhtml:div": fields.set_content,
    "atom:link": files.add_link,
    "atom:id": atom.ENTRY["atom:id"],
    "atom:published": fields.set_published,
    "atom:updated": fields.set_updated,
    "atom:author": fields.add_person,
    "atom:contributor": fields.add_contributor,
    "atom:content": fields.set_atom_content,
    "atom:summary": fields.set_other_summary,
    "dc:title": fields.set_other_title,
    "dc:description": fields.set_other_summary,
    "dc:creator": fields.add_person,
    "dc:author": fields.add_person,
}


@lru_cache(maxsize=64)
def _rules(root: str) -> tuple[Names, Rules[Head], Rules[Draft]]:
    """The tables for documents whose root has the tag *root*."""
    names = Names(root, "")
    return names, Rules(HEAD, names), Rules(ITEM, names)


def read_rss(root: _Element, location: str, problems: Problems) -> SourceFeed:
    """The feed under *root*, which is ``rss``, ``rdf:RDF`` or CDF's ``channel``.

    Raises:
        FeedSyntaxError: it is RDF of another kind.
    """
    # Whatever the default namespace of RDF is called, it is that of RSS: its address is often mistyped.
    default = root.nsmap.get(None)
    names, head_rules, item_rules = _rules(f"{{{default}}}RDF" if default else root.tag)
    channels = [root] if names[root.tag] == "channel" else [child for child in root if names[child.tag] == "channel"]
    heads: list[list[_Element]] = []
    items: list[_Element] = []
    # RSS 1.0 has its items beside the channel, and some documents of other versions do.
    for parent in dict.fromkeys([*channels, root]):
        heads.append([])
        for child in parent:
            (items if names[child.tag] == "item" else heads[-1]).append(child)
    if not channels and not items:
        if split_tag(root.tag)[0] == RDF:
            raise FeedSyntaxError("this is RDF, but no feed: it has neither a channel nor an item")
        problems.note("the document has no channel")
    head = Head(resolve(location, root.get(XML_BASE, "")) or location, root.get(XML_LANG, ""), problems)
    for channel, children in zip(channels, heads, strict=False):  # the root's are of no head
        head.base = resolve(head.base, channel.get(XML_BASE, "")) or head.base
        head.language = channel.get(XML_LANG, head.language)
        _read_cdf(head, channel)
        walk(head, children, head_rules)
    head.base = head.base or document_base(location, head.link)
    return head.feed(_format(root), tuple([_read_item(item, head, item_rules) for item in items]))


def _read_item(item: _Element, head: Head, rules: Rules[Draft]) -> SourceEntry:
    draft = Draft(head.base, head.language, head.problems)
    attributes = item.keys()
    if attributes:  # nearly all items have none, and those of RSS 1.0 just one
        if attributes != [RDF_ABOUT]:
            draft.base = resolve(head.base, item.get(XML_BASE, "")) or head.base
            draft.language = item.get(XML_LANG, head.language)
            _read_cdf(draft, item)
        draft.id = about = item.get(RDF_ABOUT, "").strip()
        walk(draft, item, rules)
        if not draft.link and not draft.other_link and is_absolute(about):
            draft.other_link = about
    else:
        walk(draft, item, rules)
    return draft.entry()


def _read_cdf(draft: Draft, element: _Element) -> None:
    """The Channel Definition Format has the page and the date as attributes."""
    attributes = {str(name).lower(): str(value) for name, value in element.items()}
    draft.base = resolve(draft.base, attributes.get("base", "")) or draft.base
    draft.link = resolve(draft.base, attributes.get("href", "")) or draft.link
    draft.updated = parse_date(attributes.get("lastmod", "")) or draft.updated


def _format(root: _Element) -> Format:
    name = split_tag(root.tag)[1].lower()
    if name == "channel":
        return Format.CDF
    if name == "rss":
        version = root.get("version", "").strip()
        return Format.RSS_20 if version.startswith("2") else _VERSIONS.get(version, Format.RSS)
    namespaces = {split_tag(tag)[0] for tag in {child.tag for child in root}}
    if any(namespace.startswith("http://purl.org/rss/1.0") for namespace in namespaces):
        return Format.RSS_10
    return Format.RSS_090 if any("netscape.com/rdf" in namespace for namespace in namespaces) else Format.RSS
