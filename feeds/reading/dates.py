"""Dates as documents write them: RFC 822 and its successors, RFC 3339, ISO 8601, and the variants that are met.

A date is never guessed: a text that is not understood, or that lies outside 1900 to 2200, gives None. Nothing raises.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2200
# No date is longer; a paragraph that stands where a date belongs is not searched.
_LONGEST: Final = 80

_MONTHS: Final = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11,
    "dec": 12,
}  # fmt: skip
# Hours east of Greenwich: RFC 822's names, and those of other zones that mean only one thing.
_ZONES: Final = {
    "ADT": -3, "AST": -4, "AT": -4, "EDT": -4, "EST": -5, "ET": -5, "CDT": -5, "CST": -6, "CT": -6, "MDT": -6,
    "MST": -7, "MT": -7, "PDT": -7, "PST": -8, "PT": -8, "AKDT": -8, "AKST": -9, "HST": -10, "BST": 1, "CET": 1,
    "CEST": 2, "MET": 1, "MEST": 2, "EET": 2, "EEST": 3, "MSK": 3, "HKT": 8, "SGT": 8, "JST": 9, "KST": 9,
    "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13, "北京时间": 8,
}  # fmt: skip
_AFTERNOON: Final = frozenset({"pm", "下午", "晚上", "오후"})

_WEEKDAY: Final = r"(?:[A-Za-z]{2,9}[.,]?\s*,?\s+|[A-Za-z]{3},)?"
_ZONE: Final = (
    r"(?:\s*(?P<zone>[+-][0-9]{1,2}:?(?:[0-9]{2})?|(?:UTC|GMT|Etc/GMT)[+-][0-9]{1,2}:?(?:[0-9]{2})?"
    r"|[A-Za-z]{1,5}(?:/[A-Za-z]{3,9})?|北京时间))?(?:\s*\([^()]*\))?"
)
_TIME: Final = (
    r"(?P<half>上午|下午|晚上|오전|오후)?\s*(?P<hour>[0-9]{1,2})(?:\s*[:：时時시]\s*(?P<minute>[0-9]{1,2})[分분]?"
    r"(?:\s*:?\s*(?P<second>[0-9]{1,2})(?:[.,](?P<fraction>[0-9]{1,9}))?[秒초]?)?)\s*(?P<noon>[AaPp]\.?[Mm]\.?)?"
)

# For what nearly every RSS feed writes, "Sat, 07 Sep 2002 00:00:01 GMT" (RFC 822, 5.1; RFC 5322, 3.3).
_MONTH_PARTS: Final = {name.capitalize(): f"-{number:02}-" for name, number in _MONTHS.items()}
_UTC: Final = {"GMT": "Z", "UTC": "Z", "UT": "Z"}
_PATTERNS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        # Sat, 7 September 02 0:00 PST
        _WEEKDAY + r"(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?[\s-]+(?P<month>[A-Za-z]{3,9})\.?[\s,-]+(?P<year>[0-9]{2,4})"
        r"(?:[\s,T]+(?:at\s+)?" + _TIME + _ZONE + ")?",
        # September 7, 2002 12:00 AM; Sat Sep 07 2002 00:00:01 GMT+0800 (CST)
        _WEEKDAY + r"(?P<month>[A-Za-z]{3,9})\.?\s+(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>[0-9]{4})"
        r"(?:[\s,]+(?:at\s+)?" + _TIME + _ZONE + ")?",
        # Sat Sep  7 00:00:01 2002, with or without a zone before the year (asctime, Java)
        _WEEKDAY + r"(?P<month>[A-Za-z]{3})\s+(?P<day>[0-9]{1,2})\s+" + _TIME + _ZONE + r"\s+(?P<year>[0-9]{4})",
        # 2002/9/7 0:00; 2002-09-07 00:00:01 +0800; 2002年9月7日 星期六 00:00
        r"(?P<year>[0-9]{4})\s*[-/.年년]\s*(?P<month>[0-9]{1,2})\s*[-/.月월]\s*(?P<day>[0-9]{1,2})\s*[日일]?"
        r"(?:[Tt\s,]*(?:[(（]?(?:星期|周|週)[一二三四五六日天][)）]?)?\s*" + _TIME + _ZONE + ")?",
        # 20020907; 20020907000001; 20020907T000001Z
        r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})"
        r"(?:T?(?P<hour>[0-9]{2})(?P<minute>[0-9]{2})(?P<second>[0-9]{2})" + _ZONE + ")?",
        # 07.09.2002 00:00
        r"(?P<day>[0-9]{1,2})\.(?P<month>[0-9]{1,2})\.(?P<year>[0-9]{4})(?:[\s,]+" + _TIME + _ZONE + ")?",
        # 2002-09; 2002 (W3CDTF)
        r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{1,2}))?",
    )
)


def parse_date(text: str) -> datetime | None:
    """The moment that *text* names: aware where it gives a zone, naive where it gives none, None where it is no date.

    A zone of letters that is not known means ``-0000``, which is UTC (RFC 5322, 4.3); so do the military letters.
    """
    text = text.strip()
    if not text or len(text) > _LONGEST:
        return None
    try:
        return _in_range(_quick(text) or _slow(text))
    except (ValueError, OverflowError):
        return None  # a day, an hour or an offset that no calendar has


def _in_range(moment: datetime | None) -> datetime | None:
    return moment if moment is not None and FIRST_YEAR <= moment.year <= LAST_YEAR else None


def _quick(text: str) -> datetime | None:
    """The two forms that nearly all dates have; the standard library reads one, and the other put into it."""
    if text[4:5] == "-":
        return _iso(text) if text[10:11] in "T " else None
    month = _MONTH_PARTS.get(text[8:11])
    if month is None or text[3:5] != ", " or not text[7] == text[11:12] == text[16:17] == " ":
        return None
    zone = text[25:].lstrip()
    return _iso(f"{text[12:16]}{month}{text[5:7]}T{text[17:25]}{_UTC.get(zone, zone)}")


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None  # the patterns know more forms than the standard library


def _slow(text: str) -> datetime | None:
    for pattern in _PATTERNS:
        match = pattern.fullmatch(text)
        if match is not None:
            return _moment(match.groupdict())
    return None


def _moment(parts: dict[str, str | None]) -> datetime | None:
    month = _month(parts.get("month") or "1")
    if month is None:
        return None
    more_days, hour = divmod(_hour(parts), 24)
    second = int(parts.get("second") or 0)
    zone = parts.get("zone")
    moment = datetime(
        _year(parts["year"] or ""),
        month,
        int(parts.get("day") or 1),
        hour,
        int(parts.get("minute") or 0),
        59 if second == 60 else second,  # a leap second has no place in a datetime
        int((parts.get("fraction") or "").ljust(6, "0")[:6]),
        tzinfo=_zone(zone) if zone else None,
    )
    return moment + timedelta(days=more_days)


def _year(text: str) -> int:
    """RFC 5322, 4.3: two digits below 50 are of this century; three digits count from 1900."""
    year = int(text)
    if len(text) == 2:
        return year + (2000 if year < 50 else 1900)
    return year + 1900 if len(text) == 3 else year


def _month(text: str) -> int | None:
    return int(text) if text.isdigit() else _MONTHS.get(text[:3].lower())


def _hour(parts: dict[str, str | None]) -> int:
    hour = int(parts.get("hour") or 0)
    noon = (parts.get("noon") or "").replace(".", "").lower() or parts.get("half") or ""
    if noon in _AFTERNOON:
        return hour + 12 if hour < 12 else hour
    if noon and hour == 12:
        return 0
    if hour == 24 and (int(parts.get("minute") or 0) or int(parts.get("second") or 0)):
        raise ValueError("an hour of 24 is midnight (ISO 8601) and nothing later")
    if hour > 24:
        raise ValueError("no day has so many hours")
    return hour


@lru_cache(maxsize=256)
def _zone(text: str) -> tzinfo:
    """The zone of an offset (``+08:00``, ``GMT+8``) or a name.

    Raises:
        ValueError: the offset is a day or more.
    """
    sign = max(text.find("+"), text.find("-"))
    if sign < 0:
        hours = _ZONES.get(text.upper())
        return timezone(timedelta(hours=hours)) if hours is not None else UTC
    digits = text[sign + 1 :].replace(":", "")
    hours, minutes = (int(digits), 0) if len(digits) < 3 else (int(digits[:-2]), int(digits[-2:]))
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[sign] == "-" else offset) if offset else UTC
