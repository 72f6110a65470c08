"""Single header fields: read into values, or into text that can be stored."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

from feeds.addresses import is_web_address

if TYPE_CHECKING:
    from multidict import MultiMapping

ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.5"
)
"""What we like to get: feeds, but anything is looked at."""

# More digits than any real wait has.
_SECONDS = re.compile(r"[0-9]{1,10}")
# A name, and what it is set to: a token, or text in quotes (RFC 9110, 5.6).
_WORD: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_DIRECTIVE = re.compile(rf'({_WORD})(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,;"]*)))?')
_LINK_TARGET = re.compile(r"<([^<>]*)>")
_DELIMITER = re.compile(r"\s*([;,])\s*")


class Fields(Mapping[str, str]):
    """The header *fields* of an answer by lower-case name, repeated ones joined by commas (RFC 9110, 5.2).

    Bytes that are not UTF-8, which aiohttp gives as surrogates, become U+FFFD: no store takes surrogates. Only what is
    asked for is read.
    """

    __slots__ = ("_fields",)

    def __init__(self, fields: MultiMapping[str]) -> None:
        self._fields = fields

    def __getitem__(self, name: str) -> str:
        value = ", ".join(self._fields.getall(name))
        return value if value.isascii() else value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(name.lower() for name in self._fields))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return f"Fields({dict(self)!r})"


def retry_after(value: str, now: datetime) -> float | None:
    """How many seconds from *now* (aware) a ``Retry-After`` field asks us to wait (RFC 9110, 10.2.3).

    Zero for a date gone by; None for a value in neither form.
    """
    value = value.strip()
    if _SECONDS.fullmatch(value):
        return float(value)
    moment = _moment(value)
    return None if moment is None else max(0.0, (moment - now).total_seconds())


def freshness(headers: Mapping[str, str], now: datetime) -> float | None:
    """For how many seconds from *now* (aware) an answer with these *headers* is said to stay as it is (RFC 9111, 4.2).

    None where it does not say so, or wants to be asked about each time: ``no-cache``, ``no-store``, an age that it
    has reached. What concerns shared caches only is passed over; ``Expires`` counts against the server's own clock,
    and only without ``max-age``.
    """
    cache_control = headers.get("cache-control", "")
    directives: dict[str, str] = {}
    for found in _DIRECTIVE.finditer(cache_control):
        directives.setdefault(found[1].lower(), found[2] or found[3] or "")
    if directives.keys() & {"no-cache", "no-store"}:
        return None
    if "max-age" in directives:
        if not _SECONDS.fullmatch(directives["max-age"]):
            return None
        lifetime = float(directives["max-age"])
    else:
        expires = _moment(headers.get("expires", ""))
        if expires is None:
            return None
        lifetime = (expires - (_moment(headers.get("date", "")) or now)).total_seconds()
    age = headers.get("age", "").strip()
    left = lifetime - (float(age) if _SECONDS.fullmatch(age) else 0.0)
    return left if left > 0 else None


def hub_links(value: str, base: str) -> tuple[tuple[str, ...], str]:
    """The hubs that a ``Link`` field names, and what the document calls itself, empty if it does not (RFC 8288).

    Addresses are made absolute against *base*; what is no web address is left out, and so is what is said of another
    document (``anchor``). A field that is not well-formed counts up to where it is.
    """
    hubs: dict[str, None] = {}
    itself = ""
    for target, parameters in _links(value):
        relations = parameters.get("rel", "").lower().split()
        if "anchor" in parameters or not {"hub", "self"} & set(relations):
            continue
        try:
            address = urljoin(base, target.strip())
        except ValueError:
            continue
        if not is_web_address(address):
            continue
        if "hub" in relations:
            hubs[address] = None
        if "self" in relations and not itself:
            itself = address
    return tuple(hubs), itself


def _links(value: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Each link of the field: its target, and its parameters by lower-case name, the first of each name."""
    place = 0
    while target := _LINK_TARGET.match(value, _skipped(value, place)):
        place = target.end()
        parameters: dict[str, str] = {}
        while (delimiter := _DELIMITER.match(value, place)) and delimiter[1] == ";":
            place = delimiter.end()
            if parameter := _DIRECTIVE.match(value, place):
                place = parameter.end()
                text = re.sub(r"\\(.)", r"\1", parameter[2]) if parameter[2] else parameter[3] or ""
                parameters.setdefault(parameter[1].lower(), text)
        yield target[1], parameters
        if delimiter is None:
            return
        place = delimiter.end()


def _skipped(value: str, place: int) -> int:
    """The next place in a list that is not empty (RFC 9110, 5.6.1)."""
    while place < len(value) and value[place] in " \t,":
        place += 1
    return place


def _moment(value: str) -> datetime | None:
    """An ``HTTP-date``, aware; None for anything else (RFC 9110, 5.6.7)."""
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
