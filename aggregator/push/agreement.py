"""What each thing that happens between a hub and us makes of a subscription: pure steps from one value to the next.

Whatever is asked counts as failed until the hub has verified it at our callback (WebSub, 5.3), be the hub silent, the
network down or this process killed: the next time to ask is known from the beginning.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from aggregator.fetching.errors import without_credentials
from storage.subscription import Subscription

if TYPE_CHECKING:
    from aggregator.push.subscribing import Wanted

LEASE: Final = timedelta(days=10)
"""What hubs are asked for: they like to give it, and a lost subscription does not last long."""
LONGEST_LEASE: Final = timedelta(days=30)
"""Whatever a hub agrees to, it is asked again within this."""

# Of a hub that does not say, as those of PubSubHubbub 0.3.
_UNTOLD_LEASE = timedelta(days=1)
# Two thirds into a lease: the rest is for a hub that is down for a while.
_RENEWED_AFTER = 2 / 3
# However short a lease is.
_SOONEST_RENEWAL = timedelta(minutes=10)
_FIRST_WAIT = timedelta(hours=1)
_LONGEST_WAIT = timedelta(days=7)
_MOST_DOUBLINGS = 8
# A hub whose connection broke before it had our answer verifies again.
_AGAIN = timedelta(minutes=10)
_SECONDS = re.compile(r"[0-9]{1,12}")
_LONGEST_REASON = 200


class Mode(StrEnum):
    """``hub.mode``: what is asked for, or verified."""

    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"


def begun(wanted: Wanted, token: str, secret: str) -> Subscription:
    """A subscription that is to be asked for. Each has a *token* and a *secret* of its own."""
    return Subscription(wanted.source, wanted.hub, wanted.topic, token, secret, private=wanted.private)


def mode_of(subscription: Subscription) -> Mode:
    """What its hub is to be asked for."""
    return Mode.SUBSCRIBE if subscription.dropped is None else Mode.UNSUBSCRIBE


def form(subscription: Subscription, callback: str) -> bytes:
    """What its hub is asked with (5.1); renewed is what is asked for once more with the same callback."""
    fields = {"hub.mode": str(mode_of(subscription)), "hub.topic": subscription.topic, "hub.callback": callback}
    if subscription.dropped is None:
        fields["hub.secret"] = subscription.secret
        fields["hub.lease_seconds"] = str(int(LEASE.total_seconds()))
    return urlencode(fields).encode()


def asked(subscription: Subscription, now: datetime) -> Subscription:
    """The hub is being asked."""
    failures = subscription.failures + 1
    failure = f"{without_credentials(subscription.hub)} was asked and has not confirmed it yet"
    return replace(subscription, asked=now, next_ask=now + _wait(failures), failures=failures, failure=failure)


def refused(subscription: Subscription, reason: str, now: datetime, wait: float | None = None) -> Subscription:
    """The hub did not take the question, and wants to be left alone for *wait* seconds if it says so.

    One that has verified meanwhile did take it, even if its answer was lost.
    """
    if not subscription.failures:
        return subscription
    next_ask = subscription.next_ask or now
    if wait is not None:
        next_ask = max(next_ask, now + min(timedelta(seconds=wait), _LONGEST_WAIT))
    return replace(subscription, failure=_line(reason, 2 * _LONGEST_REASON), next_ask=next_ask)


def awaits(subscription: Subscription, mode: str, now: datetime) -> bool:
    """Whether a verification of this *mode* is of something that we want (5.3)."""
    if subscription.dropped is not None:
        return mode == Mode.UNSUBSCRIBE
    if mode != Mode.SUBSCRIBE or subscription.asked is None:
        return False
    return subscription.failures > 0 or now < subscription.asked + _AGAIN


def agreed(subscription: Subscription, lease_seconds: str, now: datetime) -> Subscription:
    """The hub has verified what it was asked, and says how long it will hold."""
    if subscription.dropped is not None:
        return replace(subscription, lease_until=None, next_ask=None, failures=0, failure="")
    lease = _lease(lease_seconds)
    next_ask = now + max(lease * _RENEWED_AFTER, _SOONEST_RENEWAL)
    return replace(subscription, lease_until=now + lease, next_ask=next_ask, failures=0, failure="")


def denied(subscription: Subscription, reason: str, now: datetime) -> Subscription:
    """The hub will not send anything, or no longer (5.2); it means it, and is not soon asked again."""
    if subscription.dropped is not None:
        return replace(subscription, lease_until=None, next_ask=None)
    said = _line(reason, _LONGEST_REASON)
    failure = f"{without_credentials(subscription.hub)} denies the subscription" + (f": {said}" if said else "")
    failures = subscription.failures or 1
    return replace(subscription, lease_until=None, next_ask=now + _LONGEST_WAIT, failures=failures, failure=failure)


def dropped(subscription: Subscription, now: datetime) -> Subscription:
    """We give it up; the hub is asked to end what it agreed to."""
    next_ask = now if subscription.holds(now) else None
    return replace(subscription, dropped=now, next_ask=next_ask, failures=0, failure="")


def refusal(hub: str, mode: Mode, status: int, body: bytes) -> str:
    """What a hub answers that does not take a question: its own words, if they are words (5.1.2)."""
    said = _line(body[:_LONGEST_REASON].decode("utf-8", "replace"), _LONGEST_REASON)
    words = f": {said}" if said and "<" not in said else ""
    return f"{without_credentials(hub)} answers a request to {mode} with status {status}{words}"


def _lease(seconds: str) -> timedelta:
    if not _SECONDS.fullmatch(seconds) or not int(seconds):
        return _UNTOLD_LEASE
    return timedelta(seconds=min(int(seconds), LONGEST_LEASE.total_seconds()))


def _wait(failures: int) -> timedelta:
    doublings = min(failures - 1, _MOST_DOUBLINGS)
    return min(_FIRST_WAIT * (1 << doublings), _LONGEST_WAIT)


def _line(text: str, longest: int) -> str:
    """One line of bounded length: a hub may have written it."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= longest else f"{line[:longest]}…"
