"""A JSON list by a declared mapping: items, fields, dates. JSONP is read as well."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson

from aggregator.readers.dates import Dates
from aggregator.readers.errors import MappingError, TextError
from aggregator.readers.paths import Place, find, path, place
from aggregator.readers.post_shape import as_post, with_body
from feeds.document import Format, SourceEntry, SourceFeed, Term, Text
from feeds.reading.draft import Problems
from feeds.reading.encoding import to_utf8
from feeds.reading.errors import FeedSyntaxError
from feeds.reading.links import resolve
from feeds.reading.people import parse_author
from feeds.reading.texts import guess_text
from storage.entry import Origin

if TYPE_CHECKING:
    from aggregator.reader_settings import JsonSettings, JsonText

_TABLE = "source.json"
# Without these an entry is another one, or none; a list can be without any of the others for a day.
_NEEDED = frozenset({"id", "link", "title", "content", "date", "medium"})
# A script in place of data: "var list = {…};", "callback({…})", ")]}'" before the data. Comments may stand before it.
_GUARD = re.compile(rb"\s*\)\]\}'?,?\s*")
_CALL = re.compile(
    rb"\s*(?:/\*[^*]*\*/\s*)?;?\s*(?:(?:(?:var|let|const)\s+)?[\w$.\[\]]+\s*=|[\w$.\[\]]+\s*\()\s*(?=[\[{\"])"
)
_END = b" \t\r\n;)"


def read_json_list(data: bytes, mapping: JsonSettings, *, content_type: str = "", location: str = "") -> SourceFeed:
    """The list in *data* as *mapping* says; *location* is the absolute address that it came from.

    Raises:
        FeedSyntaxError: it is no JSON.
        MappingError: what the mapping names is not there.
    """
    problems = Problems()
    document = _parsed(data, content_type, problems)
    items = _items(document, mapping.items, problems)
    reading = _Reading(mapping, location)
    entries = tuple(map(reading.entry, items))
    if items:
        reading.judge(problems)
    return SourceFeed(format=Format.JSON_LIST, entries=entries, problems=problems.all())


def read_text(data: bytes, mapping: JsonText, *, content_type: str = "") -> Text:
    """The text in *data*, a document of a single entry, where *mapping* says.

    Raises:
        TextError: there is none, or *data* is no JSON.
    """
    try:
        document = _parsed(data, content_type, Problems())
    except FeedSyntaxError as error:
        raise TextError(f"has no text: {error}", again=True) from error
    for written in mapping.path:
        if found := place(written).values(document):
            return guess_text(found[0])
    raise TextError(f"has no text at {_either(mapping.path)} ([{_TABLE}.text] path)", again=True)


def _parsed(data: bytes, content_type: str, problems: Problems) -> Any:
    converted, complaint = to_utf8(data, content_type)
    problems.note(complaint)
    if guard := _GUARD.match(converted):
        converted = converted[guard.end() :]
    if call := _CALL.match(converted):
        converted = converted[call.end() :].rstrip(_END)
    if not converted.strip():
        raise FeedSyntaxError("the document is empty")
    try:
        return orjson.loads(converted)
    except orjson.JSONDecodeError as error:
        raise FeedSyntaxError(f"this is not valid JSON: {error}") from error


def _items(document: object, written: str, problems: Problems) -> list[dict[str, Any]]:
    setting = f"[{_TABLE}] items"
    found = find(document, path(written)) if written else [document]
    if not found:
        there = f"it has {_either(list(document)[:10])}" if isinstance(document, dict) else "it is no object"
        raise MappingError(f"{setting}: there is no {written!r} in the document; {there}")
    if len(found) > 1:
        raise MappingError(f"{setting}: {written!r} stands in the document {len(found)} times; name one, as in list[0]")
    listed = [] if found[0] is None else found[0]
    if not isinstance(listed, list):
        raise MappingError(f"{setting}: what stands at {written or 'the top'!r} is no list")
    items = [item for item in listed if isinstance(item, dict)]
    if listed and not items:
        raise MappingError(f"{setting}: what is in the list at {written or 'the top'!r} are no objects")
    if len(items) < len(listed):
        problems.note(f"items of the list that are no objects were left out: {len(listed) - len(items)}")
    return items


def _either(names: Any) -> str:
    return " or ".join(map(repr, names)) or "nothing in it"


class _Reading:
    """Reads items, and remembers which fields any of them has."""

    def __init__(self, mapping: JsonSettings, location: str) -> None:
        self._mapping = mapping
        self._location = location
        self._places: dict[str, tuple[Place, ...]] = {
            name: tuple(map(place, written)) for name, written in mapping.fields_ if written
        }
        if mapping.text:
            self._places["text"] = (place(mapping.text.url),)
        self._defaults = {name: text for name, text in mapping.defaults if text}
        self._met: set[str] = set()
        self._dates = Dates(_TABLE, mapping.date_format)

    def entry(self, item: dict[str, Any]) -> SourceEntry:
        link = self._address(item, "link", self._location)
        own, medium = self._text(item, "id"), self._text(item, "medium")
        summary, content = self._text(item, "summary"), self._text(item, "content")
        authors = map(parse_author, self._texts(item, "author") or ([medium] if medium else []))
        terms = self._texts(item, "categories") or ([medium] if medium else [])
        title = self._text(item, "title")
        entry = SourceEntry(
            id=own,
            info_code=own,
            link=link,
            title=guess_text(title) if title else None,
            content=guess_text(content) if content else None,
            summary=guess_text(summary) if summary else None,
            published=self._dates.read(self._text(item, "date")),
            updated=self._dates.read(self._text(item, "updated")),
            authors=tuple(author for author in authors if author),
            categories=tuple(map(Term, terms)),
            tags=tuple(self._texts(item, "tags")),
            image=self._address(item, "image", link or self._location),
            origin=Origin(medium) if medium else None,
            base=link or self._location,
            language=self._text(item, "language"),
            text_link=self._address(item, "text", self._location),
        )
        if not self._mapping.as_posts:
            return entry
        post = as_post(entry, title, medium, self._texts(item, "author"))
        return with_body(post, content) if content else post

    def judge(self, problems: Problems) -> None:
        """Note what no item has.

        Raises:
            MappingError: without it the entries would be others.
        """
        for name in self._places:
            if name in self._met or name in self._defaults:
                continue
            setting = f"[{_TABLE}.text] url" if name == "text" else f"[{_TABLE}.fields] {name}"
            message = f"{setting}: no item has {_either(one.written for one in self._places[name])}"
            if name in _NEEDED or name == "text":
                raise MappingError(message)
            problems.note(message)
        problems.note(self._dates.problem())

    def _texts(self, item: dict[str, Any], name: str, *, address: bool = False) -> list[str]:
        for one in self._places.get(name, ()):
            found = one.values(item, address=address)
            if found is not None:
                self._met.add(name)
            if found:
                return found
        return [self._defaults[name]] if name in self._defaults else []

    def _text(self, item: dict[str, Any], name: str) -> str:
        return next(iter(self._texts(item, name)), "")

    def _address(self, item: dict[str, Any], name: str, base: str) -> str:
        return resolve(base, next(iter(self._texts(item, name, address=True)), ""))
