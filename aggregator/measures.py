"""What Prometheus is told: what this process did, and how the sources are. No label names a source."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Histogram, ProcessCollector
from prometheus_client import Counter as Count
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from aggregator.deliver.standing import totals
from aggregator.glance import NEVER, PAUSED
from storage import categories
from storage.category import ALL
from storage.follower import FollowerKind
from storage.source import PullOutcome, Trouble

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from aggregator.glance import Glance
    from storage.database import Database

MEDIA_TYPE = CONTENT_TYPE_LATEST

_PULL_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
# Each is told even while it counts none: an alarm can only compare what is there.
_WORDS = (PAUSED, NEVER, *PullOutcome, *Trouble)


class Measures:
    """Counts of what this process did, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._pulls = Count(
            "feedmill_pulls", "Pulls by how they ended.", ["outcome", "trouble"], registry=self.registry
        )
        self._seconds = Histogram(
            "feedmill_pull_seconds", "How long pulls took.", buckets=_PULL_SECONDS, registry=self.registry
        )
        self._pushes = Count("feedmill_pushes", "What hubs sent.", ["signature"], registry=self.registry)
        self._deliveries = Count(
            "feedmill_deliveries",
            "Deliveries by kind, and whether they were taken.",
            ["kind", "outcome"],
            registry=self.registry,
        )
        self._files = Count(
            "feedmill_published_files", "Files of the output folder.", ["change"], registry=self.registry
        )
        for signature in ("good", "bad"):
            self._pushes.labels(signature)
        for kind in FollowerKind:
            for outcome in ("taken", "failed"):
                self._deliveries.labels(kind.value, outcome)
        for change in ("written", "removed"):
            self._files.labels(change)

    def pulled(self, outcome: PullOutcome, trouble: Trouble | None, seconds: float) -> None:
        """A pull ended after *seconds*."""
        self._pulls.labels(outcome.value, trouble.value if trouble else "").inc()
        self._seconds.observe(seconds)

    def pushed(self, *, good: bool) -> None:
        """A hub sent something; *good* if it was signed as agreed."""
        self._pushes.labels("good" if good else "bad").inc()

    def delivered(self, kind: FollowerKind, *, taken: bool) -> None:
        """A follower of this *kind* was sent something."""
        self._deliveries.labels(kind.value, "taken" if taken else "failed").inc()

    def published(self, written: int, removed: int) -> None:
        """So many files of the output folder were written and removed."""
        self._files.labels("written").inc(written)
        self._files.labels("removed").inc(removed)

    def watch(self, database: Database, glances: Callable[[], Sequence[Glance]]) -> None:
        """Tell of the store and the sources as well, as they are whenever Prometheus asks."""
        self.registry.register(_StoreCollector(database, glances))

    def text(self) -> bytes:
        """Everything in Prometheus' text format.

        Raises:
            StorageError: the store cannot be read.
        """
        return generate_latest(self.registry)


class _StoreCollector(Collector):
    def __init__(self, database: Database, glances: Callable[[], Sequence[Glance]]) -> None:
        self._database = database
        self._glances = glances

    def describe(self) -> Iterable[GaugeMetricFamily]:
        # Without it, registering would read the store.
        return []

    def collect(self) -> Iterable[GaugeMetricFamily]:
        found = self._glances()
        with self._database.reading() as connection:
            everything = categories.find(connection, [ALL]).get(ALL)
            deliveries = totals(connection)
        words = Counter(str(glance.word) for glance in found)
        by_state = GaugeMetricFamily("feedmill_sources", "Sources by state.", labels=["state"])
        for word in _WORDS:
            by_state.add_metric([str(word)], words[str(word)])
        yield by_state
        failing = sum(glance.failing for glance in found)
        late = max((glance.lateness.total_seconds() for glance in found), default=0.0)
        slow = sum(glance.slow for glance in found)
        entries = everything.entries if everything else 0
        yield GaugeMetricFamily("feedmill_sources_failing", "Sources whose last pull failed.", value=failing)
        yield GaugeMetricFamily("feedmill_sources_slow", "Sources whose last pull took over 5 s.", value=slow)
        yield GaugeMetricFamily("feedmill_lateness_seconds", "How long the most overdue source is due.", value=late)
        yield GaugeMetricFamily(
            "feedmill_deliveries_owed", "What followers are still to be sent.", value=deliveries.owed
        )
        yield GaugeMetricFamily("feedmill_deliveries_dead", "What was given up.", value=deliveries.dead)
        yield GaugeMetricFamily("feedmill_followers_failing", "Followers that fail.", value=deliveries.failing)
        yield GaugeMetricFamily("feedmill_entries", "Entries that are published.", value=entries)
