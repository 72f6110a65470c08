"""What a partner is told of an event, in JSON: the same by the API and by webhook."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING

import orjson

from feeds.writing import json_feed
from feeds.writing.excerpt import cut, excerpt
from feeds.writing.text import rfc3339
from storage import categories, entries
from storage.category import ALL
from storage.places import named_in

if TYPE_CHECKING:
    from collections.abc import Sequence, Set

    from sqlalchemy import Connection

    from feeds.site import Site
    from storage.entry import Entry
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
    unseen = categories.unseen(connection) - granted
    held = entries.find(connection, {event.info_code for event in happened})
    shown = {code: seen(entry, granted, private, unseen, terms) for code, entry in held.items()}
    slugs = {slug for entry in shown.values() if entry for slug in entry.categories}
    titles = categories.titles(connection, slugs)
    return [_json(event, shown.get(event.info_code), site, store, titles) for event in happened]


def seen(entry: Entry, granted: Set[str], private: Slugs, unseen: Set[str], terms: Terms) -> Entry | None:
    """*entry* as one sees it who was *granted* those slugs; None where they do not see it.

    It is named in none of the *unseen* categories; of all, the *private* ones are not everybody's.
    """
    if entry.withdrawn or named_in(entry, private).isdisjoint(granted):
        return None
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
