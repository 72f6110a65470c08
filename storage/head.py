"""What a list tells of an entry. ``paging`` reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from storage.entry import InfoCode, Origin


@dataclass(frozen=True, slots=True)
class Head:
    """What a list tells of an entry: a quarter of what it costs to read it with its body."""

    info_code: InfoCode
    title: str
    language: str
    published: datetime
    updated: datetime
    origin: Origin
    categories: tuple[str, ...]
