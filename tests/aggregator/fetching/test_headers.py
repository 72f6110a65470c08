from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from aggregator.fetching.headers import Fields, retry_after

NOW = datetime(2022, 3, 14, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Mon, 14 Mar 2022 10:05:00 GMT", 300.0),
        ("Monday, 14-Mar-22 10:05:00 GMT", 300.0),
        ("Mon Mar 14 10:05:00 2022", 300.0),
        ("Mon, 14 Mar 2022 18:05:00 +0800", 300.0),
        ("Mon, 14 Mar 2022 09:00:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("１２０", None),
        ("9" * 5000, None),
        ("Mon, 99 Mar 2022 10:05:00 GMT", None),
    ],
)
def test_retry_after(value: str, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


@given(st.text() | st.from_regex(r"[A-Z][a-z]{2}, [0-9]+ [A-Z][a-z]{2} [0-9]+ [0-9:]+ [-+0-9A-Z]+"))
def test_retry_after_takes_any_text(value: str) -> None:
    seconds = retry_after(value, NOW)
    assert seconds is None or seconds >= 0


def test_fields_are_found_by_lower_case_name_and_can_be_stored() -> None:
    fields = [
        ("ETag", '"1"'),
        ("Link", "<a>"),
        ("LINK", "<b>"),
        ("X-Odd", b"caf\xe9".decode("utf-8", "surrogateescape")),
    ]
    mapping = Fields(CIMultiDict(fields))
    assert mapping == {"etag": '"1"', "link": "<a>, <b>", "x-odd": "caf\N{REPLACEMENT CHARACTER}"}
    assert all(value.encode() for value in mapping.values())
