"""Places in histories: one for each arrival, without gaps; and what pages show once they are full."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from storage import archive, categories, entries
from storage.archive_page import PAGE
from storage.category import ALL
from storage.entries import EntryChange
from storage.entry import Entry, Tombstone, WithdrawnBy
from storage.tables import ArchivedRow, ArrivalRow, table_of
from tests.storage.held import NOON, code, entry

if TYPE_CHECKING:
    from storage.archive_page import Page
    from storage.database import Database

_ARRIVAL = table_of(ArrivalRow)
_ARCHIVED = table_of(ArchivedRow)


def _save(database: Database, *wanted: Entry) -> None:
    with database.writing() as connection:
        known = entries.find(connection, [one.info_code for one in wanted])
        entries.save(connection, [EntryChange(known.get(one.info_code), one) for one in wanted], NOON)


def _fill(database: Database, first: int, most: int, *slugs: str) -> None:
    _save(database, *(entry(number, *slugs) for number in range(first, first + most)))


def _get(database: Database, number: int) -> Entry:
    with database.reading() as connection:
        return entries.find(connection, [code(number)])[code(number)]


def _page(database: Database, slug: str, number: int) -> Page:
    with database.reading() as connection:
        return archive.page(connection, categories.find(connection, [slug])[slug], number)


def _codes(page: Page) -> list[str]:
    return [one.info_code for one in page.places]


def _kept(database: Database) -> int:
    with database.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(_ARCHIVED)).scalar_one())


def test_places_have_numbers_without_gaps(database: Database) -> None:
    for number in range(1, 8):
        _save(database, entry(number, "a"), entry(number + 100, "b", "a"))
    with database.reading() as connection:
        for slug, most in (("a", 14), ("b", 7), (ALL, 14)):
            of = _ARRIVAL.c.category == slug
            numbers = connection.execute(select(_ARRIVAL.c.number).where(of).order_by(_ARRIVAL.c.number)).scalars()
            assert list(numbers) == list(range(1, most + 1))
            assert categories.find(connection, [slug])[slug].arrivals == most


def test_what_comes_together_is_in_order_of_its_dates(database: Database) -> None:
    _save(database, replace(entry(2, "a"), published=NOON), replace(entry(1, "a"), published=NOON + timedelta(1)))
    assert _codes(_page(database, "a", 1)) == [code(2), code(1)]


def test_a_category_that_an_entry_joins_later_has_its_place_then(database: Database) -> None:
    _save(database, entry(1, "a"))
    _save(database, entry(2, "b"))
    _save(database, replace(_get(database, 1), categories=("a", "b")))
    assert _codes(_page(database, "b", 1)) == [code(2), code(1)]
    assert _codes(_page(database, "a", 1)) == [code(1)]
    assert _codes(_page(database, ALL, 1)) == [code(1), code(2)]


def test_on_the_page_that_grows_a_correction_takes_no_place(database: Database) -> None:
    _save(database, entry(1, "a"))
    before = _get(database, 1)
    _save(database, replace(before, title="Put right", revision=2))
    [shown] = _page(database, "a", 1).places
    assert isinstance(shown, Entry)
    assert shown.title == "Put right"
    assert _kept(database) == 0


def test_a_full_page_shows_what_was_stored_when_it_filled(database: Database) -> None:
    _fill(database, 1, PAGE, "a")
    filled = _page(database, "a", 1)
    for revision in range(2, 40):
        _save(database, replace(_get(database, 1), title=f"Version {revision}", revision=revision))
        _save(database, replace(_get(database, 2), tags=(f"tag {revision}",)))
    assert _page(database, "a", 1) == filled
    assert _codes(_page(database, "a", 2)) == [code(1)]  # the second correction found it there
    # One form of each is enough, since both pages filled at once.
    assert _kept(database) == 2


def test_each_page_shows_its_own_form_of_an_entry(database: Database) -> None:
    _fill(database, 1, PAGE, "a")
    _save(database, replace(_get(database, 1), title="Version 2", revision=2, categories=("a", "b")))
    _fill(database, 1_000, PAGE - 1, "a", "b")
    _save(database, replace(_get(database, 1), title="Version 3", revision=3))
    titles = []
    for slug, number in (("a", 1), ("a", 2), ("a", 3), ("b", 1), ("b", 2)):
        for one in _page(database, slug, number).places:
            if one.info_code == code(1):
                assert isinstance(one, Entry)
                titles.append(one.title)
    assert titles == [entry(1).title, "Version 2", "Version 3", "Version 2", "Version 3"]
    assert _kept(database) == 2


def test_who_left_has_tombstones_in_all_places(database: Database) -> None:
    _fill(database, 1, PAGE, "a")
    _save(database, replace(_get(database, 1), title="Put right", revision=2))
    when = NOON + timedelta(days=9)
    _save(database, replace(_get(database, 1), withdrawn=when, withdrawn_by=WithdrawnBy.AUTHOR))
    _save(database, replace(_get(database, 2), categories=()))
    tombstone = Tombstone(code(1), _get(database, 1).atom_id, when)
    moved = Tombstone(code(2), _get(database, 2).atom_id, _get(database, 2).updated)
    assert list(_page(database, "a", 1).places[:2]) == [tombstone, moved]
    assert list(_page(database, "a", 2).places) == [tombstone, moved]
    assert list(_page(database, ALL, 2).places) == [tombstone]
