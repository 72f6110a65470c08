"""A category's archive (RFC 5005, 4): which pages it has, and what its current feed says of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from feeds.publishing.rendered import Rendered
from feeds.publishing.telling import shortened
from feeds.publishing.view import without_private
from feeds.writing import archive as writing
from storage import archive, categories, entries
from storage.archive import Tail
from storage.archive_page import PAGE
from storage.entry import Entry
from storage.story import Stories

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from feeds.publishing.view import View
    from feeds.site import Site
    from storage.category import Category
    from storage.entry import Tombstone
    from storage.listing import Listed
    from storage.partner import Terms


def growing(category: Category, site: Site) -> int:
    """The number of the page that grows; 0 where the current feed has room for all that ever arrived."""
    full = category.arrivals // PAGE
    return full + 1 if full or category.arrivals > site.entries_per_feed else 0


def page(connection: Connection, category: Category, site: Site, number: int, view: View) -> Rendered:
    """The page *number* of the archive of *category*, which has as many as :func:`growing` says, as in *view*."""
    found = archive.page(connection, category, number)
    private = categories.private(connection) - view.granted
    if private or view.terms.excerpt is not None:
        found = replace(found, places=[_seen(private, view.terms, one) for one in found.places])
    moments = [one.updated if isinstance(one, Entry) else one.withdrawn for one in found.places]
    shown = replace(category, title=found.title, updated=max(moments, default=None))
    listed = sum(isinstance(one, Entry) for one in found.places)
    return Rendered(writing.document(shown, site, found), shown.updated, listed)


def tail(connection: Connection, category: Category, site: Site) -> Tail:
    """What lies on the page that grows, where the current feed has to know."""
    if not growing(category, site) and category.arrivals == category.entries:
        return Tail()  # all are shown, and nobody ever left: most categories
    return archive.tail(connection, category)


def graves(connection: Connection, category: Category, tail: Tail, limit: int) -> list[Tombstone]:
    """The tombstones of the current feed: of the *limit* entries last withdrawn, and of all that left lately."""
    withdrawn = entries.tombstones(connection, category.slug, limit)
    known = {grave.info_code for grave in withdrawn}
    left = [grave for grave in tail.graves if grave.info_code not in known]
    both = [*withdrawn, *left]
    return sorted(both, key=lambda grave: (grave.withdrawn, grave.info_code), reverse=True) if left else withdrawn


def corrected(tail: Tail, listed: Sequence[Listed], site: Site) -> list[Listed]:
    """The entries that the current feed lists again (RFC 5005, 4.1): corrected, and not among its newest.

    Where each story is listed once, it lists no more than those.
    """
    if site.stories is Stories.FIRST:
        return []
    there = {entry.info_code for entry in listed}
    return [entry for entry in tail.corrected if entry.info_code not in there]


def earlier(category: Category, site: Site, tail: Tail, listed: Sequence[Listed], graves: Sequence[Tombstone]) -> str:
    """Where the current feed's archive ends; empty where it has none.

    It ends with the page that grows where something lies there that the current feed does not show, else before it.
    """
    last = growing(category, site)
    shown = {entry.info_code for entry in listed}
    told = {grave.info_code for grave in graves}
    if tail.entries <= shown and all(grave.info_code in told for grave in tail.graves):
        last = category.arrivals // PAGE
    return writing.archive_address(category, site, last) if last else ""


def _seen(private: frozenset[str], terms: Terms, one: Entry | Tombstone) -> Entry | Tombstone:
    """What stands on a page, in no category that the page's readers do not know of, with as much text as they get."""
    if not isinstance(one, Entry):
        return one
    return shortened(without_private(one, private), terms)
