"""Every source at a glance: what ``feedmill status``, its JSON, the status page and the measures are made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from aggregator.deliver.standing import totals
from aggregator.fetching.errors import without_credentials
from feeds.publishing.folder import Folder, PublishError
from storage import days, sources, subscriptions
from storage.source import PullOutcome, PullState, Trouble
from storage.sources import Counts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from aggregator.config import Config
    from aggregator.settings import SourceSettings
    from storage.database import Database
    from storage.subscription import Subscription

HELD = (
    "{directory} is left as it is since a publication was taken back: feedmill publish brings it up to date, and lets "
    "it be written to again"
)
"""What is said of a folder that is held; ``directory`` is its path."""

PAUSED, NEVER = "paused", "never pulled"
DAYS = 30
"""How many days of entries are shown, today included."""

_SLOW_SECONDS = 5.0
# A busy machine begins a pull a little after its moment: that is no news.
_LATE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Glance:
    """What is known of a source at the moment *now* (aware, UTC). ``days`` are in UTC."""

    source: SourceSettings
    now: datetime
    pull: PullState
    counts: Counts
    subscription: Subscription | None = None
    days: Mapping[date, int] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """``paused``, ``never pulled``, or how the last pull ended."""
        if self.source.paused:
            return PAUSED
        return self.pull.outcome or NEVER

    @property
    def word(self) -> str:
        """The state in a word; of a failure, its kind."""
        return self.pull.trouble or self.state if self.failing else self.state

    @property
    def failing(self) -> bool:
        """Whether the last pull failed, and the next is wanted."""
        return self.state == PullOutcome.FAILED

    @property
    def next_pull(self) -> datetime | None:
        """When it is due; None if it never was pulled, or only is when it is asked for by name."""
        retired = self.source.paused or self.pull.trouble is Trouble.GONE
        return None if retired else self.pull.next_pull

    @property
    def lateness(self) -> timedelta:
        """How long after its moment it still was not pulled; zero if it is not due."""
        due = self.next_pull
        return timedelta() if due is None else max(self.now - due, timedelta())

    @property
    def late(self) -> bool:
        """Whether it is overdue by more than a busy machine explains."""
        return self.lateness > _LATE

    @property
    def slow(self) -> bool:
        """Whether its last pull took long."""
        return self.pull.seconds > _SLOW_SECONDS

    @property
    def address(self) -> str:
        """Where it is pulled from, without a password; the folder or file of a local source."""
        address = self.pull.address or self.source.url
        return without_credentials(address) if address else str(self.source.path or "")

    @property
    def remarks(self) -> str:
        """What is wrong with it, as sentences; empty if nothing is."""
        pull, counts = self.pull, self.counts
        told = [f"{pull.failures:,} failures: {pull.failure}" if pull.failures > 1 else pull.failure]
        told.append(pull.warning if not pull.failure else "")
        told.append(f"{counts.problems} not read" if counts.problems else "")
        told.append(f"{counts.rejected} claims rejected" if counts.rejected else "")
        return "; ".join(filter(None, told))

    def as_json(self) -> dict[str, Any]:
        """As ``status --json`` tells it: times in UTC, durations in seconds, ``rhythm`` in entries a day."""
        pull, held = self.pull, self.subscription
        return {
            "source": self.source.name,
            "kind": self.source.kind,
            "state": self.state,
            "trouble": pull.trouble if self.failing else None,
            "address": self.address,
            "lastPull": pull.last_pull,
            "lastSuccess": pull.last_success,
            "nextPull": self.next_pull,
            "why": pull.why,
            "lateness": self.lateness.total_seconds(),
            "seconds": pull.seconds,
            "slow": self.slow,
            "rhythm": pull.rhythm,
            "entries": self.counts.entries,
            "unreadable": self.counts.problems,
            "rejected": self.counts.rejected,
            "failures": pull.failures,
            "failure": pull.failure,
            "warning": pull.warning,
            "remarks": self.remarks,
            "proposal": pull.proposal,
            "pushed": held.pushed if held else None,
            "days": {day.isoformat(): number for day, number in sorted(self.days.items())},
        }


def glances(database: Database, config: Config, now: datetime) -> list[Glance]:
    """Every configured source at the moment *now* (aware, UTC), in the order of the configuration.

    Raises:
        StorageError: the store cannot be read.
    """
    since = now.date() - timedelta(days=DAYS - 1)
    with database.reading() as connection:
        states, counts = sources.states(connection), sources.counts(connection)
        recent, held = days.recent(connection, since), subscriptions.all(connection)
    return [
        Glance(
            source,
            now,
            states.get(source.name) or PullState(source.name, source.kind),
            counts.get(source.name, Counts()),
            held.get(source.name),
            recent.get(source.name, {}),
        )
        for source in config.source
    ]


def remarks(database: Database, config: Config) -> list[str]:
    """What there is to say of the site as a whole, in sentences: of its followers, and of its folder if that is held.

    Raises:
        StorageError: the store cannot be read.
    """
    told = []
    with database.reading() as connection:
        found = totals(connection)
    if found.followers:
        followers = f"Followers: {found.followers:,}, failing: {found.failing:,}"
        told.append(f"{followers}; owed: {found.owed:,}, dead: {found.dead:,} (feedmill delivery list)")
    directory = config.publish.directory
    if directory is not None:
        try:
            shown = Folder(directory, None).shown()
        except (PublishError, OSError) as error:
            told.append(str(error))
        else:
            if shown is not None and shown.held:
                told.append(HELD.format(directory=directory))
    return told


def span(seconds: float) -> str:
    """A duration in its largest unit, rounded down."""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} s"
