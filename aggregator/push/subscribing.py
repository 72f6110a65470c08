"""Which sources are to be subscribed to at their hubs: a pure decision over what is known of both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING

from aggregator.fetch_settings import may_be_private
from aggregator.fetching.address import is_public
from feeds.addresses import is_web_address

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from aggregator.settings import SourceSettings
    from storage.source import PullState
    from storage.subscription import Subscription

# Whatever a hub still sends to a callback that was given up, it is told that it is gone: as long as it has agreed to
# send, and for a while beyond.
_REMEMBERED = timedelta(days=1)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A subscription as it should be; a *private* one is at a hub that may be inside our network."""

    source: str
    hub: str
    topic: str
    private: bool

    def is_met_by(self, subscription: Subscription) -> bool:
        """Whether *subscription* is this one."""
        told = (subscription.hub, subscription.topic, subscription.private)
        return told == (self.hub, self.topic, self.private)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done: *begin* and *ask* in the order in which it is to be, *drop*, and *forget* by token."""

    begin: tuple[Wanted, ...] = ()
    ask: tuple[Subscription, ...] = ()
    drop: tuple[Subscription, ...] = ()
    forget: tuple[str, ...] = ()


def wanted(source: SourceSettings, state: PullState | None, host: str) -> Wanted | None:
    """The subscription that *source* should have, where hubs find us at *host*; None for none."""
    if state is None or source.paused or not source.push:
        return None
    if not (is_web_address(state.hub) and is_web_address(state.topic)):
        return None
    if not (source.private or can_be_called(host)):
        return None
    return Wanted(source.name, state.hub, state.topic, may_be_private(source, state.hub))


def can_be_called(host: str) -> bool:
    """Whether a hub out on the Internet can be expected to reach us at *host*."""
    host = host.rstrip(".").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return False
    try:
        ip_address(host)
    except ValueError:
        return True
    return is_public(host)


def decide(
    sources: Iterable[SourceSettings],
    states: Mapping[str, PullState],
    kept: Mapping[str, Subscription],
    dropped: Sequence[Subscription],
    host: str,
    now: datetime,
) -> Plan:
    """What is to be done about the subscriptions *kept* (by source) and *dropped*, so that they are as they should be.

    Args:
        sources: as they are configured.
        states: what is known of them, by name.
        kept: the subscriptions that were not given up, by source.
        dropped: those that were.
        host: where hubs find us.
        now: aware, in UTC.
    """
    want = {found.source: found for source in sources if (found := wanted(source, states.get(source.name), host))}
    right = {name for name, one in kept.items() if name in want and want[name].is_met_by(one)}
    ending = [one for one in dropped if one.holds(now)]
    due = [one for one in [*(kept[name] for name in right), *ending] if one.next_ask is None or one.next_ask <= now]
    return Plan(
        begin=tuple(one for name, one in want.items() if name not in right),
        ask=tuple(sorted(due, key=lambda one: (one.next_ask or _LONG_AGO, one.source, one.token))),
        drop=tuple(one for name, one in kept.items() if name not in right),
        forget=tuple(one.token for one in dropped if _is_over(one, now)),
    )


def _is_over(subscription: Subscription, now: datetime) -> bool:
    ended = subscription.dropped is not None and subscription.dropped + _REMEMBERED <= now
    return ended and not subscription.holds(now)
