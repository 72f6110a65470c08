"""Which entries of a document are which of before: documents in their order, and who is who in them.

In each story a document is a list of entries, and each entry is followed by the name of the article that it is. The
same name must always be given the same infoCode, and another name another.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from aggregator.recognise import names_of, recognise, wanted
from feeds.document import SourceEntry, Text

if TYPE_CHECKING:
    from storage.entry import InfoCode

HOME = "https://a.example/"
DAY = datetime(2026, 11, 23, 12, tzinfo=UTC)
LONG = "A text that is long enough to be told from all the others, since it says something."


def e(
    guid: str = "", link: str = "", title: str = "", *, day: int | None = None, text: str = "", **more: Any
) -> SourceEntry:
    if link.startswith("/"):
        link = f"https://a.example{link}"
    published = DAY + timedelta(days=day) if day is not None else None
    return SourceEntry(
        id=guid,
        link=link,
        title=Text(title) if title else None,
        published=published,
        content=Text(text) if text else None,
        **more,
    )


Story = list[list[tuple[SourceEntry, str]]]

STORIES: dict[str, Story] = {
    "the guid changes, the link stays": [
        [(e("http://a.example/?p=1", "/1"), "A"), (e("http://a.example/?p=2", "/2"), "B")],
        [(e("https://a.example/1/", "/1"), "A"), (e("https://a.example/2/", "/2"), "B")],
        [(e("https://a.example/3/", "/3"), "C"), (e("https://a.example/2/", "/2"), "B")],
    ],
    "guid and link move to https at once": [
        [(e("http://a.example/1", "http://a.example/1"), "A")],
        [(e("https://www.a.example/1/", "https://www.a.example/1/"), "A")],
    ],
    "the link changes, the guid stays": [
        [(e("1", "/old"), "A")],
        [(e("1", "/new"), "A")],
        [(e("2", "/new"), "A")],
        [(e("3", "/old"), "A")],
    ],
    "the old guid stands beside the new one": [
        [(e("1", "/1"), "A")],
        [(e("1", "/1"), "A"), (e("2", "/1"), "B")],
        [(e("2", "/1"), "B")],
        [(e("1", "/1"), "A")],
        [(e("3", "/1"), "C")],
    ],
    "the order does not matter": [
        [(e("1", "/1"), "A")],
        [(e("2", "/1"), "B"), (e("1", "/1"), "A")],
    ],
    "a tombstone of the old guid stands beside the new one": [
        [(e("1", "/1"), "A")],
        [(e("1", withdrawn=True), "A"), (e("2", "/1"), "B")],
        [(e("2", "/1"), "B")],
    ],
    "one guid for all entries": [
        [(e("news", "/1"), "A"), (e("news", "/2"), "B")],
        [(e("news", "/2"), "B")],
        [(e("news", "/3"), "C")],
        [(e("news", "/1"), "A"), (e("news", "/3"), "C")],
        [(e("news", "/2"), "B"), (e("news", "/1"), "A")],
    ],
    "one guid for all entries, seen late": [
        [(e("news", "/1"), "A")],
        [(e("news", "/2"), "B"), (e("news", "/1"), "A")],
        [(e("news", "/2"), "B")],
    ],
    "one guid and one link for all entries": [
        [(e("news", "/all", "One", day=1), "A")],
        [(e("news", "/all", "Two", day=2), "B"), (e("news", "/all", "One", day=1), "A")],
        [(e("news", "/all", "Three", day=3), "C")],
    ],
    "one entry twice in a document is one": [
        [(e("1", "/1", "One"), "A"), (e("1", "/1", "One, corrected"), "A")],
        [(e("1", "/1", "One"), "A")],
        [(e("2", "/2", "Two", day=1), "B"), (e("2", "/2?utm_source=x", "Two", day=1), "B")],
    ],
    "one entry without a guid twice in a document is one": [
        [(e("", "/1", "One", day=1), "A"), (e("", "/1", "One", day=1), "A")],
        [(e("", "/1", "One", day=1), "A"), (e("", "/1", "One", day=1), "A")],
    ],
    "a link with tracking parameters": [
        [(e("", "/1?utm_source=rss"), "A"), (e("", "/2?id=1&fbclid=x"), "B")],
        [(e("", "/1/#xtor=RSS-1"), "A"), (e("", "/2?id=1"), "B")],
    ],
    "links that differ in a real parameter": [
        [(e("1", "/a?id=1"), "A"), (e("2", "/a?id=2"), "B")],
        [(e("3", "/a?id=3"), "C")],
        [(e("", "/a?id=2"), "B")],
    ],
    "several entries on one page": [
        [(e("1", "/log#1"), "A"), (e("2", "/log#2"), "B")],
        [(e("3", "/log#3"), "C")],
        [(e("9", "/log#2"), "B"), (e("8", "/log#1"), "A")],
        [(e("7", "/log"), "D")],
    ],
    "several entries on one page, one at a time": [
        [(e("1", "/log#1"), "A")],
        [(e("2", "/log#2"), "B")],
        [(e("3", "/log#1"), "A")],
    ],
    "a fragment comes and goes": [
        [(e("1", "/1"), "A"), (e("2", "/2#comments"), "B")],
        [(e("3", "/1#comments"), "A"), (e("4", "/2"), "B")],
    ],
    "without guids, every link is the home page": [
        [(e("", HOME, "One", day=1), "A"), (e("", HOME, "Two", day=2), "B")],
        [(e("", HOME, "Two", day=2), "B")],
        [(e("", HOME, "Three", day=3), "C")],
        [(e("", HOME, "One", day=1), "A"), (e("", HOME, "Three", day=3), "C")],
    ],
    "a guid that is the home page": [
        [(e(HOME, "/1"), "A")],
        [(e(HOME, "/2"), "B")],
    ],
    "guids change where every link is the home page": [
        [(e("1", HOME, "Daily"), "A")],
        [(e("2", HOME, "Daily"), "B")],
    ],
    "neither guid nor link, and the title is edited": [
        [(e("", "", "Ones", day=1, text=LONG), "A")],
        [(e("", "", "One", day=1, text=LONG), "A")],
        [(e("", "", "One", day=1, text="Rewritten"), "A")],
        [(e("", "", "One", day=2, text="Tomorrow"), "B")],
    ],
    "neither guid nor link, and a short text": [
        [(e("", "", "One", day=1, text="Read more"), "A")],
        [(e("", "", "Two", day=1, text="Read more"), "B")],
    ],
    "neither guid nor link, one title for all": [
        [(e("", "", "News", text="First " + LONG), "A"), (e("", "", "News", text="Second " + LONG), "B")],
        [(e("", "", "News", text="Second " + LONG), "B")],
        [(e("", "", "News", text="Third " + LONG), "C")],
    ],
    "a guid is added, and dropped again": [
        [(e("", "/1"), "A")],
        [(e("1", "/1"), "A")],
        [(e("1", ""), "A")],
        [(e("", "/1"), "A")],
    ],
    "an entry without a guid gets one and moves, and its place is taken": [
        [(e("", "/1"), "A")],
        [(e("1", "/1"), "A")],
        [(e("1", "/2"), "A"), (e("", "/1"), "B")],
    ],
    "a guid that is used again": [
        [(e("1", "/1"), "A")],
        [(e("2", "/1"), "A"), (e("3", "/3"), "B")],
        [(e("2", "/1"), "A"), (e("1", "/1"), "A")],
    ],
}


class Scope:
    """What a scope remembers, and documents that are read in it."""

    def __init__(self, name: str = "harbour") -> None:
        self.name = name
        self.known: dict[bytes, str] = {}

    def read(self, entries: list[SourceEntry], *, trusted: bool = False) -> list[InfoCode | None]:
        names = names_of(entries, [HOME])
        known = {key: self.known[key] for key in wanted(names) if key in self.known}
        recognised = recognise(entries, names, self.name, known, trusted=trusted)
        self.known |= recognised.aliases
        again = {key: self.known[key] for key in wanted(names) if key in self.known}
        second = recognise(entries, names, self.name, again, trusted=trusted)
        assert (second.codes, second.aliases) == (recognised.codes, {})  # what was read is read so again
        return list(recognised.codes)


@pytest.mark.parametrize("title", STORIES)
def test_every_article_is_one_entry(title: str) -> None:
    scope = Scope()
    articles: dict[str, InfoCode] = {}
    for document in STORIES[title]:
        codes = scope.read([entry for entry, _ in document])
        for code, (_, article) in zip(codes, document, strict=True):
            assert code is not None
            assert articles.setdefault(article, code) == code, article
    assert len(set(articles.values())) == len(articles)


def test_two_feeds_of_one_scope_name_an_article_differently() -> None:
    scope = Scope()

    assert scope.read([e("a1", "/1"), e("a2", "/2")])[0] == scope.read([e("b9", "/1?utm_medium=b"), e("b8", "/3")])[0]


def test_a_code_that_is_brought_needs_no_keys() -> None:
    scope, code = Scope("site"), "NW202203142308379872"

    assert scope.read([e("1", "/1", info_code=code)], trusted=True) == [code]
    assert scope.known == {}


def test_a_tombstone_of_an_id_that_says_nothing_withdraws_nothing() -> None:
    scope = Scope()
    scope.read([e("news", "/1"), e("news", "/2")])

    assert scope.read([e("news", withdrawn=True)]) == [None]
