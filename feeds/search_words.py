"""What search compares and what it is found by: a text spelt in one way, and the tokens of that.

Chinese and Japanese put no spaces between words, so a text there is every pair of neighbouring characters; so is one in
Korean, whose words change their ends. Other scripts have words. ``A股市场`` is the word ``a`` and three characters
beside it and each other: it is found by ``A股``, ``股市``, ``市`` and ``a``, not by ``股场``.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from operator import add

from storage.words import Term

# Han with its radicals and marks, kana, bopomofo, Hangul.
_CJK = (
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u303b\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff"
    "\u3105-\u312f\u3131-\u318e\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
# Shown as nothing: soft hyphens, joiners, marks of byte order and of a character's variants.
_UNSEEN = re.compile("[\xad\u200b-\u200d\u2060\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef]")
_WORD = re.compile(f"[^ {_CJK}]+")
_WORD_EDGE = "|"
_UNIT = re.compile(r"\|([^|]+)\||([^|])")
# A token is no longer; whether a longer word is really there is seen in the text.
_LONGEST = 40
# Characters of which is remembered what they are: all that are in use, and not all that a hostile text can hold.
_REMEMBERED = 0x30000
# Of private use, so that no text has a token that begins with it.
_EXACT = "\ue000"


def fold(text: str) -> str:
    """*text* in the one form that stands for all that people take for the same: width, case, spaces."""
    return " ".join(_same(text).split())


def spell(text: str) -> str:
    """*text* as search compares it: runs of what stands beside each other, parted by spaces, each word between ``|``.

    A text contains a phrase if each run of the phrase's spelling is in the spelling of the text.
    """
    # A character at a time, and then what they are together, which is seldom anything else: a quarter of the time.
    letters = unicodedata.normalize("NFC", text.translate(_LETTERS))
    return _WORD.sub(r"|\g<0>|", letters).strip()


def tokens(spelling: str) -> set[str]:
    """What a text with this *spelling* is found by: its words, and each two characters or words that are neighbours."""
    found: set[str] = set()
    for run in set(spelling.split()):
        names, words = _units(run)
        found.update(words)
        found.update(map(add, names, names[1:]))
        if not run.endswith(_WORD_EDGE):
            found.add(names[-1])  # so that each character begins a token
    return found


def terms(run: str) -> list[Term]:
    """The tokens that all texts have which contain the *run* of a spelling."""
    names, words = _units(run)
    if len(names) > 1:
        return [Term(token) for token in dict.fromkeys(map(add, names, names[1:]))]
    return [Term(names[0], begins=not words)]


def exact(kind: str, value: str) -> str:
    """A token for a *value* of some *kind* that no text has (64 bits of a digest: the entry itself is looked at)."""
    said = f"{kind}\0{value}".encode(errors="surrogatepass")
    return _EXACT + hashlib.blake2b(said, digest_size=8).hexdigest()


class _Letters(dict[int, int | str | None]):
    """For ``str.translate``: what a character is compared as. All but letters, digits and their marks is a space."""

    def __missing__(self, number: int) -> int | str | None:
        character = chr(number)
        same = "".join(one if _is_letter(one) else " " for one in _same(character))
        kind = None if _UNSEEN.match(character) else number if same == character else same
        if number < _REMEMBERED:
            self[number] = kind
        return kind


_LETTERS = _Letters()


def _is_letter(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character).startswith("M")


def _same(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def _units(run: str) -> tuple[str | list[str], list[str]]:
    """The units of *run* as they stand in tokens; and those that are words."""
    if _WORD_EDGE not in run:
        return run, []
    units = _UNIT.findall(run)
    return [character or word[:_LONGEST] for word, character in units], [word[:_LONGEST] for word, _ in units if word]
