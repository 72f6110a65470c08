"""Mending loses no entry that feedparser finds; what feedparser alone can read says all that it has to say."""

from __future__ import annotations

import warnings
from datetime import UTC, datetime, timedelta
from io import BytesIO
from random import Random
from typing import TYPE_CHECKING, NoReturn

import feedparser
import pytest

from feeds.document import SourceFeed, Term, Text, TextKind
from feeds.reading import FeedSyntaxError, read
from feeds.reading.draft import Problems
from feeds.reading.encoding import to_utf8
from feeds.reading.lenient import is_cut_off, read_lenient
from storage.entry import Author, Enclosure, Episode, Origin
from tests.feeds.reading.comparing import differences
from tests.feeds.reading.corpus import Served
from tests.feeds.reading.damage import KINDS
from tests.feeds.reading.documents import CORPUS, OURS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MARKUP = ("illformed/", "wellformed/")
ONE_CUT_OFF = ["entries: 0, feedparser 1"]  # known_differences tells which


# --- mending first


def damaged(path: Path, kind: str, rounds: int) -> Iterable[bytes]:
    whole = to_utf8(path.read_bytes(), "")[0]
    for number in range(rounds):
        yield KINDS[kind](whole, Random(f"{path.name} {kind} {number}"))


def found_by_feedparser(data: bytes) -> int:
    """How many whole entries feedparser finds, none where it fails."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = feedparser.parse(BytesIO(data), response_headers={"content-type": "text/xml; charset=utf-8"})
        except Exception:  # noqa: BLE001  # some of its handlers fail over elements without their end tags
            return 0
    return len(found["entries"]) - is_cut_off(data)


def lost_by_mending(paths: Iterable[Path], kind: str, rounds: int) -> list[str]:
    lost = []
    for path in paths:
        for data in damaged(path, kind, rounds):
            try:
                entries = len(read(data).entries)
            except FeedSyntaxError:
                entries = 0
            if entries < (other := found_by_feedparser(data)):
                lost.append(f"{path.name}: {entries}, feedparser {other}: {data[:2000]!r}")
    return lost


@pytest.fixture
def only_mending(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> NoReturn:
        raise FeedSyntaxError("feedparser would be asked")

    monkeypatch.setattr("feeds.reading.detect.read_lenient", refuse)


@pytest.mark.usefixtures("only_mending")
@pytest.mark.parametrize("kind", KINDS)
def test_mending_loses_no_entry(kind: str) -> None:
    assert lost_by_mending(OURS, kind, 3) == []


@pytest.mark.slow
@pytest.mark.usefixtures("only_mending")
@pytest.mark.parametrize("kind", KINDS)
def test_mending_loses_no_entry_of_many(kind: str, corpus: dict[str, list[str]]) -> None:
    paths = [CORPUS / name for names in corpus.values() for name in names if name.startswith(MARKUP)]
    assert lost_by_mending(OURS, kind, 20) + lost_by_mending(paths, kind, 1) == []


@pytest.mark.slow
@pytest.mark.usefixtures("only_mending")
def test_mending_loses_no_entry_of_the_corpus(corpus: dict[str, list[str]]) -> None:
    """Its own documents, damaged by those who met them."""
    whole = [Served.of(CORPUS / name) for names in corpus.values() for name in names]
    assert [line for served in whole for line in differences(served) if line.startswith("entries")] == ONE_CUT_OFF


# --- feedparser at last

EVERYTHING = """<rss version="2.0<![CDATA[" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"
 xmlns:media="http://search.yahoo.com/mrss/" xmlns:cc="http://creativecommons.org/ns#"
 xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:wfw="http://wellformedweb.org/CommentAPI/" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">
<channel><title>Harbour</title><link>https://example.org/</link><description>Boats &amp;lt;b&amp;gt;</description>
<language>en</language><copyright>Free for all</copyright><ttl>90</ttl><category>Sea</category>
<image><url>https://example.org/logo.png</url><title>Harbour</title><link>https://example.org/</link></image>
<fh:archive/><sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>
<atom:link rel="self" href="https://example.org/feed"/><atom:link rel="hub" href="https://hub.example/"/>
<atom:link rel="next" href="?page=2"/><atom:contributor><name>Bo</name></atom:contributor>
<pubDate>Mon, 23 Nov 2026 10:00:00 GMT</pubDate>
<item><guid isPermaLink="false">1</guid><title>One]]></title><link>https://example.org/1</link>
<description>Fog</description><author>ada@example.org (Ada)</author><category domain="urn:x">Fog</category>
<comments>https://example.org/1/talk</comments><wfw:commentRss>https://example.org/1/talk.rss</wfw:commentRss>
<enclosure url="https://example.org/1.mp3" type="audio/mpeg" length="9"/>
<media:content url="https://example.org/1.jpg" medium="image" fileSize="7" width="30" height="20"/>
<media:thumbnail url="https://example.org/small.jpg"/><atom:link rel="via" href="https://example.net/"/>
<dc:identifier>HB202611230000000001</dc:identifier><dc:contributor>Cy</dc:contributor><itunes:duration>1:02</itunes:duration><itunes:season>2</itunes:season>
<itunes:episode>3</itunes:episode><itunes:episodeType>bonus</itunes:episodeType><itunes:explicit>yes</itunes:explicit>
<cc:license rdf:resource="https://example.org/licence"/><source url="https://example.net/feed">River</source>
<pubDate>Mon, 23 Nov 2026 09:00:00 GMT</pubDate></item></channel></rss>"""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The documents that feedparser is asked about."""
    seen: list[bytes] = []

    def remember(data: bytes, location: str, problems: Problems) -> SourceFeed:
        seen.append(data)
        return read_lenient(data, location, problems)

    monkeypatch.setattr("feeds.reading.detect.read_lenient", remember)
    return seen


