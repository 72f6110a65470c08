"""Content encodings undone piece by piece (RFC 9110, 8.4), never past a limit.

A few kilobytes can decode to gigabytes. Nothing here makes more than a small piece at a time, and what every layer of
encoding puts out is counted, so that a bomb costs no more than the largest document we take. aiohttp decodes on its own
if it is let, but takes a gzip stream that breaks off for a whole one, and no layers.
"""

from __future__ import annotations

import importlib
import sys
import zlib
from typing import TYPE_CHECKING, Any, Protocol

import brotli  # type: ignore[import-untyped]

from aggregator.fetching.errors import BadEncoding, ConnectionFailed, TooLarge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

PIECE = 64 * 1024
"""How many bytes are decoded at a time, about."""

MAX_LAYERS = 2
"""How many encodings one body may be wrapped in."""

# More gzip members or zstd frames in one body are an attack: each costs a new decompressor.
_MAX_MEMBERS = 1000
# RFC 9659: no more than 8 MB of window over HTTP; the library's own limit is 16 times that.
_ZSTD_WINDOW_LOG = 23
_GZIP_WBITS = 16 + zlib.MAX_WBITS

try:
    _zstd: Any = importlib.import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")
except ImportError:
    _zstd = None

# What the libraries raise on bytes that are not theirs.
_ERRORS = (ValueError, zlib.error, brotli.error) + (() if _zstd is None else (_zstd.ZstdError,))


class _Layer(Protocol):
    """One encoding being undone."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What *data* decodes to, in pieces; ValueError, ``zlib.error`` or the like where it cannot."""

    @property
    def complete(self) -> bool:
        """Whether the stream has come to its own end."""


class _Zlib:
    """gzip, or zlib's format, or bare deflate."""

    def __init__(self, wbits: int) -> None:
        self._wbits = wbits
        self._stream = zlib.decompressobj(wbits)
        self._members = 1

    def feed(self, data: bytes) -> Iterator[bytes]:
        more = False
        while data or more:
            if self._stream.eof and not self._next_member(data):
                return
            piece = self._stream.decompress(data, PIECE)
            if piece:
                yield piece
            # A full piece can leave output behind inside zlib with no input left.
            more = len(piece) == PIECE
            data = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail

    def _next_member(self, rest: bytes) -> bool:
        """Start on another gzip member (RFC 1952, 2.2); anything else after the end is padding."""
        if self._wbits != _GZIP_WBITS or not rest.startswith(b"\x1f"):
            return False
        self._members += 1
        if self._members > _MAX_MEMBERS:
            raise ValueError(f"more than {_MAX_MEMBERS} gzip members")
        self._stream = zlib.decompressobj(self._wbits)
        return True

    @property
    def complete(self) -> bool:
        return self._stream.eof


class _Deflate:
    """``deflate``: zlib's format (RFC 9110, 8.4.1.2), or bare deflate, which some send under that name."""

    def __init__(self) -> None:
        self._inner: _Zlib | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self._inner is None:
            is_zlib = data[0] & 0x0F == zlib.DEFLATED
            self._inner = _Zlib(zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS)
        yield from self._inner.feed(data)

    @property
    def complete(self) -> bool:
        return self._inner is not None and self._inner.complete


class _Brotli:
    """``br`` (RFC 7932)."""

    def __init__(self) -> None:
        self._stream = brotli.Decompressor()

    def feed(self, data: bytes) -> Iterator[bytes]:
        piece = self._stream.process(data, output_buffer_limit=PIECE)
        # All input taken in does not mean all output given out: only an empty piece does.
        while piece:
            yield piece
            piece = self._stream.process(b"", output_buffer_limit=PIECE)

    @property
    def complete(self) -> bool:
        return bool(self._stream.is_finished())


