"""What a partner is told of an event, in JSON: the same by the API and by webhook."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING

import orjson

from feeds.publishing.view import without_private
from feeds.writing import json_feed
from feeds.writing.excerpt import cut, excerpt
from feeds.writing.text import clean, rfc3339
from storage import categories, entries
from storage.category import ALL
from storage.places import named_in

if TYPE_CHECKING:
    from collections.abc import Sequence, Set

    from sqlalchemy import Connection

    from feeds.site import Site
    from storage.entry import Entry, Revision
    from storage.event import Event
    from storage.partner import Terms

    Slugs = frozenset[str]


def told(
    connection: Connection, site: Site, store: str, happened: Sequence[Event], granted: Set[str], terms: Terms
) -> list[bytes]:
    """Each of the events that *happened*, as JSON, for one who was *granted* those slugs on these *terms*.

    ``id`` is that of the event in this *store*, by which doubles are dropped. ``item`` is the entry as an item of a
    JSON Feed, as it is **now**: what was corrected or withdrawn since is not handed out again; it is null where the
    entry is not to be seen any more. ``revision`` is what the entry was at when that happened.
    """
    private = categories.private(connection)
    unseen = categories.unseen(connection, granted)
    held = entries.find(connection, {event.info_code for event in happened})
    shown = {code: seen(entry, granted, private, unseen, terms) for code, entry in held.items()}
    slugs = {slug for entry in shown.values() if entry for slug in entry.categories}
    titles = categories.titles(connection, slugs)
    return [_json(event, shown.get(event.info_code), site, store, titles) for event in happened]


def shown(connection: Connection, site: Site, entry: Entry, granted: Set[str], terms: Terms) -> bytes:
    """An *entry* as JSON, with what it said before its corrections, for one who was *granted* those slugs on these
    *terms*, and sees it.

    Raises:
        ValueError: they do not see it.
    """
    now = seen(entry, granted, categories.private(connection), categories.unseen(connection, granted), terms)
    if now is None:
        raise ValueError(f"{entry.info_code} is not for them")
    earlier = entries.revisions(connection, entry.info_code)
    head = {
        "infoCode": now.info_code,
        "revision": now.revision,
        "categories": [slug for slug in now.categories if slug != ALL],
        "revisions": [_revision(shortened(_before(entry, one), terms), one, site) for one in earlier],
    }
    item = json_feed.fragment(now, site, categories.titles(connection, now.categories))
    return b'%b,"item":%b}' % (orjson.dumps(head).removesuffix(b"}"), item)


def seen(entry: Entry, granted: Set[str], private: Slugs, unseen: Set[str], terms: Terms) -> Entry | None:
    """*entry* as one sees it who was *granted* those slugs; None where they do not see it.

    It is named in none of the *unseen* categories; of all, the *private* ones are not everybody's.
    """
    if entry.withdrawn or named_in(entry, private).isdisjoint(granted):
        return None
    entry = without_private(entry, private - granted)
    entry = replace(entry, categories=tuple(slug for slug in entry.categories if slug not in unseen))
    return shortened(entry, terms)


def shortened(entry: Entry, terms: Terms) -> Entry:
    """*entry* with as much of its text as the *terms* have it, in plain text then."""
    if terms.excerpt is None:
        return entry
    text = excerpt(entry.content, terms.excerpt)
    content = f"<p>{escape(text, quote=False)}</p>" if text else ""
    return replace(entry, content=content, summary=cut(entry.summary, terms.excerpt))


def _json(event: Event, entry: Entry | None, site: Site, store: str, titles: dict[str, str]) -> bytes:
    head = {
        "id": f"{store}-{event.number}",
        "event": event.kind,
        "infoCode": event.info_code,
        "revision": event.revision,
        "moment": rfc3339(event.moment, site),
        "categories": [slug for slug in entry.categories if slug != ALL] if entry else [],
    }
    item = json_feed.fragment(entry, site, titles) if entry else b"null"
    return b'%b,"item":%b}' % (orjson.dumps(head).removesuffix(b"}"), item)


def _before(entry: Entry, revision: Revision) -> Entry:
    return replace(entry, title=revision.title, summary=revision.summary, content=revision.content, link=revision.link)


def _revision(entry: Entry, revision: Revision, site: Site) -> dict[str, object]:
    return {
        "revision": revision.number,
        "title": clean(entry.title),
        "url": clean(entry.link),
        "summary": clean(entry.summary),
        "content_html": clean(entry.content),
        "date_published": rfc3339(revision.published, site),
        "date_modified": rfc3339(revision.updated, site),
    }
