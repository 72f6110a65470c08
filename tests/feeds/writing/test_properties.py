"""Whatever texts an entry holds, its documents are well-formed, obey their format's rules, and say the same again."""

from __future__ import annotations

import calendar
import json
import re
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import feedparser
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from feeds.site import Site
from feeds.writing import atom, json_feed, opml, rss
from feeds.writing.text import clean
from storage.category import Category
from storage.entry import Author, Enclosure, Entry, Episode, Link, Origin, Tombstone, Transcript, as_info_code

if TYPE_CHECKING:
    from collections.abc import Callable

ATOM = "{http://www.w3.org/2005/Atom}"
FORMATS = {"rss": rss, "atom": atom, "json": json_feed}

NASTY = [
    "\x00",
    "\x0b",
    "\x1f",
    "\x7f",
    "\x85",
    "\ud800",
    "\udfff",
    "\ufffe",
    "\uffff",
    "]]>",
    "<![CDATA[",
    "&amp;",
    "<b>",
]
NASTY += [
    "😀",
    "\u2028",
    "\r\n",
    "\u00a0",
    "\U0010ffff",
    '"',
    "'",
    "-->",
    "<?x?>",
    "&#0;",
    "%",
    "汉字",
    "\u202e",
    "{}",
    "\\u0000",
]
characters = st.characters(exclude_categories=())
texts = st.lists(st.sampled_from(NASTY) | st.text(characters, max_size=6), max_size=5).map("".join)
names = texts.filter(lambda text: clean(text).strip())
addresses = st.from_regex(
    r"https?://[a-z]{1,8}\.example/[a-zA-Z0-9/_.~-]{0,12}(\?[a-z]=[a-z&;0-9]{0,5})?", fullmatch=True
)
moments = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59), timezones=st.just(UTC))  # noqa: DTZ001
recent = st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
zones = st.sampled_from(["Asia/Shanghai", "America/New_York", "Asia/Kathmandu", "Europe/Amsterdam", "UTC"]).map(
    ZoneInfo
)
numbers = st.integers(0, 10**18 - 1)


@st.composite
def entries(draw: st.DrawFn, when: st.SearchStrategy[datetime] = moments) -> Entry:
    info_code = as_info_code(f"NW{draw(numbers):018}")
    guid = f"tag:site.example,2022-03-14:{info_code}"
    origins = st.builds(Origin, st.just("") | names, st.just("") | addresses, st.just("") | addresses)
    counts = st.none() | st.integers(1, 2**31 - 1)
    files = st.builds(
        Enclosure, addresses, texts | st.just("audio/mpeg"), st.none() | st.integers(0, 2**40), texts, *[counts] * 3
    )
    transcripts = st.lists(st.builds(Transcript, addresses, texts | st.just("text/vtt"), texts), max_size=2).map(tuple)
    kinds = st.sampled_from(["", "full", "trailer", "bonus"])
    page = st.just("") | addresses
    people = st.builds(Author, st.just("\x00") | names, texts, page)
    episodes = st.builds(Episode, *[counts] * 3, kinds, st.none() | st.booleans(), transcripts, page)
    relations = st.sampled_from(["related", "via", "replies", "https://rel.example/x"])
    links = st.builds(Link, addresses, relations, texts | st.just("text/html"), texts, texts | st.just("en"))
    return Entry(
        info_code=info_code,
        title=draw(texts),
        content=draw(texts),
        published=draw(when),
        updated=draw(when),
        first_seen=draw(when),
        scope="site",
        source="s",
        origin=draw(origins),
        summary=draw(texts),
        link=draw(st.just("") | addresses),
        authors=tuple(draw(st.lists(people, max_size=2))),
        categories=tuple(draw(st.lists(texts, max_size=3))),
        tags=tuple(draw(st.lists(texts, max_size=2))),
        enclosures=tuple(draw(st.lists(files, max_size=2))),
        contributors=tuple(draw(st.lists(people, max_size=2))),
        links=tuple(draw(st.lists(links, max_size=2))),
        comments=draw(page),
        image=draw(page),
        licence=draw(st.just("") | names | addresses),
        episode=draw(st.none() | episodes),
        language=draw(texts | st.sampled_from(["en", "zh-TW", "EN-us"])),
        guid=guid,
        atom_id=draw(st.just(guid) | addresses),
    )


def unlike(entries: list[Entry]) -> list[Entry]:
    """The store gives no two entries one identity."""
    return list({entry.atom_id: entry for entry in {entry.guid: entry for entry in entries}.values()}.values())


sites = st.builds(
    Site,
    title=names,
    url=st.just("https://site.example"),
    timezone=zones,
    language=st.sampled_from(["en-US", "zh-CN"]),
    author=texts,
    hub=st.just("") | addresses,
)
categories = st.builds(Category, st.just("") | st.text(max_size=5), texts, updated=st.none() | moments)


@settings(max_examples=25, deadline=None)
@given(
    held=st.lists(entries(), max_size=3).map(unlike),
    category=categories,
    site=sites,
    names=st.dictionaries(texts, texts, max_size=3),
    withdrawn=moments,
)
def test_every_document_obeys_its_formats_rules(
    held: list[Entry],
    category: Category,
    site: Site,
    names: dict[str, str],
    withdrawn: datetime,
    checks: dict[str, Callable[[bytes], list[str]]],
) -> None:
    for suffix, writer in FORMATS.items():
        fragments = [writer.fragment(entry, site, names) for entry in held]
        if suffix == "atom":
            stone = Tombstone(as_info_code("NW000000000000000000"), "tag:site.example,2022-03-14:x", withdrawn)
            fragments.append(atom.tombstone(stone, site))
        assert checks[suffix](writer.document(category, site, fragments)) == []


