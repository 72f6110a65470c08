"""Dates as documents write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.reading.dates import FIRST_YEAR, LAST_YEAR, parse_date

# What stands on the right is the standard library's spelling; without an offset it is naive.
TABLE = """
Mon, 23 Nov 2026 18:35:49 +0800                          | 2026-11-23T18:35:49+08:00
Mon, 23 Nov 2026 18:35:49 GMT                            | 2026-11-23T18:35:49+00:00
Mon, 23 Nov 2026 18:35:49 UT                             | 2026-11-23T18:35:49+00:00
Mon, 23 Nov 2026 18:35:49 Z                              | 2026-11-23T18:35:49+00:00
Mon, 23 Nov 2026 18:35:49 -0000                          | 2026-11-23T18:35:49+00:00
Mon, 23 Nov 2026 18:35:49 EST                            | 2026-11-23T18:35:49-05:00
Mon, 23 Nov 2026 18:35:49 EDT                            | 2026-11-23T18:35:49-04:00
Mon, 23 Nov 2026 18:35:49 CST                            | 2026-11-23T18:35:49-06:00
Mon, 23 Nov 2026 18:35:49 CDT                            | 2026-11-23T18:35:49-05:00
Mon, 23 Nov 2026 18:35:49 MST                            | 2026-11-23T18:35:49-07:00
Mon, 23 Nov 2026 18:35:49 PDT                            | 2026-11-23T18:35:49-07:00
Mon, 23 Nov 2026 18:35:49 pst                            | 2026-11-23T18:35:49-08:00
Mon, 23 Nov 2026 18:35:49 A                              | 2026-11-23T18:35:49-01:00
Mon, 23 Nov 2026 18:35:49 M                              | 2026-11-23T18:35:49-12:00
Mon, 23 Nov 2026 18:35:49 N                              | 2026-11-23T18:35:49+01:00
Mon, 23 Nov 2026 18:35:49 Y                              | 2026-11-23T18:35:49+12:00
Mon, 23 Nov 2026 18:35:49 B                              | 2026-11-23T18:35:49+00:00
Mon, 23 Nov 2026 18:35:49 +8                             | 2026-11-23T18:35:49+08:00
Mon, 23 Nov 2026 18:35:49 +800                           | 2026-11-23T18:35:49+08:00
Mon, 23 Nov 2026 18:35:49 GMT+8                          | 2026-11-23T18:35:49+08:00
Mon, 23 Nov 2026 18:35:49 GMT +0800                      | 2026-11-23T18:35:49+08:00
Mon, 23 Nov 2026 18:35:49 +08:00:00                      | 2026-11-23T18:35:49+08:00
Mon, 23 Nov 2026 18:35:49 −0500                          | 2026-11-23T18:35:49-05:00
Mon, 23 Nov 2026 18:35:49 Asia/Shanghai                  | 2026-11-23T18:35:49
Mon, 23 Nov 2026 18:35:49 XYZT                           | 2026-11-23T18:35:49
Mon, 23 Nov 2026 18:35:49 Etc/GMT                        | 2026-11-23T18:35:49+00:00
Mon, 23 Nov 2026 18:35:49 GMT+05:30                      | 2026-11-23T18:35:49+05:30
Mon, 23 Nov 2026 18:35:49 +08:00                         | 2026-11-23T18:35:49+08:00
Mon, 23 Nov 2026 18:35:49                                | 2026-11-23T18:35:49
Mon, 23 Nov 2026 18:35 +0100                             | 2026-11-23T18:35:00+01:00
Mon, 23 Nov 2026                                         | 2026-11-23T00:00:00
Mon, 3 Nov 2026 8:05:09 GMT                              | 2026-11-03T08:05:09+00:00
Mon,  3 Nov 2026 08:05:09 GMT                            | 2026-11-03T08:05:09+00:00
Mon,23 Nov 2026 18:35:49 GMT                             | 2026-11-23T18:35:49+00:00
Monday, 23 November 2026 18:35:49 GMT                    | 2026-11-23T18:35:49+00:00
Monday, 23-Nov-26 18:35:49 GMT                           | 2026-11-23T18:35:49+00:00
23 Nov 26 18:35 GMT                                      | 2026-11-23T18:35:00+00:00
23 Nov 49 18:35 GMT                                      | 2049-11-23T18:35:00+00:00
23 Nov 50 18:35 GMT                                      | 1950-11-23T18:35:00+00:00
23 Nov 126 18:35 GMT                                     | 2026-11-23T18:35:00+00:00
Fri, 23 Nov 2026 18:35:49 GMT                            | 2026-11-23T18:35:49+00:00
Sept, 23 Sept 2026 18:35:49 GMT                          | 2026-09-23T18:35:49+00:00
Mon, 23 Nov 2026 18:35:60 GMT                            | 2026-11-23T18:35:59+00:00
Mon, 23 Nov 2026 24:00:00 GMT                            | 2026-11-24T00:00:00+00:00
Mon, 23 Nov 2026 06:35:49 PM EST                         | 2026-11-23T18:35:49-05:00
Mon, 23 Nov 2026 12:05 AM                                | 2026-11-23T00:05:00
Mon Nov 23 18:35:49 2026                                 | 2026-11-23T18:35:49
Mon Nov  3 18:35:49 2026                                 | 2026-11-03T18:35:49
Mon Nov 23 18:35:49 PST 2026                             | 2026-11-23T18:35:49-08:00
Mon Nov 23 2026 18:35:49 GMT+0800 (China Standard Time)  | 2026-11-23T18:35:49+08:00
November 23, 2026 6:35 p.m.                              | 2026-11-23T18:35:00
Nov 23rd, 2026                                           | 2026-11-23T00:00:00
2026-11-23T18:35:49+08:00                                | 2026-11-23T18:35:49+08:00
2026-11-23T18:35:49Z                                     | 2026-11-23T18:35:49+00:00
2026-11-23t18:35:49z                                     | 2026-11-23T18:35:49+00:00
2026-11-23T18:35:49.5Z                                   | 2026-11-23T18:35:49.500000+00:00
2026-11-23T18:35:49.123456789Z                           | 2026-11-23T18:35:49.123456+00:00
2026-11-23T18:35:49+0800                                 | 2026-11-23T18:35:49+08:00
2026-11-23T18:35:49+08                                   | 2026-11-23T18:35:49+08:00
2026-11-23T18:35Z                                        | 2026-11-23T18:35:00+00:00
2026-11-23T18:35:49                                      | 2026-11-23T18:35:49
2026-11-23 18:35:49                                      | 2026-11-23T18:35:49
2026-11-23 18:35:49 +0800                                | 2026-11-23T18:35:49+08:00
2026-11-23 18:35:49 UTC                                  | 2026-11-23T18:35:49+00:00
2026-11-23T24:00:00Z                                     | 2026-11-24T00:00:00+00:00
2026-11-23                                               | 2026-11-23T00:00:00
2026-11                                                  | 2026-11-01T00:00:00
2026                                                     | 2026-01-01T00:00:00
2026-1-3                                                 | 2026-01-03T00:00:00
20261123                                                 | 2026-11-23T00:00:00
20261123T183549Z                                         | 2026-11-23T18:35:49+00:00
20261123183549                                           | 2026-11-23T18:35:49
2026/11/23 18:35                                         | 2026-11-23T18:35:00
2026.11.23 8:05:09                                       | 2026-11-23T08:05:09
23.11.2026 18:35                                         | 2026-11-23T18:35:00
2026年11月23日 18:35                                     | 2026-11-23T18:35:00
2026年1月3日 08:05:09                                    | 2026-01-03T08:05:09
2026年11月23日18时35分                                   | 2026-11-23T18:35:00
2026年11月23日18时35分49秒                               | 2026-11-23T18:35:49
2026年11月23日 星期一 下午6:35                           | 2026-11-23T18:35:00
2026年11月23日（周一）18:35                              | 2026-11-23T18:35:00
2026年11月23日 上午12:05                                 | 2026-11-23T00:05:00
2026年11月23日                                           | 2026-11-23T00:00:00
2026年11月23日 18:35 北京时间                            | 2026-11-23T18:35:00+08:00
2026년 11월 23일 오후 6:35:49                            | 2026-11-23T18:35:49+09:00
2026년 11월 23일 (월) 오전 12:05                         | 2026-11-23T00:05:00+09:00
2026년 11월 23일 월요일 18시 35분                        | 2026-11-23T18:35:00+09:00
2026. 11. 23. 오후 6:35                                  | 2026-11-23T18:35:00+09:00
2026年11月23日 下午3:05                                  | 2026-11-23T15:05:00
2026年11月23日下午3点05分                                | 2026-11-23T15:05:00
2026年11月23日15时                                       | 2026-11-23T15:00:00
2026年11月23日 凌晨12:05                                 | 2026-11-23T00:05:00
2026年11月23日 中午12:05                                 | 2026-11-23T12:05:00
2026年11月23日 中午1:05                                  | 2026-11-23T13:05:00
2026年11月23日 傍晚6:35                                  | 2026-11-23T18:35:00
2026年11月23日 10:00 GMT+8                               | 2026-11-23T10:00:00+08:00
2026-11-23 下午 6:35:49                                  | 2026-11-23T18:35:49
２０２６年１１月２３日　１８：３５                       | 2026-11-23T18:35:00
二〇二六年十一月二十三日                                 | 2026-11-23T00:00:00
二〇二六年十月三日 星期六 十五时五分                     | 2026-10-03T15:05:00
民國115年11月23日                                        | 2026-11-23T00:00:00
2026年11月23日（月）18:35                                | 2026-11-23T18:35:00
2026/11/23(月) 18:35                                     | 2026-11-23T18:35:00
2026年11月23日 月曜日 18時35分                           | 2026-11-23T18:35:00
令和8年11月23日(月) 午後6時35分                          | 2026-11-23T18:35:00+09:00
令和元年5月1日                                           | 2019-05-01T00:00:00+09:00
平成31年4月30日 午前0時5分                               | 2019-04-30T00:05:00+09:00
㍻31年4月30日                                            | 2019-04-30T00:00:00+09:00
2026年11月                                               | 2026-11-01T00:00:00
2026年                                                   | 2026-01-01T00:00:00
3小时前                                                  | none
昨天 18:35                                               | none
星期一                                                   | none
Δευ, 23 Νοέ 2026 18:35:49 EET                            | 2026-11-23T18:35:49+02:00
Δευ, 23 Νοεμβρίου 2026 18:35                             | 2026-11-23T18:35:00
2026-szeptember-7T9:05-05:00                             | 2026-09-07T09:05:00-05:00
Mo, 23. Dez 2026 18:35:49 +0100                          | 2026-12-23T18:35:49+01:00
lundi 23 novembre 2026 18:35                             | 2026-11-23T18:35:00
23 de agosto de 2026                                     | 2026-08-23T00:00:00
пн, 23 ноя 2026 18:35:49 +0300                           | 2026-11-23T18:35:49+03:00
Mon, 2026/11/23 18:35:49 EDT                             | 2026-11-23T18:35:49-04:00
Mon Nov 23 18:35:49 +0000 2026                           | 2026-11-23T18:35:49+00:00
Mon, 23 Nov, 2026 18:35:49 UTC                           | 2026-11-23T18:35:49+00:00
2026-W48-1                                               | 2026-11-23T00:00:00
2026W481                                                 | 2026-11-23T00:00:00
2026-W48                                                 | 2026-11-23T00:00:00
2026-W48-1T18:35Z                                        | 2026-11-23T18:35:00+00:00
2026-W54-1                                               | none
2026-327                                                 | 2026-11-23T00:00:00
2026327T18:35:49+08:00                                   | 2026-11-23T18:35:49+08:00
2026-366                                                 | none
2026-000                                                 | none
26-11-23                                                 | 2026-11-23T00:00:00
261123                                                   | 2026-11-23T00:00:00
26327                                                    | 2026-11-23T00:00:00
-26-11                                                   | 2026-11-01T00:00:00
2026-011-23T18:35:49Z                                    | 2026-11-23T18:35:49+00:00
2026-11-23T18                                            | 2026-11-23T18:00:00
2026-11-23T18:35:60Z                                     | 2026-11-23T18:35:59+00:00
2026-11-23T18:35:61Z                                     | none
202611231835                                             | 2026-11-23T18:35:00
1700000000                                               | 2023-11-14T22:13:20+00:00
1700000000.5                                             | 2023-11-14T22:13:20+00:00
1700000000123                                            | 2023-11-14T22:13:20.123000+00:00
946684800                                                | 2000-01-01T00:00:00+00:00
1900-01-01T00:00:00Z                                     | 1900-01-01T00:00:00+00:00
2200-12-31T23:59:59Z                                     | 2200-12-31T23:59:59+00:00
Thu, 01 Jan 0100 00:00:01 +0100                          | 0100-01-01T00:00:01+01:00
9998-12-31T23:59:59Z                                     | 9998-12-31T23:59:59+00:00
9999-01-01                                               | none
0000-00-00 00:00:00                                      | none
0001-01-01T00:00:00Z                                     | 0001-01-01T00:00:00+00:00
9999-12-31T24:00:00Z                                     | none
Mon, 31 Feb 2026 00:00:00 GMT                            | none
Mon, 23 Foo 2026 00:00:00 GMT                            | none
Mon, 23 Nov 2026 25:00:00 GMT                            | none
Mon, 23 Nov 2026 24:00:01 GMT                            | none
Mon, 23 Nov 2026 18:61:00 GMT                            | none
Mon, 23 Nov 2026 18:35:49 +9999                          | none
2026-13-01                                               | none
2026-11-23T18:35:49+25:00                                | none
yesterday                                                | none
Mon, 23 Nov                                              | none
Mon, 23 Nov 2026 18:35+01 +0000                          | none
11/23/2026                                               | none
170000000                                                | 1975-05-22T14:13:20+00:00
17000000000000                                           | none
-1                                                       | none
"""
ROWS = [[cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()]

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1000, 1, 2), datetime(LAST_YEAR, 12, 30), timezones=ZONES)  # noqa: DTZ001
SECONDS = MOMENTS.map(lambda moment: moment.replace(microsecond=0))


@pytest.mark.parametrize(("text", "expected"), ROWS, ids=[row[0] for row in ROWS])
def test_table(text: str, expected: str) -> None:
    moment = parse_date(f" {text}\n")
    assert (moment.isoformat() if moment else "none") == expected


@pytest.mark.parametrize("text", ["", " ", "\n", "x" * 5000, "1" * 5000, "2026年" * 500, "Mon, " + " " * 5000 + "1"])
def test_no_date(text: str) -> None:
    assert parse_date(text) is None


@given(SECONDS)
def test_rfc_5322_comes_back(moment: datetime) -> None:
    assert parse_date(format_datetime(moment)) == moment


@given(MOMENTS)
def test_rfc_3339_comes_back(moment: datetime) -> None:
    for text in (moment.isoformat(), moment.isoformat(" "), moment.astimezone(UTC).isoformat().replace("+00:00", "Z")):
        assert parse_date(text) == moment


def zoned(moment: datetime) -> list[str]:
    """*moment* in every form that carries an offset."""
    offset = f"{moment:%z}"
    colon = f"{offset[:3]}:{offset[3:]}"
    year, week, weekday = moment.isocalendar()
    afternoon = moment.hour > 11
    chinese = f"{moment.year}年{moment.month}月{moment.day}日 {'下午' if afternoon else '上午'}"
    korean = f"{moment.year}년 {moment.month}월 {moment.day}일 {'오후' if afternoon else '오전'}"
    texts = [
        f"{moment:%a, %d %b %Y %H:%M:%S} GMT{colon}",
        f"{moment:%A, %d-%b-%Y %H:%M:%S} {offset}",
        f"{moment:%a %b %d %H:%M:%S} {offset} {moment:%Y}",
        f"{moment:%a %b %d %Y %H:%M:%S} GMT{offset} (here)",
        f"{moment:%a, %Y/%m/%d %H:%M:%S} {offset}",
        f"{moment:%Y%m%dT%H%M%S}{offset}",
        f"{moment:%Y-%m-%d %I:%M:%S %p} {colon}:00",
        f"{year}-W{week:02}-{weekday}T{moment:%H:%M:%S}{colon}",
        f"{moment:%Y-%jT%H:%M:%S}{colon}",
        f"{chinese}{moment:%I:%M:%S}{offset}",
        f"{korean} {moment:%I:%M:%S} {offset}",
    ]
    if 2018 < moment.year < 3018:
        texts.append(f"令和{moment.year - 2018}年{moment.month}月{moment.day}日{moment:%H時%M分%S秒}{offset}")
    return texts


@given(SECONDS)
def test_every_form_comes_back(moment: datetime) -> None:
    assert {text: parse_date(text) for text in zoned(moment)} == dict.fromkeys(zoned(moment), moment)


@given(st.datetimes(datetime(1973, 4, 1), datetime(2286, 11, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_unix_times_come_back(moment: datetime) -> None:
    seconds = moment.replace(microsecond=0)
    assert parse_date(str(int(seconds.timestamp()))) == seconds
    thousandths = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    if moment.year > 2001:  # with fewer digits it is a day and a time
        text = f"{int(seconds.timestamp())}{moment.microsecond // 1000:03}"
        assert parse_date(text) == thousandths


@given(SECONDS)
def test_naive_stays_naive(moment: datetime) -> None:
    naive = moment.replace(tzinfo=None)
    texts = (
        naive.isoformat(),
        naive.isoformat(" "),
        naive.strftime("%a %b %d %H:%M:%S %Y"),
        f"{naive.year}年{naive.month}月{naive.day}日 {naive:%H:%M:%S}",
        f"{naive:%B} {naive.day}, {naive.year} {naive:%I:%M:%S %p}",
    )
    for text in texts:
        assert parse_date(text) == naive


@given(st.one_of(st.text(max_size=90), st.text("0123456789-:+TZ ./,年月日GMTNovMonAPM()", max_size=40)))
def test_nothing_raises_and_nothing_absurd_comes_back(text: str) -> None:
    moment = parse_date(text)
    assert moment is None or FIRST_YEAR <= moment.year <= LAST_YEAR


@given(SECONDS, st.data())
def test_a_date_with_one_character_changed_never_raises(moment: datetime, data: st.DataObject) -> None:
    text = data.draw(st.sampled_from([format_datetime(moment), moment.isoformat()]))
    place = data.draw(st.integers(0, len(text) - 1))
    changed = text[:place] + data.draw(st.characters()) + text[place + 1 :]
    result = parse_date(changed)
    assert result is None or FIRST_YEAR <= result.year <= LAST_YEAR
