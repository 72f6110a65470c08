"""The floor: an ASGI application that knows one document by heart, in the same uvicorn as Feedmill's.

python -m benchmarks.serves.smallest PORT FILE ETAG
"""

from __future__ import annotations

import gzip
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send


def main() -> None:
    """Serve until the process is ended."""
    port, file, etag = sys.argv[1:]
    body = Path(file).read_bytes()
    plain = _answer(200, body, etag)
    packed = _answer(200, gzip.compress(body, compresslevel=6), etag, b"gzip")
    known = _answer(304, b"", etag)

    async def application(scope: Scope, _receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        answer = known if b"if-none-match" in headers else packed if b"accept-encoding" in headers else plain
        for message in answer:
            await send(message)

    # The same settings as the program's own server.
    uvicorn.run(application, port=int(port), log_config=None, access_log=False, lifespan="off", server_header=False)


def _answer(status: int, body: bytes, etag: str, encoding: bytes = b"") -> tuple[Message, Message]:
    headers = [(b"etag", etag.encode()), (b"content-type", b"application/atom+xml; charset=utf-8")]
    if encoding:
        headers.append((b"content-encoding", encoding))
    if body:
        headers.append((b"content-length", str(len(body)).encode()))
    start = {"type": "http.response.start", "status": status, "headers": headers}
    return start, {"type": "http.response.body", "body": body}


if __name__ == "__main__":
    main()
