"""The beginning of a text, for lists and descriptions; cheap, for it is made for every entry."""

from __future__ import annotations

import re
from html import unescape

LENGTH = 140
"""Characters that an excerpt has at most, but for its final ``…``."""

# A tag with its name, or some text; possessive, so that no tag is tried in two ways.
_MARKUP = re.compile(r"""<(/?[A-Za-z][A-Za-z0-9]*)(?:[^<>"']++|"[^"]*"|'[^']*')*+>|([^<]{1,400}|<)""")
_INLINE = frozenset(
    [
        "a",
        "abbr",
        "b",
        "bdi",
        "cite",
        "code",
        "del",
        "em",
        "font",
        "i",
        "ins",
        "kbd",
        "mark",
        "q",
        "s",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "time",
        "u",
    ]
)
# An entity stands for one character and takes at most this many more: serialisers write &nbsp; and shorter.
_ENTITY = 7


def excerpt(content: str, length: int = LENGTH) -> str:
    """The text of safe HTML, cut at *length* characters. No more of it is read than is needed."""
    pieces: list[str] = []
    seen = 0
    for piece in _MARKUP.finditer(content):
        tag, text = piece.groups()
        if tag is not None:
            if tag.removeprefix("/").lower() not in _INLINE:
                pieces.append(" ")
            continue
        pieces.append(text)
        seen += len(text.strip()) - _ENTITY * text.count("&")
        if seen > length:
            pieces.append("…")
            break
    return cut(unescape("".join(pieces)), length)


def cut(text: str, length: int = LENGTH) -> str:
    """*text* with its white space collapsed and, if it is longer, cut at *length*: at a word's end if one is near."""
    text = " ".join(text.split())
    if len(text) <= length:
        return text
    kept = text[:length]
    space = kept.rfind(" ", length * 4 // 5)
    return (kept[:space] if space > 0 else kept).rstrip(" ，。；：、,.;:") + "…"
