"""How often each partner may ask: a bucket of a minute's requests, which fills evenly while they wait."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

_MINUTE = 60.0


class _Bucket(NamedTuple):
    left: float
    at: float


class Rates:
    """The buckets of one process, by name; *clock* gives seconds that never run back. Safe for any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: dict[str, _Bucket] = {}
        self._lock = threading.Lock()

    def take(self, name: str, per_minute: int) -> float:
        """Take one request out of a bucket; where it is empty, nothing, and how many seconds it lacks one for."""
        now = self._clock()
        with self._lock:
            bucket = self._buckets.get(name, _Bucket(per_minute, now))
            left = min(per_minute, bucket.left + (now - bucket.at) * per_minute / _MINUTE)
            enough = left >= 1
            self._buckets[name] = _Bucket(left - 1 if enough else left, now)
        return 0.0 if enough else (1 - left) * _MINUTE / per_minute
