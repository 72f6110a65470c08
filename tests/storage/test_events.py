"""Whoever follows categories by their events holds exactly what those hold, whatever happens in whatever order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import categories, category_moves, entries, events, listing
from storage.category import ALL
from storage.entries import EntryChange
from storage.entry import Entry, InfoCode, WithdrawnBy
from storage.event import Event, EventKind
from tests import stores
from tests.storage.held import NOON, code, entry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.database import Database
    from tests.storage.conftest import NewDatabase

SLUGS = ("a", "b", "c")
OTHER = ("x", "y")
GRANTS = ((ALL,), ("a",), ("b",), ("a", "b"), (ALL, "c"), ("x",))

some_slugs = st.lists(st.sampled_from(SLUGS), max_size=2, unique=True).map(tuple)
an_entry = st.builds(
    lambda number, slugs, revision, withdrawn: replace(
        entry(number, *slugs),
        revision=revision,
        withdrawn=NOON if withdrawn else None,
        withdrawn_by=WithdrawnBy.SOURCE if withdrawn else None,
    ),
    st.integers(1, 4),
    some_slugs,
    st.integers(1, 4),
    st.booleans(),
)
a_save = st.lists(an_entry, min_size=1, max_size=3, unique_by=lambda one: one.info_code)
a_closing = st.tuples(st.just("private"), st.sampled_from(SLUGS), st.booleans())
a_renaming = st.tuples(st.just("rename"), st.sampled_from((*SLUGS, *OTHER)), st.sampled_from(OTHER))
Step = list[Entry] | tuple[str, str, bool] | tuple[str, str, str]


@settings(max_examples=stores.examples(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(a_save | a_closing | a_renaming, min_size=1, max_size=8), most=st.integers(1, 3))
def test_a_follower_holds_what_the_categories_hold(new_database: NewDatabase, steps: list[Step], most: int) -> None:
    with new_database() as database:
        followers = {grant: Follower(grant, most) for grant in GRANTS}
        for step in steps:
            _do(database, step)
            for follower in followers.values():
                follower.follow(database)
                follower.agrees(database)
        for grant in GRANTS:
            late = Follower(grant, most)
            late.follow(database)
            late.agrees(database)


class Follower:
    """Keeps what the events of some categories tell it of, and the number of the last one."""

    def __init__(self, grant: Sequence[str], most: int) -> None:
        self.grant = grant
        self.most = most
        self.number = 0
        self.held: dict[InfoCode, int] = {}

    def follow(self, database: Database) -> None:
        while new := self._next(database):
            for event in new:
                assert event.number > self.number
                self.number = event.number
                if event.kind is EventKind.WITHDRAWN:
                    assert self.held.pop(event.info_code, None) is not None
                else:
                    assert (event.info_code in self.held) == (event.kind is EventKind.CORRECTED)
                    self.held[event.info_code] = event.revision

    def _next(self, database: Database) -> list[Event]:
        with database.reading() as connection:
            return events.after(connection, self.number, categories.followed(connection, self.grant), self.most)

    def agrees(self, database: Database) -> None:
        with database.reading() as connection:
            slugs = categories.followed(connection, self.grant)
            there = {place.info_code for slug in slugs for place in listing.listed(connection, slug, 100)}
            held = entries.find(connection, there)
        assert self.held == {one: entry.revision for one, entry in held.items()}


def _do(database: Database, step: Step) -> None:
    with database.writing() as connection:
        if isinstance(step, list):
            moved = categories.moved(connection)
            known = entries.find(connection, [one.info_code for one in step])
            wanted = [category_moves.settled(one, moved) for one in step]
            entries.save(connection, [EntryChange(known.get(one.info_code), one) for one in wanted], NOON)
            return
        kind, slug, to = step
        there = categories.find(connection, [slug, str(to)])
        if kind == "private" and (slug not in there or not there[slug].moved_to):
            category_moves.keep_private(connection, slug, NOON, private=bool(to))
        elif kind == "rename" and slug in there and str(to) not in there and not there[slug].moved_to:
            category_moves.move(connection, slug, str(to), NOON)


def test_what_happened_is_told_by_who_looks(database: Database) -> None:
    with database.writing() as connection:
        entries.save(connection, [EntryChange(None, entry(1, "a", "b"))], NOON)
        first = entries.find(connection, [code(1)])[code(1)]
        moved = replace(first, categories=("b", "c"), revision=2)
        entries.save(connection, [EntryChange(first, moved)], NOON + timedelta(hours=1))

    with database.reading() as connection:
        told = {
            slug: [(event.number, event.kind, event.revision) for event in events.after(connection, 0, [slug], 10)]
            for slug in "abc"
        }
        both = events.after(connection, 0, "ac", 10)
        early = events.after(connection, 0, "b", 10, until=NOON)

    assert told == {
        "a": [(1, EventKind.CREATED, 1), (2, EventKind.WITHDRAWN, 2)],
        "b": [(1, EventKind.CREATED, 1), (2, EventKind.CORRECTED, 2)],
        "c": [(2, EventKind.CREATED, 2)],
    }
    assert [event.kind for event in both] == [EventKind.CREATED, EventKind.CORRECTED]
    assert [event.moment for event in early] == [NOON]


def test_a_clock_that_was_set_back_hides_nothing(database: Database) -> None:
    with database.writing() as connection:
        entries.save(connection, [EntryChange(None, entry(1, "a"))], NOON + timedelta(hours=1))
        entries.save(connection, [EntryChange(None, entry(2, "a"))], NOON)
    with database.reading() as connection:
        assert events.after(connection, 0, "a", 10, until=NOON) == []
        both = events.after(connection, 0, "a", 10, until=NOON + timedelta(hours=1))
    assert [event.number for event in both] == [1, 2]


def test_what_did_not_come_to_be_is_no_event(database: Database) -> None:
    with database.writing() as connection:
        gone = replace(entry(1, "a"), withdrawn=NOON, withdrawn_by=WithdrawnBy.AUTHOR)
        entries.save(connection, [EntryChange(None, gone)], NOON)
        assert events.last(connection) == 0
