"""What is answered before it is parsed is, byte for byte, what uvicorn and the application would have answered."""

from __future__ import annotations

import asyncio
import http.client
import re
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from feeds.publishing.documents import Documents
from feeds.publishing.rendering import Renderer
from feeds.web.app import application
from feeds.web.protocol import QuickProtocol
from feeds.web.quick import Quick
from storage.errors import StorageError
from tests.feeds.publishing.shelf import SITE, Shelf, code, made
from tests.feeds.web.wires import DATE, Counting, Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.feeds.web.visitors import House

_ASKS = (b"GET", b"GET", b"GET", b"HEAD", b"OPTIONS", b"POST", b"BREW")
_PATHS = (b"/all.atom", b"/all.atom", b"/category/harbour.rss", f"/entry/{code(1)}.html".encode(), b"/", b"/nothing")
_MORE_PATHS = (b"/all.atom?x=1", b"/category/%68arbour.rss", b"/healthz", b"*", b"/a b", b"http://tide.example/all.rss")
_FIELDS = (
    b"Accept-Encoding: gzip", b"accept-encoding: br;q=0.5, zstd", b"If-None-Match: *", b'If-None-Match: "x"',
    b"Range: bytes=0-9", b"If-Modified-Since: Sat, 01 Jan 2050 00:00:00 GMT", b"A-IM: feed", b'If-Match: "x"',
    b"Authorization: Bearer fm_nobody", b"User-Agent: tide", b"Connection: close", b"Connection: keep-alive",
    b"Connection: upgrade\r\nUpgrade: h2c", b"Connection: upgrade\r\nUpgrade: websocket", b"Expect: 100-continue",
    b"Content-Length: 4", b"Transfer-Encoding: chunked", b"Content-Length: nine", b"no field", b"X: \x01",
)  # fmt: skip
_VERSIONS = (b"HTTP/1.1", b"HTTP/1.1", b"HTTP/1.1", b"HTTP/1.0", b"HTTP/3.7")
_ENDS = (b"", b"", b"", b"\r\n", b"1234", b"4\r\n1234\r\n0\r\n\r\n")
_PLAIN = b"GET /all.atom HTTP/1.1\r\nHost: tide.example\r\n\r\n"


def _request(method: bytes, path: bytes, version: bytes, fields: Sequence[bytes], end: bytes) -> bytes:
    return b"\r\n".join([b"%b %b %b" % (method, path, version), b"Host: tide.example", *fields, b"", end])


a_request = st.builds(
    _request,
    st.sampled_from(_ASKS),
    st.sampled_from(_PATHS * 2 + _MORE_PATHS),
    st.sampled_from(_VERSIONS),
    st.lists(st.sampled_from(_FIELDS), max_size=2),
    st.sampled_from(_ENDS),
)
# Most readers ask for the same again.
some_requests = st.lists(a_request, min_size=1, max_size=3).flatmap(
    lambda few: st.lists(st.sampled_from([*few, _PLAIN]), max_size=8)
)


