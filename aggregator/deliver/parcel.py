"""What a follower is to be sent next."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storage.event import Event


@dataclass(frozen=True, slots=True)
class Parcel:
    """One delivery: *bodies* are posted to *address*, one after the other; with none there is nothing to be said.

    Once they are taken, the follower has all up to ``position``, and the dead letters with the numbers ``settles`` are
    none any more. ``told`` are the events that it is about.
    """

    address: str = field(repr=False)
    position: int
    bodies: tuple[bytes, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    told: tuple[Event, ...] = ()
    settles: tuple[int, ...] = ()


def host_of(address: str) -> str:
    """The host of an address, empty for what is none."""
    try:
        return (urlsplit(address).hostname or "").rstrip(".")
    except ValueError:
        return ""
