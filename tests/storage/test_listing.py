"""Who has a place in what is shown of a category, when a source floods it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from storage import categories, entries, listing, stories
from storage.category import ALL
from storage.entries import EntryChange
from storage.listing import HORIZON
from storage.story import Place, Stories
from tests import stores
from tests.storage.held import NOON, code, entry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.database import Database
    from storage.entry import Entry
    from tests.storage.conftest import NewDatabase

SHARED = [HealthCheck.function_scoped_fixture]


def _save(database: Database, wanted: Sequence[Entry]) -> None:
    with database.writing() as connection:
        known = entries.find(connection, [one.info_code for one in wanted])
        entries.save(connection, [EntryChange(known.get(one.info_code), one) for one in wanted], NOON)


def _listed(database: Database, limit: int, which: Stories = Stories.ALL) -> list[str]:
    with database.reading() as connection:
        return [one.info_code for one in listing.listed(connection, ALL, limit, which)]


def _sources(database: Database, limit: int) -> Counter[str]:
    with database.reading() as connection:
        found = entries.find(connection, _listed(database, limit))
    return Counter(one.source for one in found.values())


def _flood(source: str, first: int, many: int, hours: int = 0) -> list[Entry]:
    """Entries of one source, a second apart, the last one *hours* after noon."""
    start = NOON + timedelta(hours=hours)
    return [entry(first + n, source=source, published=start - timedelta(seconds=n)) for n in range(many)]


def _plainly(held: Sequence[Entry], limit: int) -> list[Entry]:
    return sorted(held, key=lambda one: (one.published, one.info_code), reverse=True)[:limit]


def _fairly(held: Sequence[Entry], limit: int) -> list[Entry]:
    """The rule, worked out from all entries at once."""
    shown = _plainly(held, limit)
    for source, taken in Counter(one.source for one in shown).items():
        if taken * 2 > limit and len(shown) == limit:
            since = _plainly(held, 1)[0].published - HORIZON
            young = [one for one in held if one.source != source and one.published >= since]
            others = _fairly(young, limit // 2) if limit > 1 else []
            old = [one for one in held if one.source != source and one.published < since]
            rest = _plainly([one for one in held if one.source == source] + old, limit - len(others))
            return _plainly([*others, *rest], limit)
    return shown


some_entries = st.lists(st.tuples(st.sampled_from("aaaaaabbbcd"), st.integers(0, 300)), min_size=1, max_size=40).map(
    lambda parts: [entry(n, source=source, hour=-hours) for n, (source, hours) in enumerate(parts)]
)


@settings(max_examples=stores.examples(60), deadline=None, suppress_health_check=SHARED)
@given(held=some_entries, limit=st.integers(1, 12), data=st.data())
def test_places_are_shared(new_database: NewDatabase, held: list[Entry], limit: int, data: st.DataObject) -> None:
    with new_database() as database:
        _save(database, held)
        listed = _listed(database, limit)
    shown = [one for one in held if one.info_code in listed]
    newest = _plainly(held, 1)[0]
    taken = Counter(one.source for one in shown)

    assert listed == [one.info_code for one in _plainly(shown, limit)], "in order, none twice"
    assert len(listed) == min(limit, len(held)), "no place is left empty"
    for source in taken:
        waiting = [
            one
            for one in held
            if one.source != source and one.published >= newest.published - HORIZON and one not in shown
        ]
        assert not (waiting and taken[source] > limit - limit // 2), "others wait while one has more than half"
    plain = _plainly(held, limit)
    if all(count * 2 <= limit for count in Counter(one.source for one in plain).values()):
        assert listed == [one.info_code for one in plain], "nobody floods: as before"

    with new_database() as database:
        for one in data.draw(st.permutations(held)):
            _save(database, [one])
        assert _listed(database, limit) == listed, "the same in whatever order they were stored"


@settings(max_examples=stores.examples(60), deadline=None, suppress_health_check=SHARED)
@given(held=some_entries, limit=st.integers(1, 12))
def test_the_statements_find_what_the_rule_says(new_database: NewDatabase, held: list[Entry], limit: int) -> None:
    with new_database() as database:
        _save(database, held)
        assert _listed(database, limit) == [one.info_code for one in _fairly(held, limit)]


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([("b", 100, 24)], {"a": 25, "b": 25}),
        ([("b", 10, 24)], {"a": 40, "b": 10}),
        ([("b", 10, 7 * 24), ("c", 10, 8 * 24)], {"a": 49, "b": 1}),
        ([("b", 10, 7 * 24 + 1), ("c", 10, 8 * 24)], {"a": 50}),
        ([("b", 20, 24), ("c", 20, 48)], {"a": 25, "b": 13, "c": 12}),
        ([("b", 500, 1), ("c", 5, 48)], {"a": 25, "b": 20, "c": 5}),
        ([("b", 500, 1), ("c", 500, 2), ("d", 3, 48)], {"a": 25, "b": 13, "c": 9, "d": 3}),
        ([("b", 12, 1), ("c", 13, 2), ("d", 3, 48)], {"a": 25, "b": 9, "c": 13, "d": 3}),
    ],
)
def test_a_flood_leaves_the_others_their_half(
    database: Database, others: list[tuple[str, int, int]], expected: dict[str, int]
) -> None:
    _save(database, _flood("a", 0, 500))
    for index, (source, many, hours) in enumerate(others, 1):
        _save(database, _flood(source, index * 1_000, many, -hours))
    assert _sources(database, 50) == expected


def test_stories_that_are_told_twice_take_no_place(database: Database) -> None:
    _save(database, [*_flood("a", 0, 20), *_flood("b", 100, 4, -24)])
    with database.writing() as connection:
        stories.arrange(
            connection,
            [],
            [Place(code(103), code(103), entry(0).published - timedelta(hours=24, seconds=3))]
            + [Place(code(n), code(103), NOON - timedelta(hours=24, seconds=n - 100)) for n in (100, 101)],
        )
    whole, first = (_listed(database, 6, which) for which in Stories)
    assert [one for one in whole if one >= code(100)] == [code(100), code(101), code(102)]
    assert [one for one in first if one >= code(100)] == [code(102), code(103)]
    assert len(whole) == len(first) == 6


def test_an_entry_that_changes_its_source_moves_places(database: Database) -> None:
    """It is in the same categories as before, and they are rendered again nevertheless."""
    _save(database, [*_flood("a", 0, 6), *_flood("b", 100, 2, -24)])
    assert _listed(database, 4) == [code(0), code(1), code(100), code(101)]
    with database.reading() as connection:
        found = entries.find(connection, [code(2), code(100)])
    _save(database, [replace(found[code(100)], source="a")])
    assert _listed(database, 4) == [code(0), code(1), code(2), code(101)]
    with database.reading() as connection:
        assert categories.find(connection, [ALL])[ALL].version == 2


@pytest.mark.parametrize(
    ("held", "looks"),
    [
        (_flood("a", 0, 9), 1),
        ([entry(n, source="a", hour=-100 * n) for n in range(20)], 1),
        ([*_flood("a", 0, 5), *_flood("b", 100, 9)], 1),
        (_flood("a", 0, 20), 2),
        ([*_flood("a", 0, 20), *_flood("b", 100, 20, -1)], 3),
    ],
    ids=["all-have-room", "longer-than-a-week", "half-and-half", "one-source", "two-floods"],
)
def test_how_often_is_looked(database: Database, held: list[Entry], looks: int) -> None:
    """A second look is only needed where a flood may keep others out."""
    _save(database, held)
    asked: list[str] = []
    with database.reading() as connection:
        event.listen(connection, "before_cursor_execute", lambda _c, _cursor, said, *_: asked.append(said))
        listing.listed(connection, ALL, 10)
    assert len(asked) == looks
