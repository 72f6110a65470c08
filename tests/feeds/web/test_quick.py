"""What is answered quickly is what would have been answered anyway."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from feeds.publishing.documents import Documents
from feeds.publishing.rendering import Renderer
from feeds.web.app import application
from feeds.web.quick import Quick
from tests.feeds.publishing.shelf import SITE, Shelf, code, made

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.types import Message, Receive, Scope, Send

PATHS = ("/", "/all.atom", "/category/harbour.rss", f"/entry/{code(1)}.html", "/nothing", "/all.atom?x", "/healthz")
TAGS = ("", "*", '"x"', "own")
FIELDS: tuple[dict[str, str], ...] = (
    {},
    {"accept-encoding": "gzip"},
    {"accept-encoding": "br;q=0.5, zstd"},
    {"if-modified-since": "Sat, 01 Jan 2050 00:00:00 GMT"},
    {"a-im": "feed"},
    {"if-match": '"x"'},
    {"x-anything": "1"},
)
a_request = st.tuples(
    st.sampled_from(["GET", "HEAD", "OPTIONS", "POST"]),
    st.sampled_from(PATHS),
    st.sampled_from(FIELDS),
    st.sampled_from(TAGS),
)
a_change = st.integers(1, 5)


class Counting:
    """An application, and how often it was asked."""

    def __init__(self, app: Callable[..., object]) -> None:
        self.app = app
        self.asked = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked += scope["type"] == "http"
        await self.app(scope, receive, send)  # type: ignore[misc]


@pytest.fixture
def two(shelf: Shelf) -> Iterator[tuple[TestClient, TestClient, Counting]]:
    """The application with and without what stands before it."""
    behind, plain = (application(Documents(shelf.database, Renderer(SITE)), SITE) for _ in range(2))
    counting = Counting(behind)
    with ExitStack() as stack:
        quick = stack.enter_context(TestClient(Quick(counting, shelf.database.stamp), follow_redirects=False))
        slow = stack.enter_context(TestClient(plain, follow_redirects=False))
        for client in (quick, slow):
            client.headers["accept-encoding"] = "identity"
        yield quick, slow, counting


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(a_request | a_change, max_size=15))
def test_no_answer_differs(
    shelf: Shelf, two: tuple[TestClient, TestClient, Counting], steps: list[tuple[str, str, dict[str, str], str] | int]
) -> None:
    quick, slow, _ = two
    for step in steps:
        if isinstance(step, int):
            shelf.put(made(step, "harbour", title=f"Changed to {shelf.now.timestamp()} by {step}"))
            continue
        method, path, fields, tag = step
        headers = dict(fields)
        if tag:
            headers["if-none-match"] = slow.get(path).headers.get("etag", "") if tag == "own" else tag
        for _ in range(2):
            wanted, given_ = (client.request(method, path, headers=headers) for client in (slow, quick))
            assert (given_.status_code, given_.headers, given_.content) == (
                wanted.status_code,
                wanted.headers,
                wanted.content,
            )


def test_what_is_known_is_not_looked_for(two: tuple[TestClient, TestClient, Counting], shelf: Shelf) -> None:
    quick, _, behind = two
    first = quick.get("/all.atom")
    assert [quick.get("/all.atom").content for _ in range(3)] == [first.content] * 3
    assert behind.asked == 1
    tag = {"if-none-match": first.headers["etag"]}
    assert [quick.get("/all.atom", headers=tag).status_code for _ in range(3)] == [304] * 3
    assert behind.asked == 2
    shelf.put(made(99, "harbour"))
    assert b"99" in quick.get("/all.atom").content
    assert behind.asked == 3


@pytest.mark.parametrize("path", ["/nothing", "/healthz", "/all.atom?x=1"])
def test_what_is_no_document_is_looked_for_each_time(two: tuple[TestClient, TestClient, Counting], path: str) -> None:
    quick, _, behind = two
    for _ in range(2):
        quick.get(path)
    assert behind.asked == 2


def test_who_has_a_key_is_never_answered_for_others(two: tuple[TestClient, TestClient, Counting]) -> None:
    quick, _, behind = two
    quick.get("/all.atom")
    for _ in range(2):
        quick.get("/all.atom", headers={"authorization": "Bearer key"})
    assert behind.asked == 3


class Store:
    """A store of one number, which an application reads at once and tells when it may; and who asks."""

    def __init__(self, *, kept: bool = True) -> None:
        self.number = 0
        self.asked: list[asyncio.Event] = []
        self._fields = [(b"etag", b'"1"'), (b"cache-control", b"public"), (b"content-length", b"1")] if kept else []
        self._quick = Quick(self._answer, lambda: self.number)

    async def _answer(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        read, may = self.number, asyncio.Event()
        self.asked.append(may)
        await may.wait()
        if read < 0:
            raise ArithmeticError
        await send({"type": "http.response.start", "status": 200, "headers": self._fields})
        await send({"type": "http.response.body", "body": b"%d" % read})

    async def get(self) -> int:
        told: list[Message] = []

        async def send(message: Message) -> None:
            told.append(message)

        async def receive() -> Message:
            return {"type": "http.disconnect"}

        scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}
        await self._quick(scope, receive, send)
        return int(told[1]["body"])

    async def ask(self) -> asyncio.Task[int]:
        task = asyncio.create_task(self.get())
        await turns()
        return task


async def turns() -> None:
    """Let everybody do what they can."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_what_is_looked_for_is_not_looked_for_twice() -> None:
    store = Store()
    tasks = [await store.ask() for _ in range(5)]
    assert len(store.asked) == 1
    store.asked[0].set()
    assert await asyncio.gather(*tasks) == [0] * 5
    assert await store.get() == 0
    assert len(store.asked) == 1


async def test_who_asks_after_a_change_is_not_told_what_was_looked_for_before() -> None:
    store = Store()
    first = await store.ask()
    store.number = 1
    later = [await store.ask() for _ in range(3)]
    store.asked[0].set()
    await turns()
    assert await first == 0
    assert len(store.asked) == 2
    store.number = 2  # when they asked it was 1
    store.asked[1].set()
    assert await asyncio.gather(*later) == [1] * 3
    assert len(store.asked) == 2
    last = await store.ask()
    store.asked[2].set()
    assert await last == 2


async def test_what_is_not_kept_is_looked_for_by_each() -> None:
    store = Store(kept=False)
    tasks = [await store.ask() for _ in range(3)]
    store.asked[0].set()
    await turns()
    assert len(store.asked) == 3
    for may in store.asked:
        may.set()
    assert await asyncio.gather(*tasks) == [0] * 3


async def test_nobody_waits_for_one_who_was_cut_off_or_failed() -> None:
    store = Store()
    first, second = await store.ask(), await store.ask()
    first.cancel()
    await turns()
    store.asked[1].set()
    assert await second == 0
    store.number = -1
    first, second = await store.ask(), await store.ask()
    store.asked[2].set()
    with pytest.raises(ArithmeticError):
        await first
    store.asked[3].set()
    with pytest.raises(ArithmeticError):
        await second
