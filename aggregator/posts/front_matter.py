"""The head of a Jekyll file: YAML between two lines of ``---``, read forgivingly.

Every scalar stays text, as the writer wrote it: dates, numbers and truth words are judged by whoever needs them. A head
that is not valid YAML is read line by line, so that one bad line costs only itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

from aggregator.posts.errors import PostError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LARGEST = 64 * 1024
"""Bytes of a head."""
# A head has no use for more; both keep hostile YAML from growing (each alias can double what is written).
_DEEPEST = 10
_MOST_ALIASES = 20
_MOST_PROBLEMS = 20

_OPENING = re.compile(r"---[^\S\n]*\n")
_CLOSING = re.compile(r"^(?:---|\.\.\.)[^\S\n]*$\n?", re.MULTILINE)
_KEY = re.compile(r"([^\s#\"'\[\]{},&*!|>%@`:-][^:]*):(?:\s+(.*))?", re.DOTALL)
# The commonest line, which YAML reads as it stands: a word, and a text that is quoted and holds neither quotes nor
# escapes, or is not quoted and begins like a word. Control characters are looked for apart.
_PLAIN_LINE = re.compile(
    r"([A-Za-z_][A-Za-z0-9_-]{0,60}):"
    r"""(?: +(?:"([^"\\\n]*)"|'([^'\n]*)'|([A-Za-z0-9\u4e00-\u9fff](?:[^\n:#]|:(?=[^\s:#]))*)))? *\n"""
)
# YAML 1.1's words for nothing, where they are not quoted.
_NULLS = frozenset({"~", "null", "Null", "NULL"})


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """A head's values (texts, lists and mappings of texts), the body after it, and what could not be read."""

    values: Mapping[str, object]
    body: str
    problems: tuple[str, ...] = ()


class _RefusedError(Exception):
    """Valid YAML, but deeper or with more aliases than a head may have."""


def decode(data: bytes) -> str:
    """A file's text, without a byte order mark.

    Raises:
        PostError: the bytes are not UTF-8.
    """
    try:
        return data.decode().removeprefix("\ufeff")  # a fifth of utf-8-sig's time
    except UnicodeDecodeError as error:
        raise PostError(f"is not UTF-8: byte {error.start} cannot be read; save the file as UTF-8") from error


def split(text: str) -> FrontMatter:
    """Part a file's *text* into head and body. NUL characters are dropped, line ends become ``\\n``.

    Raises:
        PostError: no front matter, one that is never closed, or one larger than 64 KB.
    """
    text = text.removeprefix("\ufeff")
    if "\0" in text:
        text = text.replace("\0", "")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    opening = _OPENING.match(text)
    if opening is None:
        raise PostError("no front matter: the file does not begin with a line of ---, so it is not a post")
    closing = _CLOSING.search(text, opening.end())
    if closing is None:
        raise PostError("front matter is opened by --- in line 1 but not closed; add a line of --- after it")
    values, problems = read_values(text[opening.end() : closing.start()], first_line=2)
    return FrontMatter(values, text[closing.end() :], problems)


def read_values(header: str, *, first_line: int = 1) -> tuple[dict[str, object], tuple[str, ...]]:
    """The values of a YAML mapping, and a sentence for each line that was passed over.

    Raises:
        PostError: it is larger than 64 KB.
    """
    if len(header) > LARGEST or len(header.encode()) > LARGEST:
        raise PostError(f"front matter is larger than {LARGEST // 1024} KB; shorten it")
    if (plain := _plain_lines(header)) is not None:
        return plain, ()
    try:
        return _mapping(header), ()
    except (yaml.YAMLError, _RefusedError):
        values, problems = _recover(header, first_line)
    if len(problems) > _MOST_PROBLEMS:
        more = len(problems) - _MOST_PROBLEMS
        problems[_MOST_PROBLEMS:] = [f"{more} more lines cannot be read"]
    return values, tuple(problems)


def _plain_lines(header: str) -> dict[str, object] | None:
    """The values of a head of nothing but plain lines, as YAML gives them, in a fifth of its time; None for others."""
    values: dict[str, object] = {}
    position = 0
    while position < len(header):
        line = _PLAIN_LINE.match(header, position)
        if line is None or not line[0][:-1].isprintable() or line[1] in _NULLS:
            return None
        double, single, bare = line.group(2, 3, 4)
        bare = (bare or "").rstrip(" ")
        values[line[1]] = double or single or ("" if bare in _NULLS else bare)
        position = line.end()
    return values


