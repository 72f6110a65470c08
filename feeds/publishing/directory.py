"""The categories that are to be seen, as far as this process knows them: after a change only what it moved is read."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, NamedTuple

from feeds.writing.pages import by_size
from storage import categories
from storage.database import last_change

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from feeds.publishing.view import View
    from storage.category import Category


class Seen(NamedTuple):
    """All categories that are to be seen, in both orders in which they are listed."""

    by_slug: Sequence[Category]
    by_size: Sequence[Category]


class Directory:
    """The categories that are to be seen in *view*. A category that did not change is the same object as before."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._lock = threading.Lock()
        self._change = -1
        self._held: dict[str, Category] = {}
        self._seen = Seen((), ())

    def at(self, connection: Connection) -> Seen:
        """As the snapshot of *connection* has them; ``updated`` is the newest entry's ``published``.

        Everything that is shown of a category, and whether it is shown, moves its version.
        """
        change = last_change(connection)
        with self._lock:
            if change < self._change:  # a connection that looks at what was before, or a backup
                return self._sorted(self._read(connection, {}, -1))
            if change > self._change:
                self._held = self._read(connection, self._held, self._change)
                self._seen = self._sorted(self._held)
                self._change = change
            return self._seen

    def _read(self, connection: Connection, held: dict[str, Category], since: int) -> dict[str, Category]:
        moved = categories.listed(connection, everyone=True, since=since)
        shown = {one.slug: one for one in moved if self._view.shows(one)}
        there = {one.slug for one in moved}
        return {slug: one for slug, one in held.items() if slug not in there} | shown

    @staticmethod
    def _sorted(held: dict[str, Category]) -> Seen:
        # As databases do, by the bytes of UTF-8.
        ordered = [held[slug] for slug in sorted(held)]
        return Seen(ordered, by_size(ordered))
