"""From all the copies of one entry, the entry: the same in whatever order and in whatever batches they were read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregator.keep import Read, keep
from aggregator.resolve import resolve
from storage import copies, entries
from storage.copy import Copy
from storage.entry import CategoryName, Entry, InfoCode, Origin, WithdrawnBy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.aggregator.conftest import NewStore
    from tests.aggregator.store import Store

CODE = InfoCode("NW202203142308379872")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DATE = datetime(2022, 3, 14, 10, tzinfo=UTC)
DAY = timedelta(days=1)


def copy(
    place: str = "_posts/a.md",
    body: str = "<p>Text.</p>",
    *,
    date: datetime | None = DATE,
    category: str = "gangkou",
    tag: str = "港口",
    title: str = "Harbour opens",
    seen: datetime = NOW,
    updated: datetime | None = None,
    withdrawn: bool = False,
) -> Copy:
    """A copy that was just read."""
    published = min(date or seen, seen)
    entry = Entry(
        info_code=CODE,
        title=title,
        content=body,
        published=published,
        updated=updated or published,
        first_seen=seen,
        scope="site",
        source="posts",
        origin=Origin(f"Medium of {place}"),
        categories=(category,),
        category_names=(CategoryName(category, tag),),
        tags=(tag,),
        guid=f"tag:mill.example.org,2022-03-14:{CODE}",
    )
    return Copy(
        source="posts",
        place=place,
        digest=body.encode(),
        first_seen=seen,
        info_code=CODE,
        published=published if date else None,
        length=len(body),
        categories=entry.categories,
        category_names=entry.category_names,
        tags=entry.tags,
        entry=entry,
        withdrawn=withdrawn,
    )


class Story:
    """One entry's life: what is stored and known of it, as it would stand in the tables."""

    def __init__(self) -> None:
        self.entry: Entry | None = None
        self.known: dict[str, Copy] = {}
        self.now = NOW

    def read(self, *fresh: Copy) -> Entry:
        self.scan(*fresh)
        assert self.entry is not None
        return self.entry

    def scan(self, *fresh: Copy) -> None:
        resolution = resolve(self.entry, list(self.known.values()), fresh, self.now)
        self.entry = resolution.entry
        for moved in resolution.moved:
            del self.known[moved.place]
        self.known |= {one.place: one for one in resolution.copies}
        told = [one for one in self.known.values() if one.entry is None]
        assert len(told) == (self.entry is not None)  # the stored entry is told by exactly one copy
        self.now += DAY

    def gone(self, *places: str) -> None:
        for place in places:
            self.known[place] = replace(self.known[place], gone=True)


def test_one_copy_is_the_entry() -> None:
    one = copy()

    assert Story().read(one) == one.entry


@pytest.mark.parametrize(
    ("winner", "loser"),
    [
        (copy("b.md", date=DATE + DAY), copy("a.md", "<p>A much longer text.</p>")),
        (copy("b.md", "<p>A much longer text.</p>"), copy("a.md")),
        (copy("a.md", "<p>Same!</p>"), copy("b.md", "<p>Same?</p>")),
    ],
    ids=["the later date", "then the longer body", "then the name that sorts first"],
)
def test_which_copy_is_told(winner: Copy, loser: Copy) -> None:
    assert winner.entry
    loser = replace(loser, categories=("hangyun",), tags=("航运",))
    assert loser.entry
    loser = replace(loser, entry=replace(loser.entry, categories=loser.categories, tags=loser.tags))
    for order in ([winner, loser], [loser, winner]):
        together, apart = Story(), Story()
        for one in order:
            entry = apart.read(one)
        assert together.read(*order) == entry
        assert entry.content == winner.entry.content
        assert (entry.origin, entry.revision) == (winner.entry.origin, 1)
        assert (entry.categories, entry.tags) == (("gangkou", "hangyun"), ("港口", "航运"))


def test_a_second_copy_that_wins_is_no_correction() -> None:
    story = Story()
    story.read(copy("b.md"))
    later = copy("a.md", "<p>A longer text.</p>", date=DATE + DAY, updated=DATE + 2 * DAY)
    entry = story.read(later)

    assert later.entry
    assert (entry.revision, entry.content) == (1, later.entry.content)
    assert (entry.published, entry.updated) == (DATE + DAY, DATE + 2 * DAY)


def test_a_material_edit_is_a_correction() -> None:
    story = Story()
    first = story.read(copy())
    when = story.now
    entry = story.read(copy(body="<p>Other text.</p>"))

    assert (entry.revision, entry.updated, entry.published) == (2, when, first.published)


