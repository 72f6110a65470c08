"""No connection to an address that is not public, whatever name, number or redirect led to it.

The resolver refuses a name with any such address, so that nobody depends on which of its addresses is tried
first. The socket factory then judges the very address that is about to be connected to: numbers come here
without a resolver, and a name cannot mean one thing when it is judged and another when it is used.

Behind a proxy it is the proxy that looks names up and connects. What can be judged before is judged.
"""

from __future__ import annotations

import socket
from ipaddress import ip_address
from typing import TYPE_CHECKING

from aggregator.fetching.address import is_public
from aggregator.fetching.errors import AddressRefused, BadUrl, ConnectionFailed
from aggregator.fetching.resolver import Resolver

if TYPE_CHECKING:
    from aiohappyeyeballs import AddrInfoType
    from aiohttp.abc import ResolveResult
    from yarl import URL


class NotPublicError(OSError):
    """An ``OSError``, since aiohttp carries no others through; ``address`` is the one that is not public."""

    def __init__(self, address: str) -> None:
        self.address = address
        super().__init__(f"{address} is not a public address")


class PublicResolver(Resolver):
    """The system's resolver, for names that have public addresses only."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of *host*.

        Raises:
            NotPublicError: one of them is not public.
            OSError: it has none, or nobody answers.
        """
        results = await super().resolve(host, port, family)
        for result in results:
            if not is_public(result["host"]):
                raise NotPublicError(result["host"])
        return results


def public_socket(address_info: AddrInfoType) -> socket.socket:
    """A socket for *address_info*, which is about to be connected to.

    Raises:
        NotPublicError: it is not a public address.
    """
    family, kind, protocol, _, address = address_info
    if not is_public(str(address[0])):
        raise NotPublicError(str(address[0]))
    return socket.socket(family=family, type=kind, proto=protocol)


async def judge_for_proxy(resolver: PublicResolver, url: URL, *, configured: bool) -> None:
    """Judge the host of *url*, which a proxy is about to connect to.

    A name that does not resolve here may do so where the proxy is: that is believed of a host that is *configured*,
    and of none that a redirect names. A number is judged without a resolver, which knows no IPv6 on some machines.

    Raises:
        AddressRefused: it has an address that is not public.
        BadUrl: it is a number that a proxy may read in its own way.
        ConnectionFailed: it has no address that is known here, and is not configured.
    """
    host = str(url.raw_host)
    if _is_number(url, host):
        if not is_public(host):
            raise address_refused(str(url), NotPublicError(host))
        return
    try:
        await resolver.resolve(host, url.port or 0, socket.AF_UNSPEC)
    except NotPublicError as error:
        raise address_refused(str(url), error) from error
    except OSError as error:
        if not configured:
            reason = error.strerror or str(error)
            raise ConnectionFailed(str(url), f"has a host name that does not resolve: {reason}") from error


def _is_number(url: URL, host: str) -> bool:
    """Whether *host* is an address and no name.

    Raises:
        BadUrl: it is a number, as in ``0x7f.1``, and no address in its usual notation.
    """
    last = host.rstrip(".").rpartition(".")[2].lower()
    if ":" not in host and not last.isdigit() and not last.startswith("0x"):
        return False
    try:
        ip_address(host)
    except ValueError as error:
        raise odd_number(str(url)) from error
    return True


def odd_number(url: str) -> BadUrl:
    """What is said of a host such as ``2130706433``."""
    return BadUrl(url, "has a number for a host that is not an address as it is usually written")


def address_refused(url: str, error: NotPublicError) -> AddressRefused:
    """What *error* means to whoever configured *url*."""
    return AddressRefused(
        url,
        f"is at {error.address}, which is not a public address; "
        "set private = true if this source is meant to be inside your network",
    )
