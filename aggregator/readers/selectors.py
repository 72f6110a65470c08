"""Selectors for web pages: CSS, or XPath where one begins with ``/`` or ``./``; ``selector@attribute`` is an attribute.

``.`` is the item itself, ``@href`` an attribute of it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cssselect import SelectorError
from lxml import etree
from lxml.cssselect import CSSSelector

from feeds.document import Text, TextKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from lxml.etree import _Element

_XPATH = ("/", "./")
_ATTRIBUTE = re.compile(r"(.*?)\s*@([A-Za-z_][\w.:-]*)", re.DOTALL)
# What an element says of itself where no attribute is asked for.
_ADDRESSES = ("href", "src", "data-src", "content")


class Selector:
    """A selector that can be applied."""

    def __init__(self, apply: Callable[[Any], Any], attribute: str = "") -> None:
        self._apply = apply
        self._attribute = attribute

    def find(self, element: _Element) -> list[_Element | str]:
        """The elements and texts that are selected from *element*, in the order of the page.

        Raises:
            XPathError: the expression cannot be worked out there.
        """
        found = self._apply(element)
        if not isinstance(found, list):
            found = [str(found)]
        if self._attribute:
            found = [one.get(self._attribute, "") for one in found if etree.iselement(one)]
        # A comment and a processing instruction are no elements; a text may know its parent, which nobody asks for.
        return [one if etree.iselement(one) else str(one) for one in found if not _is_mark(one)]


@lru_cache(maxsize=1024)
def selector(written: str) -> Selector:
    """The selector that is *written* there.

    Raises:
        ValueError: it is none.
    """
    if written.startswith(_XPATH):
        return _xpath(written)
    match = _ATTRIBUTE.fullmatch(written)
    css, attribute = (match[1], match[2]) if match else (written, "")
    if css.strip() in {".", ""}:
        if not css.strip() and not attribute:
            raise ValueError("a selector is not empty")
        return Selector(lambda element: [element], attribute)
    try:
        return Selector(CSSSelector(css, translator="html"), attribute)
    except SelectorError as error:
        raise ValueError(f"{css!r} is no CSS selector: {error}") from error
    except etree.XPathError as error:
        raise ValueError(f"{css!r} is a CSS selector that lxml does not know: {error}") from error


def _xpath(written: str) -> Selector:
    try:
        apply = etree.XPath(written)
        # Functions and prefixes that nobody knows are only found when it is worked out.
        apply(etree.fromstring("<html/>"))
    except etree.XPathError as error:
        raise ValueError(f"{written!r} is no XPath expression: {error}") from error
    return Selector(apply)


def text_of(found: _Element | str) -> Text | None:
    """What was selected, as a text: an element's inside is HTML."""
    if isinstance(found, str):
        value = found.strip()
        return Text(value) if value else None
    inside = inner_html(found).strip()
    return Text(inside, TextKind.HTML) if inside else None


def inner_html(element: _Element) -> str:
    """The markup inside *element*."""
    before = element.text or ""
    escaped = before.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return escaped + "".join(etree.tostring(child, encoding="unicode", method="html") for child in element)


def words_of(found: _Element | str) -> str:
    """The words of what was selected, in one line."""
    text = found if isinstance(found, str) else "".join(map(str, found.itertext()))
    return " ".join(text.split())


def address_of(found: _Element | str) -> str:
    """The address that was selected; of an element, where it leads or what it shows."""
    if isinstance(found, str):
        return found.strip()
    said = (found.get(name, "").strip() for name in _ADDRESSES)
    return next((address for address in said if address), "")


def date_of(found: _Element | str) -> str:
    """The date that was selected: of an element its ``datetime`` (HTML, 4.5.14), else its words."""
    machine = "" if isinstance(found, str) else found.get("datetime", "").strip()
    return machine or words_of(found)


def _is_mark(found: object) -> bool:
    return etree.iselement(found) and not isinstance(found.tag, str)
