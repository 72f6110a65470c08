"""No connection to an address that is not public, whatever name, number or redirect led to it.

The resolver refuses a name with any such address, so that nobody depends on which of its addresses is tried
first. The socket factory then judges the very address that is about to be connected to: numbers come here
without a resolver, and a name cannot mean one thing when it is judged and another when it is used.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from aiohttp import ThreadedResolver

from aggregator.fetching.address import is_public

if TYPE_CHECKING:
    from aiohappyeyeballs import AddrInfoType
    from aiohttp.abc import ResolveResult


class NotPublicError(OSError):
    """An ``OSError``, since aiohttp carries no others through; ``address`` is the one that is not public."""

    def __init__(self, address: str) -> None:
        self.address = address
        super().__init__(f"{address} is not a public address")


class PublicResolver(ThreadedResolver):
    """The system's resolver, for names that have public addresses only."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of *host*.

        Raises:
            NotPublicError: one of them is not public.
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
