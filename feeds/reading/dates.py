"""Dates as documents write them: RFC 822 and its successors, RFC 3339, ISO 8601, and the variants that are met.

A date is never guessed: a text that is not understood gives None. Nothing raises. Whether a date can be true is judged
by ``aggregator.normalise``.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from feeds.reading.date_words import ERAS, hour_of, implied_zone, month_of, simplified, zone_of

FIRST_YEAR: Final = 1
LAST_YEAR: Final = 9998
"""The last year that can be told in every zone."""

# No date is longer; a paragraph that stands where a date belongs is not searched.
_LONGEST: Final = 80

# For what nearly every RSS feed writes, "Sat, 07 Sep 2002 00:00:01 GMT" (RFC 822, 5.1; RFC 5322, 3.3).
_MONTH_PARTS: Final = {
    " Jan ": "-01-", " Feb ": "-02-", " Mar ": "-03-", " Apr ": "-04-", " May ": "-05-", " Jun ": "-06-",
    " Jul ": "-07-", " Aug ": "-08-", " Sep ": "-09-", " Oct ": "-10-", " Nov ": "-11-", " Dec ": "-12-",
}  # fmt: skip
_UTC: Final = {" GMT": "Z", " UTC": "Z", " UT": "Z"}

# What follows is for texts that ``simplified`` has been over.
_WORD: Final = r"[^\W\d_]"
_WEEKDAY: Final = rf"(?:{_WORD}{{2,12}}[.,]?\s?,?\s|{_WORD}{{2,3}},)?"
_OFFSET: Final = r"[+-][0-9]{1,2}(?::?[0-9]{2}(?::?[0-9]{2})?)?"
_ZONE: Final = (
    rf"(?:\s?(?P<zone>(?:(?:etc/)?(?:utc|gmt))?\s?{_OFFSET}|[a-z]{{1,5}}(?:/[a-z_]{{3,14}})?|..时间))?"
    r"(?:\s?\([^()]*\))?"
)
_TIME: Final = (
    r"(?P<half>上午|下午|凌晨|清晨|早上|早晨|中午|傍晚|晚上|晚间|午前|午後|午后|오전|오후)?\s?(?P<hour>[0-9]{1,2})"
    r"(?:(?:\s?[:时時시点點]\s?(?P<minute>[0-9]{1,2})\s?[分분]?"
    r"(?:\s?:?\s?(?P<second>[0-9]{1,2})(?:[.,](?P<fraction>[0-9]{1,9}))?\s?[秒초]?)?)\s?(?P<noon>[ap]\.?m\.?)?"
    r"|\s?[时時시点點])"
)
_AFTER_DAY: Final = rf"(?:[\s,t]+(?:at\s)?{_TIME}{_ZONE})?"
_EAST_DAY: Final = (
    r"\s?(?:[(（]?(?:星期|礼拜|周|週)?[一二三四五六日天月火水木金土월화수목금토일]?(?:曜日?|요일)?[)）]?)?\s?"
)

_PATTERNS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        # sat, 7 september 02 0:00 pst
        rf"{_WEEKDAY}(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th|\.)?[\s-]+(?:de\s)?(?P<month>{_WORD}{{3,12}})\.?"
        rf"[\s,-]+(?:de\s)?(?P<year>[0-9]{{2,4}}){_AFTER_DAY}",
        # september 7, 2002 12:00 am; sat sep 07 2002 00:00:01 gmt+0800 (cst)
        rf"{_WEEKDAY}(?P<month>{_WORD}{{3,12}})\.?\s(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?,?\s(?P<year>[0-9]{{4}})"
        rf"{_AFTER_DAY}",
        # sat sep 7 00:00:01 2002, with or without a zone before the year (asctime, Java)
        rf"{_WEEKDAY}(?P<month>{_WORD}{{3}})\s(?P<day>[0-9]{{1,2}})\s{_TIME}{_ZONE}\s(?P<year>[0-9]{{4}})",
        # 2002/9/7 0:00; fri, 2006/09/15 08:19:53 edt (Perforce); 2004-07-08 23:56:58 -00:20; Google's 2003-012-31;
        # 2002年9月7日 星期六 00:00; 平成14年9月7日
        rf"{_WEEKDAY}(?:(?P<era>{'|'.join(ERAS)})\s?(?P<of_era>[0-9]{{1,3}})|(?P<year>[0-9]{{4}}))\s?[-/.年년]\s?"
        r"(?P<month>0?[0-9]{1,2})\s?[-/.月월]\s?(?P<day>[0-9]{1,2})\s?[日号號일.]?"
        rf"(?:[t,]?{_EAST_DAY}{_TIME}{_ZONE}|{_EAST_DAY})",
        # 2004-július-13t9:15-05:00
        rf"(?P<year>[0-9]{{4}})[-.\s]\s?(?P<month>{_WORD}{{3,12}})[-.\s]\s?(?P<day>[0-9]{{1,2}})\.?{_AFTER_DAY}",
        # 20020907; 200209070000; 20020907t000001z
        r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})"
        rf"(?:[\st]?(?P<hour>[0-9]{{2}}):?(?P<minute>[0-9]{{2}}):?(?P<second>[0-9]{{2}})?{_ZONE})?",
        # 07.09.2002 00:00
        rf"{_WEEKDAY}(?P<day>[0-9]{{1,2}})\.\s?(?P<month>[0-9]{{1,2}})\.\s?(?P<year>[0-9]{{4}}){_AFTER_DAY}",
        # 2002-09; 2002 (W3CDTF); 2002年9月
        r"(?P<year>[0-9]{4})(?:(?:-|\s?[年년]\s?)(?P<month>[0-9]{1,2})[月월]?|年|년)?",
        # 2002-W36-6, 2002W366T00:00Z; 2002-250, 2002250 (ISO 8601)
        rf"(?P<year>[0-9]{{4}})-?w(?P<week>[0-9]{{2}})(?:-?(?P<weekday>[1-7]))?{_AFTER_DAY}",
        rf"(?P<year>[0-9]{{4}})-?(?P<ordinal>[0-9]{{3}}){_AFTER_DAY}",
        # 02-09-07, 020907; 02250; -0209, -02-09 (ISO 8601 of 1988)
        rf"(?P<year>[0-9]{{2}})(?:-(?P<month>[0-9]{{2}})-|(?P<month_too>[0-9]{{2}}))(?P<day>[0-9]{{2}}){_AFTER_DAY}",
        r"(?P<year>[0-9]{2})-?(?P<ordinal>[0-9]{3})",
        r"-(?P<year>[0-9]{2})-?(?P<month>[0-9]{2})",
    )
)
# Seconds or, with three digits more, milliseconds since 1970; with fewer digits it could be a day.
_EPOCH: Final = re.compile(r"(?P<seconds>[0-9]{9,10})(?P<thousandths>[0-9]{3})?(?:\.[0-9]{1,9})?")


def parse_date(text: str) -> datetime | None:
    """The moment that *text* names: aware where it gives a zone, naive where it gives none, None where it is no date.

    A zone of letters that is not known counts as none. Dates in words that only Korea or Japan uses are in the one zone
    that these have. A number of 9, 10, 12 or 13 digits is a Unix time, unless the 12 are a date and a time.
    """
    text = text.strip()
    if not text or len(text) > _LONGEST:
        return None
    try:
        moment = _quick(text) or _slow(simplified(text))
    except (ValueError, OverflowError):
        return None  # a day, an hour or an offset that no calendar has
    return moment if moment is not None and moment.year <= LAST_YEAR else None


def _quick(text: str) -> datetime | None:
    """The two forms that nearly all dates have; the standard library reads one, and the other put into it."""
    try:
        if text[4:5] == "-":
            return datetime.fromisoformat(text) if text[10:11] in "T " else None
        zone = text[25:]
        return datetime.fromisoformat(f"{_quick_day(text[3:17])}{text[17:25]}{_UTC.get(zone) or zone.lstrip()}")
    except (ValueError, LookupError):
        return None  # the patterns know more forms than the standard library


@lru_cache(maxsize=1024)
def _quick_day(text: str) -> str:
    """``, 07 Sep 2002 `` as ``2002-09-07T``: the entries of a feed share a few days."""
    if not text.startswith(", ") or not text.endswith(" "):
        raise ValueError(f"{text!r} is no day as RFC 822 writes it")
    return f"{text[9:13]}{_MONTH_PARTS[text[4:9]]}{text[2:4]}T"


def _slow(text: str) -> datetime | None:
    for pattern in _PATTERNS:
        match = pattern.fullmatch(text)
        if match is not None:
            return _moment(text, match.groupdict())
    match = _EPOCH.fullmatch(text)
    if match is None:
        return None
    return datetime.fromtimestamp(int(match["seconds"]), UTC).replace(microsecond=int(match["thousandths"] or 0) * 1000)


def _moment(text: str, parts: dict[str, str | None]) -> datetime | None:
    day = _day(parts)
    if day is None:
        return None
    hour = int(parts.get("hour") or 0)
    minute, second = int(parts.get("minute") or 0), int(parts.get("second") or 0)
    if hour == 24 and (minute or second):
        return None  # an hour of 24 is midnight (ISO 8601) and nothing later
    more_days, hour = divmod(hour_of(hour, parts.get("noon") or parts.get("half") or ""), 24)
    if more_days > 1 or (more_days and hour):
        return None
    moment = day.replace(
        hour=hour,
        minute=minute,
        second=59 if second == 60 else second,  # a leap second has no place in a datetime
        microsecond=int((parts.get("fraction") or "").ljust(6, "0")[:6]),
        tzinfo=zone_of(parts.get("zone") or "") or implied_zone(text),
    )
    return moment + timedelta(days=more_days)


def _day(parts: dict[str, str | None]) -> datetime | None:
    """The day as its naive midnight."""
    era = parts.get("era")
    year = ERAS[era] + int(parts["of_era"] or 0) if era else _year(parts["year"] or "")
    if parts.get("week"):
        return datetime.fromisocalendar(year, int(parts["week"] or 0), int(parts.get("weekday") or 1))
    if parts.get("ordinal"):
        day = datetime(year, 1, 1) + timedelta(days=int(parts["ordinal"] or 0) - 1)  # noqa: DTZ001  the zone comes later
        return day if day.year == year else None
    month = month_of(parts.get("month") or parts.get("month_too") or "1")
    return datetime(year, month, int(parts.get("day") or 1)) if month else None  # noqa: DTZ001


def _year(text: str) -> int:
    """RFC 5322, 4.3: two digits below 50 are of this century; three digits count from 1900."""
    year = int(text)
    if len(text) == 2:
        return year + (2000 if year < 50 else 1900)
    return year + 1900 if len(text) == 3 else year
