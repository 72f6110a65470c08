"""What a request says of the representation that it wants, and the answer with that."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from starlette.responses import Response

from feeds.publishing.found import Unchanged
from feeds.web.conditional import field, outcome
from feeds.web.encodings import IDENTITY, acceptable, is_worth_encoding, tag_in
from feeds.writing import pages

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.datastructures import Headers

    from feeds.publishing.found import Document, Validators
    from feeds.web.encodings import Encoder

PAGE_FIELDS: Final[Mapping[str, str]] = {
    # What a static host has only within the page; no other site shows ours in a frame.
    "Content-Security-Policy": f"{pages.POLICY}; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}
"""What every page has beside what all documents have."""


class Asked:
    """What a request says of the representation that it wants: its coding, and what of it is known already."""

    def __init__(self, headers: Headers) -> None:
        self._headers = headers
        self._codings = acceptable(field(headers, "accept-encoding"))
        self._now = datetime.now(UTC)

    def is_settled_by(self, validators: Validators) -> bool:
        """Whether the answer needs no body."""
        return self._outcome(validators)[0] is not HTTPStatus.OK

    def answer(self, found: Document | Unchanged, encoder: Encoder) -> Response:
        """RFC 9110: a conditional request (13), and a body in the coding that is wanted (12.5.3)."""
        status, tag = self._outcome(found.validators)
        own = {"ETag": tag, "Vary": "Accept-Encoding"}
        if (modified := self._modified(found.validators)) is not None:
            own["Last-Modified"] = format_datetime(modified, usegmt=True)
        if status is not HTTPStatus.OK or isinstance(found, Unchanged):
            return Response(status_code=status, headers=own)
        own["Content-Type"] = found.media_type
        if found.media_type.startswith("text/html"):
            own |= PAGE_FIELDS
        coding = next(name for name in self._offered(found.validators) if tag_in(found.etag, name) == tag)
        if coding != IDENTITY:
            own["Content-Encoding"] = coding
        return Response(encoder.body(found, coding), headers=own)

    def _outcome(self, validators: Validators) -> tuple[HTTPStatus, str]:
        tags = [tag_in(validators.etag, coding) for coding in self._offered(validators)]
        return outcome(self._headers, tags, self._modified(validators))

    def _offered(self, validators: Validators) -> Sequence[str]:
        return self._codings if is_worth_encoding(validators.size) else (IDENTITY,)

    def _modified(self, validators: Validators) -> datetime | None:
        """RFC 9110, 8.8.2.1: nothing was modified in the future; where changes came too fast for whole seconds, there
        is no date until the clock has come to it.
        """
        modified = validators.modified
        return modified if modified is not None and modified <= self._now else None
