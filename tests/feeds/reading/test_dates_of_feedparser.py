"""Every date that feedparser's own tests contain is the same moment here.

On the right is the moment in UTC that those tests expect, where they expect one from any of feedparser's parsers.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from feeds.reading.dates import parse_date

TABLE = """
Κυρ, 11 Ιούλ 2004 12:00:00 EST      | 2004-07-11T17:00:00
2004-július-13T9:15-05:00           | 2004-07-13T14:15:00
-0312                               | 2003-12-01T00:00:00
031231                              | 2003-12-31T00:00:00
03-12-31                            | 2003-12-31T00:00:00
-03-12                              | 2003-12-01T00:00:00
03335                               | 2003-12-01T00:00:00
2003-12-31T10:14:55.1234Z           | 2003-12-31T10:14:55
2003-012-31T10:14:55+00:00          | 2003-12-31T10:14:55
2004-05-25 오후 11:23:17              | 2004-05-25T14:23:17
2004년 05월 28일  01:31:15             | 2004-05-27T16:31:15
Fri, 2006/09/15 08:19:53 EDT        | 2006-09-15T12:19:53
Thu, 30 Apr 2015 08:57:00 MET       | 2015-04-30T07:57:00
Thu, 30 Apr 2015 08:57:00 MEST      | 2015-04-30T06:57:00
Thu, 01 Jan 0100 00:00:01 +0100     | 0099-12-31T23:00:01
Thu, 01 Jan 04 19:48:21 GMT         | 2004-01-01T19:48:21
Thu, 01 Jan 2004 19:48:21 GMT       | 2004-01-01T19:48:21
Thu,  5 Apr 2012 10:00:00 GMT       | 2012-04-05T10:00:00
Wed, 19 Aug 2009 18:28:00 Etc/GMT   | 2009-08-19T18:28:00
Wed, 19 Feb 2012 22:40:00 GMT-01:01 | 2012-02-19T23:41:00
Wed, 19 Feb 2012 22:40:00 -01:01    | 2012-02-19T23:41:00
Mon, 13 Feb, 2012 06:28:00 UTC      | 2012-02-13T06:28:00
Thu, 01 Jan 2004 00:00 GMT          | 2004-01-01T00:00:00
Thu, 01 Jan 2004                    | 2004-01-01T00:00:00
Mon, 26 January 2004 16:31:00 AT    | 2004-01-26T20:31:00
Mon, 26 January 2004 16:31:00 ET    | 2004-01-26T21:31:00
Mon, 26 January 2004 16:31:00 CT    | 2004-01-26T22:31:00
Mon, 26 January 2004 16:31:00 MT    | 2004-01-26T23:31:00
Mon, 26 January 2004 16:31:00 PT    | 2004-01-27T00:31:00
Thu Aug 30 2012 17:26:16 +0200      | 2012-08-30T15:26:16
Sun, 16 Dec 2012 1:2:3:4 GMT        | none
Sun, 16 zzz 2012 11:47:32 GMT       | none
Sun, Dec x 2012 11:47:32 GMT        | none
Sun, 16 Dec zz 11:47:32 GMT         | none
Sun, 16 Dec 2012 11:47:32 +zz:00    | none
Sun, 16 Dec 2012 11:47:32 +00:zz    | none
Sun, 99 Jun 2009 12:00:00 GMT       | none
Sun Jan  4 16:29:06 2004            | 2004-01-04T16:29:06
Sun Jul 15 01:16:00 +0000 2012      | 2012-07-15T01:16:00
2003-12-31T10:14:55Z                | 2003-12-31T10:14:55
2003-12-31T10:14:55-08:00           | 2003-12-31T18:14:55
2003-12-31T18:14:55+08:00           | 2003-12-31T10:14:55
2007-04-23T23:25:47.538+10:00       | 2007-04-23T13:25:47
2003-12-31                          | 2003-12-31T00:00:00
2003-12                             | 2003-12-01T00:00:00
2003                                | 2003-01-01T00:00:00
2004-02-28T18:14:55-08:00           | 2004-02-29T02:14:55
2003-02-28T18:14:55-08:00           | 2003-03-01T02:14:55
2000-02-28T18:14:55-08:00           | 2000-02-29T02:14:55
9999-12-31T23:59:59-99:99           | none
2003-12-31T25:14:55Z                | none
2003-12-31T10:61:55Z                | none
2003-12-31T10:14:61Z                | none
22013                               | none
013                                 | none
2013-01-27-01                       | none
2013-01-28T11:30:00-06:00Textra     | none
2013-xx-27                          | none
2013-01-28T09:xx:00Z                | none
2013-01-28T09:00:00+00:xx           | none
2004-07-08 23:56:58 -00:20          | 2004-07-09T00:16:58
2004-07-08 23:56:58                 | 2004-07-08T23:56:58
2004-07-08 23:56:58.0               | 2004-07-08T23:56:58
"""
ROWS = [[cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()]

# Where the whole of feedparser, and we with it, read more than one of its parsers does.
DIFFERENT = {"22013": ("2022-01-13T00:00:00", "two digits of a year and a day of the year, as 03335 is")}


@pytest.mark.parametrize(("text", "expected"), ROWS, ids=[row[0] for row in ROWS])
def test_feedparsers_dates(text: str, expected: str) -> None:
    expected, _reason = DIFFERENT.get(text, (expected, ""))
    moment = parse_date(text)
    assert (in_utc(moment) if moment else "none") == expected


def in_utc(moment: datetime) -> str:
    """To the second; feedparser takes what has no zone for UTC."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC).replace(tzinfo=None, microsecond=0).isoformat()
