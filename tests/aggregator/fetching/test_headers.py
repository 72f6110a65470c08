from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from aggregator.fetching.headers import Fields, freshness, hub_links, retry_after

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


DATE = "Mon, 14 Mar 2022 09:59:00 GMT"
SOON = "Mon, 14 Mar 2022 10:05:00 GMT"


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        ({"cache-control": "max-age=600"}, 600.0),
        ({"cache-control": "public, Max-Age=600, must-revalidate"}, 600.0),
        ({"cache-control": 'max-age="600"'}, 600.0),
        ({"cache-control": "max-age = 600"}, 600.0),
        ({"cache-control": "max-age=600", "age": "590"}, 10.0),
        ({"cache-control": "max-age=600", "age": "600"}, None),
        ({"cache-control": "max-age=600", "age": "a while"}, 600.0),
        ({"cache-control": "max-age=600, max-age=5"}, 600.0),
        ({"cache-control": "max-age=0, must-revalidate"}, None),
        ({"cache-control": "max-age=-5"}, None),
        ({"cache-control": "max-age"}, None),
        ({"cache-control": f"max-age={'9' * 5000}"}, None),
        ({"cache-control": "s-maxage=600"}, None),
        ({"cache-control": "no-cache, max-age=600"}, None),
        ({"cache-control": 'max-age=600, no-cache="set-cookie"'}, None),
        ({"cache-control": "max-age=600, no-store"}, None),
        ({"cache-control": 'note="no-store, x", max-age=600'}, 600.0),
        ({"cache-control": "max-age=600", "expires": DATE}, 600.0),
        ({"cache-control": "max-age=soon", "expires": SOON}, None),
        ({"cache-control": "private", "expires": SOON, "date": DATE}, 360.0),
        ({"expires": SOON, "date": DATE, "age": "60"}, 300.0),
        ({"expires": SOON}, 300.0),
        ({"expires": SOON, "date": "today"}, 300.0),
        ({"expires": SOON, "date": SOON}, None),
        ({"expires": "0", "date": DATE}, None),
        ({"expires": "-1"}, None),
        ({}, None),
    ],
)
def test_freshness(fields: dict[str, str], seconds: float | None) -> None:
    assert freshness(fields, NOW) == seconds


_ANY_FIELD = st.text() | st.text(alphabet='a,;="\\<>: -max-age0no-store')


@given(st.dictionaries(st.sampled_from(["cache-control", "expires", "date", "age"]), _ANY_FIELD))
def test_freshness_takes_any_text(fields: dict[str, str]) -> None:
    seconds = freshness(fields, NOW)
    assert seconds is None or seconds > 0


BASE = "https://news.example/a/feed.xml"


@pytest.mark.parametrize(
    ("value", "hubs", "itself"),
    [
        ('<https://hub.example/>; rel="hub"', ["https://hub.example/"], ""),
        ("<https://hub.example/>;rel=hub,<https://news.example/feed>;rel=self", ["https://hub.example/"],
         "https://news.example/feed"),
        ('<https://a.example/>; rel="hub", <https://b.example/>; rel="hub", <https://a.example/>; rel=hub',
         ["https://a.example/", "https://b.example/"], ""),
        ('<https://a.example/> ; title="one, <two>; rel=self" ; REL="preload HUB"', ["https://a.example/"], ""),
        ('<feed.xml?x=1>; rel="self", </hub>; rel=hub', ["https://news.example/hub"],
         "https://news.example/a/feed.xml?x=1"),
        ('<https://one.example/>; rel=self, <https://two.example/>; rel=self', [], "https://one.example/"),
        ('<https://one.example/>; rel="self hub"', ["https://one.example/"], "https://one.example/"),
        ('<https://a.example/>; rel=next; rel=hub', [], ""),
        ('<https://a.example/>; rel=hub; anchor="https://other.example/"', [], ""),
        ("<https://a.example/x,y;z>; rel=hub", ["https://a.example/x,y;z"], ""),
        ('<https://a.example/>; title="a \\" b"; rel="hub"', ["https://a.example/"], ""),
        (", ,<https://a.example/>; rel=hub,,", ["https://a.example/"], ""),
        ('<https://a.example/>;; rel=hub', ["https://a.example/"], ""),
        ("<javascript:alert(1)>; rel=hub, <file:///etc/passwd>; rel=self", [], ""),
        ("<http://[::1>; rel=hub", [], ""),
        ("<>; rel=self", [], BASE),
        ("<https://a.example/>; rel=hub; <https://b.example/>; rel=hub", ["https://a.example/"], ""),
        ("<https://a.example/>; rel=hub nonsense <https://b.example/>; rel=hub", ["https://a.example/"], ""),
        ("https://a.example/; rel=hub", [], ""),
        ("<https://a.example/; rel=hub", [], ""),
        ("", [], ""),
    ],
)  # fmt: skip
def test_hub_links(value: str, hubs: list[str], itself: str) -> None:
    assert hub_links(value, BASE) == (tuple(hubs), itself)


@given(_ANY_FIELD | st.text(alphabet='<>;,=" relhubslf/:a'))
def test_hub_links_takes_any_text(value: str) -> None:
    hubs, itself = hub_links(value, BASE)
    for address in (*hubs, itself):
        assert not address or address.startswith(("http://", "https://"))


def test_a_field_that_is_made_to_be_slow_is_not() -> None:
    for value in ('a="' * 10_000, "<" * 30_000, "<a>;" + ";" * 30_000, '<a>; x="' + "\\" * 30_000, ",<a>" * 8_000):
        hub_links(value, BASE)
        freshness({"cache-control": value}, NOW)
