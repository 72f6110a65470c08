"""Texts whose kind a format leaves open, and plain text out of typed text."""

from __future__ import annotations

import re
from html import unescape
from html.entities import html5
from typing import Final

from feeds.document import Text, TextKind

_TAG: Final = re.compile(r"<(?:/?[A-Za-z]|!--)[^<>]*>")
_REFERENCE: Final = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|([A-Za-z][A-Za-z0-9]{1,31}));")


def guess_text(value: str) -> Text:
    """RSS does not say whether a title is text or HTML: it is HTML if there is a tag or a reference in it."""
    if ("<" in value and _TAG.search(value)) or ("&" in value and _has_reference(value)):
        return Text(value, TextKind.HTML)
    return Text(value)


def _has_reference(value: str) -> bool:
    return any(not name or f"{name};" in html5 for name in _REFERENCE.findall(value))


def plain(text: Text | None) -> str:
    """*text* for a place that only takes plain text: tags away, references resolved, white space collapsed."""
    if text is None:
        return ""
    value = unescape(_TAG.sub("", text.value)) if text.kind is TextKind.HTML else text.value
    return " ".join(value.split())
