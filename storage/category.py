"""A category: a slug, the name that people see, and a version that moves with its entries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

ALL = ""
"""The slug of everything. No category can have it, so that a category named ``all`` stays one of its own."""


@dataclass(frozen=True, slots=True)
class Category:
    """A category as it is published.

    ``version`` is the number of the change that last touched it, ``updated`` the newest ``updated`` of its entries
    (UTC; None when it never had one), ``entries`` how many it holds now.
    """

    slug: str
    title: str
    version: int = 0
    updated: datetime | None = None
    entries: int = 0
