"""How followers stand: what the operator sees of deliveries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aggregator.deliver.moves import Moves
from aggregator.deliver.parcel import host_of
from aggregator.fetching.errors import without_credentials
from storage import categories, events, followers, partners, topic_subscriptions
from storage.follower import FollowerKind

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from storage.follower import Follower


@dataclass(frozen=True, slots=True)
class Standing:
    """A follower, and whom it is: ``owed`` events (of another hub, categories) and ``dead`` letters."""

    follower: Follower
    who: str
    owed: int
    dead: int


@dataclass(frozen=True, slots=True)
class Totals:
    """Of all followers together: how many ``fail``, and what is ``owed`` and ``dead``."""

    followers: int
    failing: int
    owed: int
    dead: int


def totals(connection: Connection) -> Totals:
    """What there is in all."""
    found = standings(connection)
    return Totals(
        followers=len(found),
        failing=sum(one.follower.failures > 0 for one in found),
        owed=sum(one.owed for one in found),
        dead=sum(one.dead for one in found),
    )


def standings(connection: Connection) -> list[Standing]:
    """Every follower, by id. An embargo counts as owed; callbacks are named by their hosts, for they may be secrets."""
    dead = followers.dead_counts(connection)
    moves = Moves(connection)
    by_name = {one.name: one for one in partners.all(connection)}
    by_token = {one.token: one for one in topic_subscriptions.all(connection)}
    counted: dict[tuple[frozenset[str], int], int] = {}  # thousands of subscribers stand at the same place
    found = []
    for follower in followers.all(connection):
        slugs: tuple[str, ...] = ()
        match follower.kind:
            case FollowerKind.WEBHOOK if partner := by_name.get(follower.name):
                who, slugs = host_of(partner.webhook), partner.categories
            case FollowerKind.TOPIC if subscription := by_token.get(follower.name):
                who, slugs = f"{subscription.host}, {subscription.topic}", (subscription.category,)
            case _:
                who = without_credentials(follower.name)
        place = (moves.followed(slugs), follower.position)
        if place not in counted:
            counted[place] = events.count(connection, follower.position, place[0]) if slugs else 0
        owed = counted[place]
        if follower.kind is FollowerKind.HUB:
            owed = sum(one.is_published for one in categories.changed_since(connection, follower.position))
        found.append(Standing(follower, who, owed, dead.get(follower.id, 0)))
    return found
