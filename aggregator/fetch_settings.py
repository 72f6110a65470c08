"""How a ``[[source]]`` is asked for, and who Feedmill says it is: what can be set, and what would be right.

Names, passwords, tokens, headers and proxies are secrets: whatever shows a source shows asterisks in their place, and
no message quotes them.
"""

from __future__ import annotations

import re
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, SecretStr, field_validator

from aggregator.fetching.request import NO_ACCESS, Access
from aggregator.setting_types import Duration, Table
from feeds.addresses import is_web_address

if TYPE_CHECKING:
    from aggregator.settings import SourceSettings

LONGEST_TIMEOUT: Final = timedelta(minutes=5)

_USER_AGENT: Final = "Feedmill/0.1 (feed aggregator; {contact})"
_MAIL = re.compile(r"[^\s@()<>,;:\"\\]+@[^\s@()<>,;:\"\\]+\.[^\s@()<>,;:\"\\]+", re.ASCII)
# RFC 9110, 5.6.2.
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_WORD = re.compile(r"[\x21-\x27\x2a-\x7e]+")
# What the connection is made of, and what Feedmill says by itself; in lower case.
_OURS: Final = {
    "accept": 'set "accept"',
    "proxy-authorization": 'write http://user:password@host:port as "proxy"',
} | dict.fromkeys(
    (
        "a-im", "accept-encoding", "connection", "content-encoding", "content-length", "content-type", "expect", "host",
        "if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since", "keep-alive",
        "proxy-connection", "range", "te", "trailer", "transfer-encoding", "upgrade",
    ),
    "Feedmill sets it by itself",
)  # fmt: skip


def _secret(value: object) -> object:
    """Not pydantic's own check, which would quote the secret."""
    if not isinstance(value, (str, SecretStr)):
        raise ValueError("is a text in quotes")  # noqa: TRY004  pydantic wants it
    return value


def _headers(value: object) -> object:
    if not isinstance(value, dict):
        raise ValueError('is a table, as in { X-Key = "…" }')  # noqa: TRY004  pydantic wants it
    return value


Secret = Annotated[SecretStr, BeforeValidator(_secret)]
"""A text that is never shown."""

_NONE = SecretStr("")
_ACCESS: Final = {"headers", "username", "password", "token", "proxy", "ca_file", "tls"}


_SECRETS: Final = {"headers", "username", "token"}


class Tls(StrEnum):
    """Which certificates a server may have."""

    CHECKED = "checked"
    UNCHECKED = "unchecked"


