"""What a document may cost before it is parsed: a tree takes far more memory than the bytes that it is made of."""

from __future__ import annotations

import re
from typing import Final

from feeds.reading.errors import FeedSyntaxError

MOST_ELEMENTS: Final = 300_000
MOST_ATTRIBUTES: Final = 300_000
MOST_ENTRIES: Final = 50_000
MOST_VALUES: Final = 500_000
"""Of JSON: members, and members of lists."""

# What is shorter cannot hold enough to do harm.
_HARMLESS: Final = 1024 * 1024
_ENTRY: Final = re.compile(rb"<(?:[\w.-]{1,20}:)?(?:item|entry)\b", re.IGNORECASE)
_TAG: Final = re.compile(rb"<(?![/!?])(?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*+>?")


def check_size(document: bytes) -> None:
    """Look at XML before it is parsed.

    Raises:
        FeedSyntaxError: it has more elements, attributes or entries than a feed needs.
    """
    if len(document) < _HARMLESS:
        return
    if document.count(b"<") > MOST_ELEMENTS or document.count(b"=") > MOST_ATTRIBUTES:
        elements = attributes = 0
        for part in _outside_cdata(document):
            for tag in _TAG.finditer(part):
                elements += 1
                attributes += part.count(b"=", tag.start(), tag.end())
                if elements > MOST_ELEMENTS or attributes > MOST_ATTRIBUTES:
                    raise FeedSyntaxError(f"the document has more than {MOST_ELEMENTS:,} elements or attributes")
    entries = sum(1 for _ in _ENTRY.finditer(document))
    if entries > MOST_ENTRIES:
        raise FeedSyntaxError(f"the document has {entries:,} entries: at most {MOST_ENTRIES:,} are read")


def _outside_cdata(document: bytes) -> list[bytes]:
    first, *others = document.split(b"<![CDATA[")
    return [first, *(other.partition(b"]]>")[2] for other in others)]


def check_json_size(document: bytes) -> None:
    """Look at JSON before it is parsed.

    Raises:
        FeedSyntaxError: it has more values than a feed needs.
    """
    if len(document) >= _HARMLESS and sum(map(document.count, (b",", b"[", b"{"))) > MOST_VALUES:
        raise FeedSyntaxError(f"the document has more than {MOST_VALUES:,} values")
