"""Content codings of answers: which one a client asks for (RFC 9110, 12.5.3), and each body encoded once."""

from __future__ import annotations

import gzip
import importlib
import re
import sys
import threading
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import brotli  # type: ignore[import-untyped]

from feeds.publishing.cache import SizedCache

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from feeds.publishing.found import Document

_zstd: Any = importlib.import_module("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")

IDENTITY = "identity"

# By the size of what they make of a feed, smallest first. Of 79 KB of Chinese Atom: br 5 makes 20.2 KB in 1.7 ms (9:
# 19.9 KB in 24 ms), zstd 9 21.6 KB in 1.3 ms (15: 21.2 KB in 8.9 ms), gzip 6 22.6 KB in 1.8 ms (9: 22.5 KB in 2.8 ms).
_CODERS: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "br": partial(brotli.compress, quality=5),
    "zstd": partial(_zstd.compress, level=9),
    "gzip": partial(gzip.compress, compresslevel=6, mtime=0),  # a date in it would differ from machine to machine
}
_ALIASES = {"x-gzip": "gzip"}
# Below this an encoded body saves less than its own head costs.
_WORTH_ENCODING = 512
_ENCODED_BYTES = 12 * 2**20
# RFC 9110, 12.4.2: a weight has three digits after the point at the most, and is not above one.
_MEMBER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:[ \t]*;[ \t]*[qQ]=(0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?))?")


def acceptable(field: str | None) -> list[str]:
    """The codings that an ``Accept-Encoding`` *field* (None: there is none) lets us use, the one to use first.

    What is not of the field's form is left out, as if it had not been said. A client that refuses even ``identity``
    and takes nothing that we make gets that all the same, which RFC 9110 (12.5.3) allows instead of an error.
    """
    if field is None or not field.strip():
        return [IDENTITY]
    asked: dict[str, float] = {}
    for member in field.split(","):
        if found := _MEMBER.fullmatch(member.strip(" \t")):
            name = found[1].lower()
            asked.setdefault(_ALIASES.get(name, name), float(found[2] or 1))
    weights = {name: asked.get(name, asked.get("*", 0.0)) for name in _CODERS}
    wanted = [name for name in sorted(_CODERS, key=lambda name: -weights[name]) if weights[name] > 0]
    # Asked for by its own name it counts as the others do; else it is what is left.
    plain = asked.get(IDENTITY)
    if plain is None:
        return wanted if asked.get("*") == 0 and wanted else [*wanted, IDENTITY]
    if plain == 0 and wanted:
        return wanted
    better = [name for name in wanted if weights[name] >= plain]
    return [*better, IDENTITY, *(name for name in wanted if weights[name] < plain)]


def tag_in(etag: str, coding: str) -> str:
    """The entity tag of a document's body in *coding*: other bytes have another (RFC 9110, 8.8.3.3)."""
    return etag if coding == IDENTITY else f'{etag[:-1]}-{coding}"'


class Encoder:
    """Bodies in their codings, each made once and held while there is room (in bytes). Safe for any thread."""

    def __init__(self, room: int = _ENCODED_BYTES) -> None:
        self._held: SizedCache[str, bytes] = SizedCache(room)
        self._turn = threading.Lock()

    def body(self, document: Document, coding: str) -> bytes:
        """The body of *document* in *coding*."""
        if coding == IDENTITY:
            return document.body
        with self._turn:
            tag = tag_in(document.etag, coding)
            held = self._held.get(tag)
            if held is None:
                held = _CODERS[coding](document.body)
                self._held.put(tag, held, len(held))
            return held


def is_worth_encoding(size: int) -> bool:
    """Whether a body of *size* bytes is sent in a coding at all."""
    return size >= _WORTH_ENCODING
