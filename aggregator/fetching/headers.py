"""Single header fields: read into values, or into text that can be stored."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.5"
)
"""What we like to get: feeds, but anything is looked at."""

# More digits than any real wait has.
_SECONDS = re.compile(r"[0-9]{1,10}")


def retry_after(value: str, now: datetime) -> float | None:
    """How many seconds from *now* (aware) a ``Retry-After`` field asks us to wait (RFC 9110, 10.2.3).

    Zero for a date gone by; None for a value in neither form.
    """
    value = value.strip()
    if _SECONDS.fullmatch(value):
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def as_mapping(fields: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """The header *fields* by lower-case name, repeated ones joined by commas (RFC 9110, 5.2).

    Bytes that are not UTF-8, which aiohttp gives as surrogates, become U+FFFD: no store takes surrogates.
    """
    mapping: dict[str, str] = {}
    for name, raw in fields:
        key = name.lower()
        value = raw.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        mapping[key] = f"{mapping[key]}, {value}" if key in mapping else value
    return MappingProxyType(mapping)