def test_a_correction_has_the_date_that_its_writer_gives() -> None:
    story = Story()
    story.read(copy())

    assert story.read(copy(body="<p>Other</p>", updated=DATE + DAY)).updated == DATE + DAY


@pytest.mark.parametrize("body", ["<p>Text.</p> ", "<p>Text.</p>\n\n", "<p>Text.</p>"])
def test_white_space_is_no_correction(body: str) -> None:
    story = Story()
    first = story.read(copy())

    assert story.read(copy(body=body, updated=DATE + DAY)) == first


def test_other_categories_are_no_correction() -> None:
    story = Story()
    first = story.read(copy())
    entry = story.read(copy(category="hangyun", tag="航运"))

    assert entry.categories == ("hangyun",)
    assert (entry.revision, entry.updated) == (first.revision, first.updated)


def test_an_edit_of_a_copy_that_is_not_told_is_no_correction() -> None:
    story = Story()
    first = story.read(copy("a.md", "<p>A longer text.</p>"), copy("b.md"))

    assert story.read(copy("b.md", "<p>Texts.</p>")) == first


def test_a_copy_with_a_date_stands_before_one_without() -> None:
    dated, undated = copy("b.md"), copy("a.md", "<p>A longer text.</p>", date=None)

    assert Story().read(dated, undated).published == DATE
    for order in ([dated, undated], [undated, dated]):
        story = Story()
        for one in order:
            entry = story.read(one)
        assert (entry.published, entry.updated, entry.content, entry.revision) == (DATE, DATE, "<p>Text.</p>", 1)


@pytest.mark.parametrize("date", [None, NOW + 9 * DAY])
def test_a_copy_found_later_moves_no_entry_past_its_first_sight(date: datetime | None) -> None:
    story = Story()
    first = story.read(copy("b.md", date=date))
    entry = story.read(copy("a.md", date=date, seen=story.now))

    assert (entry.published, entry.updated) == (first.published, first.updated) == (NOW, NOW)
    assert (entry.revision, entry.first_seen) == (1, NOW)
    assert entry.origin.title == "Medium of a.md"


def test_the_author_withdraws_and_brings_back() -> None:
    story = Story()
    first = story.read(copy())
    when = story.now
    entry = story.read(copy(withdrawn=True))

    assert (entry.withdrawn, entry.withdrawn_by) == (when, WithdrawnBy.AUTHOR)
    assert story.read(copy(withdrawn=True)) == entry
    assert story.read(copy()) == first


def test_an_edit_while_it_is_withdrawn_is_a_correction() -> None:
    story = Story()
    story.read(copy())
    when = story.now
    story.read(copy(withdrawn=True))
    entry = story.read(copy(withdrawn=True, title="Later"))

    assert (entry.withdrawn, entry.revision) == (when, 2)
    assert story.read(copy(title="Later")).revision == 2


def test_one_copy_is_enough_to_withdraw() -> None:
    story = Story()
    story.read(copy("a.md"), copy("b.md"))

    assert story.read(copy("b.md", withdrawn=True)).withdrawn_by is WithdrawnBy.AUTHOR
    assert story.read(copy("b.md")).withdrawn is None


def test_what_was_never_published_is_not_there() -> None:
    story = Story()
    story.scan(copy(withdrawn=True))
    assert story.entry is None
    story.scan(copy("b.md"))
    assert story.entry is None

    assert story.read(copy()).withdrawn is None


@pytest.mark.parametrize("by", [WithdrawnBy.OPERATOR, WithdrawnBy.SOURCE])
def test_what_others_withdrew_no_edit_brings_back(by: WithdrawnBy) -> None:
    story = Story()
    story.entry = replace(story.read(copy()), withdrawn=NOW, withdrawn_by=by)

    for edit in (copy(title="Later"), copy(withdrawn=True), copy()):
        entry = story.read(edit)
        assert (entry.withdrawn_by, entry.withdrawn) == (by, NOW)


def test_a_copy_that_is_gone_stands_behind_those_that_are_there() -> None:
    story = Story()
    story.read(copy("a.md", "<p>A longer text.</p>"), copy("b.md"))
    story.gone("a.md")

    assert story.read(copy("b.md", "<p>New.</p>")).content == "<p>New.</p>"


