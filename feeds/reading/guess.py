"""Which encoding bytes are in when nobody says so, or who says so is wrong: by what people of each script write most.

Only what is met in feeds is looked for: Chinese, Japanese and Korean, Hebrew, Cyrillic and Greek. For anything else
windows-1252 is as good a guess as any.
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

# Enough to tell scripts apart, and read in no time.
_SAMPLE: Final = 64 * 1024
# Less is chance: two of three bytes above ASCII that stand side by side make a Latin text improbable.
_ENOUGH: Final = 0.8
_HIGH: Final = re.compile(rb"[\x80-\xff]+")
_ASCII_AS_SPACE: Final = b" " * 128 + bytes(range(128, 256))
_SOUNDS: Final = frozenset(map(chr, range(0x3041, 0x30FF)))
_RUSSIAN: Final = frozenset(map(chr, range(0x430, 0x450)))
_HEBREW: Final = frozenset(map(chr, range(0x5D0, 0x5EB)))
_GREEK: Final = frozenset("άέήίΰαβγδεζηθικλμνξοπρςστυφχψωϊϋόύώ")
# Japanese has kana in every sentence.
_LEAST_SOUNDS: Final = 0.15


def guess_encoding(data: bytes) -> str:
    """The encoding that *data*, which is neither ASCII nor UTF-8, is most probably in; empty where it may be any."""
    sample = data[:_SAMPLE] if not data[:_SAMPLE].isascii() else data[_first_high(data) :][:_SAMPLE]
    lengths = list(map(len, sample.translate(_ASCII_AS_SPACE).split()))
    if lengths.count(1) > sum(lengths) / 4:
        return ""  # single letters among ASCII ones: a Latin script
    scores = {encoding: round(_score(sample, encoding), 2) for encoding in _COMMON}
    best = max(scores, key=scores.__getitem__)  # of equals the first
    return best if scores[best] >= _ENOUGH else ""


def _first_high(data: bytes) -> int:
    match = _HIGH.search(data)
    return match.start() if match else 0


def _score(sample: bytes, encoding: str) -> float:
    """Which part of the characters beyond ASCII are common ones in *encoding*, 0 to 1."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(sample)  # the sample may end inside a character
    except UnicodeDecodeError:
        return 0
    characters = [c for c in text if c > "\x7f"]
    if not characters:
        return 0
    if encoding in _JAPANESE and sum(c in _SOUNDS for c in characters) < len(characters) * _LEAST_SOUNDS:
        return 0
    common = _common(encoding)
    return sum(c in common for c in characters) / len(characters)


@lru_cache(maxsize=16)
def _common(encoding: str) -> frozenset[str]:
    return frozenset(_COMMON[encoding])


def _pairs(encoding: str, leads: Iterable[int], trails: Iterable[int]) -> str:
    trails = tuple(trails)
    return bytes(byte for lead in leads for trail in trails for byte in (lead, trail)).decode(encoding, "ignore")


def _east(rows: tuple[int, int], encoding: str) -> str:
    """The punctuation and the first plane of characters of a national standard of 94 by 94."""
    return _pairs(encoding, (0xA1, 0xA3, *range(rows[0], rows[1] + 1)), range(0xA1, 0xFF))


# GB 2312, level 1; KS X 1001's syllables; JIS X 0208, kana and level 1; Big5, level 1.
_JIS: Final = _east((0xB0, 0xCF), "euc_jp") + "".join(sorted(_SOUNDS))
_BIG5: Final = _pairs("big5", (0xA1, *range(0xA4, 0xC7)), (*range(0x40, 0x7F), *range(0xA1, 0xFF)))
# Where one has fewer characters than another, it stands before it: it is the rarer chance.
_COMMON: Final = {
    "euc_jp": _JIS,
    "cp932": _JIS,
    "cp949": _east((0xB0, 0xC8), "euc_kr"),
    "big5hkscs": _BIG5,
    "gb18030": _east((0xB0, 0xD7), "gb2312") + _BIG5,
    "koi8_r": "".join(sorted(_RUSSIAN)),
    # Their letters have the same bytes. Most words of Russian and Greek have some that Hebrew leaves undefined.
    "cp1255": "".join(sorted(_HEBREW)),
    "cp1251": "".join(sorted(_RUSSIAN)),
    "cp1253": "".join(sorted(_GREEK)),
}
_JAPANESE: Final = frozenset({"euc_jp", "cp932"})
