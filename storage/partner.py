"""A partner: who may see what, with a key of their own, and what is sent to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Terms:
    """How a partner sees entries: the whole text, or the first ``excerpt`` characters of it; and how long after they
    came (``embargo``).
    """

    excerpt: int | None = None
    embargo: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Partner:
    """What was agreed with a partner. All times are aware and in UTC.

    ``categories`` are the slugs that were granted, :data:`~storage.category.ALL` among them for all that everybody may
    see. ``key`` is a digest of the key; ``former_key``, that of the one before, is good ``former_until`` a moment.
    ``per_minute`` is how many requests are answered in a minute. Nothing is answered from ``expires`` on, nor once the
    key was ``revoked``. ``webhook`` is where events are sent to, signed with ``webhook_secret``; empty where none are.
    """

    name: str
    categories: tuple[str, ...]
    key: bytes = field(repr=False)
    created: datetime
    terms: Terms = Terms()
    per_minute: int = 60
    expires: datetime | None = None
    revoked: datetime | None = None
    former_key: bytes = field(default=b"", repr=False)
    former_until: datetime | None = None
    webhook: str = ""
    webhook_secret: str = field(default="", repr=False)

    def is_welcome(self, now: datetime) -> bool:
        """Whether the partner is answered at all at *now*."""
        return self.revoked is None and (self.expires is None or now < self.expires)
