"""What went wrong with a pull: its kind, and a sentence for people."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import structlog

from aggregator.feed_file import FileError
from aggregator.fetching.errors import BadAnswer, BadStatus, FetchError, HostBusy, Refused
from aggregator.posts.errors import PostError, PostStoreError
from feeds.reading.errors import FeedSyntaxError
from storage.source import Trouble

if TYPE_CHECKING:
    from aggregator.settings import SourceSettings

log = structlog.get_logger("pull")

_STATUSES: Final = {
    HTTPStatus.UNAUTHORIZED: Trouble.UNAUTHORISED,
    HTTPStatus.FORBIDDEN: Trouble.FORBIDDEN,
    HTTPStatus.NOT_FOUND: Trouble.NOT_FOUND,
    HTTPStatus.GONE: Trouble.GONE,
    HTTPStatus.TOO_MANY_REQUESTS: Trouble.BUSY,
}
_SERVER_ERRORS: Final = range(500, 600)
# What a person would do next about a status that time alone may not mend.
_ADVICE: Final = {
    Trouble.UNAUTHORISED: "it wants a password or a token: see username, password and token of the source",
    Trouble.FORBIDDEN: "it does not let us in; ask its operators, or give what it wants in headers",
    Trouble.GONE: "it is gone for good, and not pulled any more unless by name",
}


def trouble_of(source: SourceSettings, error: Exception) -> tuple[Trouble, str]:
    """What kind of trouble *error* is, and why a pull of *source* failed, as a sentence for people."""
    match error:
        case BadStatus():
            kind = _of_status(error)
            return kind, f"{error}: {_ADVICE[kind]}" if kind in _ADVICE else str(error)
        case HostBusy():
            return Trouble.BUSY, str(error)
        case Refused():
            return Trouble.REFUSED, str(error)
        case BadAnswer():
            return Trouble.BAD_ANSWER, str(error)
        case FetchError():
            return Trouble.UNREACHABLE, str(error)
        case FileError() | FeedSyntaxError() | PostError() | PostStoreError():
            return Trouble.UNREADABLE, str(error)
        case _:
            log.error("broke", source=source.name, exc_info=error)
            told = f"a fault of Feedmill's own, with a traceback in the log: {type(error).__name__}: {error}"
            return Trouble.FAULT, told


def _of_status(error: BadStatus) -> Trouble:
    if error.status in _STATUSES:
        return _STATUSES[HTTPStatus(error.status)]
    if error.status == HTTPStatus.SERVICE_UNAVAILABLE and error.retry_after is not None:
        return Trouble.BUSY
    return Trouble.SERVER_ERROR if error.status in _SERVER_ERRORS else Trouble.BAD_ANSWER
