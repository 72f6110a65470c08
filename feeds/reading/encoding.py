"""Which encoding a document is in, and the same document in UTF-8.

The order is RFC 7303's (3.2): byte order mark, ``charset`` of the Content-Type, XML declaration. Since servers and
generators are often wrong about it, a claim is only believed if the bytes bear it out; a document of which a few bytes
are broken keeps the encoding that the others are in.
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from w3lib.encoding import http_content_type_encoding, resolve_encoding

from feeds.reading.guess import guess_encoding

if TYPE_CHECKING:
    from collections.abc import Iterator

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
# "<" or "{" after white space in the encodings that have no ASCII in them (XML 1.0, appendix F).
_WIDE: Final = (
    (re.compile(rb"(?:[\t\n\r ]\0\0\0){0,99}[<{\[]\0\0\0"), "utf-32-le"),
    (re.compile(rb"(?:\0\0\0[\t\n\r ]){0,99}\0\0\0[<{\[]"), "utf-32-be"),
    (re.compile(rb"(?:[\t\n\r ]\0){0,99}[<{\[]\0[^\0]\0"), "utf-16-le"),
    (re.compile(rb"(?:\0[\t\n\r ]){0,99}\0[<{\[]\0[^\0]"), "utf-16-be"),
    (re.compile(rb"\x4c\x6f\xa7\x94"), "cp037"),
)
_ASCII_STARTS: Final = (b"<", b"{", b"[")
_DECLARATION: Final = re.compile(rb"\s*<\?xml[^>]{1,200}?encoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})[\"']")
# What EBCDIC's declarations say, once they can be read; they differ in more than their letters.
_EBCDIC: Final = re.compile(r"<\?xml[^>]{1,200}?encoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})[\"']")
# Python's codecs that are no encodings of documents, and one that hides markup in ASCII.
_UNFIT: Final = frozenset(
    {"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "utf-7", "mbcs", "oem"}
)
# Nearly any bytes can be read as these, so a claim of them proves nothing.
_ANY_BYTES: Final = frozenset({"cp1252", "cp1254", "iso8859-1", "iso8859-15", "ascii"})
# So many characters of several bytes are no chance.
_SURELY: Final = 4
# More are not looked at one by one.
_MOST_STRAY: Final = 1_000


def to_utf8(data: bytes, content_type: str) -> tuple[bytes, str]:
    """*data* in UTF-8 without a byte order mark, and a sentence on what was wrong, empty where nothing was."""
    encoding, mark = _marked(data)
    body = data[mark:] if mark else data
    if encoding:
        text, broken = _lossy(body, encoding)
        if broken == 0 or encoding != "utf-8":
            return text.encode(), f"{broken} characters of the document are broken" if broken else ""
    if body.isascii() and not encoding:
        return body, ""
    claims = [encoding] if encoding else list(_claims(body, content_type))
    claim = claims[0] if claims else "utf-8"
    if (claim == "utf-8" or claim in _ANY_BYTES) and _convert(body, "utf-8") is not None:  # nearly all documents
        return body, "" if claim == "utf-8" else f"the document is called {claim} but is utf-8"
    for name in _to_try(claims, body):
        converted = _convert(body, name)
        if converted is not None:
            return converted, "" if name == claim else f"the document is called {claim} but is {name}"
    return _mended(body, claim)


def _marked(data: bytes) -> tuple[str, int]:
    """The encoding that the first bytes show, and how long the byte order mark is."""
    if data[:1] in _ASCII_STARTS and data[1:2] != b"\0":
        return "", 0
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding, len(mark)
    for pattern, encoding in _WIDE:
        if pattern.match(data):
            return _ebcdic(data) if encoding == "cp037" else encoding, 0
    return "", 0


def _ebcdic(data: bytes) -> str:
    declared = _EBCDIC.match(data[:300].decode("cp037"))
    name = _known(declared.group(1)) if declared else None
    return name if name and _convert(b"\x4c\x6f\xa7\x94", name) == b"<?xm" else "cp037"


@lru_cache(maxsize=256)
def _known(name: str) -> str | None:
    try:
        return resolve_encoding(name)
    except (LookupError, ValueError):
        return None


def _claims(data: bytes, content_type: str) -> Iterator[str]:
    declared = _DECLARATION.match(data)
    for name in (
        http_content_type_encoding(content_type) if content_type else None,
        _known(declared.group(1).decode("ascii")) if declared else None,
    ):
        # What could be read as ASCII so far is not UTF-16, whatever it calls itself.
        if name and name not in _UNFIT and not name.startswith(("utf-16", "utf-32")):
            yield name


def _to_try(claims: list[str], data: bytes) -> Iterator[str]:
    """Encodings in the order in which they are to be tried, strictly."""
    doubtful = not claims or claims[0] in _ANY_BYTES
    if doubtful or _is_surely_utf8(data):
        yield "utf-8"
    if doubtful or claims[0] == "utf-8":
        # Damaged UTF-8 is no reason to look for another encoding.
        if not _is_mostly_utf8(data):
            if guess := guess_encoding(data):
                yield guess
            yield from claims
            yield from ("utf-8", "cp1252")
        elif not claims or claims[0] == "utf-8":
            yield "utf-8"
        return
    yield from claims
    yield "utf-8"


def _is_surely_utf8(data: bytes) -> bool:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return False
    return sum(1 for _ in zip(range(_SURELY), re.finditer(r"[^\x00-\x7f]", text), strict=False)) == _SURELY


def _is_mostly_utf8(data: bytes) -> bool:
    text = data.decode(errors="replace")
    broken = text.count("\ufffd")
    return len(data) - len(text) > 4 * broken


def _convert(data: bytes, encoding: str) -> bytes | None:
    try:
        text = data.decode(encoding)
        return data if encoding == "utf-8" else text.encode()
    except (UnicodeError, LookupError):
        return None


def _lossy(data: bytes, encoding: str) -> tuple[str, int]:
    """*data* as text, and how many characters of it could not be read."""
    text = data.decode(encoding, "replace")
    return text, text.count("\ufffd") if _convert(data, encoding) is None else 0


def _mended(data: bytes, claim: str) -> tuple[bytes, str]:
    """*data* in the encoding that it is in for the most part, with what is broken as windows-1252 or U+FFFD."""
    if claim == "utf-8" or claim in _ANY_BYTES or _convert(b"", claim) is None or _is_mostly_utf8(data):
        if not _is_mostly_utf8(data):
            return data.decode("latin-1").encode(), f"the document is called {claim} but is latin-1"
        text = data.decode(errors="replace")
        if text.count("\ufffd") <= _MOST_STRAY:
            text = data.decode(errors=_STRAY)
        return text.encode(), "single bytes of the document are not UTF-8: read as windows-1252"
    guess = claim
    text, broken = _lossy(data, claim)
    if broken > len(text) // 50:  # else the claim holds, but for a few bytes
        guess = guess_encoding(data) or claim
        text, broken = _lossy(data, guess)
    if broken > len(text) // 50:
        text, guess = data.decode("latin-1"), "latin-1"
    wrong = "" if guess == claim else f"the document is called {claim} but is {guess}; "
    return text.encode(), f"{wrong}{broken} characters of the document are broken"


def _stray(error: UnicodeError) -> tuple[str, int]:
    """For ``codecs``: what is no UTF-8 as windows-1252, which pages and databases mix into it."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


_STRAY: Final = "feedmill.stray"
codecs.register_error(_STRAY, _stray)