class Two:
    """A server with everything in front of the application, and one with nothing."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        behind, plain = (application(Documents(shelf.database, Renderer(SITE)), SITE) for _ in range(2))
        self.behind = Counting(behind)
        self.quick = Server(Quick(self.behind, shelf.database.stamp), QuickProtocol)
        self.plain = Server(plain, HttpToolsProtocol)

    async def same(self, pieces: Sequence[bytes | int], *, together: bool = False) -> None:
        """See that both answer *pieces* alike; a number is an entry that changes."""
        quick, plain = self.quick.connect(), self.plain.connect()
        for piece in pieces:
            if isinstance(piece, int):
                await asyncio.gather(quick.answered(), plain.answered())
                self.shelf.put(made(piece, "harbour", title=f"Changed to {len(self.shelf.get(1).title)} by {piece}"))
                continue
            for one in (quick, plain):
                one.send(piece)
                if not together:
                    await one.answered()
        await asyncio.gather(quick.answered(), plain.answered())
        told, wanted = (DATE.sub(b"", one.wire.written) for one in (quick, plain))
        if together and b"HTTP/1.1 400 " in wanted:
            # uvicorn leaves off what it was about to answer; what was answered already stays.
            assert told.endswith(wanted[wanted.index(b"HTTP/1.1 400 ") :])
        else:
            assert told == wanted
        assert quick.wire.closed == plain.wire.closed


@pytest.fixture
def two(shelf: Shelf) -> Two:
    return Two(shelf)


_settings = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@settings(_settings, max_examples=150)
@given(steps=some_requests, changes=st.lists(st.integers(1, 5), max_size=2), together=st.booleans())
def test_no_request_is_answered_otherwise(two: Two, steps: list[bytes], changes: list[int], together: bool) -> None:
    asyncio.run(two.same([*steps, *changes, *steps], together=together))


@settings(_settings, max_examples=100)
@given(steps=some_requests, data=st.data())
def test_nor_where_pieces_of_requests_come(two: Two, steps: list[bytes], data: st.DataObject) -> None:
    said = b"".join(steps)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(said)), max_size=6)))
    pieces = [said[start:end] for start, end in zip([0, *cuts], [*cuts, len(said)], strict=True)]
    asyncio.run(two.same([_PLAIN, _PLAIN, *filter(None, pieces), _PLAIN], together=data.draw(st.booleans())))


def test_a_request_may_be_cut_anywhere(two: Two) -> None:
    async def cut() -> None:
        for place in range(1, len(_PLAIN)):
            await two.same([_PLAIN, _PLAIN[:place], _PLAIN[place:], _PLAIN])

    asyncio.run(cut())


async def test_the_same_bytes_are_not_parsed_again(two: Two) -> None:
    first, second = two.quick.connect(), two.quick.connect()
    answer = await first.ask(_PLAIN)
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    for one in (first, second):
        one.send(_PLAIN)  # and nobody waits
        assert DATE.sub(b"", one.wire.written).endswith(answer)
    assert two.behind.asked == 1
    assert two.quick.state.total_requests == 3


async def test_bytes_that_come_within_a_request_are_no_request(two: Two) -> None:
    """A body can be what somebody else asks for: it is not to be answered."""
    one = two.quick.connect()
    await one.ask(_PLAIN)
    said = await one.ask(b"POST /all.atom HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(_PLAIN))
    assert said.startswith(b"HTTP/1.1 405 ")
    assert await one.ask(_PLAIN) == b""
    assert (await one.ask(_PLAIN)).startswith(b"HTTP/1.1 200 ")


async def test_answers_come_in_the_order_of_requests(two: Two) -> None:
    one = two.quick.connect()
    await one.ask(_PLAIN)
    one.send(b"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n")
    said = await one.ask(_PLAIN)
    assert re.findall(rb"HTTP/1.1 (\d+)", said) == [b"404", b"200"]


async def test_who_does_not_read_is_not_sent_more(two: Two) -> None:
    one = two.quick.connect()
    await one.ask(_PLAIN)
    before = len(one.wire.written)
    one.protocol.pause_writing()
    one.send(_PLAIN)
    await asyncio.sleep(0)
    assert len(one.wire.written) == before
    one.protocol.resume_writing()
    await one.answered()
    assert len(one.wire.written) > before


@pytest.mark.parametrize(
    "fields", [(b"Connection: close",), (b"Connection: upgrade", b"Upgrade: h2c"), (b"Authorization: Bearer fm_x",)]
)
async def test_what_is_more_than_a_request_is_parsed_each_time(two: Two, fields: tuple[bytes, ...]) -> None:
    asked = _request(b"GET", b"/all.atom", b"HTTP/1.1", fields, b"")
    for _ in range(2):
        one = two.quick.connect()
        await one.ask(asked)
        before = len(one.wire.written)
        again = two.quick.connect()
        again.send(asked)
        assert again.wire.written == b""
        await again.answered()
        assert len(again.wire.written) == before or before > 0


async def test_a_server_that_logs_requests_sees_each(shelf: Shelf, caplog: pytest.LogCaptureFixture) -> None:
    app = Quick(application(Documents(shelf.database, Renderer(SITE)), SITE), shelf.database.stamp)
    server = Server(app, QuickProtocol, access_log=True)
    one = server.connect()
    with caplog.at_level("INFO", "uvicorn.access"):
        for _ in range(3):
            await one.ask(_PLAIN)
    assert len([record for record in caplog.records if record.name == "uvicorn.access"]) == 3


async def test_a_partner_is_counted_each_time(house: House) -> None:
    key = house.admit("harbourmaster", "all", per_minute=3)
    server = Server(Quick(house.app, house.shelf.database.stamp), QuickProtocol)
    one = server.connect()
    for asked in (
        f"GET /key/{key}/all.atom HTTP/1.1\r\nHost: x",
        f"GET /all.atom HTTP/1.1\r\nAuthorization: Bearer {key}",
    ):
        answers = [await one.ask(f"{asked}\r\n\r\n".encode()) for _ in range(4)]
        house.seconds += 60
        assert [answer[9:12] for answer in answers] == [b"200"] * 3 + [b"429"]


async def test_a_store_that_fails_is_told(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    one = two.quick.connect()
    await one.ask(_PLAIN)

    def broken() -> int:
        raise StorageError("the disk is full")

    assert isinstance(two.quick.config.app, Quick)
    monkeypatch.setattr(two.quick.config.app, "_stamp", broken)
    assert (await one.ask(_PLAIN)).startswith(b"HTTP/1.1 500 ")


async def test_every_answer_tells_the_time(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    one = two.quick.connect()
    for second in (1_647_256_549, 1_647_256_549, 1_647_256_550, 1_647_256_550):
        monkeypatch.setattr("feeds.web.protocol.time.time", lambda now=second: now + 0.999)
        before = len(one.wire.written)
        await one.ask(_PLAIN)
        told = DATE.findall(one.wire.written[before:])
        assert told == [b"\r\ndate: Mon, 14 Mar 2022 11:15:%02d GMT" % (second % 60)]


class Clock:
    """A loop whose time stands still until it is moved."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.now = 100.0
        self.due: list[tuple[float, Callable[[], None]]] = []
        self.create_task = loop.create_task

    def time(self) -> float:
        return self.now

    def call_later(self, delay: float, do: Callable[[], None]) -> Any:
        entry = (self.now + delay, do)
        self.due.append(entry)

        class Timer:
            def cancel(_self) -> None:  # noqa: N805
                self.due.remove(entry)

        return Timer()

    def move(self, seconds: float) -> None:
        self.now += seconds
        for entry in [entry for entry in self.due if entry[0] <= self.now]:
            self.due.remove(entry)
            entry[1]()


