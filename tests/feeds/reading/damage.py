"""Ways in which documents come damaged, each by chance: the same chance makes the same damage."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

_TAG: Final = re.compile(rb"<[^<>!?]+>")
_END_TAG: Final = re.compile(rb"</[^<>]+>")
_QUOTE: Final = re.compile(rb"[\"']")
_DECLARATION: Final = re.compile(rb"\sxmlns:\w+\s*=\s*(?:\"[^\"]*\"|'[^']*')")
# A connection breaks, but hardly in the head of a feed.
_LEAST: Final = 0.3


def cut(data: bytes, chance: Random) -> bytes:
    """The beginning of *data*."""
    return data[: chance.randint(int(len(data) * _LEAST), len(data))]


def without_tags(data: bytes, chance: Random) -> bytes:
    """*data* without one to three tags."""
    return _without(data, _TAG, chance)


def without_end_tags(data: bytes, chance: Random) -> bytes:
    """*data* without one to three end tags."""
    return _without(data, _END_TAG, chance)


def without_quotes(data: bytes, chance: Random) -> bytes:
    """*data* without one to three quotation marks."""
    return _without(data, _QUOTE, chance)


def without_prefixes(data: bytes, _: Random) -> bytes:
    """*data* with all of its prefixes undeclared."""
    return _DECLARATION.sub(b"", data)


def with_ampersands(data: bytes, chance: Random) -> bytes:
    """*data* with bare ampersands and entities of HTML in some of its texts."""
    places = [match.start() for match in _END_TAG.finditer(data)]
    for place in sorted(chance.sample(places, min(len(places), 3)), reverse=True):
        data = data[:place] + b" & caf&eacute; &x=1" + data[place:]
    return data.replace(b"&amp;", b"&")


def with_tags_swapped(data: bytes, chance: Random) -> bytes:
    """*data* with two end tags, one after the other, in each other's place."""
    tags = list(_END_TAG.finditer(data))
    if len(tags) < 2:
        return data
    place = chance.randrange(len(tags) - 1)
    one, two = tags[place], tags[place + 1]
    return data[: one.start()] + two[0] + data[one.end() : two.start()] + one[0] + data[two.end() :]


def _without(data: bytes, pattern: re.Pattern[bytes], chance: Random) -> bytes:
    found = list(pattern.finditer(data))
    for match in sorted(chance.sample(found, min(len(found), chance.randint(1, 3))), key=lambda one: -one.start()):
        data = data[: match.start()] + data[match.end() :]
    return data


KINDS: Final[dict[str, Callable[[bytes, Random], bytes]]] = {
    "cut": cut,
    "tags left out": without_tags,
    "end tags left out": without_end_tags,
    "quotes left out": without_quotes,
    "prefixes undeclared": without_prefixes,
    "bare ampersands": with_ampersands,
    "end tags swapped": with_tags_swapped,
}
