"""A source's pulls: what came of the last one, and when the next is due."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class SourceKind(StrEnum):
    """What a source is made of."""

    POSTS = "posts"
    FEED = "feed"
    JSON = "json"
    PAGE = "page"


class PullOutcome(StrEnum):
    """How a pull ended."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PullState:
    """What is remembered of a source between pulls. All times are aware and in UTC.

    ``settings`` is a digest of the configuration that the source was last read with: when it differs, everything is
    read again. ``digest`` is of the last document read whole, so that identical bytes are recognised before they are
    parsed (of a folder of posts: of its category pages). ``etag`` and ``modified`` are the validators it came with
    (RFC 9110, 8.8), as the server wrote them.
    ``failure`` is a sentence for people, empty while all is well; ``warning`` tells what was wrong with a pull that
    succeeded all the same.
    """

    source: str
    kind: SourceKind
    settings: str = ""
    etag: str = ""
    modified: str = ""
    digest: str = ""
    last_pull: datetime | None = None
    last_success: datetime | None = None
    next_pull: datetime | None = None
    failures: int = 0
    failure: str = ""
    warning: str = ""
    outcome: PullOutcome | None = None
