"""A subscription at a WebSub hub (W3C, https://www.w3.org/TR/websub/): what was agreed, and whether it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Subscription:
    """What is remembered of a source's subscription. All times are aware and in UTC.

    ``topic`` is what the source is called at ``hub``. ``token`` is the part of the callback's address that nobody can
    guess, and ``secret`` what the hub signs with. ``asked`` is when the hub was last asked; ``lease_until`` is the end
    of what it agreed to, None before it did. ``failure`` is a sentence for people, empty while all is well.
    ``pushed`` is when it last sent something; ``missed`` is when a pull last found what it had not sent.
    """

    source: str
    hub: str
    topic: str
    token: str
    secret: str
    asked: datetime | None = None
    lease_until: datetime | None = None
    failures: int = 0
    failure: str = ""
    pushed: datetime | None = None
    missed: datetime | None = None

    def brings(self, now: datetime) -> bool:
        """Whether what is new comes by itself at present."""
        if self.lease_until is None or self.lease_until <= now or self.pushed is None:
            return False
        return self.missed is None or self.pushed > self.missed
