"""Which addresses are out on the Internet, and which are inside somebody's network."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

# All that is given out for use on the Internet (RFC 4291, 2.4); what lies outside is local, reserved or a
# translation.
_GLOBAL_UNICAST = IPv6Network("2000::/3")
# The one translation that DNS64 resolvers give for ordinary hosts (RFC 6052, 2.1).
_NAT64 = IPv6Network("64:ff9b::/96")

# What ``is_global`` lets by, in some or all versions of Python.
_REFUSED_V4 = (
    IPv4Network("192.0.0.0/24"),  # protocol assignments (RFC 6890); one cloud's metadata is here
    IPv4Network("192.88.99.0/24"),  # 6to4 relays (RFC 7526)
    IPv4Network("168.63.129.16/32"),  # a cloud's own services, seen from its machines only
)
_REFUSED_V6 = (
    IPv6Network("2001::/23"),  # protocol assignments, with Teredo (RFC 4380), which wraps an IPv4 address
    IPv6Network("2001:db8::/32"),  # documentation (RFC 3849)
    IPv6Network("2002::/16"),  # 6to4 (RFC 3056), which wraps an IPv4 address
    IPv6Network("3fff::/20"),  # documentation (RFC 9637)
)


def is_public(address: str) -> bool:
    """Whether *address* is a numeric address of the public Internet.

    A wrapped IPv4 address is judged by itself where hosts are really reached through the wrapping
    (IPv4-mapped, NAT64), and refused in every other form. What is not an address in its usual notation is not
    public.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv4Address):
        return _is_public_v4(parsed)
    return _is_public_v6(parsed)


def _is_public_v4(address: IPv4Address) -> bool:
    return address.is_global and not address.is_multicast and not any(address in each for each in _REFUSED_V4)


def _is_public_v6(address: IPv6Address) -> bool:
    if address.scope_id is not None:
        return False
    if address.ipv4_mapped is not None:
        return _is_public_v4(address.ipv4_mapped)
    if address in _NAT64:
        return _is_public_v4(IPv4Address(address.packed[-4:]))
    return address in _GLOBAL_UNICAST and address.is_global and not any(address in each for each in _REFUSED_V6)
