"""A template that is rendered once for each shape of what it shows; what varies is put between its pieces after that.

What a template gives depends on a value in two ways: the value is written, and it is asked whether there is one. So for
all values that are there, or not, alike, the template gives the same text but for the values. It is rendered with marks
in their places, once, and cut at the marks. The template stays the one description of what is written.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

# Noncharacters, which are for nobody but the program itself (Unicode, 23.7).
_MARK = "\ufdd0{}\ufdd1"
_MARKS = re.compile("\ufdd0([0-9]+)\ufdd1")
# A template has a few dozen; entries in many categories are of many.
_MOST_SHAPES = 512


class Mould:
    """What *render* gives of values, as often as it is asked for; *render* may do with each value what a template does:
    write it, anywhere and several times, or ask whether it is empty.
    """

    def __init__(self, render: Callable[[Sequence[str]], str]) -> None:
        self._render = render
        self._cast: dict[Hashable, tuple[list[str], list[int]]] = {}

    def fill(self, values: Sequence[str]) -> str:
        """The text with *values*, which are markup already: escaped, where they are texts."""
        shape = tuple(map(bool, values))
        cast = self._cast.get(shape) or self._make(shape)
        pieces, order = cast
        whole = pieces.copy()
        whole[1::2] = [values[number] for number in order]
        return "".join(whole)

    def _make(self, shape: tuple[bool, ...]) -> tuple[list[str], list[int]]:
        marks = [_MARK.format(number) if there else "" for number, there in enumerate(shape)]
        pieces = _MARKS.split(self._render(marks))
        if len(self._cast) == _MOST_SHAPES:
            self._cast.clear()
        cast = self._cast[shape] = (pieces, [int(number) for number in pieces[1::2]])
        return cast
