"""Whether two texts are nearly the same: MinHash over runs of letters, whatever the script.

A text is its letters and digits alone, in lower case. Its *shingles* are all runs of eight bytes: eight Latin letters,
or four of any other script (as UTF-16), since those have no spaces to cut words at and two of them are often a word. A
sketch keeps the least of 64 hashes of them all, and the share of equal slots estimates the share of equal shingles.
"""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass
from hashlib import blake2b
from operator import eq
from zlib import crc32

from rensa import RMinHash

# Markup and letters that are looked at: a story shows itself long before its end, and every new entry pays for them.
_MARKUP = 1_200
_BYTES = 1_200
# A text of fewer bytes (50 Chinese characters, 100 Latin letters) is a notice such as "watch the video", and no story.
_FEWEST_BYTES = 100
# Below this a text is one shingle, and like no other: notes that differ in a figure or in one word are different news.
_SHORT_BYTES = 400
_SLOTS = 64
_SEED = 1
_ROWS = 4
_BANDS = 4
# Of 64 slots: four fifths. Headers, bylines and small edits leave more; other reports on the same event, far less.
_ALIKE = 51
# Of the numbers that the one with fewer names: reports from one template differ in little else.
_SAME_NUMBERS = 0.8

# Tags, which clean HTML writes plainly, or letters and digits: all but ASCII, spaces, punctuation and symbols.
_LETTERS = re.compile(
    "<[^>]*>|([0-9A-Za-z\u00aa-\u1fff\u2c00-\u2dff\u3005-\u3007\u3040-\u30ff\u3105-\u9fff\ua000-\ud7ff\uf900-\ufaff"
    "\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\U00010000-\U0010ffff]+)"
)
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Likeness:
    """A text as it is compared: its sketch, and the numbers that it names."""

    slots: tuple[int, ...]
    numbers: frozenset[str]

    @property
    def bands(self) -> tuple[int, ...]:
        """Parts of the sketch, 32 bits each: texts that are alike have one in common, save for a few in a hundred."""
        return _bands(self.slots)


def bands(content: str) -> tuple[int, ...]:
    """The bands of safe HTML; none for a text that is too short."""
    return _bands(_slots(_letters(content)))


def likeness(content: str) -> Likeness | None:
    """Safe HTML as it is compared; None for a text that is too short."""
    letters = _letters(content)
    slots = _slots(letters)
    return Likeness(slots, frozenset(_NUMBER.findall(letters))) if slots else None


def alike(one: Likeness, other: Likeness) -> bool:
    """Whether two texts share at least four fifths of their shingles, as estimated, and of their numbers."""
    if sum(map(eq, one.slots, other.slots)) < _ALIKE:
        return False
    fewer = min(len(one.numbers), len(other.numbers))
    return len(one.numbers & other.numbers) >= _SAME_NUMBERS * fewer


def _letters(content: str) -> str:
    return "".join(_LETTERS.findall(content[:_MARKUP])).lower()


def _slots(letters: str) -> tuple[int, ...]:
    data, width = letters.encode(errors="surrogatepass"), 1
    if len(data) > len(letters) * 1.25:  # not mostly ASCII
        data, width = letters.encode("utf-16-le", errors="surrogatepass"), 2
    if len(data) < _FEWEST_BYTES:
        return ()
    if len(data) < _SHORT_BYTES:
        data = blake2b(data, digest_size=8).digest()
    data = data[:_BYTES]
    # The runs that begin at each letter, as numbers of 64 bits, without a Python object for any of them.
    runs = b"".join([data[start : start + (len(data) - start) // 8 * 8] for start in range(0, 8, width)])
    shingles = memoryview(runs).cast("Q")
    matrix = RMinHash.digest_matrix_from_flat_token_hashes(shingles, [0, len(shingles)], _SLOTS, _SEED)
    return tuple(matrix.to_rows()[0])


def _bands(slots: tuple[int, ...]) -> tuple[int, ...]:
    data = array("I", slots[: _BANDS * _ROWS]).tobytes()
    step = len(data) // _BANDS
    return tuple([crc32(data[start : start + step], start) for start in range(0, len(data), step)] if data else ())
