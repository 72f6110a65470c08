"""An answer that has begun, read to its end within what was allowed for it."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Final

from aggregator.fetching.decoding import Body
from aggregator.fetching.errors import ConnectionFailed, TooLarge
from aggregator.fetching.headers import Fields
from aggregator.fetching.request import FetchedDocument, Posted

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    import aiohttp

    from aggregator.fetching.request import FetchRequest

    Enlarged = Callable[[], AbstractAsyncContextManager[None]]
    """Waits until a large document may grow further, and lets it until the end of the block."""

LARGE: Final = 2**20
"""Bytes from which on a document needs one of a few permits to grow further."""
_LONGEST_REPLY: Final = 64 * 1024


async def read_document(
    request: FetchRequest, url: str, moved: str, response: aiohttp.ClientResponse, enlarged: Enlarged
) -> FetchedDocument:
    """The document in *response*; one that is large is *enlarged* while it grows.

    Raises:
        FetchError: there is no whole document.
    """
    length = response.content_length or 0
    if length > request.max_wire_bytes:
        raise TooLarge(url, f"announces more than {request.max_wire_bytes:,} bytes")
    lost = _end_of_connection(response)
    headers = Fields(response.headers)
    body = Body(url, response.headers.getall("Content-Encoding", []), request.max_wire_bytes, request.max_bytes)
    async with AsyncExitStack() as permits:
        is_large = length > LARGE
        if is_large:
            await permits.enter_async_context(enlarged())
        async for chunk in response.content.iter_any():
            for _ in body.steps(chunk):
                if not is_large and body.size > LARGE:
                    is_large = True
                    await permits.enter_async_context(enlarged())
        if lost is not None and lost.done() and lost.exception() is not None:
            raise ConnectionFailed(url, "has a body that breaks off before its end")
        whole = body.finish()
    return FetchedDocument(
        url=url,
        body=whole,
        content_type=headers.get("content-type", ""),
        etag=headers.get("etag", ""),
        modified=headers.get("last-modified", ""),
        headers=headers,
        moved=moved,
    )


async def read_reply(response: aiohttp.ClientResponse) -> Posted:
    """What is said in *response*, as far as it is read."""
    body = b""
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) >= _LONGEST_REPLY:
            break
    return Posted(response.status, body[:_LONGEST_REPLY], Fields(response.headers))


def _end_of_connection(response: aiohttp.ClientResponse) -> asyncio.Future[None] | None:
    """How the connection ends, where nothing else ends the body (RFC 9112, 6.3): aiohttp takes a reset for an end."""
    delimited = response.content_length is not None or "Transfer-Encoding" in response.headers
    if delimited or response.connection is None or response.connection.protocol is None:
        return None
    return response.connection.protocol.closed
