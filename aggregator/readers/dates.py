"""The dates of lists and pages: in a format that the settings name, or in any that feeds are known to use."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from aggregator.readers.errors import MappingError
from feeds.reading.dates import FIRST_YEAR, LAST_YEAR, parse_date

# Seconds or milliseconds since 1970: ten digits until 2286, and thirteen.
_SECONDS = re.compile(r"([0-9]{10})(?:\.[0-9]+)?")
_MILLISECONDS = re.compile(r"([0-9]{10})([0-9]{3})")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EXAMPLE = datetime(2022, 3, 14, 18, 35, 49, tzinfo=UTC)


def check_format(date_format: str) -> None:
    """Make sure that dates can be read with *date_format*.

    Raises:
        ValueError: they cannot.
    """
    how = 'a format as Python\'s strptime takes it, as in "%Y-%m-%d %H:%M:%S"'
    try:
        read = datetime.strptime(_EXAMPLE.strftime(date_format), date_format)  # noqa: DTZ007  only its day counts
    except (ValueError, re.error) as error:
        raise ValueError(f"{date_format!r} is not {how}: {error}") from error
    if read.date() != _EXAMPLE.date():
        raise ValueError(f"{date_format!r} does not tell year, month and day: it is {how}")


class Dates:
    """Reads dates, and remembers whether it could; *table* names the settings that it stands in."""

    def __init__(self, table: str, date_format: str) -> None:
        self._table = table
        self._format = date_format
        self._read = 0
        self._unread: list[str] = []

    def read(self, text: str) -> datetime | None:
        """The moment that *text* names, naive where it gives no zone; None where it is none."""
        if not text:
            return None
        moment = self._formatted(text) if self._format else _since_1970(text) or parse_date(text)
        if moment is None or not FIRST_YEAR <= moment.year <= LAST_YEAR:
            self._unread.append(text[:60])
            return None
        self._read += 1
        return moment

    def problem(self) -> str:
        """A sentence on the dates that could not be read, empty where there are none.

        Raises:
            MappingError: there are dates, and none could be read.
        """
        if not self._unread:
            return ""
        setting, first = f"[{self._table}] date_format", self._unread[0]
        if not self._read:
            how = f"{self._format!r} reads none of the dates" if self._format else "without it no date can be read"
            raise MappingError(f"{setting}: {how}, such as {first!r}")
        more = f" (and {len(self._unread) - 1} more)" if len(self._unread) > 1 else ""
        return f"{setting}: {first!r} is no date of that form{more}"

    def _formatted(self, text: str) -> datetime | None:
        try:
            return datetime.strptime(text, self._format)  # noqa: DTZ007  the zone is the source's
        except (ValueError, OverflowError):
            return None


def _since_1970(text: str) -> datetime | None:
    if seconds := _SECONDS.fullmatch(text):
        return _EPOCH + timedelta(seconds=int(seconds[1]))
    if parts := _MILLISECONDS.fullmatch(text):
        return _EPOCH + timedelta(seconds=int(parts[1]), milliseconds=int(parts[2]))
    return None
