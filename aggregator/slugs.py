"""A feed's own category term becomes a slug, as the site's writer made them: Chinese in pinyin without separators.

Other scripts than Latin keep their letters: people who follow ``/category/новости.rss`` read that better than a
transliteration, which without the language would be wrong as often as right (Japanese above all).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from aggregator.bounds import LONGEST_SLUG

if TYPE_CHECKING:
    from collections.abc import Callable

_HAN = re.compile("[\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af]+")
_KANA = re.compile("[\u3041-\u30ff\u31f0-\u31ff]")
# Names that would be one without their signs.
_SIGNS = {"+": " plus ", "#": " sharp ", "&": " and ", "@": " at "}
_SIGN = re.compile(r"(?<=\w)[+#]++(?!\w)|[&@]")
_ALONE = re.compile(r"[+#&@]")
_APOSTROPHE = re.compile(r"(?<=\w)['’](?=\w)")
_LATIN_MARKED = re.compile("[\u00c0-\u024f\u1e00-\u1eff]")
_MARKS_LEFT = re.compile("(?<=[a-z])[\u0300-\u036f]+")  # as on the small letter of "İ"
# Latin letters that Unicode does not take apart.
_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ħ": "h", "ı": "i"}
)


@lru_cache(maxsize=4096)
def slug(term: str) -> str:
    """The slug of *term*: lower case, at most 80 characters, letters, digits and single hyphens between them.

    Han characters are read as pinyin, phrase by phrase (``重庆银行``: ``chongqingyinhang``); Japanese, which mixes
    them with kana, keeps both. Accents of Latin letters go. The slug of a slug is itself. Only a blank term has an
    empty one: a term of signs alone gets ``tag-`` and a digest.
    """
    text = unicodedata.normalize("NFKC", term)
    words = _words(text)
    if not words:
        words = _words(_ALONE.sub(lambda sign: _SIGNS[sign[0]], text))
    if words or not text.strip():
        return _shortened(words)
    return f"tag-{hashlib.blake2b(text.encode(errors='surrogatepass'), digest_size=6).hexdigest()}"


def medium_slug(name: str) -> str:
    """The slug that the writer of the site's posts makes of a medium's *name*: Han characters in pinyin, all else as it
    stands (``安信国际证券(香港)``: ``anxinguojizhengquan(xianggang)``, ``TechWeb``: ``TechWeb``).
    """
    return _HAN.sub(_pinyin, name)


def _words(text: str) -> str:
    text = _SIGN.sub(lambda signs: "".join(map(_SIGNS.__getitem__, signs[0])), text)
    text = _APOSTROPHE.sub("", text).casefold()
    if not _KANA.search(text):
        text = _HAN.sub(_pinyin, text)
    text = _LATIN_MARKED.sub(_without_marks, text).translate(_LETTERS)
    text = unicodedata.normalize("NFKC", _MARKS_LEFT.sub("", text))
    return "-".join("".join(c if _is_part(c) else " " for c in text).split())


def _is_part(character: str) -> bool:
    # Marks too: they are vowels in Devanagari or Thai.
    return unicodedata.category(character)[0] in "LNM"


def _without_marks(match: re.Match[str]) -> str:
    decomposed = unicodedata.normalize("NFD", match[0])
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def _pinyin(match: re.Match[str]) -> str:
    return "".join(_lazy_pinyin()(match[0]))


@cache
def _lazy_pinyin() -> Callable[[str], list[str]]:
    # Its dictionaries take a tenth of a second to load: only who meets Chinese pays.
    from pypinyin import lazy_pinyin

    return lazy_pinyin


def _shortened(words: str) -> str:
    """*words* cut to fit, with a digest of the whole, so that two long terms stay two."""
    if len(words) <= LONGEST_SLUG:
        return words
    digest = hashlib.blake2b(words.encode(), digest_size=4).hexdigest()
    return f"{words[: LONGEST_SLUG - len(digest) - 1].rstrip('-')}-{digest}"
