"""Texts and dates as documents can carry them, whatever an entry holds."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from feeds.site import Site

# XML 1.0 (2.2) forbids the other control characters, surrogates, U+FFFE and U+FFFF, and advises against DEL and the
# C1 controls, of which the W3C's validator warns. The possessive "*+" saves the engine two thirds of its time, and
# this runs over every text that is written.
_WRITABLE_CHARACTERS = "\xa0-\ud7ff\t\n\r -~\ue000-\ufffd\U00010000-\U0010ffff"
_WRITABLE = re.compile(f"[{_WRITABLE_CHARACTERS}]*+")
_UNWRITABLE = re.compile(f"[^{_WRITABLE_CHARACTERS}]+")
_LONG = 20_000
_NOTHING, _MINUTE = timedelta(0), timedelta(minutes=1)


def clean(text: str) -> str:
    """*text* without the characters that no document should carry: in XML and JSON the same, so that they agree."""
    # What Python calls printable is writable, and most texts of one line are.
    if text.isprintable():
        return text
    return _remembered(text) if len(text) < _LONG else _cleaned(text)


# An entry's content is asked for by one format after the other; what is very long is not to be held by anybody.
@lru_cache(256)
def _remembered(text: str) -> str:
    return _cleaned(text)


def _cleaned(text: str) -> str:
    return text if _WRITABLE.fullmatch(text) else _UNWRITABLE.sub("", text)


def local(moment: datetime, site: Site) -> datetime:
    """*moment* to the second, in the site's time zone.

    UTC where that cannot be written: RFC 3339 and RFC 822 have no seconds in an offset, as the local mean times
    before 1901 do, and the first and the last day of the calendar have no neighbour.
    """
    return _local(moment, site.timezone)


# An entry is written in several formats, and its two moments are often the same.
@lru_cache(1_024)
def _local(moment: datetime, timezone: ZoneInfo) -> datetime:
    try:
        written = moment.astimezone(timezone)
    except OverflowError:
        written = moment.astimezone(UTC)
    if (written.utcoffset() or _NOTHING) % _MINUTE:
        written = moment.astimezone(UTC)
    return written.replace(microsecond=0) if written.microsecond else written


def rfc3339(moment: datetime, site: Site) -> str:
    """*moment* as Atom and JSON Feed write it: ``2022-03-14T18:35:49+08:00``."""
    return local(moment, site).isoformat()


def rfc822(moment: datetime, site: Site) -> str:
    """*moment* as RSS writes it: ``Mon, 14 Mar 2022 18:35:49 +0800``, in English whatever the locale is."""
    return format_datetime(local(moment, site))
