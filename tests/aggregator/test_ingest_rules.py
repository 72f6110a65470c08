"""Rules on the way from a source to the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregator.keep import Kept
from tests.aggregator.store import atom, atom_entry, deleted, item, rss

if TYPE_CHECKING:
    from tests.aggregator.store import Store

CODE = "NW202203142308379872"
OTHER = "NW202203150000000001"
POST, OTHER_POST = f"2022-03-14-{CODE}.md", f"2022-03-15-{OTHER}.md"
DOCUMENT = rss(item("1", "Harbour opens", link="http://m.harbour.example/1", category="Ports"), item("2", "Advert"))


def test_a_feed_is_read_by_its_rules(store: Store) -> None:
    rewrite = [{"pattern": "^http://m\\.", "replace": "https://"}]
    store.source("harbour", drop=[{"title": "advert"}], rewrite_links=rewrite, map_categories={"Ports": "gangkou"})
    assert store.take("harbour", DOCUMENT).kept == Kept(created=1)

    [entry] = store.entries().values()
    assert (entry.title, entry.link, entry.categories) == ("Harbour opens", "https://harbour.example/1", ("gangkou",))
    assert (store.listed("ports"), store.title("gangkou")) == ([], "gangkou")
    before = store.dump()
    store.later()
    assert store.take("harbour", DOCUMENT).kept == Kept()
    assert store.dump() == before


def test_no_rule_changes_which_entry_it_is(store: Store) -> None:
    document = rss(item(title="Without a guid", link="https://harbour.example/1?x=y"))
    store.source("harbour")
    store.take("harbour", document)
    before = store.entries()
    store.later()
    store.source("harbour", rewrite_links=[{"pattern": r"\?.*", "replace": ""}], map_categories={"harbour": "x"})
    assert store.take("harbour", document).kept == Kept(corrected=1)

    assert list(store.entries()) == list(before)
    assert [entry.link for entry in store.entries().values()] == ["https://harbour.example/1"]


def test_what_was_stored_before_the_rule_stays_as_it_was(store: Store) -> None:
    store.source("harbour")
    store.take("harbour", DOCUMENT)
    before = store.dump()
    store.source("harbour", keep=[{"title": "whale"}])

    assert store.take("harbour", DOCUMENT.replace("Advert", "Advert, changed")).kept == Kept()
    after = store.dump()
    del before["alias"], after["alias"]  # what it is known by is remembered all the same
    assert after == before


def test_a_rule_taken_back_lets_in_what_it_kept_out(store: Store) -> None:
    store.source("harbour", drop=[{"title": "advert"}])
    store.take("harbour", DOCUMENT)
    store.source("harbour", drop=[])

    assert store.take("harbour", DOCUMENT).kept == Kept(created=1)


def test_a_tombstone_passes_every_rule(store: Store) -> None:
    store.source("harbour")
    store.take("harbour", atom(atom_entry("urn:1")))
    store.source("harbour", keep=[{"title": "whale"}])

    assert store.take("harbour", atom(deleted("urn:1"))).kept == Kept(withdrawn=1)


def test_only_the_newest_of_a_document(store: Store) -> None:
    store.source("harbour", most=1)
    old = atom_entry("urn:1", "Old", updated="2026-11-01T00:00:00Z")
    store.take("harbour", atom(old, atom_entry("urn:2", "New", updated="2026-11-02T00:00:00Z")))
    assert [entry.title for entry in store.entries().values()] == ["New"]

    store.take("harbour", atom(old, atom_entry("urn:3", "Newer", updated="2026-11-03T00:00:00Z")))
    assert sorted(entry.title for entry in store.entries().values()) == ["New", "Newer"]


def test_posts_are_read_by_their_rules(store: Store) -> None:
    store.source("posts", drop=[{"title": "advert"}], map_categories={"gangkou": ["ports", "all-ports"]})
    store.post(POST, tags="港口报新闻")
    store.post(OTHER_POST, title="Advert")
    scanned = store.scan()

    assert (scanned.kept, scanned.problems, store.problems()) == (Kept(created=1), (), {})
    assert (store.listed(), store.entry(CODE).categories) == ([CODE], ("ports", "all-ports"))
    assert store.title("ports") == "ports"
    assert (store.counts().entries, store.counts().problems) == (1, 0)
    before = store.dump()
    store.later()
    assert store.scan().kept == Kept()
    assert store.dump() == before


def test_a_post_that_was_stored_before_the_rule_stays_as_it_was(store: Store) -> None:
    store.post(POST, title="Advert")
    store.scan()
    before = store.entry(CODE)
    store.source("posts", drop=[{"title": "advert"}])
    assert store.scan().kept == Kept()
    store.post(POST, title="Advert, changed")
    assert store.scan().kept == Kept()
    assert store.entry(CODE) == before

    store.source("posts", drop=[])
    assert store.scan().kept == Kept(corrected=1)
    assert store.entry(CODE).title == "Advert, changed"


def test_an_author_withdraws_a_post_whatever_the_rules(store: Store) -> None:
    store.post(POST, title="Advert")
    store.scan()
    store.source("posts", drop=[{"title": "advert"}])
    store.post(POST, title="Advert", withdrawn="true")

    assert store.scan().kept == Kept(withdrawn=1)
