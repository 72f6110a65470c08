"""Which encoding a document is in, and the same document in UTF-8.

The order is RFC 7303's (3.2): byte order mark, ``charset`` of the Content-Type, XML declaration. Since servers and
generators are often wrong about it, a claim is only believed if the bytes bear it out.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, Final

from w3lib.encoding import http_content_type_encoding, resolve_encoding

if TYPE_CHECKING:
    from collections.abc import Iterator

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# "<?" and "<r", "<f" in the encodings that have no ASCII in them (XML 1.0, appendix F).
_WIDE: Final = (
    (re.compile(rb"<\0\0\0"), "utf-32-le"),
    (re.compile(rb"\0\0\0<"), "utf-32-be"),
    (re.compile(rb"[<{]\0[^\0]\0"), "utf-16-le"),
    (re.compile(rb"\0[<{]\0[^\0]"), "utf-16-be"),
    (re.compile(rb"\x4c\x6f\xa7\x94"), "cp037"),
)
_DECLARATION: Final = re.compile(rb"\s*<\?xml[^>]{1,200}?encoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})[\"']")
# Python's codecs that are no encodings of documents, and one that hides markup in ASCII.
_UNFIT: Final = frozenset(
    {"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "utf-7", "mbcs", "oem"}
)
# Nearly any bytes can be read as these, so a claim of them proves nothing.
_ANY_BYTES: Final = frozenset({"cp1252", "cp1254", "iso8859-1", "iso8859-15", "ascii"})


def to_utf8(data: bytes, content_type: str) -> tuple[bytes, str]:
    """*data* in UTF-8 without a byte order mark, and a sentence on what was wrong, empty where nothing was."""
    marked, mark = _marked(data)
    if mark:
        data = data[mark:]
    claims = [marked] if marked else list(_claims(data, content_type))
    claim = claims[0] if claims else "utf-8"
    for encoding in _to_try(claims):
        converted = _convert(data, encoding)
        if converted is not None:
            right = encoding == claim or data.isascii()
            return converted, "" if right else f"the document is called {claim} but is {encoding}"
    raise AssertionError("latin-1 reads any bytes")


def _marked(data: bytes) -> tuple[str, int]:
    """The encoding that the first bytes show, and how long the byte order mark is."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding, len(mark)
    for pattern, encoding in _WIDE:
        if pattern.match(data):
            return encoding, 0
    return "", 0


def _claims(data: bytes, content_type: str) -> Iterator[str]:
    declared = _DECLARATION.match(data)
    for name in (
        http_content_type_encoding(content_type),
        resolve_encoding(declared.group(1).decode("ascii")) if declared else None,
    ):
        # What could be read as ASCII so far is not UTF-16, whatever it calls itself.
        if name and name not in _UNFIT and not name.startswith(("utf-16", "utf-32")):
            yield name


def _to_try(claims: list[str]) -> Iterator[str]:
    if not claims or claims[0] in _ANY_BYTES:
        yield "utf-8"
    yield from claims
    yield from ("utf-8", "cp1252", "latin-1")


def _convert(data: bytes, encoding: str) -> bytes | None:
    try:
        text = data.decode(encoding)
        return data if encoding == "utf-8" else text.encode()
    except (UnicodeError, LookupError):
        return None
