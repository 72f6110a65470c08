"""How often a feed says that it changes: RSS 2.0's ``ttl``, ``skipHours``, ``skipDays``, and the syndication module
(https://web.resource.org/rss/1.0/modules/syndication/)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from feeds.reading.fields import text_of
from feeds.reading.links import whole_number

if TYPE_CHECKING:
    from lxml.etree import _Element

    from feeds.reading.draft import Head
    from feeds.reading.walk import Handler

_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_PERIODS: Final = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(weeks=1),
    "monthly": timedelta(days=30),
    "yearly": timedelta(days=365),
}
# Minutes; a ttl of more than a year says nothing.
_LONGEST_TTL: Final = 366 * 24 * 60


def _set_ttl(head: Head, element: _Element) -> None:
    """Minutes for which the document may be kept."""
    minutes = whole_number(element.text)
    if minutes is not None and 0 < minutes <= _LONGEST_TTL:
        head.pace = replace(head.pace, ttl=timedelta(minutes=minutes))


def _set_skip_hours(head: Head, element: _Element) -> None:
    """Hours in UTC; the hour 24 of RSS 0.91 is midnight."""
    hours = (whole_number(child.text) for child in element)
    head.pace = replace(head.pace, skip_hours=frozenset(hour % 24 for hour in hours if hour is not None and hour <= 24))


def _set_skip_days(head: Head, element: _Element) -> None:
    names = (text_of(child).lower() for child in element)
    head.pace = replace(head.pace, skip_days=frozenset(_DAYS.index(name) for name in names if name in _DAYS))


def _set_period(head: Head, element: _Element) -> None:
    head.update_period = _PERIODS.get(text_of(element).lower(), head.update_period)


def _set_frequency(head: Head, element: _Element) -> None:
    head.update_frequency = whole_number(element.text) or head.update_frequency


PACE: Final[dict[str, Handler[Head]]] = {
    "ttl": _set_ttl,
    "skiphours": _set_skip_hours,
    "skipdays": _set_skip_days,
    "sy:updateperiod": _set_period,
    "sy:updatefrequency": _set_frequency,
}
"""The elements of a feed that tell when to come again."""
