"""Entries are kept with their places in categories, their ids, their revisions and their graves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from storage import categories, entries, listing
from storage.category import ALL
from storage.database import last_change
from storage.entries import KEPT_REVISIONS, EntryChange
from storage.entry import (
    Author,
    CategoryName,
    Enclosure,
    Entry,
    Episode,
    Link,
    Origin,
    Transcript,
    WithdrawnBy,
)
from tests.storage.held import NOON, code, dump, entry

if TYPE_CHECKING:
    from storage.database import Database


class Held:
    """Short words for what is done with entries; each save is a transaction."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def save(self, *wanted: Entry) -> int:
        with self.database.writing() as connection:
            before = entries.find(connection, [one.info_code for one in wanted])
            changes = [EntryChange(before.get(one.info_code), one) for one in wanted]
            return entries.save(connection, changes, NOON)

    def find(self, number: int) -> Entry:
        with self.database.reading() as connection:
            return entries.find(connection, [code(number)])[code(number)]

    def listed(self, category: str = ALL, limit: int = 100) -> list[str]:
        with self.database.reading() as connection:
            return [one.info_code for one in listing.listed(connection, category, limit)]

    def graves(self, category: str = ALL, limit: int = 100) -> list[str]:
        with self.database.reading() as connection:
            return [grave.info_code for grave in entries.tombstones(connection, category, limit)]

    def state(self, category: str) -> tuple[int, int]:
        """A category's version and count."""
        with self.database.reading() as connection:
            found = categories.find(connection, [category]).get(category)
        return (found.version, found.entries) if found else (0, 0)


@pytest.fixture
def held(database: Database) -> Held:
    return Held(database)


def withdrawn(one: Entry, minutes: int = 0, by: WithdrawnBy = WithdrawnBy.OPERATOR) -> Entry:
    return replace(one, withdrawn=NOON + timedelta(days=1, minutes=minutes), withdrawn_by=by)


def test_an_entry_comes_back_as_it_went_in(held: Held) -> None:
    whole = entry(
        1,
        "gangkou",
        "hangyun",
        votes={"gangkou": "港口", "hangyun": "航运"},
        title="A & B <c> 港口 😀",
        summary="Short.",
        link="https://harbour.example.org/1?a=1&b=2",
        updated=NOON + timedelta(microseconds=123456),
        origin=Origin("Harbour Post", "https://harbour.example.org/", "https://harbour.example.org/feed"),
        authors=(Author("Lin"), Author("Wei", "wei@example.org", "https://wei.example.org/")),
        tags=("a", "b"),
        enclosures=(Enclosure("https://a.example/1.mp3", "audio/mpeg", 2**40), Enclosure("https://a.example/2")),
        language="zh-CN",
        contributors=(Author("Mei"),),
        links=(Link("https://other.example.org/", "via", "text/html", "There", "en"),),
        comments="https://harbour.example.org/1#comments",
        image="https://harbour.example.org/1.png",
        licence="https://creativecommons.org/licenses/by/4.0/",
        episode=Episode(
            61, 1, 2, "full", explicit=False, transcripts=(Transcript("https://a.example/1.vtt", "text/vtt"),)
        ),
        own_id="urn:uuid:1",
        revision=3,
        withdrawn=NOON,
        withdrawn_by=WithdrawnBy.SOURCE,
    )
    number = held.save(whole)

    assert held.find(1) == replace(whole, atom_id="urn:uuid:1", change=number)


def test_no_change_takes_no_number(held: Held) -> None:
    assert held.save() == 0
    with held.database.reading() as connection:
        assert last_change(connection) == 0


def test_what_is_not_there_is_not_found(held: Held) -> None:
    with held.database.reading() as connection:
        assert entries.find(connection, [code(1)]) == {}
        assert categories.find(connection, ["gangkou"]) == {}
        assert listing.listed(connection, "gangkou", 10) == []


def test_more_entries_than_one_statement_can_name(held: Held) -> None:
    many = [entry(number, "gangkou", hour=number) for number in range(1_200)]
    held.save(*many)
    with held.database.reading() as connection:
        assert len(entries.find(connection, [one.info_code for one in many])) == 1_200

    held.save(*(withdrawn(one) for one in many))
    assert (held.listed(), held.state(ALL)) == ([], (2, 0))
    assert len(held.graves(limit=2_000)) == 1_200


