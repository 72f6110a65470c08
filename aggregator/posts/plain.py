"""What a reader first sees of a post's own markup: without what is hidden, and the first sentence for a title."""

from __future__ import annotations

import re

from feeds.plain_text import plain_text

# What a post's first words are looked for in: enough for a title, and a bound for the pattern of hidden elements.
_HEAD = 4000
_LONGEST_TITLE = 60

_BREAK = re.compile(r"<(?:/(?:p|div|h[1-6]|li|tr|blockquote|center)|br\s*/?)>", re.IGNORECASE)
_HIDDEN = re.compile(r"<(p|div|span)\b[^<>]*display:\s*none[^<>]*>.*?</\1>", re.IGNORECASE | re.DOTALL)
# A full stop ends a sentence only before a space: 3.5% is a number.
_SENTENCE = re.compile(r".*?(?:[。！？!?]+[”’」』）)]*|\.(?=\s|$))")


def without_hidden(markup: str) -> str:
    """*markup* without the elements that its writer hid; for short texts only."""
    return _HIDDEN.sub("", markup) if "display" in markup else markup


def first_sentence(markup: str) -> str:
    """The first sentence that a reader sees, of 60 characters at most; empty where there is no text."""
    for paragraph in _BREAK.sub("\n", without_hidden(markup[:_HEAD])).split("\n"):
        if text := plain_text(paragraph):
            break
    else:
        return ""
    found = _SENTENCE.match(text, 0, _LONGEST_TITLE + 1)
    if found is not None and len(found[0].rstrip("。.")) <= _LONGEST_TITLE and found[0].strip("。."):
        return found[0].rstrip("。.")
    return text if len(text) <= _LONGEST_TITLE else f"{text[: _LONGEST_TITLE - 1]}…"
