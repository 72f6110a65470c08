"""A view: as whom a document is seen. Everybody has one, and partners on other terms have others."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from storage.category import without_news
from storage.partner import Terms

if TYPE_CHECKING:
    from collections.abc import Set
    from datetime import datetime

    from storage.category import Category
    from storage.entry import Entry


@dataclass(frozen=True, slots=True)
class View:
    """What is to be seen: everybody's categories and, of the private ones, those with the slugs that were *granted*;
    of entries what the *terms* say.
    """

    granted: frozenset[str] = frozenset()
    terms: Terms = field(default_factory=Terms)

    def shows(self, category: Category) -> bool:
        """Whether the documents of *category* are there."""
        return category.is_shown and (not category.private or category.slug in self.granted)

    def until(self, now: datetime) -> datetime | None:
        """What came later than this is not to be seen at *now* (aware); None where everything is."""
        return now - self.terms.embargo if self.terms.embargo > timedelta(0) else None

    def name(self, store: str) -> str:
        """What documents of a *store* are tagged with in this view: nobody has a difference from those of another."""
        if self == PUBLIC:
            return store
        said = "\0".join((store, repr(self.terms), *sorted(self.granted)))
        return blake2b(said.encode(errors="surrogatepass"), digest_size=8).hexdigest()


PUBLIC: Final = View()
"""As everybody sees it."""


def without_private(entry: Entry, private: Set[str]) -> Entry:
    """*entry* as those see it who do not know of the categories *private*: out of these, without the names that it
    gives them, and without the tags that say those. Where it does not say which tag names which category, all such go.
    """
    if private.isdisjoint(entry.categories):
        return entry
    names = {vote.name for vote in entry.category_names if vote.slug in private}
    return replace(
        entry,
        categories=tuple(slug for slug in entry.categories if slug not in private),
        category_names=tuple(vote for vote in entry.category_names if vote.name not in names),
        tags=tuple(tag for tag in entry.tags if names.isdisjoint((tag, without_news(tag)))),
    )
