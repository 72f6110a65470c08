"""Lists of all categories, of which there can be 20,000: a line is written again when its category is another."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from storage.category import Category


class KeptLines:
    """What *write* gives of each category; of one that is what it was, it is not asked again. Not for threads."""

    def __init__(self, write: Callable[[Category], str]) -> None:
        self._write = write
        self._held: dict[str, tuple[Category, str]] = {}

    def of(self, categories: Sequence[Category]) -> list[str]:
        """The lines of *categories*, in the order given."""
        found = []
        for one in categories:
            held = self._held.get(one.slug)
            if held is None or (held[0] is not one and held[0] != one):
                held = self._held[one.slug] = (one, self._write(one))
            found.append(held[1])
        if len(self._held) > 2 * len(categories):
            there = {one.slug for one in categories}
            self._held = {slug: held for slug, held in self._held.items() if slug in there}
        return found
