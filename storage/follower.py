"""A follower of events: how far it has been told of them, and what it could not be told."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from storage.entry import InfoCode


class FollowerKind(StrEnum):
    """Who is told; the word before the colon in a follower's id."""

    WEBHOOK = "webhook"
    """A partner, by its name."""
    TOPIC = "topic"
    """A subscription at our own hub, by its token."""
    HUB = "hub"
    """Another hub, by its address."""


def follower_id(kind: FollowerKind, name: str) -> str:
    """The id of the follower of this *kind* and *name*: ``webhook:<partner>``, ``topic:<token>``, ``hub:<address>``."""
    return f"{kind}:{name}"


@dataclass(frozen=True, slots=True)
class Follower:
    """How far a follower has come. All times are aware and in UTC.

    ``position`` is the number of the last event that it has or that became a dead letter; of another hub, which is told
    of categories, the number of the last change. ``next_try`` is when it is tried again, None while nothing failed;
    ``failures`` is how often in a row it was tried in vain, ``failing_since`` when what it is owed now first was, and
    ``failure`` a sentence for people. ``delivered`` is when it last took something.
    """

    id: str
    position: int
    next_try: datetime | None = None
    failures: int = 0
    failing_since: datetime | None = None
    failure: str = ""
    delivered: datetime | None = None

    @property
    def kind(self) -> FollowerKind:
        """Who it is."""
        return FollowerKind(self.id.partition(":")[0])

    @property
    def name(self) -> str:
        """Which of its kind it is."""
        return self.id.partition(":")[2]


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """The event ``number`` of an entry, which a follower could not be told of.

    ``died`` is when that was given up (UTC), ``again`` whether it is to be tried once more, before anything newer.
    """

    follower: str
    number: int
    info_code: InfoCode
    died: datetime
    failure: str
    again: bool = False
