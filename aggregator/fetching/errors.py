"""Why there is no document: one exception for each reason, split by whose fault it is.

``Refused`` is ours: the configuration has to change. ``Unreachable`` is the network's or the server's and may
pass by itself. ``BadAnswer`` is the source's: it answered, and what it said is of no use.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from urllib.parse import urlsplit

_USER_INFO = re.compile(r"^([^/?#]*//)[^/?#]*@")
# The last resort for what is not a URL: a password may hold any character.
_UP_TO_AT = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*:/*)?.*@", re.DOTALL)


def without_credentials(url: str) -> str:
    """*url* without the user name and password in it, whatever the rest of it is worth."""
    try:
        parts = urlsplit(url)
        well_formed = bool(parts.hostname) and parts.port != 0
    except ValueError:
        well_formed = False
    return (_USER_INFO if well_formed else _UP_TO_AT).sub(r"\1", url)


class FetchError(Exception):
    """No document. The message is a sentence for people that names the URL, without credentials.

    ``url`` is where it failed, which after a redirect is not the URL that was asked for.
    """

    def __init__(self, url: str, what: str) -> None:
        self.url = without_credentials(url)
        super().__init__(f"{self.url} {what}")

    def redirected_from(self, asked: str) -> None:
        """Let the message tell as well what was *asked* for, unless it is where it failed."""
        asked = without_credentials(asked)
        if asked != self.url:
            self.args = (f"{self.args[0]} (redirected from {asked})",)


class Refused(FetchError):  # noqa: N818
    """We do not ask for this; no connection was opened."""


class BadUrl(Refused):
    """Not a URL, or not one of http or https."""


class AddressRefused(Refused):
    """The host has an address that is not public, and the source is not marked as private."""


class BadAccess(Refused):
    """The proxy or the certificates that are configured cannot be used."""


class Unreachable(FetchError):  # noqa: N818
    """There was no whole answer."""


class ConnectionFailed(Unreachable):
    """No name, no connection, no TLS, or an answer that broke off."""


class DeadlineExceeded(Unreachable):
    """The answer was not there in time."""


class BadAnswer(FetchError):  # noqa: N818
    """There was an answer, and no document in it."""


class BadResponse(BadAnswer):
    """What came is not HTTP, or its head is beyond all bounds."""


class TooLarge(BadAnswer):
    """The body is larger than we take, as sent or decoded."""


class BadEncoding(BadAnswer):
    """The body is in a content encoding that we do not know, or is not what its header says."""


class BadRedirect(BadAnswer):
    """A redirect to nowhere, or to where we do not follow."""


class TooManyRedirects(BadAnswer):
    """Redirects without an end in sight."""


class HostBusy(Unreachable):
    """The host has asked several other sources to come later, so it was not asked; ``retry_after`` is in seconds."""

    def __init__(self, url: str, retry_after: float) -> None:
        self.retry_after = retry_after
        super().__init__(url, "was not asked, since its host has asked several other sources to come later")


class BadStatus(BadAnswer):
    """An HTTP status that brings no document.

    ``retry_after`` is how many seconds the server asks us to stay away (RFC 9110, 10.2.3), None if it does
    not say.
    """

    def __init__(self, url: str, status: int, retry_after: float | None = None) -> None:
        self.status = status
        self.retry_after = retry_after
        try:
            phrase = f" ({HTTPStatus(status).phrase})"
        except ValueError:
            phrase = ""
        super().__init__(url, f"answers with status {status}{phrase}")
