"""Redirects that do not end, or lead where nobody should go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.hostile.server import answer, made, says
from tests.hostile.wire import FEED

if TYPE_CHECKING:
    from tests.hostile.server import Behaviour, Request

FORMS = {
    "loopback": "127.0.0.1",
    "loopback-v6": "[::1]",
    "decimal": "2130706433",
    "octal": "0177.0.0.1",
    "hexadecimal": "0x7f.0.0.1",
    "short": "127.1",
    "wide-digits": "１２７.0.0.1",
    "this-host": "0.0.0.0",
    "this-host-v6": "[::]",
    "ten": "10.0.0.1",
    "home": "192.168.1.1",
    "hundred-seventy-two": "172.16.0.1",
    "carrier": "100.64.0.1",
    "metadata": "169.254.169.254",
    "link-local-v6": "[fe80::1]",
    "unique-local-v6": "[fd00::1]",
    "multicast": "224.0.0.1",
    "broadcast": "255.255.255.255",
    "mapped": "[::ffff:127.0.0.1]",
    "compatible": "[::127.0.0.1]",
    "nat64": "[64:ff9b::7f00:1]",
    "nat64-local": "[64:ff9b:1::7f00:1]",
    "six-to-four": "[2002:7f00:1::1]",
    "teredo": "[2001:0:7f00:1::1]",
}
"""Ways to write an address inside, by what they are called."""
NOT_AS_USUAL = frozenset({"decimal", "octal", "short"})
"""Those that are no address as it is usually written."""


def to(location: str, status: str = "302 Found") -> Behaviour:
    """Sends everyone to *location*; ``{port}`` and ``{deaf}`` in it are ports of the server."""

    def make(request: Request) -> bytes:
        return answer(b"", f"Location: {location.format(port=request.port, deaf=request.deaf)}", status=status)

    return made(make)


def further(request: Request) -> bytes:
    """One more step each time."""
    return answer(b"", f"Location: {request.path}x", status="302 Found")


def chain(steps: int) -> Behaviour:
    """A feed after so many redirects."""

    def make(request: Request) -> bytes:
        done = request.path.count("x")
        return answer(b"", f"Location: /feed{'x' * (done + 1)}", status="302 Found") if done < steps else answer(FEED)

    return made(make)


def if_unknown(request: Request) -> bytes:
    """A feed for those who show no credentials, nothing for all others."""
    shown = "authorization:" in request.head.lower()
    return answer(b"", status="418 I know you") if shown else answer(FEED)


def hands_on(location: str) -> Behaviour:
    """Redirects those who show the password, and no one else."""

    def make(request: Request) -> bytes:
        if "authorization: basic dGlkZTpvcGVuLXNlc2FtZQ==".lower() in request.head.lower():
            return answer(b"", f"Location: {location.format(port=request.port)}", status="302 Found")
        return answer(b"", status="401 Unauthorized")

    return made(make)


REFRESH = made(
    lambda request: answer(FEED, f"Refresh: 0; url=http://127.0.0.1:{request.port}/", "X-Accel-Redirect: /etc/passwd")
)
META_REFRESH = made(
    lambda request: answer(
        b"<html><head><meta http-equiv=refresh content='0;url=http://127.0.0.1:%d/'></head></html>" % request.port,
        "Content-Type: text/html",
    )
)
NOWHERE = says(answer(b"", status="302 Found"))
