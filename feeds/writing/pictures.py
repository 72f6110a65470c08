"""An entry's content as its page shows it: pictures, sounds and films wait until the reader asks for them.

A page asks no other host for anything by itself. So a picture is a link that says what it shows and where it is; sound
and film have their controls, and are fetched when they are played. A wide table can be scrolled by keyboard. In feeds,
content stays as it is.
"""

from __future__ import annotations

import re
from html import escape, unescape
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from feeds.writing.page_words import Words

# In content that was made safe, every value is in double quotes, and no ">" or '"' in it is bare.
_TAG = re.compile(r"<(?:(/?a)(?=[ >])|(img|audio|video|table)(?=[ />]))([^>]*)>")
_VALUE = re.compile(r'([a-z]+)="([^"]*)"')
_FETCHED = re.compile(r' (?:poster|preload|autoplay)(?:="[^"]*")?(?=[ />]|$)')
_CONCERNED = re.compile("<(?:img|audio|video|table)[ />]")


def waiting(content: str, words: Words) -> str:
    """Safe *content* with its pictures as links, and sounds and films that load when they are played."""
    if not _CONCERNED.search(content):
        return content
    within = False  # a link: there is none within another

    def replacement(tag: re.Match[str]) -> str:
        nonlocal within
        link, name, rest = tag.groups()
        if link:
            within = link == "a"
            return tag[0]
        if name == "img":
            return _picture(dict(_VALUE.findall(rest)), words, linked=not within)
        if name == "table":
            return f'<table{rest} tabindex="0">'
        return f'<{name}{_FETCHED.sub("", rest)} preload="none">'

    return _TAG.sub(replacement, content)


def picture(address: str, words: Words, text: str = "", *, size: str = "", linked: bool = True) -> str:
    """A picture that is not shown, as HTML; *address* is one of the web. *text* and *size* say what is known of it."""
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        host = ""
    about = f" <small>{escape(' · '.join(part for part in (size, host) if part))}</small>"
    inside = f"{escape(text.strip()) or words.picture}{about}"
    if not linked:
        return f'<span class="picture">{inside}</span>'
    return f'<a class="picture" href="{escape(address)}" rel="noopener noreferrer">{inside}</a>'


def _picture(values: dict[str, str], words: Words, *, linked: bool) -> str:
    address = unescape(values.get("src", ""))
    width, height = values.get("width", ""), values.get("height", "")
    size = f"{width} × {height}" if width.isdecimal() and height.isdecimal() else ""
    text = unescape(values.get("alt") or values.get("title") or "")
    web = address.lower().startswith(("http://", "https://"))
    return picture(address if web else "", words, text, size=size, linked=linked and web)
