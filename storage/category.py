"""A category: a slug, the name that people see, and a version that moves with its entries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

ALL = ""
"""The slug of everything. No category can have it, so that a category named ``all`` stays one of its own."""

_NEWS = "新闻"
# A page that names another medium than nine in ten of the slug's entries is a mistake of its writer.
_NEARLY_ALL = 0.9


@dataclass(frozen=True, slots=True)
class Category:
    """A category as it is published.

    ``version`` is the number of the change that last touched it, ``updated`` the newest ``updated`` of the entries that
    are shown (UTC; None when there are none), ``entries`` how many it holds now, ``arrivals`` how many places its
    history has. ``changed`` is when the version last moved (UTC, whole seconds; later at every move, so a little ahead
    of the clock where moves came fast). One that is ``hidden``, or was ``moved_to`` another slug, is published nowhere;
    one that is ``private`` is for partners alone, and so are the entries that are in no other. ``given_title`` is what
    the operator calls it.
    """

    slug: str
    title: str
    version: int = 0
    updated: datetime | None = None
    entries: int = 0
    arrivals: int = 0
    changed: datetime | None = None
    hidden: bool = False
    private: bool = False
    moved_to: str = ""
    given_title: str = ""

    @property
    def is_published(self) -> bool:
        """Whether everybody may see it."""
        return self.is_shown and not self.private

    @property
    def is_shown(self) -> bool:
        """Whether those may see it for whom it is."""
        return not self.hidden and not self.moved_to


def without_news(name: str) -> str:
    """*name* less a final 新闻, as in the tag 证券时报新闻 of the medium 证券时报."""
    return name.removesuffix(_NEWS) or name


def choose_title(slug: str, page_title: str, votes: Mapping[str, int], given_title: str = "") -> str:
    """The name of a category for people.

    *given_title* is the operator's, and goes before all (empty: there is none). *page_title* is what its
    own page says (empty: it has none), *votes* how many of its entries use each name. The page decides, unless nearly
    all entries agree on another name; then the most frequent name, then the slug.
    """
    if given_title:
        return given_title
    favourite = max(votes, key=lambda name: (votes[name], name), default="")
    if not page_title:
        return favourite or slug
    agreed = bool(votes) and votes[favourite] >= _NEARLY_ALL * sum(votes.values())
    return favourite if agreed and favourite != without_news(page_title) else page_title
