"""A source's pulls: what came of the last one, and when the next is due."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime, timedelta


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


class Trouble(StrEnum):
    """What kind of failure a source has."""

    REFUSED = "refused"
    """Feedmill does not ask there: the configuration has to change."""
    UNREACHABLE = "unreachable"
    """There was no whole answer."""
    UNAUTHORISED = "unauthorised"
    """401."""
    FORBIDDEN = "forbidden"
    """403."""
    NOT_FOUND = "not found"
    """404."""
    GONE = "gone"
    """410: the source is retired, and pulled by name only."""
    BUSY = "busy"
    """429, or 503 with a time to come again: the server asks for less."""
    SERVER_ERROR = "server error"
    """5xx."""
    BAD_ANSWER = "bad answer"
    """An answer, and no document that is taken in it."""
    UNREADABLE = "unreadable"
    """A document, and it is no feed; or a file or folder that cannot be read."""
    FAULT = "fault"
    """Feedmill's own."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a document says that it changes, and when nobody need ask.

    ``ttl`` is RSS 2.0's, ``period`` is ``sy:updatePeriod`` divided by ``sy:updateFrequency``; ``skip_hours`` are hours
    of the day in UTC (0 to 23), ``skip_days`` days of the week in UTC (0 is Monday).
    """

    ttl: timedelta | None = None
    period: timedelta | None = None
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class PullState:
    """What is remembered of a source between pulls. All times are aware and in UTC.

    ``settings`` is a digest of the configuration that the source was last read with: when it differs, everything is
    read again. ``digest`` is of the last document read whole, so that identical bytes are recognised before they are
    parsed (of a folder of posts: of its category pages). ``etag`` and ``modified`` are the validators it came with
    (RFC 9110, 8.8), as the server wrote them.
    ``failure`` is a sentence for people, empty while all is well, and ``trouble`` its kind; ``warning`` tells what was
    wrong with a pull that succeeded all the same. ``alerted`` is when the operator was told that it is broken.
    ``seconds`` is how long the last pull took. ``why`` says in a sentence how ``next_pull`` was decided.

    ``address`` is where the source moved for good, empty while it is where the configuration says; ``moved_to`` is
    where permanent redirects led in the last ``moved_pulls`` pulls. ``proposal`` is the address of a feed that was
    found in place of one that is lost; it waits for the operator. ``site`` is the page that the feed belongs to,
    ``hub`` its WebSub hub, and ``topic`` what it is called there.

    ``rhythm`` is how many entries a day it brought of late, and ``last_new`` when it last brought one. ``pace`` is
    what its documents say of that. Before ``fresh_until`` its server has nothing new, and before ``retry_until`` it
    wants to be left alone.
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
    trouble: Trouble | None = None
    warning: str = ""
    alerted: datetime | None = None
    outcome: PullOutcome | None = None
    seconds: float = 0.0
    why: str = ""
    address: str = ""
    moved_to: str = ""
    moved_pulls: int = 0
    proposal: str = ""
    site: str = ""
    hub: str = ""
    topic: str = ""
    rhythm: float = 0.0
    last_new: datetime | None = None
    pace: Pace = Pace()
    fresh_until: datetime | None = None
    retry_until: datetime | None = None

    def but(self, **facts: Any) -> PullState:
        """This state with other *facts*, as ``dataclasses.replace`` has it, which takes five times as long for so many
        fields; one is made for every pull.
        """
        new = object.__new__(PullState)
        for name in PullState.__slots__:
            object.__setattr__(new, name, facts.pop(name) if name in facts else getattr(self, name))
        if facts:
            raise TypeError(f"a state has no {', '.join(facts)}")
        return new
