"""Whether a subscriber meant what our hub was asked for in its name (WebSub, 5.2 and 5.3): pure steps."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from enum import Enum, auto
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from feeds.web.hub import TRIES
from storage.topic_subscription import Pending

if TYPE_CHECKING:
    from datetime import datetime

    from storage.topic_subscription import TopicSubscription

COOLING: Final = timedelta(minutes=1)
"""For how long one that did not confirm takes up a place among those that are to be asked."""
_WAITS = (timedelta(seconds=10), timedelta(minutes=1))
_REASON = "This feed is not for everybody, or is no more"


class Answer(Enum):
    """What a callback comes to that is asked."""

    YES = auto()
    NO = auto()
    SILENCE = auto()
    """It cannot be reached, or has a trouble of its own."""


def question(subscription: TopicSubscription, challenge: str) -> str:
    """The address that is asked: the callback's own query stays (5.3)."""
    told = {"hub.mode": str(subscription.pending), "hub.topic": subscription.topic}
    if subscription.pending is Pending.DENIED:
        told["hub.reason"] = _REASON
    else:
        told["hub.challenge"] = challenge
    if subscription.pending is Pending.SUBSCRIBE:
        told["hub.lease_seconds"] = str(subscription.wanted_seconds)
    callback = subscription.callback
    return f"{callback}{'&' if '?' in callback else '?'}{urlencode(told)}"


def answered(pending: Pending, challenge: str, status: int, body: bytes) -> Answer:
    """What an answer means (5.3.1): only 2xx with the challenge as its body confirms; a denial need only arrive."""
    if 200 <= status < 300:
        return Answer.YES if pending is Pending.DENIED or body == challenge.encode() else Answer.NO
    return Answer.SILENCE if status >= 500 or status == 429 else Answer.NO


def denied(subscription: TopicSubscription, now: datetime) -> TopicSubscription:
    """It holds no longer, and the subscriber is to be told so."""
    return replace(subscription, pending=Pending.DENIED, lease_until=None, next_try=now, failures=0)


def after(subscription: TopicSubscription, answer: Answer, now: datetime) -> TopicSubscription | None:
    """What is made of a subscription by what its callback says; None for the end of it.

    A failure leaves what was agreed before as it is (5.1).
    """
    pending = subscription.pending
    if answer is Answer.YES:
        if pending is not Pending.SUBSCRIBE:
            return None
        lease = timedelta(seconds=subscription.wanted_seconds)
        return settled(replace(subscription, secret=subscription.wanted_secret, lease_until=now + lease))
    failures = TRIES if answer is Answer.NO else subscription.failures + 1
    if failures >= TRIES and pending is Pending.DENIED:
        return None
    wait = _WAITS[failures - 1] if failures < TRIES else COOLING
    return replace(subscription, failures=failures, next_try=now + wait)


def cooled(subscription: TopicSubscription, now: datetime) -> TopicSubscription | None:
    """What is left of a subscription whose callback confirmed nothing: what was agreed before, None if nothing was."""
    return settled(subscription) if subscription.holds(now) else None


def settled(subscription: TopicSubscription) -> TopicSubscription:
    """Nothing is pending any more."""
    return replace(subscription, pending=Pending.NOTHING, wanted_secret="", wanted_seconds=0, next_try=None, failures=0)
