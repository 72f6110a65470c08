"""What lets us in reaches the host that was asked, and nobody else; proxies and certificates are as configured."""

from __future__ import annotations

import asyncio
import base64
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from aggregator.fetching import errors
from aggregator.fetching.client import FetchedDocument, Fetcher, FetchRequest
from aggregator.fetching.request import Access

if TYPE_CHECKING:
    from aiohttp.test_utils import TestServer

    from tests.aggregator.fetching.conftest import Answer, RawServer, Serve

CERTIFICATE = Path(__file__).with_name("localhost.pem")
FEED = b"<rss version='2.0'><channel><title>News</title></channel></rss>"


def basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


async def fetched(fetcher: Fetcher, url: str, access: Access, *, private: bool = True) -> FetchedDocument:
    found = await fetcher.fetch(FetchRequest(url, private=private, access=access, timeout=5))
    assert isinstance(found, FetchedDocument)
    return found


@pytest.mark.parametrize(
    ("access", "field"),
    [
        (Access(username="user", password="p@ss新"), basic("user", "p@ss新")),
        (Access(username="user"), basic("user", "")),
        (Access(token="s3cret"), "Bearer s3cret"),
        (Access(headers=(("Authorization", "ApiKey s3cret"),)), "ApiKey s3cret"),
    ],
)
async def test_what_lets_us_in_is_for_the_host_that_was_asked(
    fetcher: Fetcher, serve: Serve, answer: Answer, access: Access, field: str
) -> None:
    other = await serve({"/": answer(FEED)})
    server = await serve(
        {
            "/": answer(b"", "Location: /inside", status="302 Found"),
            "/inside": answer(b"", f"Location: {other.url()}", status="302 Found"),
        }
    )
    assert (await fetched(fetcher, server.url(), access)).url == other.url()
    assert [server.field("Authorization", request) for request in (0, 1)] == [field, field]
    assert other.field("Authorization") is None


async def test_headers_are_for_the_host_that_was_asked(fetcher: Fetcher, serve: Serve, answer: Answer) -> None:
    other = await serve({"/": answer(FEED)})
    server = await serve({"/": answer(b"", f"Location: {other.url()}", status="302 Found")})
    await fetched(fetcher, server.url(), Access(headers=(("X-Key", "k3y"), ("Cookie", "a=1"), ("User-Agent", "me"))))
    assert [server.field(name) for name in ("X-Key", "Cookie", "User-Agent")] == ["k3y", "a=1", "me"]
    assert [other.field(name) for name in ("X-Key", "Cookie")] == [None, None]
    assert other.field("User-Agent") == "Feedmill/0.1 (+https://feedmill.example/)"


async def test_a_certificate_that_nobody_vouches_for_is_refused_unless_it_is_named(
    fetcher: Fetcher, tls_server: TestServer
) -> None:
    url = str(tls_server.make_url("/"))
    with pytest.raises(errors.ConnectionFailed, match="certificate that is not valid"):
        await fetched(fetcher, url, Access())
    assert (await fetched(fetcher, url, Access(ca_file=str(CERTIFICATE)))).url == url
    assert (await fetched(fetcher, url, Access(verify=False))).url == url
    with pytest.raises(errors.ConnectionFailed, match="certificate that is not valid"):
        await fetched(fetcher, url, Access())  # not by a connection that was made for another


async def test_an_exception_is_for_the_host_that_was_asked(
    fetcher: Fetcher, tls_server: TestServer, serve: Serve, answer: Answer
) -> None:
    server = await serve({"/": answer(b"", f"Location: {tls_server.make_url('/')}", status="302 Found")})
    for access in (Access(verify=False), Access(ca_file=str(CERTIFICATE))):
        with pytest.raises(errors.ConnectionFailed, match="certificate that is not valid"):
            await fetched(fetcher, server.url(), access)


async def test_certificates_that_cannot_be_read_are_told(fetcher: Fetcher, tmp_path: Path) -> None:
    (tmp_path / "empty.pem").touch()
    for name in ("none.pem", "empty.pem"):
        with pytest.raises(errors.BadAccess, match=rf"{name}, which cannot be read"):
            await fetched(fetcher, "https://127.0.0.1/", Access(ca_file=str(tmp_path / name)))


@pytest.fixture
async def proxy(serve: Serve, answer: Answer) -> RawServer:
    """A proxy that knows no name and no address: it answers for everybody, and makes no tunnel."""
    server = await serve({})

    async def forward(request: bytes, writer: asyncio.StreamWriter) -> None:
        if request.startswith(b"CONNECT"):
            writer.write(answer(b"", status="407 Who Are You"))
        elif b" http://moving.example/" in request:
            writer.write(answer(b"", "Location: http://wire.example/feed", status="302 Found"))
        elif b" http://inward.example/" in request:
            writer.write(answer(b"", "Location: http://10.0.0.7/", status="302 Found"))
        else:
            writer.write(answer(FEED))

    server.anything = forward
    return server


