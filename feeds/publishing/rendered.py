"""What rendering gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Rendered:
    """A document's bytes, and when what it shows last changed (UTC; None for one that shows nothing yet)."""

    body: bytes
    updated: datetime | None
