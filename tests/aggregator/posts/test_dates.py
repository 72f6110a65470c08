from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.posts.dates import is_absent, midnight, parse_date

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2022-03-14 18:35:49 +0800", "2022-03-14T18:35:49+08:00"),
        ("2022-03-14 18:35:49 +08:00", "2022-03-14T18:35:49+08:00"),
        ("2022-03-14 18:35:49 -0330", "2022-03-14T18:35:49-03:30"),
        ("2022-03-14 18:35:49 UTC", "2022-03-14T18:35:49+00:00"),
        (" 2022-03-14 18:35 ", "2022-03-14T18:35:00+08:00"),
        ("2022-03-14T18:35:49Z", "2022-03-14T18:35:49+00:00"),
        ("2022-03-14T18:35:49.123+08", "2022-03-14T18:35:49+08:00"),
        ("2022-3-4 1:02:03", "2022-03-04T01:02:03+08:00"),
        ("2022/03/14", "2022-03-14T00:00:00+08:00"),
        ("2022-03-14 +0100", "2022-03-14T00:00:00+01:00"),
    ],
)
def test_the_forms_of_a_date(text: str, iso: str) -> None:
    moment = parse_date(text, SHANGHAI)
    assert moment is not None
    assert moment.isoformat() == iso


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+0800",
        "2022-13-45",
        "2022-02-30",
        "0000-01-01",
        "9999-12-31",
        "2022-03-14 24:00",
        "2022-03-14 10",
        "2022-03-14 10:00 +9900",
        "20220314",
        "２０２２-03-14",
        "昨天",
    ],
)
def test_what_is_no_date(text: str) -> None:
    assert parse_date(text, SHANGHAI) is None


def test_an_absent_date_is_no_wrong_one() -> None:
    assert [is_absent(text) for text in ("", " ", " +0800", "-03:30", "2022", "0800")] == [True] * 4 + [False] * 2


def test_midnight_is_the_zones_own() -> None:
    assert midnight("20220314", SHANGHAI) == datetime(2022, 3, 13, 16, tzinfo=UTC)
    assert midnight("20221345", SHANGHAI) is None
    assert midnight("00000101", SHANGHAI) is None


OFFSETS = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
SECONDS = st.integers(0, 250_000_000_000).map(
    lambda seconds: datetime(3, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


@given(st.builds(datetime.astimezone, SECONDS, OFFSETS))
def test_what_is_written_is_read_back(moment: datetime) -> None:
    year = f"{moment.year:04}"
    assert parse_date(moment.isoformat(), SHANGHAI) == moment
    assert parse_date(f"{year}-{moment:%m-%d %H:%M:%S %z}", SHANGHAI) == moment


@given(st.text(max_size=40) | st.from_regex(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?( ?[+-]\d{4})?", fullmatch=True))
def test_every_date_can_be_told_in_every_zone(text: str) -> None:
    moment = parse_date(text, SHANGHAI)
    if moment is not None:
        assert moment.astimezone(UTC) == moment
        assert moment.astimezone(SHANGHAI) == moment