def test_entries_are_listed_by_published_then_by_code(held: Held) -> None:
    held.save(entry(1, "a", hour=1), entry(2, "a", hour=3), entry(4, "a", hour=2), entry(3, "a", hour=2))

    assert held.listed("a") == held.listed() == [code(2), code(4), code(3), code(1)]
    assert held.listed("a", limit=2) == [code(2), code(4)]


def test_a_listed_entry_tells_its_change(held: Held) -> None:
    held.save(entry(1, "a"))
    number = held.save(entry(2, "a", hour=1, updated=NOON + timedelta(hours=5)))
    with held.database.reading() as connection:
        [first, second] = listing.listed(connection, "a", 10)

    assert (first.change, first.updated) == (number, NOON + timedelta(hours=5))
    assert second.change == number - 1


def test_dates_long_ago_and_in_between_are_in_order(held: Held) -> None:
    moments = [NOON.replace(year=year, microsecond=micro) for year in (900, 1900, 2026, 2200) for micro in (0, 1, 100)]
    held.save(*(entry(number, published=moment) for number, moment in enumerate(moments)))

    assert held.listed() == [code(number) for number in reversed(range(len(moments)))]


def test_an_edit_of_the_date_moves_the_place(held: Held) -> None:
    held.save(entry(1, "a", hour=1), entry(2, "a", hour=2))
    held.save(replace(held.find(1), published=NOON + timedelta(hours=3)))

    assert held.listed("a") == held.listed() == [code(1), code(2)]
    assert held.state("a") == (2, 2)


def test_only_touched_categories_move(held: Held) -> None:
    held.save(entry(1, "a", "b"), entry(2, "c"))
    number = held.save(replace(held.find(1), title="Other", categories=("b", "d")))

    assert held.state("a") == (number, 0)
    assert held.state("b") == (number, 1)
    assert held.state("c") == (number - 1, 1)
    assert held.state("d") == (number, 1)
    assert held.state(ALL) == (number, 2)
    assert (held.listed("a"), held.listed("b")) == ([], [code(1)])
    with held.database.reading() as connection:
        assert [one.slug for one in categories.changed_since(connection, number - 1)] == [ALL, "a", "b", "d"]
        assert list(entries.changed_since(connection, number - 1)) == [(code(1), False)]


def test_a_category_may_be_named_all(held: Held) -> None:
    held.save(entry(1, "all"), entry(2, "b"))

    assert (held.listed("all"), held.listed()) == ([code(1)], [code(2), code(1)])


def test_earlier_revisions_are_kept_but_no_more_than_twenty(held: Held) -> None:
    held.save(entry(1, "a"))
    for number in range(2, KEPT_REVISIONS + 6):
        held.save(replace(held.find(1), title=f"Version {number}", revision=number))
    with held.database.reading() as connection:
        kept = entries.revisions(connection, code(1))

    assert [one.number for one in kept] == list(range(5, KEPT_REVISIONS + 5))
    assert kept[-1].title == f"Version {KEPT_REVISIONS + 4}"
    assert len(kept) == KEPT_REVISIONS == 20


def test_what_is_no_new_revision_keeps_none(held: Held) -> None:
    held.save(entry(1, "a"))
    held.save(replace(held.find(1), tags=("new",)))
    with held.database.reading() as connection:
        assert entries.revisions(connection, code(1)) == []


def test_an_id_is_kept_for_ever(held: Held) -> None:
    held.save(entry(1, own_id="urn:uuid:1"), entry(2))
    held.save(
        replace(entry(1), own_id="urn:uuid:other", guid="tag:other", first_seen=NOON + timedelta(days=9)),
        replace(entry(2), own_id="urn:uuid:other", guid="tag:other"),
    )

    one, two = held.find(1), held.find(2)
    assert (one.atom_id, one.guid, one.first_seen) == ("urn:uuid:1", entry(1).guid, NOON)
    assert (two.atom_id, two.guid) == (entry(2).guid, entry(2).guid)


