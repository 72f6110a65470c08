"""Authors, in the ways that they are written as one text."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from storage.entry import Author

_ADDRESS: Final = r"[^\s<>()@,;]{1,64}@[^\s<>()@,;]{1,255}"
_FORMS: Final = tuple(
    re.compile(form)
    for form in (
        rf"(?:mailto:)?(?P<email>{_ADDRESS})\s*\((?P<name>[^()]*)\)",  # RSS 2.0: author@example.org (Name)
        rf"(?P<name>[^<>]*?)\s*<(?:mailto:)?(?P<email>{_ADDRESS})>",  # RFC 5322: Name <author@example.org>
        rf"(?P<name>[^()]*?)\s*\((?P<email>{_ADDRESS})\)",
        rf"(?:mailto:)?(?P<email>{_ADDRESS})(?P<name>)",
    )
)
# A longer text is no name and address.
_LONGEST: Final = 400


def parse_author(text: str) -> Author | None:
    """The author that *text* names, None where it names nobody; an address alone is also the name."""
    text = " ".join(text.split())
    if not text:
        return None
    return _author(text) if len(text) <= _LONGEST else Author(text)


@lru_cache(maxsize=1024)
def _author(text: str) -> Author:
    """Nearly all entries of a feed have the same few authors."""
    if "@" in text:
        for form in _FORMS:
            match = form.fullmatch(text)
            if match is not None:
                email = match["email"]
                return Author(match["name"].strip(' "') or email, email)
    return Author(text)
