"""Whatever is saved in whatever order, the tables say what can be counted from the entries themselves."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from storage import categories, entries, listing
from storage.category import ALL, choose_title
from storage.entries import EntryChange
from storage.entry import CategoryName, Entry, WithdrawnBy
from storage.tables import CategoryNameRow, CategoryRow, MembershipRow, TombstoneRow, table_of
from tests import stores
from tests.storage.held import NOON, code, entry

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from storage.database import Database
    from tests.storage.conftest import NewDatabase

SLUGS = ("a", "b", "c", "d")
NAMES = ("港口", "码头", "Harbour")

some_slugs = st.lists(st.sampled_from(SLUGS), max_size=3, unique=True).map(tuple)
some_names = st.lists(st.sampled_from(NAMES), max_size=2)
some_sources = st.sampled_from(["posts", "harbour"])
some_moments = st.integers(0, 5).map(lambda hours: NOON + timedelta(hours=hours))
an_entry = st.builds(
    lambda number, source, slugs, names, published, withdrawn, revision: replace(
        entry(number, *slugs),
        category_names=tuple(CategoryName(slug, name) for slug in slugs for name in names),
        source=source,
        published=published,
        withdrawn=withdrawn,
        withdrawn_by=WithdrawnBy.SOURCE if withdrawn else None,
        revision=revision,
    ),
    st.integers(1, 5),
    some_sources,
    some_slugs,
    some_names,
    some_moments,
    st.none() | some_moments,
    st.integers(1, 3),
)
a_save = st.lists(an_entry, min_size=1, max_size=4, unique_by=lambda one: one.info_code)
pages = st.dictionaries(st.sampled_from(SLUGS), st.sampled_from(["港口新闻", "Port"]))
# Every fixture is a folder: new databases in it disturb nobody.
SHARED = [HealthCheck.function_scoped_fixture]


@settings(max_examples=stores.examples(25), deadline=None, suppress_health_check=SHARED)
@given(steps=st.lists(a_save | pages, min_size=1, max_size=6))
def test_the_tables_agree_with_the_entries(
    new_database: NewDatabase, steps: list[list[Entry] | dict[str, str]]
) -> None:
    with new_database() as database:
        named: dict[str, str] = {}
        for step in steps:
            before = _shown(database)
            if isinstance(step, dict):
                named = step
                with database.writing() as connection:
                    categories.set_page_titles(connection, step, NOON)
            else:
                _save(database, step)
            _assert_agrees(database, named)
            _assert_moved(before, _shown(database))


def _save(database: Database, wanted: list[Entry]) -> None:
    with database.writing() as connection:
        known = entries.find(connection, [one.info_code for one in wanted])
        entries.save(connection, [EntryChange(known.get(one.info_code), one) for one in wanted], NOON)


def _held(connection: Connection) -> list[Entry]:
    return list(entries.find(connection, [code(number) for number in range(1, 6)]).values())


def _assert_agrees(database: Database, named: dict[str, str]) -> None:
    with database.reading() as connection:
        held = _held(connection)
        places, graves = set(), set()
        counts: Counter[str] = Counter()
        votes: Counter[tuple[str, str]] = Counter()
        for one in held:
            for slug in (ALL, *one.categories):
                if one.withdrawn:
                    graves.add((slug, one.withdrawn, one.info_code))
                else:
                    places.add((slug, one.published, one.info_code, one.source))
                    counts[slug] += 1
            if not one.withdrawn:
                votes.update({(vote.slug, vote.name) for vote in one.category_names})
        rows = list(connection.execute(select(table_of(CategoryRow))).mappings())

        assert _rows(connection, MembershipRow) == places
        assert _rows(connection, TombstoneRow) == graves
        assert _rows(connection, CategoryNameRow) == {(*vote, by) for vote, by in votes.items()}
        assert {row["slug"]: row["entries"] for row in rows if row["entries"]} == dict(counts)
        for row in rows:
            own = {name: by for (slug, name), by in votes.items() if slug == row["slug"]}
            assert row["page_title"] == named.get(row["slug"], "")
            assert row["title"] == choose_title(row["slug"], row["page_title"], own)


def _rows(connection: Connection, model: type) -> set[tuple[object, ...]]:
    rows = [tuple(row) for row in connection.execute(select(table_of(model)))]
    assert len(rows) == len(set(rows))
    return set(rows)


Shown = dict[str, tuple[int, object]]


def _shown(database: Database) -> tuple[Shown, Shown]:
    """What each category and each entry shows, beside the number of the change that last touched it."""
    with database.reading() as connection:
        held = {one.info_code: one for one in _held(connection)}
        names = {one.slug: one.title for one in categories.listed(connection)} | {ALL: ""}
        rows = connection.execute(select(table_of(CategoryRow))).mappings()
        lists: Shown = {}
        for row in rows:
            members = [
                (replace(held[place.info_code], change=0), [names[slug] for slug in held[place.info_code].categories])
                for place in listing.listed(connection, row["slug"], 100)
            ]
            few = [place.info_code for place in listing.listed(connection, row["slug"], 2)]
            shown = (row["title"], members, few, entries.tombstones(connection, row["slug"], 100))
            lists[row["slug"]] = (row["version"], shown)
        alone: Shown = {
            str(one.info_code): (one.change, (replace(one, change=0), [names[slug] for slug in one.categories]))
            for one in held.values()
            if not one.withdrawn
        }
    return lists, alone


def _assert_moved(before: tuple[Shown, Shown], after: tuple[Shown, Shown]) -> None:
    """Whatever is shown differently has a new number: it is rendered again."""
    for earlier, now in zip(before, after, strict=True):
        for key, (number, shown) in now.items():
            if key in earlier and earlier[key][1] != shown:
                assert number > earlier[key][0], key
