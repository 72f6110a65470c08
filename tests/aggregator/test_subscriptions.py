"""Sources as a list of feeds, and a list of feeds as sources."""

from __future__ import annotations

import string
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.settings import SourceSettings
from aggregator.subscriptions import Names, as_outline, as_sources, name_for
from feeds.outline import Folder, Outline
from feeds.reading.opml import Skipped, read_opml
from feeds.writing.opml import subscriptions
from storage.source import SourceKind

_characters = st.characters(exclude_categories=["Cs", "Cc", "Cn"], include_characters="\n\t")
_words = st.text(_characters, min_size=1, max_size=20).filter(str.strip)
_paths = st.text(string.ascii_letters + "/?&=;'\"<>é-", max_size=12).map(lambda path: path.rstrip("/"))


@st.composite
def _sources(draw: st.DrawFn) -> list[SourceSettings]:
    names = draw(st.lists(_words, max_size=8, unique=True))
    paths = draw(st.lists(_paths, min_size=len(names), max_size=len(names), unique=True))
    return [
        SourceSettings(
            name=name,
            kind=SourceKind.FEED,
            url=f"https://tides.example/{number}{path}",
            categories=tuple(draw(st.lists(_words, max_size=3, unique=True))),
        )
        for number, (name, path) in enumerate(zip(names, paths, strict=True))
    ]


@settings(deadline=None)  # a loaded machine is no fault
@given(_sources())
def test_what_is_written_and_read_again_is_the_same(sources: list[SourceSettings]) -> None:
    document = subscriptions("Tide Notes", [outline for outline in map(as_outline, sources) if outline])
    outlines = read_opml(document)
    assert (outlines.problems, outlines.skipped) == ((), ())
    found = as_sources(outlines.feeds, [])
    assert found.skipped == ()
    again = {table["name"]: SourceSettings(**table) for table in found.tables}
    assert _facts(again.values()) == _facts(sources)
    # A second time, everything is there.
    assert as_sources(outlines.feeds, sources).tables == ()


def _facts(sources: Any) -> set[Any]:
    return {(source.name, source.url, source.kind, frozenset(source.categories)) for source in sources}


def test_folders_are_categories() -> None:
    feeds = [
        Outline("https://a.example/feed", "World News", folders=(Folder("Tech News"),)),
        Outline("https://b.example/feed", "World news", folders=(Folder("财经"), Folder("!!"))),
        Outline("https://a.example/feed/", "again", folders=(Folder("Harbour"),)),
        Outline("https://www.c.example/feed"),
        Outline("HTTP://c.example/feed", "C", folders=(Folder("x", "exactly this"),)),
    ]
    found = as_sources(feeds, [])
    assert found.skipped == ()
    told = [(table["name"], table["url"], table.get("categories", [])) for table in found.tables]
    assert told[0] == ("world-news", "https://a.example/feed", ["tech-news", "harbour"])
    assert told[1][0] == "world-news-2"
    assert told[1][2][0] == "caijing"
    assert told[2:] == [
        ("c.example", "https://www.c.example/feed", []),
        ("c", "HTTP://c.example/feed", ["exactly this"]),
    ]


def test_what_is_left_out_and_why() -> None:
    known = SourceSettings(name="old", kind=SourceKind.FEED, url="http://old.example/")
    feeds = [
        Outline("https://old.example", "Old"),
        Outline("feeds/local.xml", "Local"),
        Outline("ftp://mate:secret@files.example/feed"),
        Outline("https://new.example/", "New"),
        Outline("https://new.example", "New again"),
    ]
    found = as_sources(feeds, [known])
    assert [table["name"] for table in found.tables] == ["new"]
    assert found.skipped == (
        Skipped("Old", "is a source already: old"),
        Skipped("Local", "'feeds/local.xml' is no address in http or https"),
        Skipped("ftp://files.example/feed", "'ftp://files.example/feed' is no address in http or https"),
        Skipped("New again", "is listed twice: new"),
    )


def test_secrets_are_not_written() -> None:
    secret = SourceSettings(name="a", kind=SourceKind.FEED, url="https://mate:secret@a.example/feed")
    outline = as_outline(secret)
    assert outline is not None
    assert outline.address == "https://a.example/feed"


def test_only_feeds_at_addresses_are_written() -> None:
    assert as_outline(SourceSettings.model_validate({"name": "a", "kind": "feed", "path": "a.xml"})) is None
    assert as_outline(SourceSettings.model_validate({"name": "a", "kind": "posts", "path": "."})) is None


def test_names() -> None:
    names = Names(["a", "a-2"])
    assert [names.new("a"), names.new("a"), names.new("b"), names.new("b")] == ["a-3", "a-4", "b", "b-2"]
    assert len(names.new("x" * 500)) <= 200
    assert name_for("  ", "https://www.tides.example/feed") == "tides.example"
    assert name_for("重庆银行", "") == "chongqingyinhang"
    assert name_for("", "") == "feed"
