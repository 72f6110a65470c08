"""What a subscriber at our own hub is sent: its feed, with nothing in it but what is new (WebSub, 7)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from aggregator.deliver.moves import Moves
from aggregator.deliver.parcel import Parcel
from aggregator.deliver.signing import of_hub
from feeds.publishing.cache import SizedCache
from feeds.publishing.documents import media_type
from feeds.site import hub_links
from storage import categories, entries, events, followers, listing, topic_subscriptions
from storage.database import last_change
from storage.entry import Tombstone
from storage.story import Stories

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from feeds.publishing.rendering import Renderer
    from storage.category import Category
    from storage.entry import InfoCode
    from storage.event import Event
    from storage.follower import Follower
    from storage.topic_subscription import TopicSubscription

MOST: Final = 100
"""Events that one document tells of."""
_HELD_BYTES: Final = 8 * 2**20
_KEY_BYTES: Final = 1_000


class Notices:
    """Documents of what is new, as *renderer* writes them; subscribers who stand at the same place share one."""

    def __init__(self, renderer: Renderer) -> None:
        self.site = renderer.site
        self._renderer = renderer
        self._held: SizedCache[tuple[object, ...], bytes] = SizedCache(_HELD_BYTES)

    def document(
        self,
        connection: Connection,
        subscription: TopicSubscription,
        category: Category,
        happened: Sequence[Event],
    ) -> bytes:
        """The feed as it was subscribed to, with what *happened*; nothing where that cannot be told."""
        numbers = tuple(event.number for event in happened)
        key = (last_change(connection), subscription.category, subscription.suffix, numbers)
        if (held := self._held.get(key)) is not None:
            return held
        body = _document(connection, self._renderer, subscription, category, happened)
        self._held.put(key, body, _KEY_BYTES + len(body))
        return body


def parcel(connection: Connection, notices: Notices, follower: Follower, now: datetime) -> Parcel | None:
    """What is new for the subscriber *follower*; None where there is nothing, or nothing for it any more.

    Entries stand in it once, as they are now. Those that were withdrawn or left stand in Atom as tombstones (RFC
    6721); the other formats cannot tell of them.
    """
    subscription = topic_subscriptions.find(connection, follower.name)
    if subscription is None or not subscription.holds(now):
        return None
    moves = Moves(connection)
    slug = moves.now(subscription.category)
    category = categories.find(connection, [slug]).get(slug)
    if category is None or not category.is_published:
        return None
    followed = moves.followed([slug])
    settles = tuple(letter.number for letter in followers.again(connection, follower.id, MOST))
    if settles:
        happened = events.named(connection, settles, followed)
    else:
        happened = events.after(connection, follower.position, followed, MOST)
    if not happened and not settles:
        return None
    body = notices.document(connection, subscription, category, happened)
    kind = {"Content-Type": media_type(f"feed.{subscription.suffix}")}
    links = {"Link": hub_links(notices.site, subscription.topic)}
    return Parcel(
        address=subscription.callback,
        position=follower.position if settles else happened[-1].number,
        bodies=(body,) if body else (),
        headers=kind | links | of_hub(subscription.secret, body),
        told=tuple(happened),
        settles=settles,
    )


def _document(
    connection: Connection,
    renderer: Renderer,
    subscription: TopicSubscription,
    category: Category,
    happened: Sequence[Event],
) -> bytes:
    codes = {event.info_code for event in happened}
    there = listing.listed_of(connection, category.slug, codes)
    graves: list[Tombstone] = []
    if subscription.suffix == "atom":
        graves = _graves(connection, happened, {one.info_code for one in there})
    if renderer.site.stories is Stories.FIRST:
        there = listing.listed_of(connection, category.slug, codes, Stories.FIRST)
    if not there and not graves:
        return b""
    called = replace(category, slug=subscription.category)
    return renderer.notice(connection, called, subscription.suffix, there, graves).body


def _graves(connection: Connection, happened: Sequence[Event], there: Collection[InfoCode]) -> list[Tombstone]:
    """What is left of the entries that are not *there* any more, the last that left first."""
    left = {event.info_code: event.moment for event in happened if event.info_code not in there}
    found = entries.find(connection, left)
    graves = [Tombstone(code, one.atom_id, one.withdrawn or left[code]) for code, one in found.items()]
    return sorted(graves, key=lambda grave: (grave.withdrawn, grave.info_code), reverse=True)
