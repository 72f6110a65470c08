"""What is found where a document is looked for: it, what stands in its place, or less of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from storage.entry import InfoCode


@dataclass(frozen=True, slots=True)
class Document:
    """What stands at a path. ``etag`` is strong and the same wherever the same bytes are served (RFC 9110, 8.8.3);
    ``modified`` is when its category was last changed (UTC, whole seconds; None for what is of no category). A date
    stands for one version alone. ``entries`` is how many a feed shows; None for what is no feed.
    """

    body: bytes
    media_type: str
    etag: str
    modified: datetime | None
    entries: int | None = None

    @property
    def validators(self) -> Validators:
        """What a conditional request asks for."""
        return Validators(self.etag, self.modified, len(self.body))


@dataclass(frozen=True, slots=True)
class Validators:
    """What is kept of a document for longer than its bytes; ``size`` is how many those were."""

    etag: str
    modified: datetime | None
    size: int


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A document stands there of which nobody needs the bytes."""

    validators: Validators


@dataclass(frozen=True, slots=True)
class Difference:
    """The *document* with nothing in it but what is new since the one with the entity tag *base*; its own is the whole
    one's.
    """

    document: Document
    base: str


@dataclass(frozen=True, slots=True)
class Gone:
    """A withdrawn entry stood there (410)."""

    info_code: InfoCode
    withdrawn: datetime


@dataclass(frozen=True, slots=True)
class Moved:
    """The category whose document stood there has another slug now: it stands at *path* (301)."""

    path: str
