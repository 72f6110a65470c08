"""Conditional requests (RFC 9110, 13): what a request's preconditions come to, in their order."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.datastructures import Headers

# RFC 9110, 8.8.3: what may stand in an entity tag, a comma as well.
_TAG = re.compile(r'(W/)?("[\x21\x23-\x7e\x80-\xff]*")')
_LIST = re.compile(rf"[ \t,]*(?:{_TAG.pattern}(?:[ \t]*,[ \t,]*|[ \t]*$))*")
# The three forms of a date (RFC 9110, 5.6.7); the parser takes much that is none.
_DATE = re.compile(
    r"(?:[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"
    r"|[A-Z][a-z]{5,8}, \d\d-[A-Z][a-z]{2}-\d\d \d\d:\d\d:\d\d GMT"
    r"|[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4})",
    re.ASCII,
)


def field(headers: Headers, name: str) -> str | None:
    """A field that is a list, whether it came in one line or several (RFC 9110, 5.3); None where it did not come."""
    lines = headers.getlist(name)
    return ", ".join(lines) if lines else None


def outcome(headers: Headers, tags: Sequence[str], modified: datetime | None) -> tuple[HTTPStatus, str]:
    """What a GET or HEAD comes to (RFC 9110, 13.2.2), and the tag of the representation that it is about.

    *tags* are those of the representations that the client would take, the one to send first; *modified* is when all
    of them last changed (aware, whole seconds; None: nobody knows, and dates are not looked at). 304 where it has one
    of them, 412 where it wants none of them, else 200.
    """
    wanted = field(headers, "if-match")
    if wanted is not None:
        strong = _tags(wanted, strong=True)
        if not _picked(wanted, tags, strong):
            return HTTPStatus.PRECONDITION_FAILED, tags[0]
        tags = [_picked(wanted, tags, strong)]
    elif modified and (limit := _date(headers.get("if-unmodified-since"))) and modified > limit:
        return HTTPStatus.PRECONDITION_FAILED, tags[0]
    known = field(headers, "if-none-match")
    if known is not None:
        picked = _picked(known, tags, _tags(known, strong=False))
        return (HTTPStatus.NOT_MODIFIED, picked) if picked else (HTTPStatus.OK, tags[0])
    since = _date(headers.get("if-modified-since"))
    if modified and since and modified <= since:
        return HTTPStatus.NOT_MODIFIED, tags[0]
    return HTTPStatus.OK, tags[0]


def _picked(said: str, tags: Sequence[str], offered: frozenset[str]) -> str:
    """The first of *tags* that is among those *offered*, or any where ``*`` was *said*; else nothing."""
    if said.strip() == "*":
        return tags[0]
    return next((tag for tag in tags if tag in offered), "")


def _tags(said: str, *, strong: bool) -> frozenset[str]:
    """The entity tags of a list; *strong* ones alone, or weak ones as if they were (RFC 9110, 8.8.3.2).

    A list that is none has none: it could have been meant in any way.
    """
    if not _LIST.fullmatch(said):
        return frozenset()
    return frozenset(tag for weak, tag in _TAG.findall(said) if not (weak and strong))


def _date(said: str | None) -> datetime | None:
    """The moment that an HTTP date names; None for anything else (RFC 9110, 13.1.3: that is to be ignored)."""
    if said is None or not _DATE.fullmatch(said):
        return None
    try:
        moment = parsedate_to_datetime(said)
    except (ValueError, TypeError):
        return None
    return moment.replace(tzinfo=UTC)
