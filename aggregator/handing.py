"""Which of the sources that are due are handed to workers now: a pure decision.

One leader decides for all workers. So what a host is spared (`aggregator.fetching.politeness`) holds for all of them
together: no more of its sources at once than it gets connections, and no more a second than its rate.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from aggregator.fetching.politeness import AT_ONCE, PER_HOST, PER_SECOND
from aggregator.schedule import due
from storage.job import Job, Priority, Queue, Work
from storage.source import SourceKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from aggregator.settings import SourceSettings
    from storage.source import PullState

MOST_WAITING: Final = 1_000
"""Jobs of sources that nobody waits for, at once: what is fresh is handed out beside them, whatever waits."""
# Sources that bring an entry a day bring news.
_NEWS: Final = 1.0


@dataclass(slots=True)
class Rates:
    """How many of each host's requests are spent; they come back with time."""

    _spent: dict[str, float] = field(default_factory=dict)
    _when: datetime | None = None

    def recover(self, now: datetime) -> None:
        """It is *now* (aware)."""
        passed = (now - self._when if self._when else timedelta()).total_seconds() * PER_SECOND
        self._when = now
        self._spent = {host: spent - passed for host, spent in self._spent.items() if spent > passed}

    def spend(self, host: str) -> bool:
        """Whether *host* may be asked once more now."""
        spent = self._spent.get(host, 0.0)
        if spent + 1 > AT_ONCE:
            return False
        self._spent[host] = spent + 1
        return True


def handed_out(
    states: Iterable[PullState],
    sources: Mapping[str, SourceSettings],
    hosts: Mapping[str, str],
    unfinished: Mapping[str, bool],
    rates: Rates,
    now: datetime,
) -> list[Job]:
    """The jobs of the sources that are due, the most pressing first.

    Args:
        states: of all that may be due, or ask to be left alone.
        sources: as they are configured, by name; the others are not pulled.
        hosts: of the sources by name, empty for one without.
        unfinished: the jobs that are there, by :func:`alone_with`.
        rates: what hosts were asked already.
        now: aware, in UTC.
    """
    there = {state.source: state for state in states if state.source in sources}
    busy = Counter(hosts[name] for one in unfinished if (name := one.partition(":")[2]) in hosts)
    waiting = len(unfinished)
    rates.recover(now)
    jobs = []
    names = [name for name in due(there.values(), hosts, now) if alone_with(name) not in unfinished]
    for name in sorted(names, key=lambda name: -priority_of(there[name])):  # stable: the most overdue first
        source, priority, host = sources[name], priority_of(there[name]), hosts[name]
        if priority is Priority.FLOOD and waiting >= MOST_WAITING:
            break
        if host and (busy[host] >= PER_HOST or not (source.private or rates.spend(host))):
            continue
        busy[host] += 1
        waiting += 1
        jobs.append(job_of(source, priority))
    return jobs


def priority_of(state: PullState) -> Priority:
    """How pressing a pull is: fresh news goes before floods of history."""
    if state.last_success is None or state.failures:
        return Priority.FLOOD
    return Priority.FRESH if state.rhythm >= _NEWS else Priority.USUAL


def job_of(source: SourceSettings, priority: Priority) -> Job:
    """The job of pulling *source*, if it is due when its turn comes."""
    posts = source.kind is SourceKind.POSTS
    name = alone_with(source.name)
    return Job(
        queue=Queue.SCAN if posts else Queue.PULL,
        work=Work.SCAN if posts else Work.PULL,
        alone=name,
        once=name,
        about={"source": source.name},
        priority=priority,
    )


def alone_with(name: str) -> str:
    """What all jobs of the source with this *name* are alone with."""
    return f"source:{name}"
