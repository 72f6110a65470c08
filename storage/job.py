"""Jobs: work that is owed, and that some worker is to do; stored with what makes it necessary (PostgreSQL only)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

CHANGED: Final = "feedmill_changed"
"""The channel of ``NOTIFY`` on which the slugs of categories are told that have changed, a JSON list; an empty one: all
or some.
"""


class Queue(StrEnum):
    """What a worker can take on."""

    PULL = "pull"
    SCAN = "scan"
    """Folders of posts: for workers that have them."""
    DELIVER = "deliver"
    PUBLISH = "publish"
    """The output folder: for workers that have it."""
    MAINTAIN = "maintain"


class Work(StrEnum):
    """What there is to do."""

    PULL = "pull"
    """``source``: pull it, if it is due."""
    SCAN = "scan"
    """``source``: read a folder of posts if that is due, or what lies at ``paths``."""
    TAKE = "take"
    """``source``: take in what a hub sent."""
    LOOK = "look"
    """See who is owed deliveries, and have each done."""
    DELIVER = "deliver"
    """``follower``: send it what it is owed."""
    ASK = "ask"
    """``token``: ask whether a subscriber at our own hub meant it."""
    PUBLISH = "publish"
    """Bring the output folder up to date."""
    UPLOAD = "upload"
    """Bring the output folder to where it is uploaded."""
    INDEX = "index"
    """Let search follow."""
    TEND = "tend"
    """See to the subscriptions at hubs."""
    MAINTAIN = "maintain"
    """Forget what nobody looks at any more."""


class Priority(IntEnum):
    """Which job of a queue goes first: the greatest."""

    FLOOD = 0
    """What nobody waits for: a source's first document, what failed, what was given up and is tried again."""
    USUAL = 10
    FRESH = 20
    """News: of sources that bring some every day, and for those who follow."""
    TOLD = 30
    """What somebody said is new."""


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work, with what it is about in *about* (JSON).

    No two jobs with one ``alone`` are done at once; of those with one ``once`` only one waits, and what is asked for
    again while it does is asked for at the earlier moment and with the greater priority. It is done from ``at`` on
    (aware; None: at once).
    """

    queue: Queue
    work: Work
    alone: str | None = None
    once: str | None = None
    about: Mapping[str, Any] = field(default_factory=dict)
    priority: Priority = Priority.USUAL
    at: datetime | None = None


def alone(queue: Queue, work: Work, priority: Priority = Priority.USUAL) -> Job:
    """Work of which there is one for the whole store: it is done by one at a time, and waits once."""
    return Job(queue, work, alone=str(work), once=str(work), priority=priority)


LOOK: Final = alone(Queue.DELIVER, Work.LOOK, Priority.TOLD)
PUBLISH: Final = alone(Queue.PUBLISH, Work.PUBLISH, Priority.FRESH)
UPLOAD: Final = alone(Queue.PUBLISH, Work.UPLOAD)
INDEX: Final = alone(Queue.MAINTAIN, Work.INDEX)
TEND: Final = alone(Queue.MAINTAIN, Work.TEND, Priority.FRESH)
MAINTAIN: Final = alone(Queue.MAINTAIN, Work.MAINTAIN)
AFTER_CHANGE: Final = (LOOK, PUBLISH, INDEX)
"""What every change of what is published makes necessary."""
