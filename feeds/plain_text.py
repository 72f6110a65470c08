"""Text for people from what feeds say: one line, no markup, no characters that XML forbids.

Titles, summaries and search need words and no structure, so markup is only scanned, never parsed: that is linear in
the input's length whatever it holds.
"""

from __future__ import annotations

import re
import unicodedata
from html import unescape
from itertools import pairwise

from feeds.document import TextKind
from feeds.writing.text import clean

# An attribute's value may hold ">". Possessive quantifiers keep hostile input linear. "a < b" is no tag.
_MARKUP = re.compile(
    r"<!--(?:-?>|.*?(?:--!?>|\Z))"
    r"|<(script|style|template|noscript|iframe|svg|math)(?=[\s/>]).*?(?:</\1(?=[\s/>])[^>]*+>|\Z)"
    r"""|</?+([a-z][^\s/>]*+)(?:[^"'>]++|(?<==)"[^"]*+"|(?<==)'[^']*+'|["'])*+(?:>|\Z)"""
    r"|<(?:[!?]|/(?![a-z]))[^>]*+(?:>|\Z)",
    re.IGNORECASE | re.DOTALL,
)
# Tags inside a word: they leave no space behind, so that "H<sub>2</sub>O" stays one word.
_INLINE_NAMES = """
    a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd mark nobr q rp rt ruby s samp small span
    strike strong sub sup time tt u var wbr
"""
_INLINE = frozenset(_INLINE_NAMES.split())
_SENTENCE_END = re.compile(r"[。！？…]+[”’」』）》】]*|[.!?]+[\"')\]”’]*(?=\s|$)")
_ELLIPSIS = "…"
# A mistake of an encoding wherever it stands in a text.
_BYTE_ORDER_MARK = "\ufeff"


def clean_text(value: str) -> str:
    """*value* without what XML 1.0 forbids or advises against (2.2), and without byte order marks.

    That is: controls, lone surrogates, U+FEFF, U+FFFE and U+FFFF.
    """
    value = clean(value)
    return value.replace(_BYTE_ORDER_MARK, "") if _BYTE_ORDER_MARK in value else value


def plain_text(markup: str) -> str:
    """The words of *markup* in one line: tags gone, entities decoded once, any white space one space."""
    if "<" in markup:
        markup = _MARKUP.sub(_replacement, markup)
    if "&" in markup:
        markup = unescape(markup)
    return _one_line(markup)


def plain_title(value: str, kind: TextKind) -> str:
    """A title's words in one line: HTML loses its markup, anything else is taken as it is."""
    return plain_text(value) if kind is TextKind.HTML else _one_line(value)


def first_sentence(text: str, limit: int = 60) -> str:
    """The first sentence of plain *text* with its end mark, cut as ``excerpt`` does if longer than *limit*."""
    text = text.strip()
    end = _SENTENCE_END.search(text)
    return excerpt(text[: end.end()] if end else text, limit)


def sentences(text: str) -> list[str]:
    """The sentences of plain *text*, each with its end mark."""
    cuts = [0, *(match.end() for match in _SENTENCE_END.finditer(text)), len(text)]
    parts = (text[start:end].strip() for start, end in pairwise(cuts))
    return [part for part in parts if part]


def excerpt(text: str, limit: int) -> str:
    """*text* in at most *limit* characters, cut where a sentence ends, else where a word does, else between letters.

    A cut text ends in "…" unless it ends with a sentence. Marks stay with their letter.

    Raises:
        ValueError: *limit* is below 1.
    """
    if limit < 1:
        raise ValueError(f"an excerpt's limit is {limit}, but must be at least 1 character")
    text = text.strip()
    if len(text) <= limit:
        return text
    sentence = _last_sentence(text, limit)
    if sentence:
        return sentence
    cut = _between_letters(text, limit - len(_ELLIPSIS))
    space = text.rfind(" ", cut // 2, cut + 1)
    return text[: space if space > 0 else cut].rstrip(" ,;:，；：、") + _ELLIPSIS


def _replacement(match: re.Match[str]) -> str:
    # Comments and what is not shown leave nothing; a block's edge or a line break leaves a space.
    name = match[2]
    return "" if name is None or name.lower() in _INLINE else " "


def _one_line(text: str) -> str:
    return " ".join(clean_text(text).split())


def _last_sentence(text: str, limit: int) -> str:
    """The whole sentences that fit *limit*, or nothing where they would leave more than half of it unused."""
    # The text is searched a little further than the limit, so that a "." is known to end a word.
    ends = (match.end() for match in _SENTENCE_END.finditer(text, 0, limit + 1))
    last = max((end for end in ends if end <= limit), default=0)
    return text[:last] if last * 2 >= limit and not _joins(text, last) else ""


def _between_letters(text: str, cut: int) -> int:
    while cut > 0 and _joins(text, cut):
        cut -= 1
    return cut


def _joins(text: str, cut: int) -> bool:
    """Whether the character after *cut* belongs to the one before it: a mark, a joiner, or half a pair."""
    after, before = text[cut], text[cut - 1]
    return (
        unicodedata.category(after) in {"Mn", "Mc", "Me"}
        or "\u200d" in (before, after)
        or "\U0001f3fb" <= after <= "\U0001f3ff"  # skin tones
        or ("\ud800" <= before <= "\udbff" and "\udc00" <= after <= "\udfff")
    )
