"""JSON Feed 1.1, with the infoCode, the revision and what the format cannot say in an extension of our own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from feeds.writing.common import (
    entry_categories,
    entry_id,
    entry_language,
    entry_link,
    feed_address,
    feed_page,
    feed_title,
    media_type,
    publisher,
)
from feeds.writing.json_extension import own_words
from feeds.writing.text import clean, rfc3339

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from feeds.site import Site
    from feeds.writing.common import Subject
    from storage.entry import Author, Enclosure, Entry

MEDIA_TYPE = "application/feed+json"
_VERSION = "https://jsonfeed.org/version/1.1"


def fragment(entry: Entry, site: Site, titles: Mapping[str, str]) -> bytes:
    """One item. *titles* gives a category's name by its slug.

    ``external_url`` is left out: it is for a site that comments on another's page; here ``url`` is the original's.

    Raises:
        ValueError: the entry has no ``atom:id`` yet.
    """
    names = [name for _, name in entry_categories(entry, titles)]
    item: dict[str, Any] = {
        "id": entry_id(entry),
        "url": entry_link(entry, site),
        "title": clean(entry.title),
        "content_html": clean(entry.content),
        "summary": clean(entry.summary),
        "date_published": rfc3339(entry.published, site),
        "date_modified": rfc3339(entry.updated, site),
        "authors": [_author(author) for author in entry.authors if clean(author.name)],
        "tags": list(dict.fromkeys(filter(None, [*names, *map(clean, entry.tags)]))),
        "language": entry_language(entry, site),
        "image": clean(entry.image),
        "attachments": [_attachment(enclosure) for enclosure in entry.enclosures],
        "_feedmill": {"infoCode": entry.info_code, "revision": entry.revision, **own_words(entry)},
    }
    # An item must have its content, even an empty one; anything else that is empty is not there.
    return orjson.dumps({key: value for key, value in item.items() if value or key == "content_html"})


def document(category: Subject, site: Site, fragments: Sequence[bytes], _earlier: str = "") -> bytes:
    """The feed of *category* with *fragments* in the order given; JSON Feed has no word for an archive in Atom."""
    head: dict[str, Any] = {
        "version": _VERSION,
        "title": feed_title(category, site),
        "home_page_url": feed_page(category, site),
        "feed_url": feed_address(category, site, "json"),
        "language": site.language,
        "authors": [{"name": publisher(site), "url": site.address("")}],
    }
    if site.hub:
        head["hubs"] = [{"type": "WebSub", "url": site.hub}]
    return b'%b,"items":[%b]}' % (orjson.dumps(head).removesuffix(b"}"), b",\n".join(fragments))


def _author(author: Author) -> dict[str, str]:
    name, url = clean(author.name), clean(author.uri)
    return {"name": name, "url": url} if url else {"name": name}


def _attachment(enclosure: Enclosure) -> dict[str, Any]:
    attachment: dict[str, Any] = {"url": clean(enclosure.url), "mime_type": media_type(enclosure)}
    if enclosure.length is not None:
        attachment["size_in_bytes"] = enclosure.length
    size = {"width": enclosure.width, "height": enclosure.height}
    more = {
        "title": clean(enclosure.title),
        "duration_in_seconds": enclosure.duration,
        "_feedmill": {name: number for name, number in size.items() if number},
    }
    attachment |= {name: value for name, value in more.items() if value}
    return attachment
