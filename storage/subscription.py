"""A subscription at a WebSub hub (W3C, https://www.w3.org/TR/websub/): what was agreed, and whether it holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Subscription:
    """What is remembered of a source's subscription. All times are aware and in UTC.

    ``topic`` is what the source is called at ``hub``, which may be inside our network if it is ``private``. ``token``
    is the part of the callback's address that nobody can guess, and ``secret`` what the hub signs with. ``asked`` is
    when the hub was last asked, and ``next_ask`` when it is to be asked again, to renew or because it did not agree.
    ``lease_until`` is the end of what it agreed to, None where it did not. ``failures`` is how many times in a row it
    was asked and did not agree, the last time included while it has not answered yet; ``failure`` is a sentence for
    people about that, empty while all is well.
    ``pushed`` is when it last sent something; ``missed`` is when a pull last found what it had not sent. ``dropped``
    is when the subscription was given up; the hub is then asked to end it, and whatever it still sends is refused.
    """

    source: str
    hub: str
    topic: str
    token: str = field(repr=False)
    secret: str = field(repr=False)
    private: bool = False
    asked: datetime | None = None
    next_ask: datetime | None = None
    lease_until: datetime | None = None
    failures: int = 0
    failure: str = ""
    pushed: datetime | None = None
    missed: datetime | None = None
    dropped: datetime | None = None

    def holds(self, now: datetime) -> bool:
        """Whether the hub has agreed to send what is new, up to a moment after *now*."""
        return self.lease_until is not None and now < self.lease_until

    def brings(self, now: datetime) -> bool:
        """Whether what is new comes by itself at present.

        A hub that agreed and never sent a thing is not relied on, nor is one that a pull was ahead of, until it sends
        again.
        """
        if self.dropped is not None or not self.holds(now) or self.pushed is None:
            return False
        return self.missed is None or self.pushed > self.missed
