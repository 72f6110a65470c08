"""When to pull a source next: a pure decision over its history; clock and jitter come in as arguments."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from aggregator.fetching.patience import SEVERAL
from storage.source import Trouble

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from storage.source import Pace, PullState

FLOOR: Final = timedelta(minutes=1)
"""No wish makes a pull of another's server more frequent than this."""
LONGEST_WAIT: Final = timedelta(days=1)
"""A source is never given up: whatever goes wrong, and whatever its server asks for, it is tried this often."""

# What a source's own rhythm can come to: news is not older than this, and nobody is asked more often.
_SLOWEST: Final = timedelta(hours=6)
_FASTEST: Final = timedelta(minutes=10)
# Where nothing is known yet, and for files and folders, which cost nobody anything.
_USUAL: Final = timedelta(minutes=15)
# While a hub tells what is new, a pull only makes sure that it still does.
_PUSHED: Final = timedelta(hours=12)
# A document shows so many entries at least: whoever waits longer than it takes to bring them misses some.
_SHOWN: Final = 10
# A quarter of a silence is taken for the gap between two entries, once that is longer than it used to be.
_PART_OF_SILENCE: Final = 4
# Sources that began together drift apart by up to this part of their interval.
_SPREAD: Final = 0.2
_MOST_DOUBLINGS: Final = 12
# Entries a day; less says nothing.
_SLOW: Final = 0.01
_ALL_HOURS: Final = 24
_ALL_DAYS: Final = 7
_DAY: Final = timedelta(days=1)
_HOUR: Final = timedelta(hours=1)
_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Decision:
    """When a source is to be pulled next (aware, UTC), and why, in a sentence; None: not by itself."""

    next_pull: datetime | None
    why: str


def decide(
    state: PullState,
    now: datetime,
    *,
    every: timedelta | None,
    local: bool,
    private: bool,
    pushed: bool,
    jitter: float,
) -> Decision:
    """The next pull of a source.

    Args:
        state: what is known of it, the pull that ended just now included.
        now: when that pull ended (aware, UTC).
        every: the interval that the operator wishes for, None for the source's own rhythm.
        local: whether it is a file or a folder: whatever it says of its pace is for those who fetch it.
        private: whether it is in our own network, where nobody's patience is tried.
        pushed: whether what is new comes by itself at present.
        jitter: a number from 0 to 1, drawn by the caller.
    """
    if state.trouble is Trouble.GONE:
        return Decision(None, "its server says that it is gone for good (410), so it is pulled by name only")
    wait, why = _interval(state, now, every, near=local or private)
    if state.failures:
        wait, why = _backed_off(state.failures, wait)
    elif pushed and wait < _PUSHED:
        wait, why = _PUSHED, "its hub sends what is new, and a pull only makes sure of that"
    elif not local:
        wait, why = _stretched(state, now, wait, why)
    wait *= 1 + _SPREAD * jitter
    then, more = (now + wait, "") if local else _after_skipped(now + wait, state.pace)
    if state.retry_until is not None and then < state.retry_until:
        then, more = state.retry_until + _SPREAD * jitter * _HOUR, "; its server asks not to come earlier (Retry-After)"
    return Decision(then, why + more)


def due(states: Iterable[PullState], hosts: Mapping[str, str], now: datetime) -> list[str]:
    """The names of the sources that are to be pulled, the most overdue first; one that never was goes before all.

    *hosts* are those of the sources by name, empty for one without. A host that asks several of its sources to come
    later is left alone as a whole, while it asks so many.
    """
    states = list(states)
    asked = Counter(
        hosts[state.source] for state in states if state.retry_until is not None and state.retry_until > now
    )
    asking = {host for host, times in asked.items() if host and times >= SEVERAL}
    waiting = [
        (state.next_pull or _LONG_AGO, state.source)
        for state in states
        if is_due(state, now) and hosts[state.source] not in asking
    ]
    return [name for _, name in sorted(waiting)]


def is_due(state: PullState, now: datetime) -> bool:
    """Whether a source should be pulled; one that never was always is, one that is retired never."""
    if state.next_pull is None:
        return state.trouble is not Trouble.GONE
    return state.next_pull <= now


def _interval(state: PullState, now: datetime, every: timedelta | None, *, near: bool) -> tuple[timedelta, str]:
    """How long to wait while all is well, by what the operator wishes or else by the source's own rhythm."""
    if every is not None:
        wait = every if near else max(every, FLOOR)
        return wait, f"it is wished for every {span(wait)}"
    if near:
        return _USUAL, f"it is near, and looked at every {span(_USUAL)}"
    if state.last_success is None:
        return _USUAL, "nothing is known of its rhythm yet"
    gap, why = 2 * _SLOWEST, "it has brought nothing for two weeks"
    if state.rhythm > _SLOW:
        gap, why = _DAY / state.rhythm, f"it brings {state.rhythm:.3g} entries a day"
    if state.last_new is not None and (silence := now - state.last_new) / _PART_OF_SILENCE > gap:
        gap = silence / _PART_OF_SILENCE
        why += f", but nothing for {span(silence)}"
    return min(max(gap / 2, _FASTEST), _SLOWEST), why


def _stretched(state: PullState, now: datetime, wait: timedelta, why: str) -> tuple[timedelta, str]:
    """*wait* as its document and its server's cache rules make it: longer, but not so long that entries are missed."""
    longest = min(LONGEST_WAIT, _SHOWN * _DAY / state.rhythm) if state.rhythm > _SLOW else LONGEST_WAIT
    hints = []
    if state.pace.ttl is not None:
        hints.append((state.pace.ttl, f"its document is good for {span(state.pace.ttl)} (ttl)"))
    if state.fresh_until is not None:
        fresh = state.fresh_until - now
        hints.append((fresh, f"its server has nothing new for {span(fresh)} (Cache-Control or Expires)"))
    for hint, said in hints:
        if hint > wait and longest > wait:
            enough = hint <= longest
            wait = min(hint, longest)
            why = said if enough else f"{said}, though more than {span(longest)} would miss entries"
    return wait, why


def _backed_off(failures: int, wait: timedelta) -> tuple[timedelta, str]:
    longer: timedelta = min(wait * 2 ** min(failures, _MOST_DOUBLINGS), max(wait, LONGEST_WAIT))
    times = "the last pull" if failures == 1 else f"the last {failures} pulls"
    return longer, f"{times} failed, so it is tried again after {span(longer)}"


def _after_skipped(then: datetime, pace: Pace) -> tuple[datetime, str]:
    """The first moment from *then* on that is not in hours or on days when nobody need ask (RSS 2.0)."""
    if len(pace.skip_hours) == _ALL_HOURS or len(pace.skip_days) == _ALL_DAYS:
        return then, ""
    moment = then
    while moment.hour in pace.skip_hours or moment.weekday() in pace.skip_days:
        moment = moment.replace(minute=0, second=0, microsecond=0) + _HOUR
    return moment, "; not in the hours or on the days that its document leaves out" if moment != then else ""


def span(length: timedelta) -> str:
    """*length* for people, in the largest unit that it has two of."""
    seconds = length.total_seconds()
    for size, unit in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.0f} s"
