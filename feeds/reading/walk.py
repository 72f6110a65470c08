"""One pass over an element's children: a table says which function reads which of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element

    from feeds.reading.draft import Draft
    from feeds.reading.namespaces import Names

Handler = Callable[["Draft", "_Element"], None]
"""Puts what one child element says into the draft."""


def walk(draft: Draft, element: _Element, names: Names, table: Mapping[str, Handler]) -> None:
    """Hand every child of *element* to its handler, if the table has one."""
    for child in element:
        handler = table.get(names[child.tag])
        if handler is not None:
            handler(draft, child)
