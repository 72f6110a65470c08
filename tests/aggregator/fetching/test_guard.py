from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from aggregator.fetching.address import is_public
from aggregator.fetching.client import Fetcher, FetchRequest
from aggregator.fetching.errors import AddressRefused, Refused
from aggregator.fetching.guard import NotPublicError, public_socket

if TYPE_CHECKING:
    from tests.aggregator.fetching.conftest import Answer, Serve

PUBLIC = "192.31.196.1"
"""Counts as public; nobody is ever connected to it here."""


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "LOCALHOST",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "017700000001",
        "127.1",
        "１２７.0.0.1",
        "0.0.0.0",
        "0",
        "[::]",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "[64:ff9b:1::127.0.0.1]",
        "[2002:7f00:1::]",
        "[2001:0:7f00:1::]",
        "169.254.169.254",
        "[fe80::1%25lo]",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.0.1",
        "100.64.0.1",
        "224.0.0.1",
        "[ff02::1]",
        "[fd00::1]",
    ],
)
async def test_no_notation_of_an_inner_address_is_connected_to(
    fetcher: Fetcher, serve: Serve, answer: Answer, host: str
) -> None:
    server = await serve({"/": answer(b"secret")})
    with pytest.raises(Refused, match=r"not a public address; set private = true|a number for a host"):
        await fetcher.fetch(FetchRequest(server.url(host=host), timeout=5))
    assert server.accepted == 0


@pytest.mark.parametrize("order", [("127.0.0.1", PUBLIC), (PUBLIC, "127.0.0.1"), ("127.0.0.1",), (PUBLIC, "::1")])
async def test_a_name_with_any_inner_address_is_refused(
    fetcher: Fetcher,
    serve: Serve,
    answer: Answer,
    monkeypatch: pytest.MonkeyPatch,
    order: tuple[str, ...],
) -> None:
    server = await serve({"/": answer(b"secret")})

    def look_up(*_: object, **__: object) -> list[object]:
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, server.port, 0, 0))
            if ":" in address
            else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, server.port))
            for address in order
        ]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with pytest.raises(AddressRefused, match=r"rebind\.example"):
        await fetcher.fetch(FetchRequest(server.url(host="rebind.example"), timeout=5))
    assert server.accepted == 0


async def test_the_address_connected_to_is_judged_and_not_the_one_looked_up(
    fetcher: Fetcher, serve: Serve, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even with a resolver that judges nothing, the socket is not opened."""
    server = await serve({"/": answer(b"secret")})
    monkeypatch.setattr("aggregator.fetching.guard.PublicResolver.resolve", _everything_is_here(server.port))
    with pytest.raises(AddressRefused):
        await fetcher.fetch(FetchRequest(server.url(host="rebind.example"), timeout=5))
    assert server.accepted == 0


async def test_an_address_that_was_let_through_once_is_judged_again(
    fetcher: Fetcher, serve: Serve, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = await serve({"/": answer(b"ok")})
    here = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: here)
    request = FetchRequest(server.url(host="rebind.example"), timeout=5)
    with monkeypatch.context() as patched:
        patched.setattr("aggregator.fetching.guard.is_public", lambda _: True)
        await fetcher.fetch(request)
    # Its name is still known, and not looked up anew.
    with pytest.raises(AddressRefused):
        await fetcher.fetch(request)
    assert server.accepted == 1


def _everything_is_here(port: int) -> object:
    async def resolve(*_: object, **__: object) -> list[dict[str, object]]:
        return [
            {"hostname": "x", "host": host, "port": port, "family": socket.AF_INET, "proto": 6, "flags": 0}
            for host in ("127.0.0.1", "127.0.0.2")
        ]

    return resolve


async def test_a_redirect_inward_is_refused(
    fetcher: Fetcher, serve: Serve, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = await serve({"/": answer(b"secret")})
    server = await serve({"/": answer(b"", f"Location: {inner.url()}", status="302 Found")})
    # The first host is let through, by the resolver and for its socket, as if it were out on the Internet.
    verdicts = iter([True, True])
    monkeypatch.setattr(
        "aggregator.fetching.guard.is_public", lambda address: next(verdicts, False) or is_public(address)
    )
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda *_, **__: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.port))],
    )
    with pytest.raises(AddressRefused) as caught:
        await fetcher.fetch(FetchRequest(server.url(host="outer.example"), timeout=5))
    assert str(caught.value).startswith(f"{inner.url()} is at 127.0.0.1, which")
    assert str(caught.value).endswith(f"(redirected from {server.url(host='outer.example')})")
    assert (server.accepted, inner.accepted) == (1, 0)


async def test_a_private_source_is_let_in_and_lets_nobody_else_in(
    fetcher: Fetcher, serve: Serve, answer: Answer
) -> None:
    server = await serve({"/": answer(b"ok")})
    for host in ("127.0.0.1", "localhost"):
        await fetcher.fetch(FetchRequest(server.url(host=host), private=True, timeout=5))
        with pytest.raises(AddressRefused):
            await fetcher.fetch(FetchRequest(server.url(host=host), timeout=5))
    assert server.accepted == 2


def test_a_public_address_gets_its_socket() -> None:
    with public_socket((socket.AF_INET, socket.SOCK_STREAM, 6, "", (PUBLIC, 80))) as opened:
        assert opened.family == socket.AF_INET
    with pytest.raises(NotPublicError, match="::1 is not a public address"):
        public_socket((socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", 80, 0, 0)))
