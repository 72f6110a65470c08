"""What the store knows of deliveries: read before each, and noted after it, in one short transaction."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from aggregator.deliver import hubs, intent, patience, topics, webhooks
from aggregator.deliver.outlook import Due, host_of_follower, outlook
from aggregator.settings import OWN_HUB
from feeds.web.hub import TRIES
from storage import events, followers, topic_subscriptions
from storage.database import last_change
from storage.follower import FollowerKind, follower_id

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy import Connection

    from aggregator.config import Config
    from aggregator.deliver.intent import Answer
    from aggregator.deliver.outlook import Outlook
    from aggregator.deliver.parcel import Parcel
    from feeds.publishing.rendering import Renderer
    from storage.database import Database
    from storage.topic_subscription import TopicSubscription

log = structlog.get_logger("deliver")


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of a delivery: ``trouble`` is a sentence, empty where it was taken; ``plea`` is what ``Retry-After``
    asked for, in seconds; one that is ``gone`` wants nothing any more.
    """

    trouble: str = ""
    plea: float | None = None
    gone: bool = False


class Ledger:
    """Followers and subscriptions in *database*. ``published`` is the last change that other hubs may come for."""

    def __init__(self, config: Config, database: Database, renderer: Renderer, clock: Callable[[], datetime]) -> None:
        self._hub = config.publish.hub if config.publish.hub not in {"", OWN_HUB} else ""
        self._database = database
        self._site = renderer.site
        self._notices = topics.Notices(renderer)
        self._clock = clock
        self.published = -1

    def see_to_hub(self) -> None:
        """Another hub is told from now on, or not any more, as it is configured."""
        with self._database.writing() as connection:
            if self.published < 0:
                self.published = last_change(connection)
            wanted = {follower_id(FollowerKind.HUB, self._hub)} if self._hub else set()
            known = {one.id for one in followers.all(connection) if one.kind is FollowerKind.HUB}
            followers.forget(connection, known - wanted)
            for name in wanted:
                followers.begin(connection, name, self.published)

    def look(self) -> Outlook:
        """What is to be done now. Subscriptions that are over end with this, or are to be told so."""
        now = self._clock()
        with self._database.reading() as connection:
            found = outlook(connection, now, self.published)
        if found.over or found.closed:
            with self._database.writing() as connection:
                for one in found.over:
                    _end(connection, one)
                for one in found.closed:
                    followers.forget(connection, [_follower_of(one)])
                    topic_subscriptions.save(connection, intent.denied(one, now))
            with self._database.reading() as connection:
                return outlook(connection, now, self.published)
        return found

    def follower(self, name: str) -> Due | None:
        """Where a follower is to be sent what it is owed, whatever that is; None where there is none."""
        with self._database.reading() as connection:
            follower = followers.find(connection, name)
            if follower is None:
                return None
            return Due(name, host_of_follower(connection, follower), failing=follower.failures > 0)

    def subscriber(self, token: str) -> Due | None:
        """Who is to be asked whether it meant a subscription; None where there is nothing to be asked."""
        with self._database.reading() as connection:
            found = topic_subscriptions.find(connection, token)
        if found is None or not found.pending:
            return None
        return Due(token, found.host, failing=not found.holds(self._clock()) or found.failures > 0)

    def next(self, name: str) -> Parcel | None:
        """What a follower is to be sent now; None for nothing.

        Raises:
            SecretError: it cannot be signed.
        """
        now = self._clock()
        with self._database.reading() as connection:
            follower = followers.find(connection, name)
            if follower is None:
                return None
            match follower.kind:
                case FollowerKind.WEBHOOK:
                    store = self._database.identity
                    return webhooks.parcel(connection, self._site, store, follower, now)
                case FollowerKind.TOPIC:
                    return topics.parcel(connection, self._notices, follower, now)
                case FollowerKind.HUB:
                    return hubs.parcel(connection, self._site, follower, self.published)

    def record(self, name: str, parcel: Parcel | None, reply: Reply) -> None:
        """Note what came of a delivery; *parcel* is None where it could not even be made."""
        now = self._clock()
        with self._database.writing() as connection:
            follower = followers.find(connection, name)
            if follower is None:
                return
            if parcel is not None and not reply.trouble:
                followers.settle(connection, name, parcel.settles)
                followers.save(connection, patience.taken(follower, parcel, now))
                return
            if reply.gone:
                log.info("gone", follower=name)
                topic_subscriptions.forget(connection, [follower.name])
                followers.forget(connection, [name])
                return
            follower = patience.failed(follower, reply.trouble, now, random.random(), reply.plea)  # noqa: S311
            if parcel is not None and (dead := patience.given_up(follower, parcel.told, now)):
                log.error("given up", follower=name, events=len(dead), failure=reply.trouble)
                followers.bury(connection, follower, dead, now)
                follower = patience.past(follower, dead, again=bool(parcel.settles))
            followers.save(connection, follower)
        log.warning("not taken", follower=name, failures=follower.failures, failure=reply.trouble)

    def question(self, token: str) -> TopicSubscription | None:
        """The subscription that is to be asked about; None where it is not any more."""
        now = self._clock()
        with self._database.reading() as connection:
            found = topic_subscriptions.find(connection, token)
        if found is None or not found.pending:
            return None
        if found.failures < TRIES:
            return found
        with self._database.writing() as connection:
            self._keep(connection, found, intent.cooled(found, now))
        return None

    def answered(self, asked: TopicSubscription, answer: Answer) -> None:
        """Note what a callback said to what it was *asked*."""
        now = self._clock()
        with self._database.writing() as connection:
            found = topic_subscriptions.find(connection, asked.token)
            if found != asked:  # something else is wanted by now, and will be asked
                return
            self._keep(connection, asked, intent.after(asked, answer, now))
        log.info("asked", host=asked.host, topic=asked.topic, mode=str(asked.pending), answer=answer.name)

    def _keep(self, connection: Connection, before: TopicSubscription, after: TopicSubscription | None) -> None:
        if after is None:
            _end(connection, before)
            return
        topic_subscriptions.save(connection, after)
        if not after.pending:
            followers.begin(connection, _follower_of(after), events.last(connection))


def _follower_of(subscription: TopicSubscription) -> str:
    return follower_id(FollowerKind.TOPIC, subscription.token)


def _end(connection: Connection, subscription: TopicSubscription) -> None:
    topic_subscriptions.forget(connection, [subscription.token])
    followers.forget(connection, [_follower_of(subscription)])
