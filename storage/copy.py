"""A copy: one place where an entry was found. Two files, or two feeds of one scope, may hold the same entry."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from storage.packing import Packed

if TYPE_CHECKING:
    from datetime import datetime

    from storage.entry import CategoryName, Entry, InfoCode


class Seen(NamedTuple):
    """The mark of a place as it was last read; ``size`` (bytes) and ``modified_ns`` are 0 for a feed's item."""

    size: int
    modified_ns: int
    digest: bytes
    gone: bool
    first_seen: datetime


@dataclass(frozen=True, slots=True)
class Copy(Packed):
    """What is remembered of one place, so that it is read again only when it changed.

    ``place`` is a post's path, or the infoCode of a feed's item. ``size`` (bytes) and ``modified_ns`` (nanoseconds)
    are a file's, 0 for a feed's item; ``digest`` is of what was read. ``entry`` is the entry as this copy tells it;
    None while the stored entry itself is told by this copy, when a rule left it out, or when it was never read without
    an error. ``problem`` is a sentence for people: why the place was not taken over as it is now. ``owner`` is the
    scope that owns the infoCode that was claimed here, empty where the claim is good. ``bands`` are parts of the sketch
    of the entry's text, where it was read just now; they are not remembered.
    """

    source: str
    place: str
    digest: bytes
    first_seen: datetime
    size: int = 0
    modified_ns: int = 0
    info_code: InfoCode | None = None
    gone: bool = False
    withdrawn: bool = False
    problem: str = ""
    owner: str = ""
    published: datetime | None = None
    length: int = 0
    categories: tuple[str, ...] = ()
    category_names: tuple[CategoryName, ...] = ()
    tags: tuple[str, ...] = ()
    entry: Entry | None = None
    bands: tuple[int, ...] = field(default=(), compare=False)

    @property
    def seen(self) -> Seen:
        """The mark of the place."""
        return Seen(self.size, self.modified_ns, self.digest, self.gone, self.first_seen)

    def stored(self) -> Copy:
        """This copy without its entry, which is the one that is stored; ``replace`` takes five times as long, and there
        is one for every new entry.
        """
        new = object.__new__(Copy)
        for name in Copy.__slots__:
            object.__setattr__(new, name, getattr(self, name))
        object.__setattr__(new, "entry", None)
        return new
