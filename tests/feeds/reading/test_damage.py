"""Damaged documents: what is whole in them is read, and what was wrong is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.reading import FeedSyntaxError, read
from feeds.reading.draft import Problems
from feeds.reading.mend import mend
from feeds.reading.xml import parse_xml

if TYPE_CHECKING:
    from feeds.document import SourceFeed

TWO = (
    "<rss version='2.0'><channel><title>Harbour</title>"
    "<item><guid>1</guid><title>One</title>{}</item><item><guid>2</guid><title>Two</title></item></channel></rss>"
)
HARM = {
    "ampersand": "<link>https://a.example/?a=1&b=2</link>",
    "entities": "<description>caf&eacute;&nbsp;open</description>",
    "control characters": "<description>bell \x07</description>",
    "undeclared prefixes": "<dc:creator>Ada</dc:creator><media:content url='https://a.example/a.jpg' medium='image'/>",
    "an attribute twice": "<enclosure url='https://a.example/a.mp3' url='https://a.example/b.mp3' length='1'/>",
    "an attribute without quotes": "<enclosure url=https://a.example/a.mp3 length=1 type=audio/mpeg />",
    "markup not closed": "<description>one<br>two<p>three</description>",
    "an element not closed": "<category>x",
    "a stray end": "</b></description>",
    "a less-than sign": "<description>1 < 2</description>",
    "a number of no character": "<description>&#0;&#xD83D;&#xDE00;</description>",
}


@pytest.fixture(autouse=True)
def _no_feedparser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(feedparser, "parse")  # all of this is for our own readers


def damaged(harm: str) -> SourceFeed:
    feed = read(TWO.format(harm).encode())
    assert feed.lenient
    assert feed.problems
    assert [entry.id for entry in feed.entries] == ["1", "2"]
    assert feed.title == "Harbour"
    return feed


@pytest.mark.parametrize("harm", HARM.values(), ids=HARM)
def test_no_entry_is_lost(harm: str) -> None:
    damaged(harm)


def test_what_was_meant_is_read() -> None:
    assert damaged(HARM["ampersand"]).entries[0].link == "https://a.example/?a=1&b=2"
    entities = damaged(HARM["entities"]).entries[0].summary
    assert entities
    assert entities.value == "café\xa0open"
    first = damaged(HARM["undeclared prefixes"]).entries[0]
    assert [author.name for author in first.authors] == ["Ada"]
    assert [file.url for file in first.enclosures] == ["https://a.example/a.jpg"]
    assert damaged(HARM["an attribute twice"]).entries[0].enclosures[0].url == "https://a.example/a.mp3"
    assert damaged(HARM["an attribute without quotes"]).entries[0].enclosures[0].media_type == "audio/mpeg"
    number = damaged(HARM["a number of no character"]).entries[0].summary
    assert number
    assert number.value == "\ufffd😀"


@pytest.mark.parametrize("length", range(len("<item><guid>2</guid><title>Two</title></item")))
def test_the_whole_entries_before_a_cut_count(length: int) -> None:
    document = TWO.format("")
    start = document.index("<item><guid>2")
    assert [entry.id for entry in read(document[: start + length].encode()).entries] == ["1"]


def test_a_second_document_that_follows_is_read_too() -> None:
    document = TWO.format("").encode()
    feed = read(document + document.replace(b">1<", b">3<").replace(b">2<", b">4<"))
    assert [entry.id for entry in feed.entries] == ["1", "2", "3", "4"]


def test_a_web_page_names_its_feed() -> None:
    page = b"<!DOCTYPE html><html><head><link rel='alternate' type='application/atom+xml' href='/a.atom'></head></html>"
    with pytest.raises(FeedSyntaxError, match=r"the feed that it names is https://a\.example/a\.atom"):
        read(page, location="https://a.example/")


JSON = '{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "title": "a\\ud800b"}, {"id": "2"}]}'


def test_json_with_half_a_character() -> None:
    title = read(JSON.encode()).entries[0].title
    assert title
    assert title.value == "a\ufffdb"


def test_json_that_breaks_off() -> None:
    first = JSON.index("}") + 1
    for end in range(first, len(JSON) - 3):
        assert [entry.id for entry in read(JSON[:end].encode()).entries] == ["1"]
    with pytest.raises(FeedSyntaxError, match="not valid JSON"):
        read(JSON[: first - 1].encode())


PIECES = st.sampled_from(
    ["<item>", "</item>", "<title", "<a b=c d='", "/>", ">", "<", "&", "&x;", "&#1;", "<![CDATA[", "]]>", "<!--", "-->",
     "<?x", "?>", "</rss>", "<rss>", "<dc:x>", " xmlns:dc=''", "<!DOCTYPE a [", "]>", '"', "'", "=", "x", "<feed>", ":"]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES | st.text(max_size=4), max_size=30).map("".join))
def test_what_is_mended_is_well_formed(text: str) -> None:
    problems = Problems()
    data = f"<rss>{text}".encode(errors="replace")
    try:
        mended = mend(data, problems)
    except FeedSyntaxError:
        return
    parse_xml(mended)
