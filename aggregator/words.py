"""What an entry says: whether two revisions say the same."""

from __future__ import annotations

import re
from html import escape, unescape
from typing import TYPE_CHECKING

from aggregator.links import without_tracking

if TYPE_CHECKING:
    from storage.entry import Revision

# As nh3 writes them: names in lower case, every value in double quotes.
_TAG = re.compile(r'<([a-z][^\s/>]*)((?:\s[^\s=>/"]+="[^"]*")+)')
_ATTRIBUTE = re.compile(r'([^\s=]+)="([^"]*)"')
_ADDRESSES = frozenset({"href", "src", "cite", "poster"})


def same_words(one: Revision, other: Revision) -> bool:
    """Whether two revisions differ in nothing that a reader would call a correction: in white space, in the order of
    attributes or in tracking parameters only.
    """
    return _essence(one) == _essence(other)


def _essence(said: Revision) -> tuple[object, ...]:
    addresses = (said.link, *(enclosure.url for enclosure in said.enclosures))
    words = (said.title, said.summary, _TAG.sub(_plain_tag, said.content))
    return *(" ".join(text.split()) for text in words), *map(without_tracking, addresses), said.published


def _plain_tag(tag: re.Match[str]) -> str:
    attributes = sorted((name, _plain_value(name, value)) for name, value in _ATTRIBUTE.findall(tag[2]))
    return f"<{tag[1]}" + "".join(f' {name}="{value}"' for name, value in attributes)


def _plain_value(name: str, value: str) -> str:
    return escape(without_tracking(unescape(value))) if name in _ADDRESSES else value
