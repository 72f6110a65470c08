"""A web page as a list of entries, by selectors. An entry is known by its link."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from lxml import etree

from aggregator.readers.dates import Dates
from aggregator.readers.errors import MappingError
from aggregator.readers.selectors import address_of, date_of, selector, text_of, words_of
from feeds.document import Format, SourceEntry, SourceFeed, Term, Text, TextKind
from feeds.reading.draft import Problems
from feeds.reading.links import is_absolute, resolve
from feeds.reading.people import parse_author
from feeds.reading.web_page import base_of, parse_page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lxml.etree import _Element

    from aggregator.reader_settings import PageSettings

_TABLE = "source.page"
MOST_ITEMS = 1_000
"""Items of one page; no list for people is longer."""
# Without these the page was rebuilt; without any of the others there may be nothing to say today.
_NEEDED = frozenset({"link", "title", "date", "content"})


def read_page(data: bytes, mapping: PageSettings, *, content_type: str = "", location: str = "") -> SourceFeed:
    """The entries of the page in *data* as *mapping* says; *location* is the absolute address that it came from.

    Raises:
        FeedSyntaxError: it is no HTML.
        MappingError: nothing is where the mapping says: the page was rebuilt, or is another one.
    """
    problems = Problems()
    root = parse_page(data, content_type, problems)
    try:
        items = _items(root, mapping.items, problems)
        reading = _Reading(mapping, base_of(root, location))
        entries = [reading.entry(item) for item in items]
    except etree.XPathError as error:
        raise MappingError(f"[{_TABLE}]: a selector cannot be worked out on this page: {error}") from error
    reading.judge(problems)
    linked = tuple(entry for entry in entries if entry.link)
    if len(linked) < len(entries):
        problems.note(f"items without a link were left out: {len(entries) - len(linked)}")
    title = root.find(".//title")
    return SourceFeed(
        format=Format.PAGE,
        title=words_of(title) if title is not None else "",
        link=location,
        language=root.get("lang", ""),
        entries=linked,
        problems=problems.all(),
    )


def _items(root: _Element, written: str, problems: Problems) -> list[_Element]:
    found = [one for one in selector(written).find(root) if not isinstance(one, str)]
    if not found:
        raise MappingError(f"[{_TABLE}] items: {written!r} finds nothing on the page; was the page rebuilt?")
    chosen = set(found)
    outermost = [one for one in found if not any(above in chosen for above in one.iterancestors())]
    if len(outermost) < len(found):
        problems.note(f"items that stand within others were left out: {len(found) - len(outermost)}")
    if len(outermost) > MOST_ITEMS:
        problems.note(f"the page has {len(outermost)} items, of which {MOST_ITEMS} were read")
    return outermost[:MOST_ITEMS]


class _Reading:
    """Reads items, and remembers which fields any of them has."""

    def __init__(self, mapping: PageSettings, base: str) -> None:
        self._written = {name: written for name, written in mapping.fields_ if written}
        self._base = base
        self._met: set[str] = set()
        self._dates = Dates(_TABLE, mapping.date_format)

    def entry(self, item: _Element) -> SourceEntry:
        link = resolve(self._base, self._first(item, "link", address_of))
        authors = map(parse_author, self._all(item, "author"))
        return SourceEntry(
            link=link if is_absolute(link) or not self._base else "",
            title=self._text(item, "title"),
            content=self._content(item),
            summary=self._text(item, "summary"),
            published=self._dates.read(self._first(item, "date", date_of)),
            authors=tuple(author for author in authors if author),
            categories=tuple(map(Term, dict.fromkeys(self._all(item, "categories")))),
            image=resolve(self._base, self._first(item, "image", address_of)),
            base=self._base,
        )

    def judge(self, problems: Problems) -> None:
        """Note what no item has.

        Raises:
            MappingError: without it the entries would be others.
        """
        for name, written in self._written.items():
            if name not in self._met:
                message = f"[{_TABLE}.fields] {name}: {written!r} finds nothing in any item"
                if name in _NEEDED:
                    raise MappingError(f"{message}; was the page rebuilt?")
                problems.note(message)
        problems.note(self._dates.problem())

    def _find(self, item: _Element, name: str) -> list[_Element | str]:
        if name not in self._written:
            return []
        found = selector(self._written[name]).find(item)
        if found:
            self._met.add(name)
        return found

    def _first(self, item: _Element, name: str, said: Callable[[_Element | str], str]) -> str:
        return next(filter(None, map(said, self._find(item, name))), "")

    def _all(self, item: _Element, name: str) -> list[str]:
        return [words for words in map(words_of, self._find(item, name)) if words]

    def _text(self, item: _Element, name: str) -> Text | None:
        return next(filter(None, map(text_of, self._find(item, name))), None)

    def _content(self, item: _Element) -> Text | None:
        """All that is selected, one after the other, each with its own element around it."""
        parts = "".join(_whole(one) for one in _outermost(self._find(item, "content")))
        return Text(parts, TextKind.HTML) if parts.strip() else None


def _outermost(found: list[_Element | str]) -> Iterable[_Element | str]:
    chosen = {one for one in found if not isinstance(one, str)}
    for one in found:
        if isinstance(one, str) or not any(above in chosen for above in one.iterancestors()):
            yield one


def _whole(found: _Element | str) -> str:
    if isinstance(found, str):
        return f"<p>{escape(found)}</p>" if found.strip() else ""
    return etree.tostring(found, encoding="unicode", method="html", with_tail=False)