class _Zstd:
    """``zstd`` (RFC 8878), where the library for it is installed."""

    def __init__(self) -> None:
        self._stream = self._new_stream()
        self._frames = 1

    def _new_stream(self) -> Any:
        options = {_zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW_LOG}
        return _zstd.ZstdDecompressor(options=options)

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data or not (self._stream.eof or self._stream.needs_input):
            if self._stream.eof:
                self._frames += 1
                if self._frames > _MAX_MEMBERS:
                    raise ValueError(f"more than {_MAX_MEMBERS} zstd frames")
                self._stream = self._new_stream()
            yield self._stream.decompress(data, PIECE)
            data = self._stream.unused_data if self._stream.eof else b""

    @property
    def complete(self) -> bool:
        return bool(self._stream.eof)


_LAYERS: dict[str, Callable[[], _Layer]] = {
    "gzip": lambda: _Zlib(_GZIP_WBITS),
    "deflate": _Deflate,
    "br": _Brotli,
}
if _zstd is not None:
    _LAYERS["zstd"] = _Zstd

ACCEPT_ENCODING = ", ".join(_LAYERS)
"""The encodings that we undo, for a request."""

_ALIASES = {"x-gzip": "gzip", "x-deflate": "deflate"}
# No encoding at all; the last two are no names of encodings, but servers send them, and browsers look past them.
_PLAIN = frozenset({"", "identity", "none", "utf-8"})


class Body:
    """The body of one answer, as it comes in.

    Args:
        url: whose it is, for messages.
        encodings: the values of its ``Content-Encoding`` fields.
        max_wire_bytes: how large it may be as sent.
        max_bytes: how large it, and everything between its encodings, may be when decoded.
    """

    def __init__(self, url: str, encodings: Iterable[str], max_wire_bytes: int, max_bytes: int) -> None:
        self._url = url
        names = [name.strip().lower() for value in encodings for name in value.split(",")]
        names = [_ALIASES.get(name, name) for name in names if name not in _PLAIN]
        if len(names) > MAX_LAYERS:
            raise BadEncoding(url, f"has a body in {len(names)} content encodings; {MAX_LAYERS} are the most we undo")
        unknown = [name for name in names if name not in _LAYERS]
        if unknown:
            raise BadEncoding(url, f"has a body in the content encoding {unknown[0][:40]!r}, which we did not ask for")
        # The last one applied is listed last, and undone first.
        self._layers = [_LAYERS[name]() for name in reversed(names)]
        self._limits = [max_wire_bytes] + [max_bytes] * len(names)
        self._limits[-1] = min(self._limits[-1], max_bytes)
        self._sizes = [0] * len(self._limits)
        self._decoded = bytearray()

    def feed(self, chunk: bytes) -> None:
        """Take in what the connection brought.

        Raises:
            TooLarge: a limit was passed.
            BadEncoding: it cannot be decoded.
        """
        for _ in self.steps(chunk):
            pass

    def steps(self, chunk: bytes) -> Iterator[None]:
        """Take in what the connection brought, and pause after each piece of it: one chunk can hold a whole document.

        Raises:
            TooLarge: a limit was passed.
            BadEncoding: it cannot be decoded.
        """
        try:
            yield from self._pass_on(chunk, 0)
        except _ERRORS as error:
            raise BadEncoding(
                self._url, f"has a body that is not in the content encoding it claims: {error}"
            ) from error

    def _pass_on(self, data: bytes, level: int) -> Iterator[None]:
        """Count *data*, which *level* layers were taken off, and take off the next."""
        if not data:
            return
        self._sizes[level] += len(data)
        if self._sizes[level] > self._limits[level]:
            state = "as sent" if level == 0 and self._layers else "decoded" if level else "altogether"
            raise TooLarge(self._url, f"is larger than {self._limits[level]:,} bytes {state}")
        if level == len(self._layers):
            self._decoded += data
            yield
            return
        for piece in self._layers[level].feed(data):
            yield from self._pass_on(piece, level + 1)

    @property
    def size(self) -> int:
        """How many bytes it has so far, in whichever of its encodings it is largest."""
        return max(self._sizes)

    def finish(self) -> bytes:
        """The whole document.

        Raises:
            ConnectionFailed: the encoded stream broke off before its end.
        """
        # An empty body is empty, whatever its header claims.
        if self._sizes[0] and not all(layer.complete for layer in self._layers):
            raise ConnectionFailed(self._url, "has a body that breaks off before its end")
        return bytes(self._decoded)
