"""A story: one text that several media tell. It is known by the infoCode of its first telling."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from storage.entry import InfoCode


class Stories(StrEnum):
    """What a feed shows of a story: every telling, or the first of those in its category."""

    ALL = "all"
    FIRST = "first"


@dataclass(frozen=True, slots=True)
class Telling:
    """What decides whether an entry tells the same story as another; ``published`` is in UTC."""

    info_code: InfoCode
    published: datetime
    scope: str
    medium: str
    content: str


@dataclass(frozen=True, slots=True)
class Place:
    """A telling's place in its story; the first is by ``published`` (UTC), then infoCode."""

    info_code: InfoCode
    story: InfoCode
    published: datetime


@dataclass(frozen=True, slots=True)
class Other:
    """Another telling of an entry's story, as it is shown beside it; ``link`` is the original's, or empty."""

    info_code: InfoCode
    title: str
    link: str
    medium: str
    language: str
