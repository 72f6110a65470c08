"""Places: which categories hold an entry. That of everything holds all but what is in private categories alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from storage.category import ALL

if TYPE_CHECKING:
    from collections.abc import Set

    from storage.entry import Entry

    Slugs = frozenset[str]


def named_in(entry: Entry | None, private: Set[str]) -> Slugs:
    """The categories that *entry* is or was in; *private* are the slugs of those that only partners see."""
    if entry is None:
        return frozenset()
    own = frozenset(entry.categories)
    return own if own and own <= private else own | {ALL}


@dataclass(frozen=True, slots=True)
class Placed:
    """A change of an entry, with the categories that it was named in before and is named in after.

    ``brought_by`` is the source that was read just now.
    """

    before: Entry | None
    after: Entry
    brought_by: str
    named_before: Slugs
    named_after: Slugs

    @property
    def touches(self) -> Slugs:
        """The categories that it touches."""
        return self.named_before | self.named_after

    @property
    def was(self) -> Slugs:
        """The categories that held the entry before; none where it was withdrawn."""
        return frozenset() if self.before is None or self.before.withdrawn else self.named_before

    @property
    def now(self) -> Slugs:
        """The categories that hold it now."""
        return frozenset() if self.after.withdrawn else self.named_after
