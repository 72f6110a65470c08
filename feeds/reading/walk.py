"""One pass over an element's children: a table says which function reads which of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, TypeVar

from feeds.reading.draft import Draft
from feeds.reading.namespaces import MOST_KEPT

if TYPE_CHECKING:
    from lxml.etree import _Element

    from feeds.reading.namespaces import Names

D = TypeVar("D", bound=Draft)
Handler = Callable[[D, "_Element"], None]
"""Puts what one child element says into the draft."""


class Rules(dict[str, "Handler[D] | None"]):
    """A table of handlers by lxml's own tags: every tag is looked up once by its name."""

    def __init__(self, table: Mapping[str, Handler[D]], names: Names) -> None:
        super().__init__()
        self._table = table
        self._names = names

    def __missing__(self, tag: str) -> Handler[D] | None:
        handler = self._table.get(self._names[tag])
        if len(self) < MOST_KEPT:
            self[tag] = handler
        return handler


def walk(draft: D, children: Iterable[_Element], rules: Rules[D]) -> None:
    """Hand each of *children*, which may be an element and are its children then, to its handler, if there is one."""
    for child in children:
        handler = rules[child.tag]
        if handler is not None:
            handler(draft, child)
