"""What is new in a feed since a reader last had it: RFC 3229 with the instance manipulation ``feed``.

A feed's entity tag begins with the store that it is of and the version of the category, so that any process that
serves the store knows what a reader has.
"""

from __future__ import annotations

import re
from typing import Final

METHOD: Final = "feed"
"""The instance manipulation, as ``A-IM`` and ``IM`` name it."""

_STORE_LETTERS = 8
_TAG = re.compile(r'"([0-9a-f]{8})-([0-9]{1,18})-[0-9a-z-]+"')
_NOUGHT = re.compile(r"q=0(\.0{0,3})?")


def tagged(etag: str, store: str, version: int) -> str:
    """The entity tag *etag* of a feed of a *store*, with its *version*."""
    return f'"{store[:_STORE_LETTERS]}-{version}-{etag[1:]}'


def wanted(a_im: str) -> bool:
    """Whether the field ``A-IM`` (RFC 3229, 10.5.3) asks for :data:`METHOD`, with a weight above nought."""
    for part in a_im.lower().split(","):
        method, *parameters = (word.strip() for word in part.split(";"))
        if method == METHOD:
            return not any(_NOUGHT.fullmatch(word) for word in parameters)
    return False


def base(if_none_match: str, store: str, version: int) -> tuple[str, int] | None:
    """The newest version before *version* that a reader has of a feed of *store*, with its entity tag; None if none.

    RFC 3229, 10.5.1: the tag names the instance that the difference is to be applied to.
    """
    known = [(int(tag[2]), tag[0]) for tag in _TAG.finditer(if_none_match) if tag[1] == store[:_STORE_LETTERS]]
    earlier = [one for one in known if one[0] < version]
    if not earlier or len(earlier) < len(known):
        return None
    number, etag = max(earlier)
    return etag, number
