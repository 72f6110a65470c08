"""Addresses and the files behind them, as far as a document alone can tell."""

from __future__ import annotations

from typing import Final
from urllib.parse import urljoin, urlsplit

from storage.entry import Enclosure

# What publishers leave out most: the media type of a file whose name gives it away.
_TYPES: Final = {
    "mp3": "audio/mpeg", "m4a": "audio/mp4", "ogg": "audio/ogg", "mp4": "video/mp4", "m4v": "video/mp4",
    "webm": "video/webm", "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "gif": "image/gif",
    "webp": "image/webp", "svg": "image/svg+xml", "pdf": "application/pdf",
}  # fmt: skip
_WEB: Final = ("http://", "https://")
UNKNOWN_TYPE: Final = "application/octet-stream"
# Enough for any file, and far from the length at which int() refuses.
_LONGEST_LENGTH: Final = 18


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
        return UNKNOWN_TYPE
    return _TYPES.get(path.rpartition(".")[2].lower(), UNKNOWN_TYPE)


def make_enclosure(url: str, media_type: str | None, length: str | None) -> Enclosure:
    """An enclosure from what attributes say; a length of 0 is what many generators write for unknown."""
    length = (length or "").strip()
    known = length.isascii() and length.isdigit() and len(length) <= _LONGEST_LENGTH
    size = int(length) if known else 0
    return Enclosure(url, (media_type or "").strip() or media_type_of(url), size or None)