def test_feedparser_is_asked_where_mending_finds_no_entry(asked: list[bytes]) -> None:
    feed = read(EVERYTHING.encode(), location="https://example.org/feed")
    assert len(asked) == 1
    assert feed.lenient
    assert [entry.id for entry in feed.entries] == ["1"]


def test_the_head_says_all_that_feedparser_knows() -> None:
    feed = read(EVERYTHING.encode(), location="https://example.org/feed")
    assert (feed.title, feed.subtitle) == ("Harbour", Text("Boats &lt;b&gt;", TextKind.HTML))
    assert (feed.link, feed.self_link) == ("https://example.org/", "https://example.org/feed")
    assert (feed.hubs, feed.paging.next) == (("https://hub.example/",), "https://example.org/feed?page=2")
    assert (feed.language, feed.licence, feed.image) == ("en", "Free for all", "https://example.org/logo.png")
    assert (feed.contributors, feed.categories) == ((Author("Bo"),), (Term("Sea"),))
    assert (feed.pace.ttl, feed.pace.period) == (timedelta(minutes=90), timedelta(hours=12))
    assert feed.archive
    assert feed.updated == datetime(2026, 11, 23, 10, tzinfo=UTC)


def test_an_entry_says_all_that_feedparser_knows() -> None:
    [entry] = read(EVERYTHING.encode(), location="https://example.org/feed").entries
    assert (entry.link, entry.comments) == ("https://example.org/1", "https://example.org/1/talk")
    assert (entry.summary, entry.categories) == (Text("Fog", TextKind.HTML), (Term("Fog", scheme="urn:x"),))
    assert (entry.authors, entry.contributors) == ((Author("Ada", "ada@example.org"),), (Author("Cy"),))
    assert (entry.image, entry.licence) == ("https://example.org/small.jpg", "https://example.org/licence")
    assert entry.published == datetime(2026, 11, 23, 9, tzinfo=UTC)
    assert entry.enclosures == (
        Enclosure("https://example.org/1.mp3", "audio/mpeg", 9),
        Enclosure("https://example.org/1.jpg", "image/jpeg", 7, width=30, height=20),
    )
    assert {(link.rel, link.href) for link in entry.links} == {
        ("via", "https://example.net/"),
        ("replies", "https://example.org/1/talk.rss"),
    }
    assert entry.episode == Episode(duration=62, season=2, number=3, kind="bonus", explicit=True)
    assert entry.info_code == "HB202611230000000001"
    assert entry.origin == Origin("River", feed="https://example.net/feed")


def test_a_feed_without_entries_stays_as_mended() -> None:
    """feedparser finds no entry either: what mending found of the head counts."""
    feed = read(b"<rss><channel><title>A & B</title><!-- <item></item> --><podcast:locked>yes</podcast:locked>"
                b"<skipHours><hour>3</hour></skipHours></channel></rss>")  # fmt: skip
    assert (feed.title, feed.pace.skip_hours, feed.entries) == ("A & B", frozenset({3}), ())


@pytest.mark.slow
def test_it_says_what_feedparser_says(corpus: dict[str, list[str]]) -> None:
    """The whole corpus by the last resort alone: nearly all of it is the same, and no entry is lost."""
    names = [name for folder in corpus.values() for name in folder]
    found = {name: differences(Served.of(CORPUS / name), alone) for name in names}
    assert [name for name in names if any(line.startswith("entries") for line in found[name])] == [
        "illformed/rss_incomplete_cdata.xml"
    ]
    assert sum(map(bool, found.values())) * 50 < len(names)


def alone(data: bytes, *, content_type: str, location: str) -> SourceFeed:
    return read_lenient(to_utf8(data, content_type)[0], location, Problems())
