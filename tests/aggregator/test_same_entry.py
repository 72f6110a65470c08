"""An article that changes its names in its feed, from the document to the store: one entry, and what becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest

from aggregator import feed_documents
from aggregator.keep import Kept
from storage import aliases
from storage.entry import WithdrawnBy
from tests.aggregator.store import atom, atom_entry, deleted, item, rss

if TYPE_CHECKING:
    from tests.aggregator.store import Store

CODE = "NW202203142308379872"
LINK = "https://harbour.example.org/1"


def test_a_new_guid_is_no_new_entry_and_no_correction(store: Store) -> None:
    store.source("harbour")
    store.take("harbour", rss(item("http://harbour.example.org/?p=1", link=LINK)))
    before = store.entries()
    store.later()

    assert store.take("harbour", rss(item("harbour-1", link=LINK))).kept == Kept()
    assert store.entries() == before


def test_a_new_link_is_a_correction(store: Store) -> None:
    store.source("harbour")
    store.take("harbour", rss(item("1", link=LINK)))
    assert store.take("harbour", rss(item("1", link=f"{LINK}-moved"))).kept == Kept(corrected=1)

    [entry] = store.entries().values()
    assert (entry.link, entry.revision) == (f"{LINK}-moved", 2)


def test_an_entry_is_known_by_so_many_names(store: Store) -> None:
    store.source("harbour")
    with patch.object(feed_documents, "MOST_ALIASES", 10):
        for number in range(30):
            store.take("harbour", rss(item(f"{number}", f"Title {number}", link=LINK), item(f"x-{number}", "Other")))

    [same] = [code for code, entry in store.entries().items() if entry.link == LINK]
    with store.database.reading() as connection:
        counts = aliases.counts(connection, "harbour", store.entries())
    assert 10 <= counts[same] < 15
    assert set(counts) == set(store.entries())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"link": f"{LINK}?utm_source=a"}, {"link": f"{LINK}?utm_source=b"}),
        ({"body": "Two  words."}, {"body": "Two\nwords."}),
        (
            {"body": '&lt;a href="https://a.example/?cmp=1&amp;amp;id=2" title="T"&gt;x&lt;/a&gt;'},
            {"body": '&lt;a title="T" href="https://a.example/?id=2"&gt;x&lt;/a&gt;'},
        ),
        ({"enclosure": ""}, {"guid": "2", "link": LINK}),
    ],
    ids=["tracking", "white space", "attributes", "guid"],
)
def test_what_is_not_material_does_nothing(store: Store, one: dict[str, str], other: dict[str, str]) -> None:
    store.source("harbour")
    same = {"guid": "1", "link": LINK}
    store.take("harbour", rss(item(**{**same, **one})))
    before = store.entries()
    store.later()

    assert store.take("harbour", rss(item(**{**same, **other}))).kept == Kept()
    assert store.entries() == before


@pytest.mark.parametrize("name", ["id", "x"])
def test_another_address_in_the_body_is_a_correction(store: Store, name: str) -> None:
    store.source("harbour")
    for value in ("1", "2"):
        body = f'&lt;a href="https://a.example/?{name}={value}"&gt;x&lt;/a&gt;'
        kept = store.take("harbour", rss(item("1", link=LINK, body=body))).kept

    assert kept == Kept(corrected=1)


def test_two_feeds_of_one_scope_tell_one_article_under_two_guids(store: Store) -> None:
    store.source("a", scope="port", categories=["a"])
    store.source("b", scope="port", categories=["b"])
    store.take("a", rss(item("a-1", link=LINK)))
    assert store.take("b", rss(item("b-1", link=f"{LINK}/?utm_source=b"))).kept == Kept()

    [entry] = store.entries().values()
    assert sorted(entry.categories) == ["a", "b"]
    for source, guid in (("a", "a-1"), ("b", "b-1")):
        assert store.take(source, rss(item(guid, "New title", link="https://other.example/"))).kept.created == 0


def test_items_whose_links_are_all_the_home_page(store: Store) -> None:
    store.source("harbour")
    home = "https://harbour.example.org/"
    items = [item("", f"Title {number}", link=home) for number in range(3)]
    assert store.take("harbour", rss(*items)).kept == Kept(created=3)
    assert store.take("harbour", rss(items[1])).kept == Kept()
    assert store.take("harbour", rss(item("", "Title 4", link=home))).kept == Kept(created=1)


def test_posts_leave_no_aliases(store: Store) -> None:
    store.post(f"2022-03-14-{CODE}.md")
    store.scan()

    assert store.dump()["alias"] == []


def test_another_process_in_between_is_seen(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the decision and the transaction, another process keeps the same article under another guid."""
    store.source("a", scope="port", categories=["a"])
    store.source("b", scope="port", categories=["b"])
    find, calls = aliases.find, []

    def found(*arguments: object) -> dict[bytes, str]:
        known = find(*arguments)  # type: ignore[arg-type]
        calls.append(len(known))
        if len(calls) == 1:
            store.take("b", rss(item("b-1", link=LINK)))
        return known

    monkeypatch.setattr(aliases, "find", found)
    store.take("a", rss(item("a-1", link=LINK)))

    assert len(store.entries()) == 1


