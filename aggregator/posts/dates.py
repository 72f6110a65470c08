"""The dates that posts carry, in front matter, file names and codes; every answer is aware."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

_MOMENT = re.compile(
    r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})"
    r"(?:(?:[Tt]|[^\S\n]+)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?)?"
    r"\s*(?:([Zz]|UTC|GMT)|([+-])(\d{2}):?(\d{2})?)?",
    re.ASCII,
)
# What a writer without a date leaves: nothing, or the zone alone.
_NO_DATE = re.compile(r"\s*(?:[+-]\d{2}:?\d{2})?\s*", re.ASCII)


def is_absent(text: str) -> bool:
    """Whether *text* does not even try to be a date: it is empty, or a zone alone."""
    return _NO_DATE.fullmatch(text) is not None


def parse_date(text: str, zone: tzinfo) -> datetime | None:
    """A front matter's date (``2022-03-14 18:35:49 +0800``, ISO 8601, a day alone); *zone* is for those without one.

    None where it is no date, or no day of the calendar.
    """
    found = _MOMENT.fullmatch(text.strip())
    if found is None:
        return None
    numbers = [int(part or 0) for part in found.groups()[:6]]
    if found[7]:
        zone = UTC
    elif found[8]:
        offset = timedelta(hours=int(found[9]), minutes=int(found[10] or 0))
        if offset >= timedelta(days=1):
            return None
        zone = timezone(-offset if found[8] == "-" else offset)
    return _moment(zone, *numbers)


def midnight(digits: str, zone: tzinfo) -> datetime | None:
    """The beginning, in *zone*, of the day that eight *digits* name; None where the calendar has no such day."""
    return _moment(zone, int(digits[:4]), int(digits[4:6]), int(digits[6:8]), 0, 0, 0)


def _moment(zone: tzinfo, year: int, month: int, day: int, hour: int, minute: int, second: int) -> datetime | None:
    # The first and the last year cannot be told in every zone.
    if not 1 < year < 9999:
        return None
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        return None
