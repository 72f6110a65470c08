"""aiohttp's exceptions, put into our words."""

from __future__ import annotations

import os
import ssl

import aiohttp

from aggregator.fetching.connections import LARGEST_ANSWER, EndlessAnswerError
from aggregator.fetching.errors import BadResponse, ConnectionFailed, FetchError, TooLarge
from aggregator.fetching.guard import NotPublicError, address_refused, odd_number

_LONGEST_DETAIL = 200


def as_fetch_error(url: str, error: aiohttp.ClientError | OSError) -> FetchError:
    """What *error* means to the reader of a sentence about *url*."""
    match error:
        case aiohttp.ClientConnectorError():
            return _not_connected(url, error)
        case aiohttp.InvalidURL():
            return odd_number(url)
        case aiohttp.ServerDisconnectedError():
            return ConnectionFailed(url, "closes the connection without an answer")
        case EndlessAnswerError():
            return TooLarge(url, f"is larger than {LARGEST_ANSWER:,} bytes as sent")
        case aiohttp.ClientPayloadError():
            return ConnectionFailed(url, "has a body that breaks off before its end")
        case aiohttp.ClientHttpProxyError():
            return ConnectionFailed(url, f"has a proxy that answers with status {error.status}")
        case aiohttp.ClientResponseError():
            return BadResponse(url, f"does not answer in HTTP as we take it: {_shortened(error.message)}")
        case _:
            return ConnectionFailed(url, f"is lost on the way: {_detail(error)}")


def _not_connected(url: str, error: aiohttp.ClientConnectorError) -> FetchError:
    match error:
        case aiohttp.ClientConnectorError(os_error=NotPublicError() as refused):
            return address_refused(url, refused)
        case aiohttp.ClientProxyConnectionError():
            what = f"has a proxy that cannot be connected to: {_detail(error.os_error)}"
        case aiohttp.ClientConnectorDNSError():
            what = f"has a host name that does not resolve: {_detail(error.os_error)}"
        case aiohttp.ClientConnectorCertificateError():
            what = f"has a certificate that is not valid: {_detail(error.certificate_error)}"
        case aiohttp.ClientConnectorSSLError():
            what = f"cannot be reached over TLS: {_detail(error.os_error)}"
        case _:
            what = f"cannot be connected to: {_detail(error.os_error)}"
    return ConnectionFailed(url, what)


def _detail(error: BaseException) -> str:
    """The reason that the system or the TLS library gives."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _shortened(error.verify_message)
    if isinstance(error, OSError) and error.errno and str(error.strerror).startswith("Connect call failed"):
        return os.strerror(error.errno)  # asyncio's words name the address in Python's notation
    if isinstance(error, OSError) and error.strerror:
        return _shortened(error.strerror)
    return _shortened(str(error) or type(error).__name__)


def _shortened(text: str) -> str:
    """One line of bounded length: a server may have written some of it."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= _LONGEST_DETAIL else f"{line[:_LONGEST_DETAIL]}…"
