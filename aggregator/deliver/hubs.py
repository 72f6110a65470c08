"""What another hub is told: which feeds have changed. It comes for them itself.

WebSub leaves open how a publisher tells its hub (6); hubs take what PubSubHubbub 0.4 had, ``hub.mode=publish`` with an
``hub.url`` for each feed. A ping says all that an earlier one did, so that one which is not taken is no loss: there are
no dead letters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from aggregator.deliver.parcel import Parcel
from feeds.publishing.rendering import FEED_SUFFIXES
from feeds.site import category_path
from storage import categories

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from feeds.site import Site
    from storage.follower import Follower

MOST: Final = 100
"""Feeds that one request names."""
_HEADERS: Final = {"Content-Type": "application/x-www-form-urlencoded"}


def parcel(connection: Connection, site: Site, follower: Follower, published: int) -> Parcel | None:
    """The feeds that the hub *follower* is to be told of, as far as the change *published* is published everywhere."""
    if published <= follower.position:
        return None
    changed = [one for one in categories.changed_since(connection, follower.position) if one.version <= published]
    topics = [
        site.address(category_path(category.slug, suffix))
        for category in changed
        if category.is_published
        for suffix in sorted(FEED_SUFFIXES)
    ]
    bodies = tuple(_form(topics[start : start + MOST]) for start in range(0, len(topics), MOST))
    return Parcel(follower.name, published, bodies, _HEADERS)


def _form(topics: Sequence[str]) -> bytes:
    return urlencode([("hub.mode", "publish"), *(("hub.url", topic) for topic in topics)]).encode()
