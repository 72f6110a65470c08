"""Who may see the operator's pages: who has the key, or sits at the machine itself."""

from __future__ import annotations

import base64
import binascii
import hmac
from enum import Enum, auto
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from starlette.requests import Request

# Any of these tells of a proxy: then whoever asks may sit anywhere.
_PROXY_FIELDS = frozenset({"forwarded", "x-real-ip", "via"})


class Verdict(Enum):
    """What is to be answered."""

    WELCOME = auto()
    KEY_WANTED = auto()
    REFUSED = auto()
    """There is no key that could be asked for."""


def judge(request: Request, key: str) -> Verdict:
    """Whether *request* may see the operator's pages; *key* is empty where none is set."""
    offered = request.headers.get("authorization")
    if offered is not None and key:
        given = _key_in(offered)
        right = given is not None and hmac.compare_digest(given, key.encode())
        return Verdict.WELCOME if right else Verdict.KEY_WANTED
    if _is_direct(request):
        return Verdict.WELCOME
    return Verdict.KEY_WANTED if key else Verdict.REFUSED


def _key_in(field: str) -> bytes | None:
    """The key in an Authorization *field*: a bearer token (RFC 6750), or a password (RFC 7617) of any user."""
    scheme, _, rest = field.partition(" ")
    raw = rest.strip().encode("latin-1")
    if scheme.lower() == "bearer":
        return raw
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(raw, validate=True).partition(b":")[2]
    except binascii.Error:
        return None


def _is_direct(request: Request) -> bool:
    """Whether a program on this machine asks by itself. Host is looked at because of DNS rebinding."""
    if request.client is None or not _is_loopback(request.client.host):
        return False
    names = {name.lower() for name in request.headers}
    if names & _PROXY_FIELDS or any(name.startswith("x-forwarded") for name in names):
        return False
    try:
        host = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    except ValueError:
        return False
    return host == "localhost" or _is_loopback(host)


def _is_loopback(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped.is_loopback
    return address.is_loopback
