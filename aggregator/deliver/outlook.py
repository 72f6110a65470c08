"""Who is to be sent something now, and who is next: a decision over what is stored."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from aggregator.deliver import webhooks
from aggregator.deliver.moves import Moves
from aggregator.deliver.parcel import host_of
from feeds.web.hub import is_open
from storage import categories, events, followers, partners, topic_subscriptions
from storage.category import ALL
from storage.follower import Follower, FollowerKind
from storage.topic_subscription import Pending, TopicSubscription

if TYPE_CHECKING:
    from sqlalchemy import Connection

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Due:
    """A follower to be sent something, or a subscription to be asked, by its ``name``; whether it ``failing`` waits
    among its like. A ``replay`` is of what was given up before.
    """

    name: str
    host: str
    failing: bool
    replay: bool = False


@dataclass(slots=True)
class Outlook:
    """What is to be done: *send* to followers and *ask* subscribers; *over* are subscriptions whose lease has ended,
    *closed* those to feeds that are not for everybody any more. ``next`` is when there is more to do, if nothing
    happens until then.
    """

    send: list[Due] = field(default_factory=list)
    ask: list[Due] = field(default_factory=list)
    over: list[TopicSubscription] = field(default_factory=list)
    closed: list[TopicSubscription] = field(default_factory=list)
    next: datetime | None = None

    def later(self, moment: datetime) -> None:
        """There is something to do at *moment*."""
        self.next = moment if self.next is None else min(self.next, moment)


def outlook(connection: Connection, now: datetime, published: int) -> Outlook:
    """What is to be done at *now* (aware, UTC), where the change *published* is published everywhere."""
    return _Looking(connection, now, published).found()


class _Looking:
    def __init__(self, connection: Connection, now: datetime, published: int) -> None:
        self._connection = connection
        self._now = now
        self._published = published
        self._moves = Moves(connection)
        self._again = followers.retried(connection)
        self._subscriptions = {one.token: one for one in topic_subscriptions.all(connection)}
        slugs = {one.category for one in self._subscriptions.values()}
        slugs |= {self._moves.now(slug) for slug in slugs}
        there = categories.find(connection, slugs)
        self._open = {ALL, *(slug for slug, category in there.items() if is_open(category, there))}
        self._newest: dict[str, int] = {}
        self._outlook = Outlook()

    def found(self) -> Outlook:
        for subscription in self._subscriptions.values():
            self._look_at(subscription)
        for follower in followers.all(self._connection):
            when = self._due(follower)
            if when is None:
                continue
            when = max(when, follower.next_try or _LONG_AGO)
            if when > self._now:
                self._outlook.later(when)
            else:
                again = follower.id in self._again
                host = self._host(follower)
                self._outlook.send.append(Due(follower.id, host, failing=follower.failures > 0, replay=again))
        return self._outlook

    def _look_at(self, subscription: TopicSubscription) -> None:
        holds = subscription.holds(self._now)
        if not holds and not subscription.pending:
            self._outlook.over.append(subscription)
        elif subscription.category not in self._open and subscription.pending is not Pending.DENIED:
            self._outlook.closed.append(subscription)
        elif subscription.pending:
            when = subscription.next_try or self._now
            if when > self._now:
                self._outlook.later(when)
            else:
                # Whoever was never verified waits among those that fail: it may be nobody.
                unknown = not holds or subscription.failures > 0
                self._outlook.ask.append(Due(subscription.token, subscription.host, failing=unknown))

    def _due(self, follower: Follower) -> datetime | None:
        """When it is to be sent something, were it never failing; None for not at all."""
        again = follower.id in self._again
        match follower.kind:
            case FollowerKind.WEBHOOK:
                return webhooks.due(self._connection, self._moves, follower, self._now, again=again)
            case FollowerKind.HUB:
                return self._now if self._published > follower.position else None
            case FollowerKind.TOPIC:
                subscription = self._subscriptions.get(follower.name)
                if subscription is None or not subscription.holds(self._now) or subscription.category not in self._open:
                    return None
                return self._now if again or self._newest_of(subscription.category) > follower.position else None

    def _host(self, follower: Follower) -> str:
        # Those of subscribers, who can be many, are read already.
        if follower.kind is FollowerKind.TOPIC:
            return self._subscriptions[follower.name].host
        return host_of_follower(self._connection, follower)

    def _newest_of(self, slug: str) -> int:
        if slug not in self._newest:
            followed = self._moves.followed([slug])
            self._newest[slug] = max(events.newest(self._connection, one) for one in followed)
        return self._newest[slug]


def host_of_follower(connection: Connection, follower: Follower) -> str:
    """Where what *follower* is sent goes to; empty if nowhere any more."""
    match follower.kind:
        case FollowerKind.WEBHOOK:
            partner = partners.find(connection, follower.name)
            return host_of(partner.webhook) if partner else ""
        case FollowerKind.HUB:
            return host_of(follower.name)
        case FollowerKind.TOPIC:
            subscription = topic_subscriptions.find(connection, follower.name)
            return subscription.host if subscription else ""
