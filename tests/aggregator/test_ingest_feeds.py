"""The way from a feed's document to the store: only what changed is read, and only that is touched."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from aggregator.keep import Kept
from feeds.reading.errors import FeedSyntaxError
from storage.category import ALL
from storage.entry import WithdrawnBy
from tests.aggregator.store import MORNING, atom, atom_entry, deleted, item, rss

if TYPE_CHECKING:
    from tests.aggregator.store import Store

CODE = "NW202203142308379872"
OTHER = "NW202203150000000001"
POST = f"2022-03-14-{CODE}.md"


def test_a_feeds_item_becomes_an_entry(store: Store) -> None:
    store.source("harbour")
    taken = store.take("harbour", rss(item("1", category="Open Data", pubDate="Mon, 14 Mar 2022 18:35:49 +0800")))

    [entry] = store.entries().values()
    assert taken.kept == Kept(created=1)
    assert entry.info_code.startswith("FM")
    assert (entry.scope, entry.source, entry.origin.title) == ("harbour", "harbour", "Harbour Post")
    assert entry.origin.feed == "https://harbour.example.org/feed"
    assert entry.published == datetime(2022, 3, 14, 10, 35, 49, tzinfo=UTC)
    assert store.listed("open-data") == [entry.info_code]


def test_the_same_bytes_are_not_read_again(store: Store) -> None:
    store.source("harbour")
    store.take("harbour", rss(item("1")))
    before = store.dump()
    store.later()

    assert store.take("harbour", rss(item("1"))).kept == Kept()
    assert store.dump() == before


def test_items_that_did_not_change_are_not_touched(store: Store) -> None:
    store.source("harbour")
    store.take("harbour", rss(item("1", "One"), item("2", "Two")))
    before = {entry.title: entry for entry in store.entries().values()}
    store.later()
    kept = store.take("harbour", rss(item("3", "Three"), item("2", "Two, corrected"), item("1", "One"))).kept

    after = {entry.title: entry for entry in store.entries().values()}
    assert kept == Kept(created=1, corrected=1)
    assert after["One"] == before["One"]
    assert after["Two, corrected"].revision == 2
    assert after["Two, corrected"].published == before["Two"].published


def test_an_item_that_leaves_the_feed_stays(store: Store) -> None:
    store.source("harbour")
    store.take("harbour", rss(item("1"), item("2")))
    store.take("harbour", rss(item("2")))

    assert len(store.listed()) == 2


def test_an_item_that_stands_twice_is_one_and_stays_as_it_first_stood(store: Store) -> None:
    store.source("harbour")
    store.take("harbour", rss(item("1", "First"), item("1", "Second")))
    before = store.dump()
    store.later()
    kept = store.take("harbour", rss(item("1", "First"), item("1", "Second"), "<ttl>5</ttl>")).kept

    assert kept == Kept()
    assert store.dump() == before
    assert [entry.title for entry in store.entries().values()] == ["First"]


def test_items_with_nothing_to_be_known_by_are_told(store: Store) -> None:
    store.source("harbour")
    taken = store.take("harbour", rss("<item><author>x</author></item>", item("1")))

    assert taken.kept == Kept(created=1)
    assert taken.problems == ("1 entries have neither id, link, title, date nor text, and were left out",)


def test_what_is_no_feed_keeps_nothing(store: Store) -> None:
    store.source("harbour")
    before = store.dump()

    with pytest.raises(FeedSyntaxError):
        store.take("harbour", "<html></html>")
    assert store.dump() == before


def test_an_undated_item_keeps_the_time_it_was_first_seen(store: Store) -> None:
    store.source("harbour")
    store.take("harbour", rss(item("1")))
    store.later()
    store.take("harbour", rss(item("1", body="Other.")))

    [entry] = store.entries().values()
    assert (entry.published, entry.updated, entry.revision) == (MORNING, MORNING + timedelta(hours=1), 2)


@pytest.mark.parametrize(
    "said",
    [
        "",  # missing
        "3小时前",  # no date
        "Mon, 23 Nov 2026 04:00:00 GMT",  # to come
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "0000-00-00 00:00:00",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "2026年11月23日 下午3:05",
    ],
)
def test_a_date_that_cannot_be_is_when_it_was_first_seen_and_stays(store: Store, said: str) -> None:
    store.source("harbour")
    store.take("harbour", rss(item("1", pubDate=said)))
    first = store.dump()
    for ttl in (5, 6):
        store.later(minutes=24 * 60)  # by now it is past
        assert store.take("harbour", rss(item("1", pubDate=said), f"<ttl>{ttl}</ttl>")).kept == Kept()
    assert store.dump() == first
    store.source("harbour", timezone="Asia/Shanghai", categories=("world",))  # all is read again
    store.take("harbour", rss(item("1", "Harbour closes", pubDate=said)))

    [entry] = store.entries().values()
    assert (entry.published, entry.first_seen, entry.title) == (MORNING, MORNING, "Harbour closes")


def test_a_date_without_a_zone_is_in_the_sources_or_the_sites(store: Store) -> None:
    store.source("harbour", timezone="America/New_York")
    store.source("bay")
    said = item("1", pubDate="2022年3月14日 下午6:35")
    store.take("harbour", rss(said))
    store.take("bay", rss(said))

    published = {entry.source: entry.published for entry in store.entries().values()}
    assert published["harbour"] == datetime(2022, 3, 14, 22, 35, tzinfo=UTC)
    assert published["bay"] == datetime(2022, 3, 14, 10, 35, tzinfo=UTC)


def test_a_correction_in_a_feed_is_dated_as_it_says(store: Store) -> None:
    store.source("harbour")
    store.take("harbour", atom(atom_entry("urn:1")))
    store.later(300)
    store.take("harbour", atom(atom_entry("urn:1", "Other", updated="2026-11-23T04:00:00Z")))

    [entry] = store.entries().values()
    assert (entry.updated, entry.revision) == (MORNING + timedelta(hours=3), 2)


def test_an_atom_entry_keeps_its_id(store: Store) -> None:
    store.source("harbour")
    store.source("port")
    store.take("harbour", atom(atom_entry("urn:uuid:1")))
    store.take("port", atom(atom_entry("urn:uuid:1")))

    ids = {entry.scope: entry.atom_id for entry in store.entries().values()}
    assert ids["harbour"] == "urn:uuid:1"
    assert ids["port"].startswith("tag:mill.example.org,2026-11-01:FM")


def test_a_feed_that_uses_our_ids_stops_no_post(store: Store) -> None:
    store.source("thief")
    store.take("thief", atom(atom_entry(f"tag:mill.example.org,2022-03-14:{CODE}")))
    store.post(POST)

    assert store.scan().kept == Kept(created=1)
    assert store.entry(CODE).atom_id == f"tag:mill.example.org,2022-03-14:{CODE}"


def test_a_tombstone_withdraws(store: Store) -> None:
    store.source("harbour")
    store.take("harbour", atom(atom_entry("urn:1", "One"), atom_entry("urn:2", "Two")))
    when = store.later()
    kept = store.take("harbour", atom(deleted("urn:1"), atom_entry("urn:2", "Two"), deleted("urn:unknown"))).kept

    [entry] = [entry for entry in store.entries().values() if entry.withdrawn]
    assert kept == Kept(withdrawn=1)
    assert (entry.title, entry.withdrawn, entry.withdrawn_by) == ("One", when, WithdrawnBy.SOURCE)
    assert store.graves() == [entry.info_code]
    store.later()
    assert store.take("harbour", atom(atom_entry("urn:1", "One again"))).kept.created == 0
    assert store.graves() == [entry.info_code]


def test_a_tombstone_withdraws_what_the_document_still_lists(store: Store) -> None:
    store.source("harbour")
    store.take("harbour", atom(atom_entry("urn:1")))
    assert store.take("harbour", atom(atom_entry("urn:1"), deleted("urn:1"))).kept == Kept(withdrawn=1)
    assert store.listed() == []


def test_a_tombstone_of_what_was_never_published_leaves_no_grave(store: Store) -> None:
    store.source("harbour")
    taken = store.take("harbour", atom(atom_entry("urn:1"), deleted("urn:1")))

    assert taken.kept == Kept()
    assert (store.entries(), store.graves()) == ({}, [])


def test_a_tombstone_of_another_source_withdraws_nothing(store: Store) -> None:
    store.source("harbour")
    store.source("thief")
    store.take("harbour", atom(atom_entry("urn:1")))
    store.take("thief", atom(deleted("urn:1")))

    assert len(store.listed()) == 1


def test_a_trusted_feed_withdraws_by_the_id_that_it_gave(store: Store) -> None:
    store.source("wire", info_codes="trusted")
    store.take("wire", atom(atom_entry("urn:1", code=CODE)))
    assert store.take("wire", atom(deleted("urn:1"))).kept == Kept(withdrawn=1)

    assert store.entry(CODE).withdrawn_by is WithdrawnBy.SOURCE


def test_a_trusted_feed_brings_its_codes_and_no_other_does(store: Store) -> None:
    store.source("wire", info_codes="trusted")
    store.source("harbour")
    store.take("wire", rss(item("1", code=CODE)))
    store.take("harbour", rss(item("1", code=OTHER)))

    assert CODE in store.listed()
    assert OTHER not in store.listed()
    assert store.entry(CODE).scope == "site"


def test_configured_categories_are_read_into_all_items(store: Store) -> None:
    store.source("harbour")
    store.take("harbour", rss(item("1", category="Ports")))
    store.source("harbour", categories=["world"])
    store.take("harbour", rss(item("1", category="Ports")))

    [entry] = store.entries().values()
    assert (entry.categories, entry.revision) == (("world",), 1)
    assert (len(store.listed("world")), store.listed("ports"), store.title("world")) == (1, [], "world")


def test_a_feed_without_categories_is_one(store: Store) -> None:
    store.source("harbour")
    store.take("harbour", rss(item("1")))

    assert len(store.listed("harbour")) == 1
    assert store.title("harbour") == "harbour"


def test_hostile_words_are_held_all_the_same(store: Store) -> None:
    store.source("harbour")
    hostile = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "\u0008",
        "items": [
            {
                "id": "\u0000",
                "url": "https://a.example/\uffff",
                "title": "\u0000\ufffe",
                "content_html": "\u0003<p>x\u0007</p>",
                "tags": ["\u0002", "\u0001ok"],
                "attachments": [{"url": "https://a.example/1", "mime_type": "a/b", "size_in_bytes": 2**80}],
            }
        ],
    }
    taken = store.take("harbour", json.dumps(hostile))

    assert taken.kept == Kept(created=1)
    assert store.listed("ok") != []


def test_the_state_says_that_a_document_was_damaged(store: Store) -> None:
    store.source("harbour")
    taken = store.take("harbour", rss(item("1", "Salt & water")))
    assert taken.kept == Kept(created=1)
    assert taken.state.warning.startswith("the document is damaged and was read leniently (and ")

    store.later()
    assert store.take("harbour", rss(item("1", "Salt &amp; water"))).state.warning == ""


def test_a_source_that_floods_a_category_leaves_the_others_their_places(store: Store) -> None:
    for name in ("harbour", "tides", "flood"):
        store.source(name, categories=["news"])
    for name in ("harbour", "tides"):
        store.take(name, rss(*(item(f"{name}-{number}", f"{name} {number}") for number in range(4))))
    others = set(store.entries())
    store.later()
    assert store.take("flood", rss(*(item(f"{n}", f"Flood {n}") for n in range(500)))).kept.created == 500

    assert len(store.entries()) == 508
    for category in ("news", ALL):
        shown = store.listed(category, 50)
        assert len(shown) == 50
        assert others <= set(shown)
        assert set(shown[-8:]) == others, "the newest are still at the top"