# Scopes


def test_a_source_takes_its_entries_into_another_scope(store: Store) -> None:
    store.source("harbour")
    feed = rss(item("1", "One", link=LINK), item("2", "Two"))
    store.take("harbour", feed)
    before = set(store.entries())
    store.source("harbour", scope="port")

    assert store.take("harbour", feed).kept == Kept()
    assert store.take("harbour", rss(item("new", "One", link=LINK))).kept == Kept()
    assert {(entry.info_code, entry.scope) for entry in store.entries().values()} == {(code, "port") for code in before}
    store.source("harbour", scope="")
    assert store.take("harbour", feed).kept == Kept()
    assert set(store.entries()) == before


def test_posts_too(store: Store) -> None:
    store.post(f"2022-03-14-{CODE}.md")
    store.scan()
    store.source("posts", scope="archive")

    assert store.scan().kept == Kept()
    assert (store.entry(CODE).scope, store.counts().rejected) == ("archive", 0)


def test_what_others_of_the_scope_tell_stays_theirs(store: Store) -> None:
    store.source("a", scope="port", categories=["a"])
    store.source("b", scope="port", categories=["b"])
    store.take("a", rss(item("1", "Both", link=LINK, body="The longer text of a."), item("2", "A alone")))
    store.take("b", rss(item("1", "Both", link=LINK)))
    store.source("a", scope="a")
    kept = store.take("a", rss(item("1", "Both", link=LINK), item("2", "A alone"))).kept

    assert kept == Kept(created=1)
    told = sorted((entry.title, entry.scope, entry.categories) for entry in store.entries().values())
    assert told == [("A alone", "a", ("a",)), ("Both", "a", ("a",)), ("Both", "port", ("b",))]
    assert len(store.listed("b")) == 1


def test_a_scope_is_joined(store: Store) -> None:
    store.source("a")
    store.source("b", scope="port")
    store.take("a", rss(item("a-1", "One", link=LINK)))
    store.take("b", rss(item("b-2", "Two", link=f"{LINK}2")))
    store.source("a", scope="port")
    store.take("a", rss(item("a-1", "One", link=LINK), item("a-2", "Two", link=f"{LINK}2")))

    assert len(store.entries()) == 2


# Tombstones


@pytest.mark.parametrize(
    ("updated", "stays"),
    [
        ("2026-11-22T00:00:00Z", False),
        ("2026-11-23T00:00:00Z", False),
        ("2026-11-23T00:00:01Z", True),
        ("2026-11-22T23:00:00-08:00", True),
        ("yesterday", False),
    ],
)
def test_the_later_of_entry_and_tombstone_counts(store: Store, updated: str, stays: bool) -> None:
    store.source("harbour")
    store.take("harbour", atom(atom_entry("urn:1")))
    store.take("harbour", atom(deleted("urn:1"), atom_entry("urn:1", updated=updated)))

    assert bool(store.listed()) is stays
    [entry] = store.entries().values()
    assert entry.withdrawn_by is (None if stays else WithdrawnBy.SOURCE)
