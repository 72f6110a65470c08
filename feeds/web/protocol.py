"""HTTP as uvicorn speaks it, but that what is asked for again in the same bytes is answered before they are parsed.

Two requests of the same bytes ask for the same, on whatever connection they come: which representation, and that the
connection is to stay open. All that is not just one such request (a part of one, several at once, a body, one that
comes before the last was answered) is uvicorn's.
"""

from __future__ import annotations

import time
from email.utils import formatdate
from typing import TYPE_CHECKING, Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from feeds.web.quick import Quick, lines

if TYPE_CHECKING:
    from starlette.types import Scope
    from uvicorn import Config


# libuv looks again within one turn where 1,024 had something at once: with these connections and as many others there
# are not so many.
_MOST_TOGETHER = 500


class _Clock:
    """The field ``Date`` of what is answered now, which a server with a clock has to tell (RFC 9110, 6.6.1).

    uvicorn's own can be two seconds old, and a document's date would then be later than that of its answer (8.8.2.1).
    """

    def __init__(self) -> None:
        self._second = -1
        self.field = (b"", b"")
        self.line = b""

    def tell(self) -> _Clock:
        """Make it anew where the second is another."""
        second = int(time.time())
        if second != self._second:
            self._second = second
            self.field = (b"date", formatdate(second, usegmt=True).encode())
            self.line = lines([self.field])
        return self


_CLOCK = _Clock()


class QuickProtocol(HttpToolsProtocol):
    """A connection to an application behind :class:`Quick`."""

    def __init__(self, config: Config, *arguments: Any, **more: Any) -> None:
        super().__init__(config, *arguments, **more)
        # Where each request is to be logged, or refused when there are many, each is uvicorn's.
        recorded = config.access_log or self.limit_concurrency is not None
        self._quick = self.app if isinstance(self.app, Quick) and not recorded else None
        self._others = lines(config.encoded_headers)
        self._begun = 0  # requests that the parser has seen
        self._between = True  # whether it has seen the end of the last
        self._answered = 0.0

    def data_received(self, data: bytes) -> None:
        """Answer, or leave it to uvicorn and remember what was asked."""
        quick, between = self._quick, self._between
        if quick is None:
            super().data_received(data)
            return
        if between and not self.flow.write_paused and (self.cycle is None or self.cycle.response_complete):
            answer = quick.known(data, alone=len(self.connections) > _MOST_TOGETHER)
            if answer is not None:
                self.transport.write(answer.on_wire(_CLOCK.tell().line + self._others))
                self._count()
                return
        begun = self._begun
        super().data_received(data)
        if between and self._between and self._begun == begun + 1 and self._stays_open:
            quick.note(data, cast("Scope", self.scope))

    @property
    def _stays_open(self) -> bool:
        """Whether what was parsed last is no more than a request, after whose answer another may come."""
        return self.cycle.keep_alive and not self.parser.should_upgrade() and not self.transport.is_closing()

    def _count(self) -> None:
        """What uvicorn does after each answer."""
        self.server_state.total_requests += 1
        self._answered = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._wait(self.timeout_keep_alive)

    def timeout_keep_alive_handler(self) -> None:
        """Close, unless something was answered since it was begun to wait."""
        left = self._answered + self.timeout_keep_alive - self.loop.time()
        if left > 0 and not self.transport.is_closing():
            self._wait(left)
        else:
            super().timeout_keep_alive_handler()

    def _wait(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    def on_message_begin(self) -> None:
        """The parser has come to a request."""
        self._begun += 1
        self._between = False
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """It has come to the end of its head, which is when uvicorn looks at the date."""
        self.server_state.default_headers = [_CLOCK.tell().field, *self.config.encoded_headers]
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """It has come to its end."""
        self._between = True
        super().on_message_complete()
