"""Which spellings of an address are one address."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.links import place_of, without_tracking

PLAIN = "https://a.example/news/1"


@pytest.mark.parametrize(
    "link",
    [
        "http://a.example/news/1",
        "HTTPS://A.Example/news/1",
        "https://www.a.example/news/1",
        "https://a.example:443/news/1",
        "http://a.example:80/news/1",
        "https://a.example/news/1/",
        "https://a.example/./x/../news/1",
        "https://a.example/%6eews/1",
        "https://a.example/news/1?",
        "https://a.example/news/1#",
        " https://a.example/news/1\n",
        "https://a.example/news/1?utm_source=rss&utm_medium=feed",
        "https://a.example/news/1?UTM_Source=x&fbclid=1&gclid=2&cmp=3&xtor=RSS-1",
        "https://a.example/news/1?at_medium=RSS&at_campaign=rss&at_bbc_team=x",
        "https://a.example/news/1?ref=rss",
        "https://a.example/news/1#xtor=RSS-3208",
        "https://a.example/news/1#utm_source=a&utm_medium=b",
    ],
)
def test_one_address(link: str) -> None:
    assert place_of(link) == place_of(PLAIN) == ("a.example/news/1", "")


@pytest.mark.parametrize(
    "link",
    [
        "https://a.example/news/2",
        "https://a.example/News/1",
        "https://b.a.example/news/1",
        "https://a.example:8080/news/1",
        "https://a.example/news/1?id=1",
        "https://a.example/news/1?ref=42",
        "https://a.example/news/1?utmost=1",
        "https://a.example/news%2F1",
        "https://a.example/news/1#two",
        "ftp://a.example/news/1",
    ],
)
def test_another_address(link: str) -> None:
    assert place_of(link) != place_of(PLAIN)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/?id=1", "https://a.example/?id=2"),
        ("https://a.example/p#1", "https://a.example/p#2"),
        ("https://a.example/?a=1&a=2", "https://a.example/?a=2&a=1"),
        ("https://a.example/?q", "https://a.example/"),
    ],
)
def test_two_addresses(one: str, other: str) -> None:
    assert place_of(one) != place_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/港?q=港 口", "http://www.a.example/%e6%b8%af/?q=%E6%B8%AF+%e5%8f%a3"),
        ("https://a.example/?b=2&a=1", "https://a.example?a=1&b=2"),
        ("https://港.example/", "https://xn--j6w.example"),
        ("https://a.example/%7euser", "https://a.example/~user"),
        ("http://[bad", "https://[bad/"),
    ],
)
def test_two_spellings(one: str, other: str) -> None:
    assert place_of(one) == place_of(other)


@given(st.text() | st.from_regex(r"https?://[^/]*[/?#%&=.\w]*", fullmatch=True))
def test_any_text_is_some_place(link: str) -> None:
    place = place_of(link)

    assert place == place_of(link)
    assert isinstance(without_tracking(link), str)


@pytest.mark.parametrize(
    ("link", "without"),
    [
        (PLAIN, PLAIN),
        (f"{PLAIN}/?utm_source=rss&id=1&fbclid=2#top", f"{PLAIN}/?id=1#top"),
        (f"{PLAIN}?cmp=rss#xtor=1", PLAIN),
        ("http://WWW.a.example/%7e?b=2&a=1", "http://WWW.a.example/%7e?b=2&a=1"),
        ("", ""),
    ],
)
def test_a_link_without_its_tracking(link: str, without: str) -> None:
    assert without_tracking(link) == without
