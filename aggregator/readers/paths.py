"""Where something stands in a JSON document: ``data.records``, ``list[0].title``, ``https://host/{infocode}.json``.

A path names members, with a dot between them, and places in lists, from 0. A list that is met where a member is
expected stands for all that is in it, so that ``tags.name`` finds the name of each tag. A text with ``{path}`` in it is
a template.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Steps = tuple[str | int, ...]

_PART = re.compile(r"([^.\[\]{}]*)((?:\[[0-9]{1,6}\])*)")
_HOLE = re.compile(r"\{([^{}]*)\}")
_HOW = 'a path is written as "data.records" or "list[0].title"'


@dataclass(frozen=True, slots=True)
class Place:
    """A path, or a template: then ``paths`` stand between the ``texts``."""

    written: str
    paths: tuple[Steps, ...]
    texts: tuple[str, ...] = ()

    def values(self, item: object, *, address: bool = False) -> list[str] | None:
        """What stands there in *item*, as texts that say something; None where *item* has no such place.

        An *address* takes values into a template percent-encoded (RFC 3986, 2.1).
        """
        if not self.texts:
            return _texts(find(item, self.paths[0]))
        parts = []
        for path in self.paths:
            found = _texts(find(item, path))
            if not found:
                return found
            parts.append(quote(found[0], safe="") if address else found[0])
        return ["".join(text + part for text, part in zip(self.texts, [*parts, ""], strict=True))]


@lru_cache(maxsize=1024)
def place(written: str) -> Place:
    """The path or template that is *written* there.

    Raises:
        ValueError: it is neither.
    """
    if "{" not in written and "}" not in written:
        return Place(written, (path(written),))
    parts = _HOLE.split(written)
    if len(parts) == 1 or any("{" in text or "}" in text for text in parts[::2]):
        raise ValueError(
            f'{written!r} is no template: a path stands in braces, as in "https://example.org/{{id}}.json"'
        )
    return Place(written, tuple(map(path, parts[1::2])), tuple(parts[::2]))


@lru_cache(maxsize=1024)
def path(written: str) -> Steps:
    """The steps of a path.

    Raises:
        ValueError: it is none.
    """
    steps: list[str | int] = []
    for number, part in enumerate(written.split(".")):
        match = _PART.fullmatch(part)
        if match is None or (not match[1].strip() and not (match[2] and number == 0)):
            raise ValueError(f"{written!r} is no path: {_HOW}")
        if match[1]:
            steps.append(match[1])
        steps += map(int, re.findall(r"[0-9]+", match[2]))
    return tuple(steps)


def find(value: object, steps: Steps) -> list[Any]:
    """All that stands at the end of *steps*; a null that is there counts."""
    here = [value]
    for step in steps:
        if isinstance(step, int):
            here = [one[step] for one in here if isinstance(one, list) and step < len(one)]
        else:
            here = [one[step] for one in _spread(here) if isinstance(one, dict) and step in one]
    return here


def _spread(values: Iterable[Any]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, list):
            yield from value
        else:
            yield value


def _texts(found: list[Any]) -> list[str] | None:
    """Texts and numbers as texts; what else stands there says nothing."""
    if not found:
        return None
    return [text for text in map(_text, _spread(found)) if text]


def _text(value: object) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return ""
    return str(int(value)) if value == int(value) else repr(value)
