"""Somebody's subscription, at our own hub, to one of our feeds (WebSub, https://www.w3.org/TR/websub/)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class Pending(StrEnum):
    """What the subscriber is still to be asked or told: ``hub.mode`` of that request."""

    NOTHING = ""
    SUBSCRIBE = "subscribe"
    """Whether it meant to subscribe, or to renew (5.3)."""
    UNSUBSCRIBE = "unsubscribe"
    """Whether it meant to end it (5.3)."""
    DENIED = "denied"
    """That there is nothing to subscribe to, or no longer (5.2)."""


@dataclass(frozen=True, slots=True)
class TopicSubscription:
    """What was agreed with a subscriber, and what is about to be. All times are aware and in UTC.

    ``callback`` is where its entries are sent to, at ``host``; ``topic`` is the feed's address as it was subscribed to:
    of the category that had the slug ``category`` then, in the format of ``suffix``. What is sent is signed with
    ``secret``, if there is one, until ``lease_until`` (None: nothing is agreed yet). While something is ``pending``,
    ``wanted_secret`` and ``wanted_seconds`` are what it asked for, ``next_try`` is when it is asked (again) whether it
    meant that, and ``failures`` counts the answers that were none.
    """

    callback: str = field(repr=False)  # whoever knows it could send something there
    host: str
    topic: str
    category: str
    suffix: str
    secret: str = field(default="", repr=False)
    lease_until: datetime | None = None
    pending: Pending = Pending.NOTHING
    wanted_secret: str = field(default="", repr=False)
    wanted_seconds: int = 0
    next_try: datetime | None = None
    failures: int = 0

    @property
    def token(self) -> str:
        """What it is known by: WebSub tells subscriptions apart by topic and callback (5.1)."""
        return hashlib.blake2b(f"{self.topic}\n{self.callback}".encode(), digest_size=12).hexdigest()

    def holds(self, now: datetime) -> bool:
        """Whether the subscriber is sent what is new, up to a moment after *now*."""
        return self.lease_until is not None and now < self.lease_until
