"""Pages and the feeds that they name: ``tests/data/discovery/<case>.html`` with what is expected, in that order."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.discovery import USUAL_PATHS, address_key, known_feed, usual_feeds
from feeds.reading.web_page import Candidate, linked_feeds

_DATA = Path(__file__).parents[1] / "data" / "discovery"
_CASES = sorted(path.stem for path in _DATA.glob("*.html"))
_PAGE = "https://harbour.example/news/today.html?page=2"


def test_there_are_cases() -> None:
    assert len(_CASES) > 5


@pytest.mark.parametrize("case", _CASES)
def test_feeds_that_a_page_names(case: str) -> None:
    found = linked_feeds((_DATA / f"{case}.html").read_bytes(), _PAGE)
    expected = json.loads((_DATA / f"{case}.expected.json").read_text(encoding="utf-8"))
    assert [asdict(candidate) for candidate in found] == expected


def test_the_encoding_that_the_server_says() -> None:
    page = '<link rel=alternate type=application/rss+xml title="潮汐" href=/>'.encode("gbk")
    [found] = linked_feeds(page, _PAGE, "text/html; charset=gbk")
    assert found == Candidate("https://harbour.example/", "潮汐", "application/rss+xml")


def test_a_page_that_is_nested_without_end() -> None:
    page = b"<div>" * 200_000 + b"<link rel=alternate type=application/rss+xml href=/deep>"
    assert len(linked_feeds(page, _PAGE)) <= 1
    page = b"<link rel=alternate type=application/rss+xml href=/first>" + page
    assert linked_feeds(page, _PAGE)[0].address == "https://harbour.example/first"


@settings(deadline=None)  # a loaded machine is no fault
@given(st.binary(max_size=300), st.text(max_size=30))
def test_any_bytes_are_a_page(page: bytes, content_type: str) -> None:
    assert linked_feeds(page, _PAGE, content_type) == ()


@pytest.mark.parametrize(
    ("page", "feed"),
    [
        (
            "https://www.youtube.com/channel/UCab-1_2/videos",
            "https://www.youtube.com/feeds/videos.xml?channel_id=UCab-1_2",
        ),
        ("https://m.youtube.com/user/harbour", "https://www.youtube.com/feeds/videos.xml?user=harbour"),
        ("https://youtube.com/playlist?a=b&list=PL12", "https://www.youtube.com/feeds/videos.xml?playlist_id=PL12"),
        ("https://www.youtube.com/@harbour", None),
        ("https://old.reddit.com/r/tides/", "https://www.reddit.com/r/tides/.rss"),
        ("https://www.reddit.com/user/mate", "https://www.reddit.com/user/mate/.rss"),
        ("https://www.reddit.com/r/tides/.rss", None),
        ("https://github.com/harbour/tides", "https://github.com/harbour/tides/releases.atom"),
        ("https://github.com/harbour/tides/releases/", "https://github.com/harbour/tides/releases.atom"),
        ("https://github.com/harbour/tides/tags", "https://github.com/harbour/tides/tags.atom"),
        ("https://github.com/harbour/tides/commits/main", "https://github.com/harbour/tides/commits/main.atom"),
        ("https://github.com/harbour/tides/commits/main.atom", None),
        ("https://github.com/harbour/tides/releases.atom", None),
        ("https://github.com/harbour/tides/issues/1", None),
        ("https://github.com/harbour", None),
        ("https://github.com.example/harbour/tides", None),
        ("https://[broken", None),
    ],
)
def test_sites_that_are_known(page: str, feed: str | None) -> None:
    assert known_feed(page) == (Candidate(feed) if feed else None)


@pytest.mark.parametrize(
    ("page", "places"),
    [
        ("https://harbour.example", ["https://harbour.example/"]),
        ("https://harbour.example/?a=b#c", ["https://harbour.example/"]),
        ("https://harbour.example:8443/about.html", ["https://harbour.example:8443/"]),
        ("https://harbour.example/blog", ["https://harbour.example/blog/", "https://harbour.example/"]),
        ("https://harbour.example/a/b/c.php?d=e", ["https://harbour.example/a/b/", "https://harbour.example/"]),
    ],
)
def test_usual_places(page: str, places: list[str]) -> None:
    found = [[candidate.address for candidate in group] for group in usual_feeds(page)]
    assert found == [[place + path for path in USUAL_PATHS] for place in places]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://Tides.example/feed/", "http://tides.example:80/feed#top", True),
        ("https://user:secret@tides.example/feed", "https://tides.example:443/feed", True),
        ("https://tides.example", "https://tides.example/", True),
        ("https://tides.example/feed?a=1", "https://tides.example/feed?a=2", False),
        ("https://tides.example/Feed", "https://tides.example/feed", False),
        ("https://tides.example:8080/", "https://tides.example/", False),
        ("https://[broken", "https://[broken", True),
    ],
)
def test_addresses_of_one_feed(one: str, other: str, same: bool) -> None:
    assert (address_key(one) == address_key(other)) is same
