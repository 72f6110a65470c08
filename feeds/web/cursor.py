"""A cursor: where in a store's events a partner stands. To partners it is a word without a meaning."""

from __future__ import annotations

import base64
import binascii
from typing import NamedTuple

_STORE_BYTES = 8
_BYTES = _STORE_BYTES + 8


class Cursor(NamedTuple):
    """The store, and the number of the last event of it that is known."""

    store: str
    number: int

    def __str__(self) -> str:
        raw = bytes.fromhex(self.store) + self.number.to_bytes(_BYTES - _STORE_BYTES, "big")
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def read_cursor(word: str) -> Cursor:
    """The cursor that *word* is.

    Raises:
        ValueError: it is none.
    """
    try:
        raw = base64.b64decode(word + "==", altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError(f"{word!r} is no cursor") from error
    cursor = Cursor(raw[:_STORE_BYTES].hex(), int.from_bytes(raw[_STORE_BYTES:], "big"))
    if len(raw) != _BYTES or str(cursor) != word:  # the same place has one word alone
        raise ValueError(f"{word!r} is no cursor")
    return cursor
