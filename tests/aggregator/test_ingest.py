"""The way from a folder of posts to the store: only what changed is read, and only that is touched."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregator import ingest
from aggregator.keep import Kept
from aggregator.posts.errors import PostStoreError
from storage import copies
from storage.source import SourceKind
from tests.aggregator.store import MORNING

if TYPE_CHECKING:
    from tests.aggregator.conftest import NewStore
    from tests.aggregator.store import Store

CODE = "NW202203142308379872"
OTHER = "NW202203150000000001"
POST = f"2022-03-14-{CODE}.md"


# A folder of posts


def test_a_post_becomes_an_entry(store: Store) -> None:
    store.post(POST, title="Harbour & ships", tags="港口报新闻", body="<p>They came.</p>")
    scanned = store.scan()

    entry = store.entry(CODE)
    assert scanned.kept == Kept(created=1)
    assert scanned.problems == ()
    assert (entry.title, entry.content) == ("Harbour & ships", "<p>They came.</p>")
    assert entry.published == datetime(2022, 3, 14, 10, 35, 49, tzinfo=UTC)
    assert (entry.scope, entry.source, entry.first_seen) == ("site", "posts", MORNING)
    assert entry.atom_id == entry.guid == f"tag:mill.example.org,2022-03-14:{CODE}"
    assert (entry.categories, store.title("gangkou")) == (("gangkou",), "港口报")
    assert store.listed("gangkou") == store.listed() == [CODE]


def test_a_scan_that_finds_nothing_new_touches_no_row(store: Store) -> None:
    store.post(POST)
    store.post("2022-03-15-notes.md", folder="old_post", categories="")
    store.file("_posts/2022-03-16-bad.md", b"no front matter")
    store.file("_posts/2022-03-16-empty.md", b"")
    store.page("gangkou", "港口报新闻")
    store.scan()
    before = store.dump()
    for _ in range(2):
        store.later()
        assert store.scan().kept == Kept()
        assert store.dump() == before


def test_a_file_written_again_with_the_same_bytes_touches_nothing_published(store: Store) -> None:
    place = store.post(POST)
    store.scan()
    before = store.dump()
    store.later()
    store.touch(place)

    assert store.scan().kept == Kept()
    assert store.dump() | {"copy": []} == before | {"copy": []}
    noted = store.dump()
    store.scan()
    assert store.dump() == noted


def test_a_correction_makes_a_revision_and_moves_no_place(store: Store) -> None:
    store.post(POST)
    store.post(f"2022-03-15-{OTHER}.md", date="2022-03-15 08:00:00")
    store.scan()
    first = store.entry(CODE)
    when = store.later()
    store.post(POST, body="Other text.")

    assert store.scan().kept == Kept(corrected=1)
    entry = store.entry(CODE)
    assert (entry.revision, entry.updated, entry.published) == (2, when, first.published)
    assert (entry.first_seen, entry.guid) == (first.first_seen, first.guid)
    assert store.listed() == [OTHER, CODE]


def test_a_correction_is_dated_by_its_writer_if_he_says_when(store: Store) -> None:
    store.post(POST)
    store.scan()
    store.later(600)
    store.post(POST, body="Other text.", last_modified_at="2026-11-23 12:00:00")
    store.scan()

    assert store.entry(CODE).updated == MORNING + timedelta(hours=3)


@pytest.mark.parametrize("body", ["Text. ", "\n\nText.\n\n", " Text."])
def test_white_space_is_no_correction(store: Store, body: str) -> None:
    store.post(POST)
    store.scan()
    before = store.entry(CODE)
    store.later()
    store.post(POST, body=body)

    assert store.scan().kept == Kept()
    assert store.entry(CODE) == before


def test_other_tags_are_no_correction(store: Store) -> None:
    store.post(POST, tags="港口报新闻")
    store.scan()
    store.post(POST, tags="航运报新闻")
    store.scan()

    entry = store.entry(CODE)
    assert (entry.revision, entry.tags, store.title("gangkou")) == (1, ("航运报新闻",), "航运报")


def test_two_files_of_one_entry(store: Store) -> None:
    store.post(POST, categories="gundong", tags="滚动新闻", body="A short text.")
    store.post(f"2022-03-14-{CODE[2:]}.md", categories="gangkou", tags="港口报新闻", body="A rather longer text.")
    kept = store.scan().kept

    entry = store.entry(CODE)
    assert kept == Kept(created=1)
    assert "longer" in entry.content
    assert entry.categories == ("gangkou", "gundong")
    assert store.listed("gundong") == store.listed("gangkou") == [CODE]
    assert (store.title("gundong"), store.title("gangkou")) == ("滚动", "港口报")
    assert store.counts().entries == 1


def test_a_file_that_cannot_be_read_costs_nothing_else(store: Store) -> None:
    store.post(POST)
    bad = store.file("_posts/2022-03-15-bad.md", b"no front matter at all")
    scanned = store.scan()

    assert scanned.kept == Kept(created=1)
    [problem] = scanned.problems
    assert problem.startswith(f"{bad}: ")
    assert store.problems() == {bad: problem.removeprefix(f"{bad}: ")}
    assert store.counts().problems == 1
    store.remove(bad)
    assert store.scan().problems == ()


def test_a_file_that_breaks_keeps_its_entry(store: Store) -> None:
    place = store.post(POST)
    store.scan()
    before = store.entry(CODE)
    for broken in (b"\xff\xfe", b"", b"no front matter"):
        store.file(place, broken)
        scanned = store.scan()
        assert len(scanned.problems) == 1
        assert scanned.problems[0].startswith(f"{place}: ")
        assert store.entry(CODE) == before
    store.post(POST)

    assert store.scan().problems == ()
    assert store.entry(CODE) == before


def test_a_broken_file_of_an_entry_whose_source_withdraws_is_not_missing(store: Store) -> None:
    store.source("posts", on_missing="withdraw")
    place = store.post(POST)
    store.scan()
    store.file(place, b"")

    assert store.scan().kept == Kept()
    assert store.entry(CODE).withdrawn is None


def test_only_the_paths_that_are_named_are_looked_at(store: Store) -> None:
    store.scan()
    first = store.post(POST)
    second = store.post(f"2022-03-15-{OTHER}.md")

    assert store.scan(only=[first]).kept == Kept(created=1)
    assert store.listed() == [CODE]
    assert store.scan(only=[second, "_posts/never-there.md"]).kept == Kept(created=1)


def test_a_page_among_the_paths_means_everything(store: Store) -> None:
    store.scan()
    store.post(POST)
    store.page("gangkou", "港口报新闻")

    assert store.scan(only=["category/gangkou.html"]).kept == Kept(created=1)
    assert store.title("gangkou") == "港口报新闻"


def test_other_categories_in_the_configuration_are_read_into_all_posts(store: Store) -> None:
    store.post(POST)
    store.scan()
    before = store.entry(CODE)
    store.source("posts", categories=["site"], entry_categories="add")
    store.scan()

    after = store.entry(CODE)
    assert after == replace(before, categories=("site", "gangkou"), change=after.change)
    assert store.listed("site") == store.listed("gangkou") == [CODE]
    store.source("posts", entry_categories="replace")
    store.scan()
    assert store.entry(CODE).categories == ("site",)
    assert (store.listed("gangkou"), store.title("site")) == ([], "site")


def test_another_time_zone_moves_the_dates_without_a_zone(store: Store) -> None:
    store.post(POST)
    store.post(f"2022-03-15-{OTHER}.md", date="2022-03-15 08:00:00 +0800")
    store.scan()
    store.timezone = "UTC"
    scanned = store.scan(only=[])

    assert scanned.kept == Kept(corrected=1)
    assert store.entry(CODE).published == datetime(2022, 3, 14, 18, 35, 49, tzinfo=UTC)
    assert store.entry(OTHER).published == datetime(2022, 3, 15, tzinfo=UTC)
    before = store.dump()
    store.scan()
    assert store.dump() == before


def test_category_pages_give_names_and_take_them_back(store: Store) -> None:
    store.post(POST, tags="港口报新闻")
    store.page("gangkou", "港口报新闻")
    store.scan()
    assert store.title("gangkou") == "港口报新闻"
    version = store.version("gangkou")
    store.scan()
    assert store.version("gangkou") == version
    store.remove("category/gangkou.html")
    store.scan()

    assert store.title("gangkou") == "港口报"


def test_the_first_folder_that_names_a_category_decides(store: Store) -> None:
    other = store.folder / "other"
    (other / "_posts").mkdir(parents=True)
    (other / "category").mkdir()
    for slug in ("gangkou", "hangyun"):
        text = f"---\nlayout: category\ntitle: Other {slug}\ncategory: {slug}\n---\n"
        (other / "category" / f"{slug}.html").write_text(text)
    store.source("other", kind=SourceKind.POSTS, path=other)
    store.page("gangkou", "港口报新闻")
    store.scan("other")
    store.scan()

    assert (store.title("gangkou"), store.title("hangyun")) == ("港口报新闻", "Other hangyun")


def test_a_page_that_cannot_be_read_is_told(store: Store) -> None:
    store.page("gangkou", "港口报新闻")
    store.file("category/bad.html", b"---\nlayout: category\n---\n")
    (store.root / "category" / "nowhere.html").symlink_to("nothing")
    problems = store.scan().problems

    assert len(problems) == 2
    assert store.title("gangkou") == "港口报新闻"
    store.page("gangkou", "港口日报新闻")
    store.scan()
    assert store.title("gangkou") == "港口日报新闻"


def test_a_file_in_place_of_the_pages_is_told(store: Store) -> None:
    store.post(POST)
    store.file("category", b"")
    scanned = store.scan()

    assert scanned.kept == Kept(created=1)
    assert len(scanned.problems) == 1


def test_a_folder_that_is_not_there(store: Store) -> None:
    store.source("posts", path=store.folder / "nowhere")

    with pytest.raises(PostStoreError, match="nowhere cannot be listed"):
        store.scan()


def test_many_posts_are_kept_in_several_transactions(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest, "_BATCH", 3)
    for number in range(10):
        store.post(f"2022-03-14-NW2022031400000000{number:02}.md")
    done: list[tuple[int, int]] = []
    settings, state = store.prepared("posts")
    scanned = store.ingest.scan(settings, state, store.now, progress=lambda n, of: done.append((n, of)))

    assert scanned.kept == Kept(created=10)
    assert done == [(3, 10), (6, 10), (9, 10), (10, 10)]


NAMES = ["a.md", "b.md", f"2022-03-14-{CODE}.md"]
places = st.builds("{}/{}".format, st.sampled_from(["_posts", "old_post"]), st.sampled_from(NAMES))
writings = st.fixed_dictionaries(
    {
        "date": st.sampled_from(["2022-03-14", "2022-03-15", "2099-01-01", ""]),
        "infoCode": st.sampled_from([CODE, OTHER, ""]),
        "categories": st.sampled_from(["a", "b", "a b", ""]),
        "tags": st.sampled_from(["港口报新闻", ""]),
        "body": st.sampled_from(["Text.", "Text. ", "A longer text."]),
        "published": st.sampled_from(["", "", "false"]),
    }
)
works = st.one_of(
    st.tuples(st.just("write"), places, writings),
    st.tuples(st.just("break"), places, st.sampled_from([b"", b"\xff", b"no front matter"])),
    st.tuples(st.just("remove"), places, st.none()),
    st.tuples(st.just("move"), places, places),
)


def work(store: Store, kind: str, place: str, more: Any) -> None:
    folder, _, name = place.partition("/")
    there = (store.root / place).exists()
    if kind == "write":
        store.post(name, folder=folder, **more)
    elif kind == "break":
        store.file(place, more)
    elif kind == "remove" and there:
        store.remove(place)
    elif kind == "move" and there:
        store.move(place, more)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(works, min_size=1, max_size=4), min_size=1, max_size=4), st.sampled_from(["keep", "withdraw"]))
def test_whatever_writers_do_a_second_scan_finds_nothing(
    new_store: NewStore, days: list[list[tuple[str, str, Any]]], on_missing: str
) -> None:
    with new_store() as store:
        store.source("posts", on_missing=on_missing)
        for day in days:
            for one in day:
                work(store, *one)
            store.file("_posts/2022-03-13-always.md", b"---\ntitle: Always here\n---\n")
            store.scan()
            before = store.dump()
            store.later()
            assert store.scan().kept == Kept()
            assert store.dump() == before
            for entry in store.entries().values():
                assert entry.published <= entry.first_seen
                assert entry.published <= entry.updated
                assert (entry.info_code in store.listed()) is (entry.withdrawn is None)
            with store.database.reading() as connection:
                told = copies.of(connection, store.entries())
            assert all(sum(one.entry is None for one in there) == 1 for there in told.values())
