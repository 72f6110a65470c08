"""Bombs, and content encodings that are not what they are called."""

from __future__ import annotations

import gzip
import zlib
from typing import TYPE_CHECKING

import brotli  # type: ignore[import-untyped]

from tests.hostile.server import answer, made
from tests.hostile.wire import FEED

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.hostile.server import Behaviour

_ZEROS = bytes(64 * 2**20)


def encoded(name: str, make: Callable[[], bytes]) -> Behaviour:
    """A body that is said to be encoded as *name*; it is made when it is asked for."""
    return made(lambda _: answer(make(), f"Content-Encoding: {name}" if name else "Content-Type: text/xml"))


def zstd(data: bytes, window_log: int = 0) -> bytes:
    from backports import zstd  # the parts of Python that have it are newer than those that we run on

    options = {int(zstd.CompressionParameter.window_log): window_log} if window_log else None
    compressor = zstd.ZstdCompressor(options=options)  # a stream: its frames tell a window, and no size
    return compressor.compress(data) + compressor.flush()


def gzip_bomb() -> bytes:
    return gzip.compress(_ZEROS, 1)


def gzip_bomb_twice() -> bytes:
    return gzip.compress(gzip.compress(_ZEROS, 9), 9)


def deflate_bomb() -> bytes:
    return zlib.compress(_ZEROS, 1)


def br_bomb() -> bytes:
    return bytes(brotli.compress(_ZEROS, quality=1))


def zstd_bomb() -> bytes:
    return zstd(_ZEROS)


def zstd_window() -> bytes:
    return zstd(_ZEROS, window_log=27)


def many_members() -> bytes:
    return gzip.compress(b"") * 5_000 + gzip.compress(FEED)


def broken_off() -> bytes:
    return gzip.compress(FEED)[:-9]


def wrong_checksum() -> bytes:
    packed = bytearray(gzip.compress(FEED))
    packed[-6] ^= 0xFF
    return bytes(packed)


def three_layers() -> bytes:
    return gzip.compress(gzip.compress(gzip.compress(FEED)))


def padded() -> bytes:
    return gzip.compress(FEED) + bytes(512)
