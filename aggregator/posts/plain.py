"""Plain text out of a post's own markup, for titles, digests and names of media; nothing here makes markup safe."""

from __future__ import annotations

import html
import re

# What a post's first words are looked for in: enough for a title, and a bound for the pattern of hidden elements.
_HEAD = 4000
_LONGEST_TITLE = 60

_TAG = re.compile(r"<[/!?a-zA-Z][^<>]*>")
_BREAK = re.compile(r"<(?:/(?:p|div|h[1-6]|li|tr|blockquote|center)|br\s*/?)>", re.IGNORECASE)
_HIDDEN = re.compile(r"<(p|div|span)\b[^<>]*display:\s*none[^<>]*>.*?</\1>", re.IGNORECASE | re.DOTALL)
# A full stop ends a sentence only before a space: 3.5% is a number.
_SENTENCE = re.compile(r".*?(?:[。！？!?]+[”’」』）)]*|\.(?=\s|$))")


def plain(markup: str) -> str:
    """The text of *markup* in one line: without tags and comments, entities read, white space collapsed."""
    return " ".join(html.unescape(_TAG.sub("", _without_comments(markup))).split())


def without_hidden(markup: str) -> str:
    """*markup* without the elements that its writer hid; for short texts only."""
    return _HIDDEN.sub("", markup) if "display" in markup else markup


def first_sentence(markup: str) -> str:
    """The first sentence that a reader sees, of 60 characters at most; empty where there is no text."""
    for paragraph in _BREAK.sub("\n", without_hidden(markup[:_HEAD])).split("\n"):
        if text := plain(paragraph):
            break
    else:
        return ""
    found = _SENTENCE.match(text, 0, _LONGEST_TITLE + 1)
    if found is not None and len(found[0].rstrip("。.")) <= _LONGEST_TITLE and found[0].strip("。."):
        return found[0].rstrip("。.")
    return text if len(text) <= _LONGEST_TITLE else f"{text[: _LONGEST_TITLE - 1]}…"


def _without_comments(markup: str) -> str:
    if "<!--" not in markup:
        return markup
    first, *others = markup.split("<!--")
    return first + "".join(part.partition("-->")[2] for part in others)
