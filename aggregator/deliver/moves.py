"""Categories that have other slugs now: whoever follows one follows it there, and all that is called so by now."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from storage import categories

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection


class Moves:
    """What :func:`storage.categories.followed` says, for thousands of followers: read once."""

    def __init__(self, connection: Connection) -> None:
        self._there = categories.moved(connection)
        self._former: defaultdict[str, set[str]] = defaultdict(set)
        for former, now in self._there.items():
            self._former[now].add(former)

    def now(self, slug: str) -> str:
        """The slug that a category has by now."""
        return self._there.get(slug, slug)

    def followed(self, slugs: Iterable[str]) -> frozenset[str]:
        """All slugs whose events those are told of who follow *slugs*."""
        now = {self.now(slug) for slug in slugs}
        return frozenset(now.union(*(self._former.get(slug, ()) for slug in now)))
