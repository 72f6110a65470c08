"""What is kept of what was read: whose entry it is, which files tell it, and what becomes of it without them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from aggregator.keep import Kept
from aggregator.posts.errors import PostStoreError
from storage.entry import WithdrawnBy
from tests.aggregator.store import atom, atom_entry, deleted, item, rss

if TYPE_CHECKING:
    from tests.aggregator.store import Store

CODE = "NW202203142308379872"
OTHER = "NW202203150000000001"
POST = f"2022-03-14-{CODE}.md"


# Ownership


def test_the_scope_that_brings_a_code_first_owns_it(store: Store) -> None:
    store.source("partner", info_codes="trusted", scope="partner")
    store.post(POST, title="Ours")
    store.scan()
    before = store.dump()
    taken = store.take("partner", rss(item("1", "Theirs", code=CODE), item("2", "Good", code=OTHER)))

    assert taken.kept == Kept(created=1, rejected=1)
    assert store.entry(CODE).title == "Ours"
    assert store.counts("partner").rejected == 1
    assert store.problems("partner") == {CODE: f"the infoCode {CODE} belongs to 'site', which brought it first"}
    assert all(row in store.dump()["entry"] for row in before["entry"])


def test_a_rejected_claim_is_counted_once(store: Store) -> None:
    store.source("partner", info_codes="trusted", scope="partner")
    store.post(POST)
    store.scan()
    store.take("partner", rss(item("1", "Theirs", code=CODE)))
    before = store.dump()
    again = store.take("partner", rss(item("1", "Theirs", code=CODE), title="Harbour Post") + "<!-- -->")

    assert again.kept == Kept()
    assert store.dump() == before


def test_a_rejected_claim_withdraws_nothing(store: Store) -> None:
    store.source("partner", info_codes="trusted", scope="partner")
    store.post(POST)
    store.scan()
    own = store.entry(CODE).atom_id
    store.take("partner", atom(atom_entry(own, code=CODE)))
    store.take("partner", atom(deleted(own)))

    assert store.entry(CODE).withdrawn is None


def test_a_post_that_claims_anothers_code_is_rejected_and_its_own_is_withdrawn(store: Store) -> None:
    store.source("partner", info_codes="trusted", scope="partner")
    store.take("partner", rss(item("1", "Theirs", code=OTHER)))
    store.post("2022-03-14-post.md", infoCode=CODE)
    store.scan()
    store.post("2022-03-14-post.md", infoCode=OTHER)
    kept = store.scan().kept

    assert kept == Kept(withdrawn=1, rejected=1)
    assert store.entry(OTHER).title == "Theirs"
    assert store.entry(OTHER).scope == "partner"
    assert store.entry(CODE).withdrawn_by is WithdrawnBy.AUTHOR
    assert (store.counts().rejected, store.counts().problems) == (1, 0)


def test_a_rejected_post_that_cannot_be_read_any_more_is_a_problem(store: Store) -> None:
    store.source("partner", info_codes="trusted", scope="partner")
    store.take("partner", rss(item("1", code=OTHER)))
    place = store.post("2022-03-14-post.md", infoCode=OTHER)
    store.scan()
    store.file(place, b"\xff")
    store.scan()

    assert (store.counts().rejected, store.counts().problems) == (0, 1)


def test_derived_codes_of_two_sources_are_two_entries(store: Store) -> None:
    store.source("a")
    store.source("b")
    for source in ("a", "b"):
        assert store.take(source, rss(item("1"))).kept.created == 1

    assert len(store.entries()) == 2


def test_two_feeds_of_one_scope_share_an_entry(store: Store) -> None:
    store.source("a", scope="port", categories=["a"])
    store.source("b", scope="port", categories=["b"])
    store.take("a", rss(item("1")))
    kept = store.take("b", rss(item("1"))).kept

    [entry] = store.entries().values()
    assert kept == Kept()
    assert sorted(entry.categories) == ["a", "b"]
    assert store.listed("a") == store.listed("b") == [entry.info_code]
    assert (store.counts("a").entries, store.counts("b").entries) == (1, 1)


def test_a_trusted_feed_and_the_posts_share_an_entry(store: Store) -> None:
    store.source("wire", info_codes="trusted", categories=["wire"])
    store.post(POST, body="A long text of the post.")
    store.take("wire", rss(item("1", code=CODE, pubDate="Mon, 14 Mar 2022 18:35:49 +0800")))
    kept = store.scan().kept

    entry = store.entry(CODE)
    assert (kept, entry.scope, entry.source) == (Kept(), "site", "posts")
    assert sorted(entry.categories) == ["gangkou", "wire"]
    assert "long text" in entry.content
    assert entry.revision == 1


# A file's name, code and place


def test_a_file_that_changes_its_code_is_another_entry(store: Store) -> None:
    store.post("2022-03-14-post.md", infoCode=CODE)
    store.scan()
    store.later()
    store.post("2022-03-14-post.md", infoCode=OTHER)
    kept = store.scan().kept

    assert kept == Kept(created=1, withdrawn=1)
    assert store.listed() == [OTHER]
    assert store.graves() == [CODE]


def test_and_may_take_it_back(store: Store) -> None:
    for code in (CODE, OTHER, CODE):
        store.post("2022-03-14-post.md", infoCode=code)
        store.scan()
        store.later()

    assert store.listed() == [CODE]
    assert store.graves() == [OTHER]


def test_a_file_that_leaves_an_entry_to_another_file_takes_its_categories_along(store: Store) -> None:
    store.post("2022-03-14-a.md", infoCode=CODE, categories="a", body="The longer text.")
    store.post("2022-03-14-b.md", infoCode=CODE, categories="b", body="Short.")
    store.scan()
    store.post("2022-03-14-a.md", infoCode=OTHER, categories="a", body="The longer text.")
    kept = store.scan().kept

    assert kept.withdrawn == 0
    assert store.entry(CODE).categories == ("b",)
    assert "Short." in store.entry(CODE).content
    assert (store.listed("a"), store.listed("b")) == ([OTHER], [CODE])


def test_two_files_that_exchange_their_codes(store: Store) -> None:
    for one, two in ((CODE, OTHER), (OTHER, CODE)):
        store.post("2022-03-14-1.md", infoCode=one, title="One")
        store.post("2022-03-14-2.md", infoCode=two, title="Two")
        store.scan()

    assert (store.entry(OTHER).title, store.entry(CODE).title) == ("One", "Two")
    assert sorted(store.listed()) == sorted([CODE, OTHER])


def test_a_file_moved_to_the_old_posts_is_the_same_entry(store: Store) -> None:
    place = store.post(POST)
    store.scan()
    before = store.entry(CODE)
    store.later()
    moved = store.move(place, f"old_post/{POST}")
    kept = store.scan().kept

    assert (kept, store.entry(CODE)) == (Kept(), before)
    assert store.counts().entries == 1
    again = store.dump()
    store.later()
    store.scan()
    assert store.dump() == again
    store.post(POST, folder="old_post", body="New.")
    assert store.scan().kept == Kept(corrected=1)
    assert "New." in store.entry(CODE).content
    assert (moved, store.entry(CODE).revision) == (f"old_post/{POST}", 2)


def test_a_file_moved_and_shortened_at_once(store: Store) -> None:
    place = store.post(POST, body="A rather long text.")
    store.scan()
    store.remove(place)
    store.post(POST, folder="old_post", body="Short.")

    assert store.scan().kept == Kept(corrected=1)
    assert "Short." in store.entry(CODE).content


def test_a_moved_file_without_a_day_keeps_its_date(store: Store) -> None:
    place = store.post("init.md", date="")
    store.scan()
    [before] = store.entries().values()
    store.later()
    store.move(place, "old_post/init.md")
    store.scan()

    assert list(store.entries().values()) == [before]


@pytest.mark.parametrize("withdrawing", [False, True])
def test_a_moved_file_is_never_withdrawn(store: Store, withdrawing: bool) -> None:
    store.source("posts", on_missing="withdraw" if withdrawing else "keep")
    places = [store.post(f"2022-03-14-{code}.md") for code in (CODE, OTHER)]
    store.scan()
    for place in places:
        store.move(place, place.replace("_posts", "old_post"))
    kept = store.scan(only=[places[0], places[0].replace("_posts", "old_post")]).kept
    kept += store.scan().kept

    assert kept == Kept()
    assert store.graves() == []


# Files that vanish


def test_an_entry_outlives_its_file(store: Store) -> None:
    place = store.post(POST)
    store.post(f"2022-03-15-{OTHER}.md")
    store.scan()
    before = store.entry(CODE)
    store.remove(place)

    assert store.scan().kept == Kept()
    assert store.entry(CODE) == before
    assert store.listed() == [OTHER, CODE] or store.listed() == [CODE, OTHER]


def test_unless_the_source_says_otherwise(store: Store) -> None:
    store.source("posts", on_missing="withdraw")
    place = store.post(POST)
    store.post(f"2022-03-15-{OTHER}.md")
    store.scan()
    before = store.entry(CODE)
    when = store.later()
    store.remove(place)

    assert store.scan().kept == Kept(withdrawn=1)
    assert (store.entry(CODE).withdrawn, store.listed(), store.graves()) == (when, [OTHER], [CODE])
    assert store.scan().kept == Kept()
    store.later()
    store.post(POST)
    assert store.scan().kept == Kept()
    assert store.entry(CODE) == replace(before, change=store.entry(CODE).change)
    assert store.graves() == []


def test_another_file_of_the_entry_keeps_it(store: Store) -> None:
    store.source("posts", on_missing="withdraw")
    place = store.post("2022-03-14-a.md", infoCode=CODE)
    store.post("2022-03-14-b.md", infoCode=CODE)
    store.scan()
    store.remove(place)

    assert store.scan().kept == Kept()
    assert store.entry(CODE).withdrawn is None


@pytest.mark.parametrize("watched", [False, True])
def test_all_at_once_is_no_wish_of_its_writer(store: Store, watched: bool) -> None:
    store.source("posts", on_missing="withdraw")
    places = [store.post(f"2022-03-14-{code}.md") for code in (CODE, OTHER)]
    store.scan()
    before = store.dump()
    store.remove(*places)

    with pytest.raises(PostStoreError, match=r"every post is gone; nothing was withdrawn\. Is the folder mounted\?"):
        store.scan(only=places if watched else None)
    assert store.dump() == before


def test_all_that_were_watched_is_not_all(store: Store) -> None:
    store.source("posts", on_missing="withdraw")
    places = [store.post(f"2022-03-14-{code}.md") for code in (CODE, OTHER)]
    store.post("2022-03-14-stays.md")
    store.scan()
    store.remove(*places)

    assert store.scan(only=places).kept == Kept(withdrawn=2)


def test_the_last_file_may_go(store: Store) -> None:
    store.source("posts", on_missing="withdraw")
    places = [store.post(f"2022-03-14-{code}.md") for code in (CODE, OTHER)]
    store.scan()
    for place in places:
        store.remove(place)
        assert store.scan().kept == Kept(withdrawn=1)


def test_all_may_vanish_where_they_are_kept(store: Store) -> None:
    places = [store.post(f"2022-03-14-{code}.md") for code in (CODE, OTHER)]
    store.scan()
    store.remove(*places)

    assert store.scan().kept == Kept()
    assert len(store.listed()) == 2


# Withdrawn by others


@pytest.mark.parametrize("by", [WithdrawnBy.OPERATOR, WithdrawnBy.SOURCE])
def test_a_withdrawn_entry_stays_so_when_its_source_still_lists_it(store: Store, by: WithdrawnBy) -> None:
    place = store.post(POST)
    store.scan()
    store.withdraw(CODE, by)
    store.post(POST, title="Later")
    store.scan()
    store.remove(place)
    store.scan()
    store.post(POST, title="And back")
    store.scan()

    assert store.entry(CODE).withdrawn_by is by
    assert store.listed() == []


def test_front_matter_withdraws_and_brings_back(store: Store) -> None:
    store.post(POST)
    store.scan()
    before = store.entry(CODE)
    when = store.later()
    store.post(POST, withdrawn="true")
    assert store.scan().kept == Kept(withdrawn=1)
    assert (store.entry(CODE).withdrawn, store.entry(CODE).withdrawn_by) == (when, WithdrawnBy.AUTHOR)
    store.later()
    store.post(POST)
    assert store.scan().kept == Kept()

    assert store.entry(CODE) == replace(before, change=store.entry(CODE).change)


def test_what_was_never_published_is_not_there(store: Store) -> None:
    store.post(POST, published="false")

    assert store.scan().kept == Kept()
    assert (store.entries(), store.graves()) == ({}, [])
    before = store.dump()
    store.scan()
    assert store.dump() == before
    store.post(POST, published="true")
    assert store.scan().kept == Kept(created=1)
