"""On which line of a TOML text a setting stands, since ``tomllib`` gives values without their places.

Only for texts that ``tomllib`` has read: what it accepts is walked over again, looking for nothing but keys, brackets
and where strings end.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left

Path = tuple[str | int, ...]
"""Keys, and numbers of list items from 0 on, from the outermost: ``("source", 0, "name")``."""

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*+)*+")
_KEY = re.compile(r"""[A-Za-z0-9_-]++|"(?:\\.|[^"\\])*+"|'[^']*+'""")
_DOT = re.compile(r"[ \t]*+\.[ \t]*+")
_EQUALS = re.compile(r"[ \t]*+=[ \t]*+")
# Up to two quotes may stand before the three that close a text of several lines.
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}' r"|'''.*?'{3,5}" r'|"(?:\\.|[^"\\])*+"' r"|'[^']*+'",
    re.DOTALL,
)
_OTHER = re.compile(r"[^,\]}#\n]++")  # numbers, truths, dates


def line_of(text: str, path: Path) -> int | None:
    """The line of *text*, from 1 on, where *path* stands; where it does not, that of the table that would hold it.

    None where nothing of *path* is there.
    """
    lines = lines_of(text)
    return next((lines[path[:length]] for length in range(len(path), 0, -1) if path[:length] in lines), None)


def lines_of(text: str) -> dict[Path, int]:
    """The line of every key, table and list item of *text*, from 1 on."""
    walk = _Walk(text)
    walk.document()
    return walk.lines


class _Walk:
    def __init__(self, text: str) -> None:
        self.lines: dict[Path, int] = {}
        self._text = text
        self._at = 0
        self._ends = [place for place, character in enumerate(text) if character == "\n"]
        self._tables: dict[Path, int] = {}  # how many [[tables]] of a list there were up to here

    def document(self) -> None:
        table: Path = ()
        while self._skip_blank():
            if self._next_is("["):
                table = self._header()
            else:
                self._pair(table)

    def _header(self) -> Path:
        line = self._line()
        brackets = 2 if self._next_is("[[") else 1
        self._at += brackets
        path: Path = ()
        for key in self._keys():
            if path in self._tables:  # [source.x] belongs to the last [[source]]
                path = (*path, self._tables[path] - 1)
            path = (*path, key)
            self.lines.setdefault(path, line)
        if brackets == 2:
            number = self._tables.get(path, 0)
            self._tables[path] = number + 1
            path = (*path, number)
        self.lines[path] = line
        self._at = self._text.index("]" * brackets, self._at) + brackets
        return path

    def _pair(self, table: Path) -> None:
        line = self._line()
        path = table
        for key in self._keys():
            path = (*path, key)
            self.lines.setdefault(path, line)
        self._take(_EQUALS)
        self._value(path)

    def _keys(self) -> list[str]:
        """The parts of a key with dots."""
        keys = []
        self._skip_blank()
        while True:
            key = self._take(_KEY)
            keys.append(tomllib.loads(f"key = {key}")["key"] if key[0] in "\"'" else key)
            if not self._take(_DOT):
                return keys

    def _value(self, path: Path) -> None:
        if self._next_is("["):
            self._at += 1
            number = 0
            while self._skip_blank() and not self._next_is("]"):
                self.lines[*path, number] = self._line()
                self._value((*path, number))
                self._skip_comma()
                number += 1
            self._at += 1
        elif self._next_is("{"):
            self._at += 1
            while self._skip_blank() and not self._next_is("}"):
                self._pair(path)
                self._skip_comma()
            self._at += 1
        elif not self._take(_STRING):
            self._take(_OTHER)

    def _skip_blank(self) -> bool:
        """Pass over white space and comments; whether anything follows."""
        self._take(_BLANK)
        return self._at < len(self._text)

    def _skip_comma(self) -> None:
        if self._skip_blank() and self._next_is(","):
            self._at += 1

    def _take(self, what: re.Pattern[str]) -> str:
        found = what.match(self._text, self._at)
        if found is None:
            return ""
        self._at = found.end()
        return found[0]

    def _next_is(self, what: str) -> bool:
        return self._text.startswith(what, self._at)

    def _line(self) -> int:
        return bisect_left(self._ends, self._at) + 1
