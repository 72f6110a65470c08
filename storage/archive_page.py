"""A page of a category's archive, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.entry import Entry, Tombstone

PAGE: Final = 100
"""How many places a page has. Never another for a store that exists: pages would lose their addresses."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a category's history, from its first place to its last.

    ``title`` is what the category was called when the page filled; of one that grows, what it is called now.
    """

    number: int
    full: bool
    title: str
    places: Sequence[Entry | Tombstone]
