"""Documents that are still packed though no header said so."""

from __future__ import annotations

import zlib
from typing import Final

from feeds.reading.errors import FeedSyntaxError

LARGEST: Final = 16 * 1024 * 1024
"""Bytes that a packed document may have when it is unpacked; a few thousand could become gigabytes."""


def unpacked(data: bytes) -> bytes:
    """*data*, without gzip around it (RFC 1952); what there is of it where it is cut.

    Raises:
        FeedSyntaxError: it cannot be unpacked, or is too large.
    """
    if not data.startswith(b"\x1f\x8b\x08"):
        return data
    stream = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        document = stream.decompress(data, LARGEST)
    except zlib.error as error:
        raise FeedSyntaxError(f"this is a gzip file that is damaged: {error}") from error
    if stream.unconsumed_tail:
        raise FeedSyntaxError(f"this is a gzip file of more than {LARGEST // 2**20} MB")
    return document