def test_an_id_that_another_entry_uses_is_not_taken_over(held: Held) -> None:
    held.save(entry(1, own_id="urn:uuid:1"))
    held.save(entry(2, own_id="urn:uuid:1"), entry(3, own_id="urn:uuid:3"), entry(4, own_id="urn:uuid:3"))

    assert [held.find(number).atom_id for number in (1, 2, 3, 4)] == [
        "urn:uuid:1",
        entry(2).guid,
        "urn:uuid:3",
        entry(4).guid,
    ]


def test_an_id_that_will_be_anothers_does_not_stop_it(held: Held) -> None:
    held.save(entry(1, own_id=entry(2).guid))
    held.save(entry(2), entry(3))
    held.save(entry(4, own_id=entry(5).guid), entry(5))

    ids = {held.find(number).atom_id for number in range(1, 6)}
    assert len(ids) == 5
    assert held.find(2).guid == entry(2).guid
    assert held.find(5).atom_id == entry(5).guid
    assert held.find(2).atom_id.startswith("tag:mill.example.org,2026-11-23:")


def test_a_withdrawn_entry_leaves_a_grave_in_all_its_categories(held: Held) -> None:
    held.save(entry(1, "a", "b"), entry(2, "a"))
    number = held.save(withdrawn(held.find(1)))

    for category in ("a", "b", ALL):
        assert held.graves(category) == [code(1)]
        assert code(1) not in held.listed(category)
    assert [held.state(slug) for slug in ("a", "b", ALL)] == [(number, 1), (number, 0), (number, 1)]
    with held.database.reading() as connection:
        [grave] = entries.tombstones(connection, "a", 10)
        assert (grave.atom_id, grave.withdrawn) == (held.find(1).atom_id, NOON + timedelta(days=1))
        assert list(entries.changed_since(connection, number - 1)) == [(code(1), True)]


def test_graves_are_listed_newest_first(held: Held) -> None:
    held.save(entry(1, "a"), entry(2, "a"), entry(3, "a"))
    held.save(withdrawn(held.find(1), 5), withdrawn(held.find(2), 9), withdrawn(held.find(3), 5))

    assert held.graves("a") == [code(2), code(3), code(1)]
    assert held.graves("a", limit=1) == [code(2)]


def test_a_restored_entry_comes_back(held: Held) -> None:
    held.save(entry(1, "a", votes={"a": "港口"}))
    held.save(withdrawn(held.find(1)))
    number = held.save(replace(held.find(1), withdrawn=None, withdrawn_by=None))

    assert (held.listed("a"), held.graves("a"), held.graves()) == ([code(1)], [], [])
    assert held.state("a") == (number, 1)


def test_a_withdrawn_entry_that_changes_its_categories_takes_its_graves_along(held: Held) -> None:
    held.save(entry(1, "a"))
    held.save(withdrawn(held.find(1)))
    held.save(replace(held.find(1), categories=("b",)))

    assert (held.graves("a"), held.graves("b"), held.graves()) == ([], [code(1)], [code(1)])
    assert (held.state("a")[1], held.state("b")[1], held.state(ALL)[1]) == (0, 0, 0)


def test_an_entry_that_is_stored_withdrawn_counts_nowhere(held: Held) -> None:
    held.save(withdrawn(entry(1, "a", votes={"a": "港口"})))

    assert (held.listed(), held.graves("a"), held.state("a")[1]) == ([], [code(1)], 0)


def test_a_save_that_fails_keeps_nothing(held: Held) -> None:
    held.save(entry(1, "a"))
    with held.database.reading() as connection:
        before = dump(connection)

    broken = replace(entry(3), enclosures=(Enclosure("https://a.example/", length=2**70),))
    with pytest.raises(TypeError, match="64-bit"):
        held.save(entry(2, "b"), broken)
    with held.database.reading() as connection:
        assert dump(connection) == before


def test_a_vote_counts_once_for_an_entry(held: Held) -> None:
    twice = (CategoryName("a", "港口"), CategoryName("a", "港口"), CategoryName("a", "码头"))
    held.save(replace(entry(1, "a"), category_names=twice))
    with held.database.reading() as connection:
        votes = dump(connection)["category_name"]

    assert votes == ["('a', '港口', 1)", "('a', '码头', 1)"]
