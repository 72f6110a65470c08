"""feedparser has read more feeds than anyone: where both can, our readers and it say the same."""

from __future__ import annotations

import calendar
import json
import os
from datetime import UTC, datetime
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import feedparser
import pytest
from w3lib.html import remove_tags

from feeds.document import SourceEntry, SourceFeed, Text
from feeds.reading import FeedSyntaxError, read

FOLDER = Path(__file__).parents[2] / "data" / "feeds"
REAL = os.environ.get("FEEDMILL_REAL_FEEDS", "")

# Where we mean to differ, and why.
DIFFERENT = {
    "atom-alternates.xml": "an address is better than none, even if it is a PDF, or that of the content",
    "atom-base.xml": "an address that cannot be split stays for whoever judges it",
    "rss-1.0-items-beside-channel.rdf": "rdf:about is the item's address where it has no link",
    "rss-dates.xml": "feedparser reads 2026年11月23日 as the 1st and 0000-00-00 as a date",
    "rss-guids.xml": "an empty link does not keep a permalink from being one",
    "rss-internal-entities.xml": "feedparser leaves some entities out of addresses",
}


def documents() -> list[Any]:
    """Those that the strict readers read; the rest has no two readings to compare."""
    found = [path for path in sorted(FOLDER.iterdir()) if path.suffix in (".xml", ".rdf")]
    if REAL:
        found += sorted(path for path in Path(REAL).iterdir() if path.suffix != ".json")
    readable = [path for path in found if strictly(path, served(path)) is not None]
    return [pytest.param(path, id=path.name, marks=marks(path)) for path in readable]


def served(path: Path) -> dict[str, str]:
    """What the expectation of *path* says that it came with."""
    expectation = path.with_suffix(".expected.json")
    given: dict[str, str] = {}
    return json.loads(expectation.read_text(encoding="utf-8")).get("given", given) if expectation.exists() else given


def marks(path: Path) -> list[pytest.MarkDecorator]:
    """Strict: a difference that is gone has to leave the list."""
    reason = DIFFERENT.get(path.name)
    return [pytest.mark.xfail(reason=reason, strict=True, raises=AssertionError)] if reason else []


def strictly(path: Path, given: dict[str, str]) -> SourceFeed | None:
    try:
        feed = read(path.read_bytes(), **given)
    except FeedSyntaxError:
        return None
    return None if feed.lenient else feed


def theirs(path: Path, given: dict[str, str]) -> list[dict[str, Any]]:
    headers = {"content-type": given.get("content_type", "application/xml")}
    if "location" in given:
        headers["content-location"] = given["location"]
    parsed = feedparser.parse(
        BytesIO(path.read_bytes()), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )
    return list(parsed["entries"])


@pytest.mark.parametrize("path", documents())
def test_the_same_entries(path: Path) -> None:
    given = served(path)
    feed = strictly(path, given)
    assert feed is not None
    ours = [entry for entry in feed.entries if not entry.withdrawn]
    found = theirs(path, given)
    assert len(ours) == len(found)
    for entry, other in zip(ours, found, strict=True):
        assert seen(entry) == expected(entry, other)


def seen(entry: SourceEntry) -> dict[str, object]:
    return {
        "id": entry.id,
        "link": entry.link,
        "title": words(entry.title),
        "published": in_utc(entry.published),
        "updated": in_utc(entry.updated),
    }


def expected(entry: SourceEntry, other: dict[str, Any]) -> dict[str, object]:
    """feedparser's entry in our words; *entry* is only asked for its base."""
    identity = other.get("id", "")
    if identity == urljoin(entry.base, entry.id):
        identity = entry.id  # feedparser resolves ids, which are only names
    link = other.get("feedburner_origlink") or other.get("link", "")
    if other.get("guidislink") and not link.startswith("http"):
        link = ""  # feedparser makes a link of any guid
    return {
        "id": identity,
        "link": urljoin(entry.base, link) if link else "",
        "title": words(Text(other.get("title", ""))),
        "published": moment(other, "published_parsed") or moment(other, "created_parsed"),
        "updated": moment(other, "updated_parsed"),
    }


def words(text: Text | None) -> str:
    """A title without markup and differences of white space."""
    return " ".join(remove_tags(unescape(unescape(text.value))).split()) if text else ""


def in_utc(value: datetime | None) -> datetime | None:
    if value is None:
        return None
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)


def moment(other: dict[str, Any], name: str) -> datetime | None:
    parsed = dict.get(other, name)
    return datetime.fromtimestamp(calendar.timegm(parsed), UTC) if parsed else None
