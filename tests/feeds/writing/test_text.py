from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from feeds.writing.text import clean, rfc822, rfc3339

if TYPE_CHECKING:
    from feeds.site import Site


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("数字广东 & <b>😀</b> ]]>\t\r\n", "数字广东 & <b>😀</b> ]]>\t\r\n"),
        ("a\x00b\x08c\x0bd\x0ce\x1ff", "abcdef"),
        ("\x7fdelete and C1\x80\x9f\u00a0", "delete and C1\u00a0"),
        ("lone \ud83d surrogate \ude00", "lone  surrogate "),
        ("\ufffe\uffff\ufffd", "\ufffd"),
        ("", ""),
    ],
)
def test_clean(text: str, expected: str) -> None:
    assert clean(text) == expected


@pytest.mark.parametrize(
    ("moment", "zone", "atom", "rss"),
    [
        ("2022-03-14T10:35:49Z", "Asia/Shanghai", "2022-03-14T18:35:49+08:00", "Mon, 14 Mar 2022 18:35:49 +0800"),
        ("2026-07-01T12:00:00Z", "America/New_York", "2026-07-01T08:00:00-04:00", "Wed, 01 Jul 2026 08:00:00 -0400"),
        ("2026-01-01T00:00:00Z", "America/New_York", "2025-12-31T19:00:00-05:00", "Wed, 31 Dec 2025 19:00:00 -0500"),
        ("2026-01-01T00:00:00Z", "UTC", "2026-01-01T00:00:00+00:00", "Thu, 01 Jan 2026 00:00:00 +0000"),
        ("2026-01-01T00:00:00Z", "Asia/Kathmandu", "2026-01-01T05:45:00+05:45", "Thu, 01 Jan 2026 05:45:00 +0545"),
    ],
)
def test_dates_are_written_in_the_sites_time_zone(moment: str, zone: str, atom: str, rss: str, site: Site) -> None:
    there = replace(site, timezone=ZoneInfo(zone))
    assert rfc3339(datetime.fromisoformat(moment), there) == atom
    assert rfc822(datetime.fromisoformat(moment), there) == rss


def test_a_date_in_another_zone_is_the_same_moment(site: Site) -> None:
    tokyo = datetime(2022, 3, 14, 19, 35, 49, tzinfo=timezone(timedelta(hours=9)))
    assert rfc3339(tokyo, site) == "2022-03-14T18:35:49+08:00"


def test_fractions_of_a_second_are_left_out(site: Site) -> None:
    assert rfc3339(datetime(2022, 3, 14, 10, 35, 49, 999999, tzinfo=UTC), site) == "2022-03-14T18:35:49+08:00"


@pytest.mark.parametrize(
    ("moment", "atom", "rss"),
    [
        # Shanghai was 8 hours, 5 minutes and 43 seconds ahead.
        (datetime(1899, 12, 31, tzinfo=UTC), "1899-12-31T00:00:00+00:00", "Sun, 31 Dec 1899 00:00:00 +0000"),
        (datetime(9999, 12, 31, 23, tzinfo=UTC), "9999-12-31T23:00:00+00:00", "Fri, 31 Dec 9999 23:00:00 +0000"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00+00:00", "Mon, 01 Jan 0001 00:00:00 +0000"),
    ],
)
def test_what_the_zone_cannot_say_is_said_in_utc(moment: datetime, atom: str, rss: str, site: Site) -> None:
    assert rfc3339(moment, site) == atom
    assert rfc822(moment, site) == rss
