"""An event: what happened to an entry, as those see it who follow some categories."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from storage.entry import InfoCode


class EventKind(StrEnum):
    """What happened."""

    CREATED = "created"
    """The entry is to be seen now: it is new, was restored, or came into one of the categories."""
    CORRECTED = "corrected"
    """What is published of it is another now."""
    WITHDRAWN = "withdrawn"
    """It is to be seen no more: it was withdrawn, or left the last of the categories."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to an entry.

    ``number`` gives events their order; it has gaps where an event concerned other categories. ``revision`` is what the
    entry was at then, ``moment`` is when it was stored (UTC, whole seconds).
    """

    number: int
    kind: EventKind
    info_code: InfoCode
    revision: int
    moment: datetime
