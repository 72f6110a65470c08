"""What rendering gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Rendered:
    """A document's bytes, when what it shows last changed (UTC; None for one that shows nothing yet), and, of a feed,
    how many *entries* it shows.
    """

    body: bytes
    updated: datetime | None
    entries: int = 0