class _Builder:
    """Makes values of libyaml's events: one pass, and the caps are kept before anything is built."""

    def __init__(self, text: str) -> None:
        self._events = yaml.CBaseLoader(text)
        self._anchors: dict[str, object] = {}
        self._aliases = 0

    def document(self) -> object:
        """The only document's root; None for an empty text."""
        self._next()  # the stream's start
        if isinstance(self._next(), yaml.StreamEndEvent):
            return None
        root = self._value(self._next(), 1)
        self._next()  # the document's end
        if not isinstance(self._next(), yaml.StreamEndEvent):
            raise yaml.YAMLError("more than one document")
        return root

    def _next(self) -> yaml.Event:
        event: yaml.Event | None = self._events.get_event()
        if event is None:
            raise yaml.YAMLError("ends too early")
        return event

    def _value(self, event: yaml.Event, depth: int) -> object:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event.anchor)
        if depth > _DEEPEST:
            raise _RefusedError(f"is nested deeper than {_DEEPEST}")
        if isinstance(event, yaml.ScalarEvent):
            value: object = "" if event.implicit[0] and event.value in _NULLS else event.value
        elif isinstance(event, yaml.SequenceStartEvent):
            value = list(self._items(yaml.SequenceEndEvent, depth))
        else:
            value = self._pairs(depth)
        if event.anchor is not None:  # type: ignore[attr-defined]  # all but aliases have one
            self._anchors[event.anchor] = value  # type: ignore[attr-defined]
        return value

    def _items(self, end: type[yaml.Event], depth: int) -> Iterator[object]:
        while not isinstance(event := self._next(), end):
            yield self._value(event, depth + 1)

    def _pairs(self, depth: int) -> dict[str, object]:
        pairs: dict[str, object] = {}
        items = self._items(yaml.MappingEndEvent, depth)
        for key in items:
            if not isinstance(key, str):
                raise yaml.YAMLError("a key is not a text")
            pairs[key] = next(items)
        return pairs

    def _alias(self, anchor: str | None) -> object:
        self._aliases += 1
        if self._aliases > _MOST_ALIASES:
            raise _RefusedError(f"has more than {_MOST_ALIASES} aliases")
        if anchor is None or anchor not in self._anchors:
            raise yaml.YAMLError(f"no value is named &{anchor}")
        return self._anchors[anchor]


def _mapping(text: str) -> dict[str, object]:
    root = _Builder(text).document()
    if root is None:
        return {}
    if not isinstance(root, dict):
        raise yaml.YAMLError("is not a list of names and values")
    return root


def _recover(header: str, first_line: int) -> tuple[dict[str, object], list[str]]:
    """Read each name with its lines alone, so that what is broken costs only itself."""
    values: dict[str, object] = {}
    problems: list[str] = []
    for number, lines in _blocks(header):
        place = f"line {number + first_line}"
        try:
            values.update(_mapping("\n".join(lines)))
        except _RefusedError as error:
            problems.append(f"{place}: {lines[0][:60]!r} {error}; it is passed over")
        except yaml.YAMLError:
            problems += _recover_line(lines, place, values)
    return values, problems


def _blocks(header: str) -> Iterator[tuple[int, list[str]]]:
    """Parts of the head that stand alone, with the index of their first line: a line and those that belong to it."""
    start, block = 0, list[str]()
    for number, line in enumerate(header.split("\n")):
        if block and line[:1] in {" ", "\t", "#", "-", ""}:
            block.append(line)
            continue
        if block:
            yield start, block
        start, block = number, [line]
    if block:
        yield start, block


def _recover_line(lines: list[str], place: str, values: dict[str, object]) -> list[str]:
    """Take the value of a ``name: value`` line as it stands; answer what could not be read."""
    found = _KEY.fullmatch(lines[0].strip())
    text = None if found is None or not found[2] else _as_written(found[2].strip())
    if found is None or text is None:
        return [f"{place}: {lines[0][:60]!r} is not valid YAML; it is passed over"]
    values[found[1].strip()] = text
    if any(line.strip() and not line.lstrip().startswith("#") for line in lines[1:]):
        return [f"{place}: the lines that follow {lines[0][:60]!r} are not valid YAML; they are passed over"]
    return []


def _as_written(value: str) -> str | None:
    """A value whose writer escaped nothing: what stands between its first and its last quote, else all of it."""
    quote = value[0]
    if quote in "\"'":
        end = value.rfind(quote)
        return value[1:end] if end else value[1:]
    # "[快讯]某公司…" is a text; "[a, b" was to be a list, and so was what ends as one.
    closing = {"[": "]", "{": "}"}.get(quote)
    is_text = closing is None or (closing in value and not value.endswith(closing))
    return value if is_text else None
