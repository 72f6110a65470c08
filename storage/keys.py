"""Keys of partners: made here, known afterwards by their digests alone.

A key is 32 random bytes. Nobody guesses such, so that a plain fast digest keeps it as well as a slow one would keep a
password, and can be looked up in an index.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Final

PREFIX: Final = "fm_"
"""How every key begins, for people, and for programs that look for secrets where none should be."""

_BYTES = 32
_KEY = re.compile(r"fm_[A-Za-z0-9_-]{43}")
# One that was cut, or typed with something behind it, is still a secret.
_ALIKE = re.compile(r"fm_[A-Za-z0-9_-]+")


def new_key() -> str:
    """A key that nobody had before: ``fm_`` and 43 letters that any URL and field can carry."""
    return PREFIX + secrets.token_urlsafe(_BYTES)


def digest_of(key: str) -> bytes | None:
    """What is stored of *key*: a 256-bit BLAKE2b; None for what cannot be a key."""
    return hashlib.blake2b(key.encode(), digest_size=32).digest() if _KEY.fullmatch(key) else None


def without_keys(text: str) -> str:
    """*text* with all that looks like a key taken out, for people to see."""
    return _ALIKE.sub(f"{PREFIX}…", text)
