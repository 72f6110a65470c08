"""aiohttp's exceptions, put into our words."""

from __future__ import annotations

import ssl

import aiohttp

from aggregator.fetching.errors import AddressRefused, BadResponse, BadUrl, ConnectionFailed, FetchError
from aggregator.fetching.guard import NotPublicError

_LONGEST_DETAIL = 200


def as_fetch_error(url: str, error: aiohttp.ClientError | OSError) -> FetchError:
    """What *error* means to the reader of a sentence about *url*."""
    match error:
        case aiohttp.ClientConnectorError(os_error=NotPublicError() as refused):
            return AddressRefused(
                url,
                f"is at {refused.address}, which is not a public address; "
                "set private = true if this source is meant to be inside your network",
            )
        case aiohttp.InvalidURL():
            return BadUrl(url, "has a number for a host that is not an address as it is usually written")
        case aiohttp.ClientConnectorDNSError():
            return ConnectionFailed(url, f"has a host name that does not resolve: {_detail(error.os_error)}")
        case aiohttp.ClientConnectorCertificateError():
            return ConnectionFailed(url, f"has a certificate that is not valid: {_detail(error.certificate_error)}")
        case aiohttp.ClientConnectorSSLError():
            return ConnectionFailed(url, f"cannot be reached over TLS: {_detail(error.os_error)}")
        case aiohttp.ClientConnectorError():
            return ConnectionFailed(url, f"cannot be connected to: {_detail(error.os_error)}")
        case aiohttp.ServerDisconnectedError():
            return ConnectionFailed(url, "closes the connection without an answer")
        case aiohttp.ClientPayloadError():
            return ConnectionFailed(url, "has a body that breaks off before its end")
        case aiohttp.ClientResponseError():
            return BadResponse(url, f"does not answer in HTTP as we take it: {_shortened(error.message)}")
        case _:
            return ConnectionFailed(url, f"is lost on the way: {_detail(error)}")


def _detail(error: BaseException) -> str:
    """The reason that the system or the TLS library gives."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _shortened(error.verify_message)
    if isinstance(error, OSError) and error.strerror:
        return _shortened(error.strerror)
    return _shortened(str(error) or type(error).__name__)


def _shortened(text: str) -> str:
    """One line of bounded length: a server may have written some of it."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= _LONGEST_DETAIL else f"{line[:_LONGEST_DETAIL]}…"
