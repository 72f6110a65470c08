"""What is said to a host to be let in, and how it is reached: an ``Access`` turned into what aiohttp takes."""

from __future__ import annotations

import ssl
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import aiohttp
from yarl import URL

from aggregator.fetching.errors import BadAccess
from aggregator.fetching.urls import without_user

if TYPE_CHECKING:
    from aggregator.fetching.request import Access


def authorization(access: Access, asked: URL) -> str:
    """The ``Authorization`` field for the host of *asked*, which may carry a name and a password; empty for none."""
    if access.token:
        return f"Bearer {access.token}"
    if access.username or access.password:
        return str(aiohttp.encode_basic_auth(access.username, access.password))
    if asked.user is not None or asked.password is not None:
        return str(aiohttp.encode_basic_auth(asked.user or "", asked.password or ""))
    return ""


def via_proxy(access: Access, url: URL, headers: dict[str, str]) -> dict[str, Any]:
    """How *url* is reached through the proxy, as arguments of aiohttp; *headers* get what the proxy is to be told.

    Raises:
        BadAccess: it is not a proxy's address.
    """
    proxy = _http_address(access.proxy)
    if proxy is None:
        raise BadAccess(str(url), "has a proxy that is not an address of the form http://host:port")
    user, password, bare = proxy.user, proxy.password, without_user(proxy)
    if user is None and password is None:
        return {"proxy": bare}
    basic = aiohttp.encode_basic_auth(user or "", password or "")
    if url.scheme == "https":  # told when the tunnel is asked for, outside of it
        return {"proxy": bare, "proxy_headers": {"Proxy-Authorization": basic}}
    headers["Proxy-Authorization"] = basic
    return {"proxy": bare}


def _http_address(text: str) -> URL | None:
    try:
        address = URL(text)
    except ValueError:
        return None
    return address if address.scheme == "http" and address.host else None


def trusted(access: Access, url: URL) -> ssl.SSLContext | bool:
    """Which certificates are good for *url*, the host that was asked for; as aiohttp takes it.

    Raises:
        BadAccess: the file of certificates cannot be used.
    """
    if not access.verify:
        return False
    if not access.ca_file:
        return True
    try:
        return _trusting(access.ca_file)
    except OSError as error:  # ``ssl.SSLError`` is one
        raise BadAccess(str(url), f"is trusted by {access.ca_file}, which cannot be read: {error.strerror}") from error


@lru_cache(maxsize=64)
def _trusting(ca_file: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca_file)