@pytest.fixture
def addresses(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What names resolve to; the others do not."""
    known: dict[str, str] = {}
    system = socket.getaddrinfo

    def look_up(host: str, port: int, *rest: object, **more: object) -> object:
        if host[0].isdigit():
            return system(host, port, *rest, **more)  # type: ignore[arg-type]
        if host not in known:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (known[host], port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


async def test_every_hop_goes_through_the_proxy(fetcher: Fetcher, proxy: RawServer, addresses: dict[str, str]) -> None:
    addresses |= {"moving.example": "192.31.196.1", "wire.example": "192.31.196.1"}
    access = Access(proxy=proxy.url().replace("127.", "user:s3cret@127."), token="t0ken")
    assert (await fetched(fetcher, "http://moving.example/", access, private=False)).url == "http://wire.example/feed"
    assert [request.split(b" ")[1] for request in proxy.requests] == [
        b"http://moving.example/",
        b"http://wire.example/feed",
    ]
    for request in (0, 1):
        assert proxy.field("Proxy-Authorization", request) == basic("user", "s3cret")
    assert [proxy.field("Authorization", request) for request in (0, 1)] == ["Bearer t0ken", None]


async def test_a_tunnel_is_asked_for_with_the_proxys_own_credentials(
    fetcher: Fetcher, proxy: RawServer, addresses: dict[str, str]
) -> None:
    addresses["wire.example"] = "192.31.196.1"
    access = Access(proxy=proxy.url().replace("127.", "user:s3cret@127."), token="t0ken")
    with pytest.raises(errors.ConnectionFailed, match="has a proxy that answers with status 407") as caught:
        await fetched(fetcher, "https://wire.example/feed", access, private=False)
    assert proxy.requests[0].startswith(b"CONNECT wire.example:443 ")
    assert proxy.field("Proxy-Authorization") == basic("user", "s3cret")
    assert proxy.field("Authorization") is None
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "host",
    ["10.0.0.7", "2130706433", "inner.example", "[::1]", "[::ffff:10.0.0.7]", "[fe80::1%25lo]", "0x7f.1", "127.1"],
)
async def test_the_proxy_is_not_asked_for_an_inner_address(
    fetcher: Fetcher, proxy: RawServer, addresses: dict[str, str], host: str
) -> None:
    addresses["inner.example"] = "10.0.0.7"
    with pytest.raises(errors.Refused, match=r"not a public address|a number for a host"):
        await fetched(fetcher, f"http://{host}/", Access(proxy=proxy.url()), private=False)
    assert proxy.accepted == 0


async def test_the_proxy_is_not_asked_where_a_redirect_leads_inward(
    fetcher: Fetcher, proxy: RawServer, addresses: dict[str, str]
) -> None:
    addresses["inward.example"] = "192.31.196.1"
    with pytest.raises(errors.AddressRefused, match=r"10\.0\.0\.7"):
        await fetched(fetcher, "http://inward.example/", Access(proxy=proxy.url()), private=False)
    assert proxy.accepted == 1


async def test_a_name_that_only_the_proxy_knows_is_the_operators_word_and_no_redirects(
    fetcher: Fetcher, proxy: RawServer, addresses: dict[str, str]
) -> None:
    access = Access(proxy=proxy.url())
    for host in ("wire.example", "192.31.196.1", "[2606:4700:4700::1111]"):
        assert (await fetched(fetcher, f"http://{host}/feed", access, private=False)).body == FEED
    assert not addresses
    with pytest.raises(errors.ConnectionFailed, match="does not resolve"):
        await fetched(fetcher, "http://moving.example/", access, private=False)


async def test_a_proxy_that_is_not_there_is_told(fetcher: Fetcher, addresses: dict[str, str]) -> None:
    addresses["wire.example"] = "192.31.196.1"
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        access = Access(proxy=f"http://user:s3cret@127.0.0.1:{unheard.getsockname()[1]}")
        with pytest.raises(errors.ConnectionFailed, match="has a proxy that cannot be connected to") as caught:
            await fetched(fetcher, "http://wire.example/feed", access, private=False)
    assert "s3cret" not in f"{caught.value} {caught.value.__cause__}"


@pytest.mark.parametrize(
    "address", ["https://proxy.example", "socks5://user:s3cret@proxy.example", "proxy", "http://[:"]
)
async def test_what_is_no_proxy_is_told(fetcher: Fetcher, addresses: dict[str, str], address: str) -> None:
    addresses["wire.example"] = "192.31.196.1"
    with pytest.raises(errors.BadAccess, match="has a proxy that is not an address") as caught:
        await fetched(fetcher, "http://wire.example/feed", Access(proxy=address), private=False)
    assert "s3cret" not in str(caught.value)


async def test_what_goes_through_a_tunnel_is_between_us_and_the_server(
    fetcher: Fetcher, proxy: RawServer, tls_server: TestServer
) -> None:
    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(10_000):
            writer.write(piece)
        writer.close()

    async def tunnel(_: bytes, writer: asyncio.StreamWriter, reader: asyncio.StreamReader) -> None:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", tls_server.port)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        try:
            await asyncio.gather(pump(reader, inner_writer), pump(inner_reader, writer))
        finally:
            inner_writer.transport.abort()

    proxy.anything = tunnel
    url = str(tls_server.make_url("/"))
    through = proxy.url().replace("127.", "user:s3cret@127.")
    access = Access(proxy=through, token="t0ken", ca_file=str(CERTIFICATE))
    found = await fetched(fetcher, url, access)
    assert (found.url, found.body) == (url, b"<rss version='2.0'/>")
    with pytest.raises(errors.ConnectionFailed, match="certificate that is not valid"):
        await fetched(fetcher, url, Access(proxy=through))
    assert [request.partition(b" ")[0] for request in proxy.requests] == [b"CONNECT", b"CONNECT"]
    assert proxy.field("Authorization", 0) is None
