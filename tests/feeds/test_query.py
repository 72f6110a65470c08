"""Queries as addresses say them, and the one address of each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.query import MOST_CHARACTERS, MOST_VALUES, Query, QueryTooLongError, read_query, search_address
from tests.feeds.publishing.shelf import SITE

if TYPE_CHECKING:
    from collections.abc import Sequence

_NAMES = st.sampled_from(["q", "category", "tag", "medium", "utm_source", ""])
_PAIRS = st.lists(st.tuples(_NAMES, st.text(max_size=12)), max_size=8)


def said(pairs: Sequence[tuple[str, str]], quoted: object = quote) -> bytes:
    assert callable(quoted)
    return "&".join(f"{name}={quoted(value, errors='replace')}" for name, value in pairs).encode()


@pytest.mark.parametrize(
    ("query_string", "query"),
    [
        (b"", Query()),
        (b"q=%E8%82%A1%E5%B8%82", Query("股市")),
        ("q=股市".encode(), Query("股市")),
        (b"q=a+b&q=%20c%0A", Query("a b c")),
        (b"category=b&category=a&category=b&category=", Query(categories=("a", "b"))),
        (b"tag=+A++B+&medium=x", Query(tags=("A B",), media=("x",))),
        (b"q=%00a%ED%A0%80&utm_source=x&Q=y", Query("a\ufffd\ufffd\ufffd")),
        (b"q", Query()),
        (b"&&=&?q=1", Query()),
    ],
)
def test_read(query_string: bytes, query: Query) -> None:
    assert read_query(query_string) == query


def test_its_address_has_everything_in_order() -> None:
    query = read_query("tag=z&q=A股 &tag=b&medium=c/d&category=e&category=%3F".encode())
    expected = "https://tide.example/search.atom?category=%3F&category=e&medium=c%2Fd&q=A%E8%82%A1&tag=b&tag=z"
    assert search_address(query, SITE, "atom") == expected


@given(pairs=_PAIRS, order=st.randoms(use_true_random=False))
def test_equal_queries_have_one_address(pairs: list[tuple[str, str]], order: object) -> None:
    query = read_query(said(pairs))
    others = [pair for pair in pairs if pair[0] != "q"]
    order.shuffle(others)  # type: ignore[attr-defined]
    again = read_query(said([*others, *(pair for pair in pairs if pair[0] == "q")], quote_plus))
    assert again == query
    assert again.parameters == query.parameters
    assert read_query(query.parameters.encode()) == query
    # RFC 3986, 3.4, and RFC 4151, 2.1: what may stand in a URL and in a tag URI.
    assert re.fullmatch(r"[A-Za-z0-9._~%=&-]*", query.parameters)
    assert urlsplit(search_address(query, SITE, "rss")).query == query.parameters


def test_a_query_may_be_as_long_as_it_says() -> None:
    longest = [("q", "股" * MOST_CHARACTERS), *(("tag", f"{number}") for number in range(MOST_VALUES))]
    assert len(read_query(said(longest)).tags) == MOST_VALUES
    same = said([("tag", "x")] * 5_000)
    assert read_query(same) == Query(tags=("x",))


@pytest.mark.parametrize(
    "pairs",
    [
        [("q", "股" * (MOST_CHARACTERS + 1))],
        [("q", "x" * MOST_CHARACTERS), ("q", "y")],
        [("medium", "x" * (MOST_CHARACTERS + 1))],
        [("tag" if number % 2 else "category", f"{number}") for number in range(MOST_VALUES + 1)],
    ],
)
def test_and_no_longer(pairs: list[tuple[str, str]]) -> None:
    with pytest.raises(QueryTooLongError):
        read_query(said(pairs))
