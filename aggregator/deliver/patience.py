"""What becomes of a follower that takes what it is sent, or does not: pure steps from one value to the next."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import takewhile
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from aggregator.deliver.parcel import Parcel
    from storage.event import Event
    from storage.follower import Follower

PATIENCE: Final = timedelta(days=3)
"""How long an event is tried to be delivered, from its own moment or the first try on, whichever is later."""
FIRST_WAIT: Final = timedelta(seconds=5)
LONGEST_WAIT: Final = timedelta(hours=4)
"""Between two tries, which are three times as far apart each time."""
LONGEST_PLEA: Final = timedelta(hours=12)
"""For how long a receiver may ask to be left alone (``Retry-After``)."""

_FACTOR = 3
_MOST_STEPS = 8
# Of a wait, at most, on top of it: what failed together does not come again together.
_JITTER = 0.25


def taken(follower: Follower, parcel: Parcel, now: datetime) -> Follower:
    """It has what was in *parcel*. Where it stands further by now, it stays there."""
    return replace(
        follower,
        position=max(follower.position, parcel.position),
        next_try=None,
        failures=0,
        failing_since=None,
        failure="",
        delivered=now if parcel.bodies else follower.delivered,
    )


def failed(follower: Follower, reason: str, now: datetime, chance: float, plea: float | None = None) -> Follower:
    """It did not take what it was sent at *now*, and wants to be left alone for *plea* seconds if it says so.

    Args:
        follower: as it was.
        reason: a sentence.
        now: aware, in UTC.
        chance: from 0 to 1, at random.
        plea: what ``Retry-After`` says.
    """
    wait = min(FIRST_WAIT * _FACTOR ** min(follower.failures, _MOST_STEPS), LONGEST_WAIT) * (1 + _JITTER * chance)
    if plea is not None:
        wait = max(wait, min(timedelta(seconds=plea), LONGEST_PLEA))
    return replace(
        follower,
        next_try=now + wait,
        failures=follower.failures + 1,
        failing_since=follower.failing_since or now,
        failure=reason,
    )


def given_up(follower: Follower, told: Sequence[Event], now: datetime) -> list[Event]:
    """Of the events that *follower* just did not take, those that it has been offered for long enough."""
    if follower.failing_since is None or follower.failing_since + PATIENCE > now:
        return []
    return list(takewhile(lambda event: event.moment + PATIENCE <= now, told))


def past(follower: Follower, dead: Sequence[Event], *, again: bool) -> Follower:
    """It is not offered the events *dead* any more, but at once what comes after them; they were dead letters before
    if they were tried *again*.
    """
    position = follower.position if again else max(follower.position, dead[-1].number)
    return replace(follower, position=position, next_try=None, failing_since=None)
