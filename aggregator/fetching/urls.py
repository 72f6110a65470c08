"""Where we go: URLs that can be asked for, and where a redirect may lead from one."""

from __future__ import annotations

from functools import lru_cache

from yarl import URL

from aggregator.fetching.errors import BadRedirect, BadUrl


@lru_cache(maxsize=8192)
def parsed(text: str) -> URL:
    """*text* as a URL that can be asked for; it may hold a user name and a password.

    Raises:
        BadUrl: it cannot.
    """
    try:
        url = URL(text.strip())
        _check(url)
    except ValueError:
        # Not ``from``: what the parsers say can quote a password.
        raise BadUrl(text, "is not an address of the form http://host/… or https://host/…") from None
    return url.with_fragment(None)


def redirected(url: URL, location: str) -> URL:
    """Where a ``Location`` field leads from *url* (RFC 9110, 10.2.2). Credentials in it are not ours and left out.

    Raises:
        BadRedirect: nowhere, to another scheme, or out of https.
    """
    if not location:
        raise BadRedirect(str(url), "redirects without saying where to")
    try:
        target = without_user(url.join(URL(location.strip()))).with_fragment(None)
        _check(target)
    except ValueError:
        raise BadRedirect(str(url), "redirects to what is not an http or https address") from None
    if url.scheme == "https" and target.scheme == "http":
        raise BadRedirect(str(url), f"redirects from https to {target}, which is not encrypted")
    return target


def without_user(url: URL) -> URL:
    """*url* without user name and password."""
    return url if url.raw_user is None and url.raw_password is None else url.with_user(None)


def same_host(one: URL, other: URL) -> bool:
    """Whether both are one server; from port 80 to 443 is a move within it."""
    default_ports = one.is_default_port() and other.is_default_port()
    return one.host == other.host and (one.port == other.port or default_ports)


def _check(url: URL) -> None:
    """ValueError unless *url* is absolute, of http or https, and has a host that can be looked up."""
    if url.scheme not in {"http", "https"} or not url.host or ":" in (url.user or ""):
        raise ValueError("not an http URL")
    # The codec that the system's resolver goes through; a label that is empty or too long fails there.
    str(url.raw_host).encode("idna")
