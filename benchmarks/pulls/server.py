"""The server of the generated feeds: as little work for each request as can be, so that it is not what is measured.

    python -m benchmarks.pulls.server SOURCES

Prints its port once it is ready, answers on every address of this machine, and ends with its standard input. An answer
is ready before it is asked for; a request that carries the document's ``ETag`` is answered by 304 (RFC 9110, 13.1.2).
``/tally`` says how many documents and how many 304s were sent so far.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections import Counter

from benchmarks.pulls.feeds import Served, feed

_END = b"\r\n\r\n"
_NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


class Answers:
    """What is sent, made ready."""

    def __init__(self, documents: list[Served]) -> None:
        self._etags = [document.etag.encode() for document in documents]
        self._whole = [_head("200 OK", document, len(document.body)) + document.body for document in documents]
        self._same = [_head("304 Not Modified", document) for document in documents]
        self._sent: Counter[str] = Counter()

    def to(self, request: bytes) -> bytes:
        """The answer to a *request*, of which nothing but path and ``If-None-Match`` counts."""
        name = request.split(b" ", 2)[1].split(b"/", 2)[1]
        if name == b"tally":
            body = json.dumps(self._sent).encode()
            return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
        if not name.isdigit() or int(name) >= len(self._etags):
            return _NOT_FOUND
        number = int(name)
        # Nothing else in a request holds these bytes: no need to look for the field.
        if self._etags[number] in request:
            self._sent["304"] += 1
            return self._same[number]
        self._sent["200"] += 1
        return self._whole[number]


class Connection(asyncio.Protocol):
    """One connection, kept alive until the client closes it."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See asyncio."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """See asyncio."""
        *requests, self._received = (self._received + data).split(_END)
        for request in requests:
            if self._transport is not None:
                self._transport.write(self._answers.to(request))


def _head(status: str, document: Served, length: int | None = None) -> bytes:
    fields = [f"HTTP/1.1 {status}", f"ETag: {document.etag}", f"Last-Modified: {document.modified}"]
    fields += ["Date: Sun, 01 Jun 2025 00:00:00 GMT", "Server: benchmarks", "Cache-Control: max-age=300"]
    if length is not None:
        fields += [f"Content-Type: {document.content_type}", f"Content-Length: {length}"]
    return "\r\n".join([*fields, "", ""]).encode()


async def serve(answers: Answers) -> None:
    """Answer until standard input ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(answers), "0.0.0.0", 0, backlog=4_096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.close()


def main() -> None:
    """Make the feeds, then serve."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", type=int)
    options = parser.parse_args()
    answers = Answers([feed(number) for number in range(options.sources)])
    asyncio.run(serve(answers))


if __name__ == "__main__":
    main()