def test_a_moved_file_is_the_same_entry() -> None:
    story = Story()
    first = story.read(copy("_posts/a.md"))
    story.gone("_posts/a.md")
    entry = story.read(copy("old_post/a.md", seen=story.now))

    assert entry == replace(first, origin=entry.origin)
    assert list(story.known) == ["old_post/a.md"]
    assert story.read(copy("old_post/a.md", "<p>New.</p>")).revision == 2


def test_a_file_that_is_moved_and_edited_at_once_is_a_correction() -> None:
    story = Story()
    story.read(copy("_posts/a.md", "<p>A longer text.</p>"))
    story.gone("_posts/a.md")
    entry = story.read(copy("old_post/a.md", "<p>New.</p>"))

    assert (entry.content, entry.revision) == ("<p>New.</p>", 2)


@pytest.mark.parametrize("date", [None, NOW + 9 * DAY])
def test_a_moved_file_without_a_date_keeps_its_place(date: datetime | None) -> None:
    story = Story()
    first = story.read(copy("_posts/a.md", date=date))
    story.gone("_posts/a.md")
    entry = story.read(copy("old_post/a.md", date=date, seen=story.now))

    assert (entry.published, entry.updated, entry.revision) == (first.published, first.updated, 1)


some_copies = st.lists(
    st.builds(
        copy,
        st.sampled_from([f"{folder}/{name}.md" for folder in ("_posts", "old_post") for name in "abc"]),
        st.sampled_from(["<p>A</p>", "<p>A</p> ", "<p>B</p>", "<p>A longer text</p>", "<p>A  longer text</p>"]),
        date=st.sampled_from([DATE, DATE + DAY, NOW + DAY, None, DATE.replace(year=1950)]),
        updated=st.sampled_from([None, None, NOW]),
        category=st.sampled_from(["a", "b", "c"]),
        tag=st.sampled_from(["港口", "码头"]),
        title=st.sampled_from(["One", "Two", " One"]),
        withdrawn=st.sampled_from([False, False, False, True]),
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda one: one.place,
)


def in_batches(fresh: Sequence[Copy], cuts: Sequence[bool]) -> list[list[Copy]]:
    batches: list[list[Copy]] = [[]]
    for one, cut in zip(fresh, cuts, strict=False):
        batches[-1].append(one)
        if cut:
            batches.append([])
    return [batch for batch in batches if batch]


@settings(max_examples=200, deadline=None)
@given(some_copies, st.data())
def test_the_order_of_reading_does_not_matter(fresh: list[Copy], data: st.DataObject) -> None:
    fresh = [one for one in fresh if not one.withdrawn] or [replace(fresh[0], withdrawn=False)]
    once, many = Story(), Story()
    many.read(*fresh)
    shuffled = data.draw(st.permutations(fresh))
    for batch in in_batches(shuffled, data.draw(st.lists(st.booleans(), min_size=len(fresh), max_size=len(fresh)))):
        once.scan(*batch)

    assert once.entry == many.entry
    assert {place: one.entry for place, one in once.known.items()}.keys() == {one.place for one in fresh}


def shown(store: Store) -> dict[str, list[str]]:
    """All that is published; what is remembered of the copies is not."""
    return {table: rows for table, rows in store.dump().items() if table != "copy"}


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some_copies, st.data())
def test_nor_does_it_in_the_store(new_store: NewStore, fresh: list[Copy], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(fresh))
    cuts = data.draw(st.lists(st.booleans(), min_size=len(fresh), max_size=len(fresh)))
    with new_store() as store:
        found = []
        for batches in ([fresh], in_batches(shuffled, cuts)):
            for batch in batches:
                with store.database.writing() as connection:
                    keep(connection, [Read("posts", "site", batch, NOW)])
            with store.database.reading() as connection:
                entry = entries.find(connection, [CODE]).get(CODE)
                kept = copies.of(connection, [CODE])[CODE]
            found.append(entry)
            assert {one.place for one in kept} == {one.place for one in fresh}
            before = shown(store)
            with store.database.writing() as connection:  # everything read again changes nothing
                keep(connection, [Read("posts", "site", batches[0], NOW + DAY)])
            assert shown(store) == before
            with store.database.writing() as connection:  # forget it all for the other order
                for table in ("entry", "copy", "membership", "category", "category_name", "tombstone"):
                    connection.exec_driver_sql(f"DELETE FROM {table}")
    one, other = found
    if any(copy.withdrawn for copy in fresh):
        # Whether it was there before its withdrawal was read is a matter of order.
        assert all(entry is None or entry.withdrawn for entry in found)
    else:
        assert one is not None
        assert other is not None
        assert replace(one, change=0) == replace(other, change=0)
