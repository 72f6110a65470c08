"""What was just answered is answered again without being looked for, as long as nothing at all has changed.

An answer comes from configuration, store and what a request says of the representation that it wants; two requests that
say the same, with the store as it was, have the same answer. So what is asked for again and again, which is what feed
readers do, costs a look at the store's stamp and no more. After a change one looks for the answer, and who asks for the
same meanwhile waits for that.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, NamedTuple

from feeds.publishing.cache import SizedCache

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from storage.backend import Stamp

    Field = tuple[bytes, bytes]
    _Key = tuple[object, ...]

_HELD_BYTES = 32 * 2**20
_HEAD_BYTES = 1_000
# The fields of a request by which one answer differs from another. A request with others of these is looked at closely.
_SAME: Final = frozenset({b"accept-encoding", b"if-none-match"})
_OTHERS: Final = frozenset(
    {b"a-im", b"authorization", b"if-match", b"if-modified-since", b"if-range", b"if-unmodified-since", b"range"}
)
_METHODS: Final = frozenset({"GET", "HEAD"})
_STATUSES: Final = frozenset({200, 304})


class _Answer(NamedTuple):
    """*stamp* and *turn* were taken before anything was looked at."""

    stamp: Stamp
    turn: int
    messages: Sequence[Message]


class Quick:
    """Stands before *app*; *stamp* says what is another after every change of the store.

    Kept are answers that any cache may keep (``Cache-Control: public``, with an entity tag), and none longer than their
    stamp.
    """

    def __init__(self, app: ASGIApp, stamp: Callable[[], Stamp]) -> None:
        self._app = app
        self._stamp = stamp
        self._turn = 0  # how often an answer was looked for
        self._held: SizedCache[_Key, _Answer] = SizedCache(_HELD_BYTES)
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
                    size = _HEAD_BYTES + sum(len(message.get("body", b"")) for message in messages)
                    self._held.put(key, _Answer(stamp, turn, messages), size)
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
    return b"etag" in fields and fields.get(b"cache-control", b"").startswith(b"public")