@settings(max_examples=20, deadline=None)
@given(listed=st.lists(categories, max_size=4), site=sites)
def test_an_opml_document_lists_everything_and_each_category_once(listed: list[Category], site: Site) -> None:
    root = etree.fromstring(opml.document(listed, site))
    outlines = root.findall("body/outline")
    assert [outline.get("type") for outline in outlines] == ["rss"] * (1 + sum(bool(one.slug) for one in listed))
    assert outlines[0].get("xmlUrl") == "https://site.example/all.atom"
    assert all((outline.get("htmlUrl") or "").startswith("https://site.example/") for outline in outlines)


def parse(document: bytes) -> Any:
    feed = feedparser.parse(BytesIO(document))
    assert not feed.bozo, feed.bozo_exception
    return feed.entries[0]


def seconds(moment: datetime) -> int:
    return int(moment.replace(microsecond=0).timestamp())


def as_markup(text: str) -> bool:
    """Whether feedparser may take an RSS text for HTML; RSS has no way to say that it is none."""
    return bool(set(text) & set("<&"))


def as_mistake(text: str) -> bool:
    """Whether feedparser takes a text for UTF-8 that was read as Latin-1, and repairs it."""
    try:
        return clean(text).strip().encode("latin-1").decode() != clean(text).strip()
    except UnicodeError:
        return False


def document_of(suffix: str, entry: Entry, site: Site) -> bytes:
    names = {slug: f"{slug} " for slug in entry.categories}
    document: bytes = FORMATS[suffix].document(Category("c", "C"), site, [FORMATS[suffix].fragment(entry, site, names)])
    return document


@settings(max_examples=25, deadline=None)
@given(entry=entries(recent), site=sites)
def test_feedparser_reads_an_atom_entry_back(entry: Entry, site: Site) -> None:
    document = document_of("atom", entry, site)
    read = parse(document)
    assert etree.fromstring(document).findtext(f"{ATOM}entry/{ATOM}title") == (clean(entry.title) or " ")
    if not as_mistake(entry.title):
        assert read.title == clean(entry.title).strip()
    assert read.id == entry.atom_id
    assert read.link == entry.link or not entry.link
    assert calendar.timegm(read.published_parsed) == seconds(entry.published)
    assert calendar.timegm(read.updated_parsed) == seconds(entry.updated)
    # feedparser keeps one of several that are the same.
    terms = [tag.term for tag in read.get("tags", [])]
    assert terms == list(dict.fromkeys(filter(None, map(clean, entry.categories))))
    assert read.dc_identifier == entry.info_code


@settings(max_examples=25, deadline=None)
@given(entry=entries(recent), site=sites)
def test_feedparser_reads_an_rss_item_back(entry: Entry, site: Site) -> None:
    document = document_of("rss", entry, site)
    read = parse(document)
    item = etree.fromstring(document).find("channel/item")
    assert item is not None
    assert (item.findtext("title") or "") == clean(entry.title)
    # feedparser takes a file's title for that of an item without one.
    untitled = not clean(entry.title).strip() and any(file.title for file in entry.enclosures)
    if not as_markup(entry.title) and not as_mistake(entry.title) and not untitled:
        assert read.get("title", "") == clean(entry.title).strip()
    assert read.id == entry.guid
    if entry.link:
        assert item.findtext("link") == entry.link
        # In RSS feedparser takes what looks like an entity for one, and drops the end of one that it does not know.
        assert read.link == entry.link or re.search(r"&[^;&]*;", entry.link)
    assert calendar.timegm(read.published_parsed) == seconds(entry.published)
    terms = [slug for slug in map(clean, entry.categories) if slug]
    assert [category.text for category in item.findall("category")] == [f"{term} " for term in terms]
    if not any(as_markup(term) or as_mistake(term) for term in terms):
        assert [tag.term for tag in read.get("tags", [])] == list(
            dict.fromkeys(term.strip() for term in terms if term.strip())
        )
    assert read.dc_identifier == entry.info_code


@settings(max_examples=25, deadline=None)
@given(entry=entries(), site=sites)
def test_json_says_what_the_entry_says(entry: Entry, site: Site) -> None:
    item = json.loads(document_of("json", entry, site))["items"][0]
    assert item.get("title", "") == clean(entry.title)
    assert item["id"] == entry.atom_id
    assert item["content_html"] == clean(entry.content)
    assert datetime.fromisoformat(item["date_published"]) == entry.published.replace(microsecond=0)
    own = item["_feedmill"]
    assert (own["infoCode"], own["revision"]) == (entry.info_code, 1)
    origin = {"title": clean(entry.origin.title), "url": entry.origin.link, "feed_url": entry.origin.feed}
    assert own.get("source", {}) == {name: text for name, text in origin.items() if text}


@given(st.text(characters))
@example("\x00\ud800\ufffe")
@example("plain, 汉字, 😀 and\ttabs\r\n")
def test_clean_takes_only_what_xml_cannot_hold_or_should_not(text: str) -> None:
    cleaned = clean(text)
    element = etree.Element("x")
    element.text = cleaned
    assert etree.fromstring(etree.tostring(element)).text == (cleaned or None)
    assert clean(cleaned) == cleaned
    for character in set(text) - set(cleaned):
        if not "\x7f" <= character <= "\x9f":
            with pytest.raises(ValueError, match=r"XML compatible|surrogates not allowed"):
                element.text = character
