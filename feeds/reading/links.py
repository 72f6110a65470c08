"""Addresses and the files behind them, as far as a document alone can tell."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urljoin, urlsplit

from storage.entry import UNKNOWN_MEDIA_TYPE, Enclosure

# What publishers leave out most: the media type of a file whose name gives it away.
_TYPES: Final = {
    "mp3": "audio/mpeg", "m4a": "audio/mp4", "ogg": "audio/ogg", "mp4": "video/mp4", "m4v": "video/mp4",
    "webm": "video/webm", "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "gif": "image/gif",
    "webp": "image/webp", "svg": "image/svg+xml", "pdf": "application/pdf",
}  # fmt: skip
_WEB: Final = ("http://", "https://")
# Digits: enough for any file, and far from the length at which int() refuses.
_LONGEST_NUMBER: Final = 18
_DURATION: Final = re.compile(r"(?:(?:([0-9]{1,4}):)?([0-9]{1,4}):)?([0-9]{1,9})(?:\.[0-9]*)?")


def is_absolute(url: str) -> bool:
    """Whether *url* is an address on the web that stands for itself."""
    return url.startswith(_WEB) or url[:8].lower().startswith(_WEB)


def resolve(base: str, url: str) -> str:
    """*url* made absolute against *base* (RFC 3986, 5); as it is where either does not allow it."""
    url = url.strip()
    if not url or not base or url.startswith(_WEB):
        return url
    try:
        return urljoin(base, url)
    except ValueError:
        return url  # brackets that are no IPv6 address: it will be refused where links are checked


def media_type_of(url: str) -> str:
    """The media type that the end of *url* tells, else ``application/octet-stream``."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return UNKNOWN_MEDIA_TYPE
    return _TYPES.get(path.rpartition(".")[2].lower(), UNKNOWN_MEDIA_TYPE)


def make_enclosure(
    url: str,
    media_type: str | None,
    length: str | None,
    *,
    title: str = "",
    duration: int | None = None,
    width: int | None = None,
    height: int | None = None,
) -> Enclosure:
    """An enclosure from what attributes say; a length of 0 is what many generators write for unknown."""
    kind = (media_type or "").strip() or media_type_of(url)
    return Enclosure(url, kind, whole_number(length) or None, title, duration, width, height)


def whole_number(text: str | None) -> int | None:
    """The whole number that *text* is, None where it is none or too long to be believed."""
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER else None


def seconds(text: str | None) -> int | None:
    """A duration in seconds, written as such or as ``[hours:]minutes:seconds``; None where it is neither."""
    match = _DURATION.fullmatch((text or "").strip())
    if match is None:
        return None
    hours, minutes, rest = (int(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + rest
