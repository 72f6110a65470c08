"""What a source said becomes what is held: dated, named, categorised, and safe to write."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from aggregator.bounds import MOST_WORDS
from aggregator.normalise import Context, normalise
from feeds.document import Format, SourceEntry, SourceFeed, Term, Text, TextKind
from storage.entry import Author, CategoryName, Enclosure, Entry, InfoCode, Origin
from tests.aggregator.contexts import CODE, DERIVED, FEED, HOUR, POSTS, SEEN, SITE


def made(
    said: SourceEntry,
    context: Context = FEED,
    *,
    code: InfoCode = CODE,
    seen: datetime = SEEN,
    now: datetime | None = None,
    **head: Any,
) -> Entry:
    feed = SourceFeed(**{"format": Format.RSS_20, **head})
    return normalise(said, code, feed, context, seen, now or seen)


# Dates


@pytest.mark.parametrize(
    ("said", "published"),
    [
        (None, SEEN),
        (datetime.fromisoformat("2022-03-14T18:35:49"), datetime(2022, 3, 14, 10, 35, 49, tzinfo=UTC)),
        (datetime(2022, 3, 14, 18, tzinfo=timezone(-5 * HOUR)), datetime(2022, 3, 14, 23, tzinfo=UTC)),
        (SEEN + HOUR, SEEN),
        (SEEN + timedelta(days=40_000), SEEN),
        (SEEN - HOUR, SEEN - HOUR),
        (datetime.fromisoformat("0001-01-01"), SEEN),
        (datetime.fromisoformat("1970-01-01T08:00"), SEEN),
        (datetime(1970, 1, 2, tzinfo=UTC), datetime(1970, 1, 2, tzinfo=UTC)),
    ],
)
def test_when_it_was_published(said: datetime | None, published: datetime) -> None:
    entry = made(SourceEntry(published=said))

    assert entry.published == entry.updated == published
    assert entry.published.tzinfo is entry.updated.tzinfo is UTC
    assert entry.first_seen == SEEN


def test_an_update_stands_in_for_a_missing_date() -> None:
    entry = made(SourceEntry(updated=SEEN - HOUR))

    assert entry.published == entry.updated == SEEN - HOUR


@pytest.mark.parametrize("absurd", ["0001-01-01", "1970-01-01T00:00+00:00", "2040-01-01", "9998-12-31T23:59-12:00"])
def test_an_absurd_date_counts_as_missing(absurd: str) -> None:
    when = datetime.fromisoformat(absurd)

    assert made(SourceEntry(published=when, updated=SEEN - HOUR)).published == SEEN - HOUR
    assert made(SourceEntry(published=SEEN - HOUR, updated=when), now=SEEN + HOUR).updated == SEEN - HOUR


def test_an_update_is_never_before_the_date() -> None:
    assert made(SourceEntry(published=SEEN - HOUR, updated=SEEN - 2 * HOUR)).updated == SEEN - HOUR
    assert made(SourceEntry(published=SEEN - 2 * HOUR, updated=SEEN - HOUR)).updated == SEEN - HOUR


def test_an_update_may_come_after_the_first_look_but_not_after_now() -> None:
    said = SourceEntry(published=SEEN - HOUR, updated=SEEN + 2 * HOUR)

    assert made(said, now=SEEN + 5 * HOUR).updated == SEEN + 2 * HOUR
    assert made(said, now=SEEN + HOUR).updated == SEEN + HOUR
    assert made(replace(said, published=SEEN + 2 * HOUR), now=SEEN + 5 * HOUR).published == SEEN


# Words


@pytest.mark.parametrize(
    ("said", "title"),
    [
        (SourceEntry(title=Text("<b>A</b> &amp; B", TextKind.HTML)), "A & B"),
        (SourceEntry(title=Text("<b>A</b> &amp; B")), "<b>A</b> &amp; B"),
        (SourceEntry(title=Text("  A\n B\x00\ufffe ")), "A B"),
        (SourceEntry(content=Text("<p>港口开放。船来了。</p>", TextKind.HTML)), "港口开放。"),
        (SourceEntry(title=Text(" "), summary=Text("Ships came. More later.")), "Ships came."),
        (SourceEntry(link="https://a.example/1"), "https://a.example/1"),
        (SourceEntry(), CODE),
        (SourceEntry(title=Text("x" * 2_000)), "x" * 1_000),
    ],
)
def test_every_entry_has_a_title(said: SourceEntry, title: str) -> None:
    assert made(said).title == title


@pytest.mark.parametrize(
    ("content", "summary", "held"),
    [
        (Text("<p>Long</p>", TextKind.HTML), Text("<i>Short</i>", TextKind.HTML), ("<p>Long</p>", "Short")),
        (Text("<p>Long</p>", TextKind.HTML), None, ("<p>Long</p>", "")),
        (None, Text("<p>Short</p>", TextKind.HTML), ("<p>Short</p>", "")),
        (None, Text("1 < 2\n\nnext\nline"), ("<p>1 &lt; 2</p><p>next<br>line</p>", "")),
        (Text("", TextKind.HTML), Text("Short"), ("<p>Short</p>", "")),
        (Text("<script>x()</script>", TextKind.HTML), Text("Short"), ("<p>Short</p>", "")),
        (Text("<p>Long</p>", TextKind.HTML), Text("  "), ("<p>Long</p>", "")),
        (None, None, ("", "")),
    ],
)
def test_content_and_summary(content: Text | None, summary: Text | None, held: tuple[str, str]) -> None:
    entry = made(SourceEntry(content=content, summary=summary))

    assert (entry.content, entry.summary) == held


def test_markup_is_made_safe_and_links_absolute() -> None:
    body = '<p onclick="x()">A <a href="/1">b</a><script>x()</script></p>'
    entry = made(SourceEntry(content=Text(body, TextKind.HTML), base="https://a.example/sub/"))

    assert 'href="https://a.example/1"' in entry.content
    assert "onclick" not in entry.content
    assert "script" not in entry.content


@pytest.mark.parametrize(
    ("said", "held"),
    [
        ("https://a.example/1?a=1&b=2", "https://a.example/1?a=1&b=2"),
        ("HTTP://a.example/港口", "HTTP://a.example/港口"),
        (' https://a.example/<1> "2"\t\n', "https://a.example/%3C1%3E%20%222%22"),
        ("https://a.example/5%/%zz/%e6", "https://a.example/5%25/%25zz/%e6"),
        ("javascript:alert(1)", ""),
        ("/1", ""),
        ("urn:uuid:1", ""),
        ("https://a.example/\ud800\x001", "https://a.example/1"),
    ],
)
def test_a_link_is_an_address_on_the_web(said: str, held: str) -> None:
    assert made(SourceEntry(link=said)).link == held


def test_a_post_without_a_link_has_its_page_elsewhere() -> None:
    assert made(SourceEntry(base="https://old.example.org/1.html"), POSTS).link == "https://old.example.org/1.html"
    assert made(SourceEntry(base="https://mill.example.org/1.html"), POSTS).link == ""
    assert made(SourceEntry(base="https://mill.example.org"), POSTS).link == ""
    assert made(SourceEntry(base="https://mill.example.org.evil.example/"), POSTS).link != ""
    assert made(SourceEntry(base="https://a.example/")).link == ""


# Categories


def slugs_of(context: Context, *terms: str, tags: tuple[str, ...] = ()) -> tuple[str, ...]:
    return made(SourceEntry(categories=tuple(map(Term, terms)), tags=tags), context).categories


def test_the_configured_categories_stand_in_for_the_entries_own() -> None:
    assert slugs_of(replace(FEED, categories=("world", "b"), own_categories=False), "x") == ("world", "b")


def test_the_entries_own_may_be_added() -> None:
    assert slugs_of(replace(FEED, categories=("world", "b")), "B", "港口") == ("world", "b", "gangkou")


def test_where_none_are_configured_the_entries_own_count() -> None:
    assert slugs_of(FEED, "Open Data", "港口", "open data", " ") == ("open-data", "gangkou")


def test_where_there_is_none_the_source_is_one() -> None:
    assert slugs_of(FEED) == ("harbour",)
    assert slugs_of(FEED, " ", "\x00") == ("harbour",)


def test_a_posts_slugs_are_taken_as_they_are() -> None:
    assert slugs_of(POSTS, "TechWeb", "Techweb", "anxin(xianggang)", "36ke") == (
        "TechWeb",
        "Techweb",
        "anxin(xianggang)",
        "36ke",
    )


def test_a_term_votes_for_its_name() -> None:
    said = SourceEntry(categories=(Term("tech", "Technology &amp; more"), Term("港口")))

    assert made(said).category_names == (CategoryName("tech", "Technology & more"), CategoryName("gangkou", "港口"))


def test_a_posts_tags_vote_for_the_names_of_all_its_categories() -> None:
    said = SourceEntry(categories=(Term("a"), Term("b")), tags=("证券时报新闻", "证券时报\x07新闻", "新闻"))

    assert made(said, POSTS).category_names == (
        CategoryName("a", "证券时报"),
        CategoryName("a", "新闻"),
        CategoryName("b", "证券时报"),
        CategoryName("b", "新闻"),
    )


def test_nothing_is_no_name() -> None:
    said = SourceEntry(categories=(Term("tech", "<b></b>"), Term("港口", "\x00")), tags=(" ", "\x00", "<b></b>"))

    assert all(vote.name for vote in made(said).category_names)
    assert made(said, POSTS).category_names == ()


def test_places_in_categories_are_limited() -> None:
    assert len(slugs_of(FEED, *map(str, range(200)))) == MOST_WORDS
    assert len(slugs_of(replace(FEED, categories=tuple("abc")), *map(str, range(200)))) == 3 + MOST_WORDS
    assert all(len(slug) <= 200 for slug in slugs_of(POSTS, "x" * 10_000))


def test_tags_are_an_entry_s_terms_and_keywords() -> None:
    terms = (Term("tech", "Technology"), Term("港口"), Term("tech", "Technology"))

    assert made(SourceEntry(categories=terms, tags=("a", "a", " b "))).tags == ("Technology", "港口", "a", "b")
    assert made(SourceEntry(categories=terms, tags=("a",)), POSTS).tags == ("a",)
    assert made(SourceEntry(categories=terms)).tags == ("Technology", "港口")


# Where it is from, and what belongs to it


def test_every_entry_names_where_it_came_from() -> None:
    own = Origin("<b>Port</b>", "https://port.example.org/", "javascript:x")
    head: dict[str, Any] = {"title": "Harbour &amp; Co", "link": "https://harbour.example.org/"}

    assert made(SourceEntry(origin=own), **head).origin == Origin("Port", "https://port.example.org/")
    assert made(SourceEntry(), **head).origin == Origin("Harbour & Co", head["link"], FEED.address)
    assert made(SourceEntry()).origin == Origin("harbour", "", FEED.address)
    assert made(SourceEntry(origin=Origin("")), **head).origin == Origin("Harbour & Co")


def test_authors_have_names_and_come_from_the_document_otherwise() -> None:
    lin = Author("<i>Lin</i>", " lin@example.org\x00", "javascript:x")
    wei = Author("Wei", "", "https://wei.example.org/")

    assert made(SourceEntry(authors=(lin, Author(" "), lin)), authors=(wei,)).authors == (
        Author("Lin", "lin@example.org"),
    )
    assert made(SourceEntry(), authors=(wei,)).authors == (wei,)


def test_enclosures_are_on_the_web_and_each_once() -> None:
    said = (
        Enclosure("https://a.example/1.mp3", "audio/mpeg", 10),
        Enclosure("https://a.example/1.mp3", "audio/x", 11),
        Enclosure("file:///etc/passwd", "audio/mpeg", 1),
        Enclosure("https://a.example/2", " \x00", None),
        Enclosure("https://a.example/3", "a/b", 2**70),
        Enclosure("https://a.example/4", "a/b", -1),
    )

    assert made(SourceEntry(enclosures=said)).enclosures == (
        Enclosure("https://a.example/1.mp3", "audio/mpeg", 10),
        Enclosure("https://a.example/2"),
        Enclosure("https://a.example/3", "a/b"),
        Enclosure("https://a.example/4", "a/b"),
    )


@pytest.mark.parametrize(
    ("own", "heads", "held"),
    [("zh-CN", "en", "zh-CN"), ("", "en", "en"), (" zh_CN ", "", "zh-CN"), ("no language", "en", ""), ("", "", "")],
)
def test_the_language(own: str, heads: str, held: str) -> None:
    assert made(SourceEntry(language=own), language=heads).language == held


# Ids


def test_an_atom_entry_keeps_its_own_id() -> None:
    said = SourceEntry(id="urn:uuid:1")

    assert made(said, format=Format.ATOM_10).own_id == "urn:uuid:1"
    assert made(said, format=Format.ATOM_03).own_id == "urn:uuid:1"
    assert made(said).own_id == ""
    assert made(SourceEntry(id="1"), format=Format.ATOM_10).own_id == ""


def test_no_other_feed_gives_ids_in_the_sites_name() -> None:
    stolen = SourceEntry(id="tag:mill.example.org,2022-03-14:NW202203142308379872")

    assert made(stolen, format=Format.ATOM_10, code=DERIVED).own_id == ""


def test_the_guid_is_of_the_site_the_day_and_the_code() -> None:
    late = SourceEntry(published=datetime(2022, 5, 1, 20, tzinfo=UTC))

    assert made(late).guid == f"tag:mill.example.org,2022-03-14:{CODE}"
    assert made(late, code=DERIVED).guid == f"tag:mill.example.org,2022-05-02:{DERIVED}"


def test_a_date_at_the_end_of_the_calendar_has_a_guid() -> None:
    west = replace(FEED, site=replace(SITE, timezone=ZoneInfo("America/New_York")))

    assert made(SourceEntry(published=datetime.min.replace(tzinfo=UTC)), west, code=DERIVED).guid


def test_the_same_words_make_the_same_entry() -> None:
    said = SourceEntry(id="1", title=Text("A"), content=Text("<p>B</p>", TextKind.HTML), published=SEEN - HOUR)

    assert made(said) == made(said)
    assert made(said, code=DERIVED).guid.startswith(f"tag:mill.example.org,{date(2026, 11, 23)}:")
