"""What is asked of a server, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aggregator.fetching.errors import without_credentials

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Access:
    """What it takes to be let in. All of it but the proxy is for the host that is asked, never for one that it
    redirects to; nothing of it is shown.

    ``username`` and ``password`` are for basic authentication (RFC 7617), ``token`` is a bearer's (RFC 6750).
    ``proxy`` is the address of an HTTP proxy, which may carry ``user:password@``; every connection goes through it.
    ``ca_file`` is a file of certificates (PEM) that are trusted in place of the system's; without ``verify`` any
    certificate is.
    """

    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    proxy: str = field(default="", repr=False)
    ca_file: str = ""
    verify: bool = True


NO_ACCESS = Access()
"""Nothing: the door is open."""


@dataclass(frozen=True, slots=True, repr=False)
class FetchRequest:
    """What to ask for, and how much to take.

    ``url`` may carry ``user:password@``, which only its own host will see. ``etag`` and ``modified`` are the
    validators of the document that is already there, as the server wrote them, empty if unknown. ``private``
    allows the host of ``url``, and no other, not to be at a public address. ``accept`` is the header field of that
    name, empty for feeds. ``timeout`` is in seconds, from looking up the name to the last byte after all redirects;
    waiting for our turn at a host does not count. ``max_bytes`` counts the body decoded, ``max_wire_bytes`` as it is
    sent. ``differences`` tells the server that it may leave out the entries that the document already there has (RFC
    3229 with the ``feed`` manipulation). ``failing`` tells that this failed the last time, so that it waits among
    its like and takes no place of those that do well. ``source`` names the source whose document this is, empty for
    anything else: a host that asks several sources to come later is left alone as a whole.
    """

    url: str
    etag: str = ""
    modified: str = ""
    private: bool = False
    accept: str = ""
    timeout: float = 60.0
    max_bytes: int = 15 * 2**20
    max_wire_bytes: int = 10 * 2**20
    access: Access = NO_ACCESS
    differences: bool = False
    failing: bool = False
    source: str = ""

    def __repr__(self) -> str:
        return f"FetchRequest({without_credentials(self.url)!r})"


@dataclass(frozen=True, slots=True)
class FetchedDocument:
    """A whole document; ``body`` is decoded, and empty if the server sent nothing.

    ``url`` is where it was found after redirects, without credentials, and ``moved`` is how far the redirects were
    permanent without a break from the first (301, 308), empty if the first was not. ``content_type`` is the field with
    its parameters; ``etag`` and ``modified`` are the validators as the server wrote them. ``headers`` is by lower-case
    name.
    """

    url: str
    body: bytes
    content_type: str
    etag: str
    modified: str
    headers: Mapping[str, str]
    moved: str = ""


@dataclass(frozen=True, slots=True)
class NotModified:
    """The document that is already there is still the current one (RFC 9110, 15.4.5).

    ``url``, ``headers`` and ``moved`` are as in ``FetchedDocument``.
    """

    url: str
    headers: Mapping[str, str]
    moved: str = ""


@dataclass(frozen=True, slots=True)
class Posted:
    """What a server said to what was sent to it; ``body`` is cut off after 64 KB."""

    status: int
    body: bytes
    headers: Mapping[str, str]