class FetchSettings(BaseModel):
    """What a ``[[source]]`` says of how it is asked for."""

    headers: Annotated[dict[str, Secret], BeforeValidator(_headers)] = {}
    username: Secret = _NONE
    password: Secret = _NONE
    token: Secret = _NONE
    proxy: Secret = _NONE
    timeout: Duration = timedelta(seconds=60)
    ca_file: Path | None = None
    tls: Tls = Tls.CHECKED

    @field_validator("headers")
    @classmethod
    def _sendable(cls, value: dict[str, SecretStr]) -> dict[str, SecretStr]:
        seen: dict[str, str] = {}
        for name, secret in value.items():
            if not _HEADER_NAME.fullmatch(name):
                raise ValueError(f'{name!r} is not the name of a header field, as in "X-Key"')
            if instead := _OURS.get(name.lower()):
                raise ValueError(f"{name!r} cannot be set here: {instead}")
            if not _is_line(secret.get_secret_value()):
                raise ValueError(f"the value of {name!r} is not one line of text without spaces around it")
            if name.lower() in seen:
                raise ValueError(f"{name!r} is the same header field as {seen[name.lower()]!r}")
            seen[name.lower()] = name
        return value

    @field_validator("username", "password")
    @classmethod
    def _basic(cls, value: SecretStr) -> SecretStr:
        if not value.get_secret_value().isprintable():
            raise ValueError("holds a line break or another character that is not printed")
        return value

    @field_validator("username")
    @classmethod
    def _without_colon(cls, value: SecretStr) -> SecretStr:
        if ":" in value.get_secret_value():
            raise ValueError('cannot hold a ":", which ends it: the rest is the "password"')
        return value

    @field_validator("token")
    @classmethod
    def _bearer(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and not _WORD.fullmatch(value.get_secret_value()):
            raise ValueError('is what stands after "Bearer": ASCII without spaces')
        return value

    @field_validator("proxy")
    @classmethod
    def _http(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and not _is_proxy(value.get_secret_value()):
            raise ValueError('is an HTTP proxy, as in "http://host:3128" or "http://user:password@host:3128"')
        return value

    @field_validator("timeout")
    @classmethod
    def _bearable(cls, value: timedelta) -> timedelta:
        if value > LONGEST_TIMEOUT:
            raise ValueError('a source is waited for at most "5m"')
        return value


def check_access(source: SourceSettings) -> None:
    """See whether the settings by which *source* is asked for go together.

    Raises:
        ValueError: they do not.
    """
    named = bool(source.username.get_secret_value())
    if source.password.get_secret_value() and not named:
        raise ValueError("a password belongs to a username")
    in_header = any(name.lower() == "authorization" for name in source.headers)
    in_url = "@" in urlsplit(source.url).netloc
    ways = {"username": named, "token": bool(source.token.get_secret_value()), "an Authorization header": in_header}
    chosen = [way for way, is_set in (ways | {"a user name in the url": in_url}).items() if is_set]
    if len(chosen) > 1:
        raise ValueError(f"{chosen[0]} and {chosen[1]} are two ways to be let in: choose one")
    if source.ca_file is not None and source.tls is Tls.UNCHECKED:
        raise ValueError('ca_file says which certificates are good, and tls = "unchecked" that all are: choose one')
    if not source.url:
        allowed = {"proxy", "timeout"} if source.has_texts else set()
        for name in FetchSettings.model_fields:
            if name in source.model_fields_set - allowed:
                raise ValueError(f"{name} is for a source with a url")


def access_to(source: SourceSettings, address: str) -> Access:
    """What it takes to be let in at *address* for *source*: all of it at the source's own host, the proxy elsewhere."""
    if not source.model_fields_set & _ACCESS:
        return NO_ACCESS
    proxy = source.proxy.get_secret_value()
    if not _is_own(source, address):
        return Access(proxy=proxy)
    return Access(
        headers=tuple((name, value.get_secret_value()) for name, value in source.headers.items()),
        username=source.username.get_secret_value(),
        password=source.password.get_secret_value(),
        token=source.token.get_secret_value(),
        proxy=proxy,
        ca_file=str(source.ca_file or ""),
        verify=source.tls is Tls.CHECKED,
    )


def has_secrets(source: SourceSettings) -> bool:
    """Whether *source* gives its host something that is for no other."""
    return bool(source.model_fields_set & _SECRETS) or "@" in urlsplit(source.url).netloc


def may_be_private(source: SourceSettings, address: str) -> bool:
    """Whether *address* may be one inside the network: where *source* may be and it is at the source's own host.

    A source in a file has no host, and names any.
    """
    if not source.private or not source.url or address == source.url:
        return source.private
    return urlsplit(address).hostname == urlsplit(source.url).hostname


def _is_own(source: SourceSettings, address: str) -> bool:
    if address == source.url:
        return True
    from aggregator.fetching.errors import BadUrl
    from aggregator.fetching.urls import parsed, same_host

    try:
        return bool(source.url) and same_host(parsed(source.url), parsed(address))
    except BadUrl:
        return False


def _is_proxy(value: str) -> bool:
    """Whether *value* is http://host:port, perhaps with a user name and password, and nothing else."""
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        return False
    return (
        value.isprintable()
        and parts.scheme == "http"
        and bool(parts.hostname)
        and port != 0
        and parts.path in {"", "/"}
        and not parts.query
        and not parts.fragment
    )


def _is_line(value: str) -> bool:
    return value.isprintable() and value == value.strip()


class PullSettings(Table):
    """``[pull]``: who Feedmill says it is where it pulls."""

    contact: str = ""

    @field_validator("contact")
    @classmethod
    def _reachable(cls, value: str) -> str:
        if value and not _MAIL.fullmatch(value) and not (is_web_address(value) and _WORD.fullmatch(value)):
            raise ValueError('is a mail address or a page\'s, as in "feeds@example.org" or "https://example.org/about"')
        return value

    def user_agent(self, site: str) -> str:
        """The ``User-Agent`` field (RFC 9110, 10.1.5), with the address of the *site* where no contact is set."""
        contact = self.contact or site
        return _USER_AGENT.format(contact=contact if _MAIL.fullmatch(contact) else f"+{contact}")