async def test_a_connection_is_kept_as_long_after_its_last_answer_as_by_uvicorn(two: Two) -> None:
    await two.quick.connect().ask(_PLAIN)
    one = two.quick.connect()
    clock = Clock(asyncio.get_running_loop())
    one.protocol.loop = clock  # type: ignore[assignment]
    for _ in range(3):
        await one.ask(_PLAIN)
        clock.move(4)
    assert len(clock.due) == 1
    assert not one.wire.closed
    one.send(_PLAIN[:9])  # what is not whole yet is waited for
    clock.move(9)
    assert not one.wire.closed
    await one.ask(_PLAIN[9:])
    clock.move(4.9)
    assert not one.wire.closed
    clock.move(0.2)
    assert one.wire.closed


@pytest.fixture
def port(shelf: Shelf) -> Iterator[int]:
    """A real server of the shelf."""
    app = Quick(application(Documents(shelf.database, Renderer(SITE)), SITE), shelf.database.stamp)
    options: dict[str, Any] = {"access_log": False, "lifespan": "off", "log_config": None, "proxy_headers": False}
    settings = uvicorn.Config(app, http=QuickProtocol, **options)
    server = uvicorn.Server(settings)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join(30)


def test_what_is_withdrawn_is_not_served_once_that_is_stored(shelf: Shelf, port: int) -> None:
    numbers = range(200, 220)
    shelf.put(*(made(number, "harbour") for number in numbers))
    gone: list[bytes] = []
    wrong: list[bytes] = []
    ended = threading.Event()

    def read() -> None:
        server = http.client.HTTPConnection("127.0.0.1", port)
        while not ended.is_set():
            before = list(gone)
            server.request("GET", "/category/harbour.json")
            body = server.getresponse().read()
            wrong.extend(one for one in before if one in body)
        server.close()

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in numbers:
        time.sleep(0.02)  # it is asked for, and answered quickly
        shelf.withdraw(number)
        gone.append(code(number).encode())
    time.sleep(0.02)
    ended.set()
    for reader in readers:
        reader.join()
    assert len(gone) == len(numbers)
    assert wrong == []
