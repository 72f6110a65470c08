"""A cache that holds so many bytes and forgets what was used longest ago."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class SizedCache(Generic[K, V]):
    """A mapping whose values weigh *most* bytes together, at the most."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._held: OrderedDict[K, tuple[V, int]] = OrderedDict()

    def get(self, key: K) -> V | None:
        """What is held for *key*; it is forgotten last now."""
        found = self._held.get(key)
        if found is None:
            return None
        self._held.move_to_end(key)
        return found[0]

    def newest(self) -> list[K]:
        """What is held, the last that was asked for first."""
        return list(reversed(self._held))

    def put(self, key: K, value: V, size: int) -> None:
        """Hold *value*, which weighs *size* bytes."""
        if (old := self._held.pop(key, None)) is not None:
            self._size -= old[1]
        self._held[key] = (value, size)
        self._size += size
        while self._size > self._most and len(self._held) > 1:
            self._size -= self._held.popitem(last=False)[1][1]
