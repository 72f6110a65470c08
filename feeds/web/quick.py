"""What was just answered is answered again without being looked for, as long as nothing at all has changed.

An answer comes from configuration, store and what a request says of the representation that it wants; two requests that
say the same, with the store as it was, have the same answer. So what is asked for again and again, which is what feed
readers do, costs a look at the store's stamp and no more. After a change one looks for the answer, and who asks for the
same meanwhile waits for that.

Readers send the same bytes again and again. So it also knows what such bytes ask for, and an answer as bytes, for a
protocol that looks before anything is parsed (:mod:`feeds.web.protocol`).
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from feeds.publishing.cache import SizedCache
from storage.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from storage.backend import Stamp

    Field = tuple[bytes, bytes]
    _Key = tuple[object, ...]

_HELD_BYTES = 16 * 2**20
_HEAD_BYTES = 1_000
# A reader's request has a few hundred bytes.
_MOST_ASKED = 2_000
_ASKED_BYTES = 4 * 2**20
# The fields of a request by which one answer differs from another. A request with others of these is looked at closely.
_SAME: Final = frozenset({b"accept-encoding", b"if-none-match"})
_OTHERS: Final = frozenset(
    {b"a-im", b"authorization", b"if-match", b"if-modified-since", b"if-range", b"if-unmodified-since", b"range"}
)
_METHODS: Final = frozenset({"GET", "HEAD"})
_STATUSES: Final = frozenset({200, 304})


class Answer:
    """What was answered; *stamp* and *turn* were taken before anything was looked at.

    It is held once, as the bytes of a connection that stays open.
    """

    __slots__ = ("_first", "_length", "_start", "_status", "_wire", "stamp", "turn")

    def __init__(self, stamp: Stamp, turn: int, start: Message, body: bytes) -> None:
        self.stamp = stamp
        self.turn = turn
        self._start = start
        self._length = len(body)
        self._status = b"HTTP/1.1 %d %b\r\n" % (start["status"], HTTPStatus(start["status"]).phrase.encode())
        self._first = b""
        self._wire = b"%b%b\r\n%b" % (self._status, lines(start["headers"]), body)

    @property
    def messages(self) -> tuple[Message, Message]:
        """It as an application sends it."""
        body = self._wire[len(self._wire) - self._length :]
        return self._start, {"type": "http.response.body", "body": body}

    @property
    def size(self) -> int:
        """Its bytes in memory, about."""
        return _HEAD_BYTES + len(self._wire)

    def on_wire(self, first: bytes) -> bytes:
        """It with the lines *first* before its own fields, which is where a server puts the date."""
        if first != self._first:
            rest = memoryview(self._wire)[len(self._status) + len(self._first) :]
            self._wire = b"".join((self._status, first, rest))
            self._first = first
        return self._wire


class Quick:
    """Stands before *app*; *stamp* says what is another after every change of the store.

    Kept are answers that any cache may keep (``Cache-Control: public``, with an entity tag), and none longer than their
    stamp.
    """

    def __init__(self, app: ASGIApp, stamp: Callable[[], Stamp]) -> None:
        self._app = app
        self._stamp = stamp
        self._turn = 0  # how often an answer was looked for
        self._held: SizedCache[_Key, Answer] = SizedCache(_HELD_BYTES)
        self._asked: SizedCache[bytes, _Key] = SizedCache(_ASKED_BYTES)
        self._seen: object = None  # the stamp, for this turn of the loop
        self._sought: dict[_Key, asyncio.Event] = {}  # set once that came to an end, whichever

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        key = _key(scope)
        if key is None:
            await self._app(scope, receive, send)
            return
        came, stamp = self._turn, self._stamp()
        held = self._held.get(key)
        # What somebody began to look for after this request came is of the store as it was then, or is now.
        while held is None or (held.stamp != stamp and held.turn <= came):
            over = self._sought.get(key)
            if over is None:
                await self._seek(key, scope, receive, send)
                return
            await over.wait()
            before, held = held, self._held.get(key)
            if held is before:  # it is none to be kept
                await self._app(scope, receive, send)
                return
        for message in held.messages:
            await send(message)

    def note(self, request: bytes, scope: Scope) -> None:
        """Remember that these bytes ask for what *scope* says."""
        if len(request) <= _MOST_ASKED and (key := _key(scope)) is not None:
            self._asked.put(request, key, len(request) + _HEAD_BYTES)

    def known(self, request: bytes, *, alone: bool) -> Answer | None:
        """The answer to just these bytes as the store is now; None where it has to be looked for.

        What comes in one turn of the event loop had begun to come before any of it was read. So unless a request is
        asked for *alone*, the store is looked at once for all of them, with the first.
        """
        key = self._asked.get(request)
        held = self._held.get(key) if key is not None else None
        if held is None:
            return None
        try:
            stamp = self._stamp() if alone else self._stamp_of_turn()
        except StorageError:  # told to who looks for it
            return None
        return held if held.stamp == stamp else None

    def _stamp_of_turn(self) -> object:
        if self._seen is None:
            self._seen = self._stamp()
            # What is called soon is called before the loop looks again for what has come.
            asyncio.get_running_loop().call_soon(self._forget)
        return self._seen

    def _forget(self) -> None:
        self._seen = None

    async def _seek(self, key: _Key, scope: Scope, receive: Receive, send: Send) -> None:
        """Have the answer made, and keep it before it is sent: who waits for it does not wait for a slow reader."""
        self._turn += 1
        # Before anything is looked at: what changes meanwhile makes the answer a new one, never the stamp too late.
        turn, stamp = self._turn, self._stamp()
        over = self._sought[key] = asyncio.Event()
        messages: list[Message] = []

        def end() -> None:
            if not over.is_set():
                del self._sought[key]
                over.set()

        async def listening(message: Message) -> None:
            messages.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                if _may_be_kept(messages):
                    body = b"" if scope["method"] == "HEAD" else messages[1].get("body", b"")
                    answer = Answer(stamp, turn, messages[0], body)
                    self._held.put(key, answer, answer.size)
                end()
            await send(message)

        try:
            await self._app(scope, receive, listening)
        finally:
            end()


def _key(scope: Scope) -> _Key | None:
    """What decides about the answer; None where that is more than is looked at here."""
    if scope["type"] != "http" or scope["method"] not in _METHODS or scope["query_string"]:
        return None
    said: list[Field] = []
    for field in scope["headers"]:
        name = field[0]
        if name in _OTHERS:
            return None
        if name in _SAME:
            said.append(field)
    return (scope["method"], scope["path"], *said)


def _may_be_kept(messages: Sequence[Message]) -> bool:
    if len(messages) != 2 or messages[0].get("status") not in _STATUSES:
        return False
    fields = dict(messages[0]["headers"])
    if messages[0]["status"] == HTTPStatus.OK and b"content-length" not in fields:
        return False  # a server would send it in pieces
    return b"etag" in fields and fields.get(b"cache-control", b"").startswith(b"public")


def lines(fields: Iterable[Field]) -> bytes:
    """*fields* as they are sent."""
    return b"".join(b"%b: %b\r\n" % (name.lower(), value) for name, value in fields)
