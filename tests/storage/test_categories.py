"""What a category is called, and what moves when that changes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from storage import categories, entries
from storage.category import ALL, choose_title, without_news
from storage.database import last_change
from storage.entries import EntryChange
from storage.entry import Entry, WithdrawnBy
from tests.storage.held import NOON, code, dump, entry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storage.database import Database


def save(database: Database, *wanted: Entry) -> int:
    with database.writing() as connection:
        before = entries.find(connection, [one.info_code for one in wanted])
        return entries.save(connection, [EntryChange(before.get(one.info_code), one) for one in wanted], NOON)


def set_pages(database: Database, **titles: str) -> int:
    with database.writing() as connection:
        return categories.set_page_titles(connection, titles, NOON)


def titles(database: Database) -> Mapping[str, str]:
    with database.reading() as connection:
        return {one.slug: one.title for one in categories.listed(connection)}


def versions(database: Database) -> dict[str, int]:
    with database.reading() as connection:
        return {one.slug: one.version for one in categories.changed_since(connection, 0)}


def begun(database: Database, source: str) -> set[str]:
    with database.reading() as connection:
        return categories.begun_by(connection, source)


def change_of(database: Database, number: int) -> int:
    with database.reading() as connection:
        return entries.find(connection, [code(number)])[code(number)].change


@pytest.mark.parametrize(
    ("page", "votes", "title"),
    [
        ("", {}, "slug"),
        ("", {"港口": 1}, "港口"),
        ("", {"港口": 1, "码头": 2}, "码头"),
        ("", {"a": 2, "b": 2}, "b"),
        ("港口新闻", {}, "港口新闻"),
        ("港口新闻", {"港口": 100}, "港口新闻"),
        ("港口新闻", {"码头": 9, "港口": 1}, "码头"),
        ("港口新闻", {"码头": 8, "港口": 1}, "港口新闻"),
        ("港口新闻", {"码头": 5, "航运": 5}, "港口新闻"),
        ("新闻", {"新闻": 3}, "新闻"),
    ],
)
def test_which_name_is_chosen(page: str, votes: dict[str, int], title: str) -> None:
    assert choose_title("slug", page, votes) == title


@pytest.mark.parametrize(
    ("tag", "name"), [("证券时报新闻", "证券时报"), ("新闻", "新闻"), ("新闻联播", "新闻联播"), ("", "")]
)
def test_a_final_news_is_left_out(tag: str, name: str) -> None:
    assert without_news(tag) == name


def test_a_category_without_votes_is_called_by_its_slug(database: Database) -> None:
    save(database, entry(1, "world", "港口"))

    assert titles(database) == {"world": "world", "港口": "港口"}


def test_categories_are_listed_by_slug_with_their_newest(database: Database) -> None:
    save(database, entry(1, "b", hour=1), entry(2, "b", "a", hour=2), entry(3, "c", hour=9))
    save(database, replace(entry(3, "c", hour=9), withdrawn=NOON, withdrawn_by=WithdrawnBy.SOURCE))
    with database.reading() as connection:
        found = categories.listed(connection)

    assert [(one.slug, one.entries, one.updated) for one in found] == [
        ("a", 1, entry(2, hour=2).published),
        ("b", 2, entry(2, hour=2).published),
        ("c", 0, None),
    ]


def test_the_most_frequent_name_wins_and_leaves_with_its_entries(database: Database) -> None:
    save(database, entry(1, "a", votes={"a": "港口"}))
    assert titles(database) == {"a": "港口"}
    save(database, entry(2, "a", votes={"a": "码头"}), entry(3, "a", votes={"a": "码头"}))
    assert titles(database) == {"a": "码头"}
    save(database, *(replace(entry(n, "a", votes={"a": "码头"}), withdrawn=NOON) for n in (2, 3)))
    assert titles(database) == {"a": "港口"}
    save(database, replace(entry(1, "a"), withdrawn=NOON))
    assert titles(database) == {"a": "a"}


def test_a_new_name_is_shown_by_everything_that_shares_an_entry(database: Database) -> None:
    save(
        database,
        entry(1, "a", "b", votes={"a": "港口"}),
        entry(2, "c"),
        entry(3, "a", votes={"a": "港口"}),
        entry(4, "b"),
    )
    first = versions(database)
    number = save(database, *(entry(n, "a", votes={"a": "码头"}) for n in (5, 6, 7)))

    assert titles(database)["a"] == "码头"
    assert versions(database) == first | {ALL: number, "a": number, "b": number}
    assert {n for n in range(1, 8) if change_of(database, n) == number} == {1, 3, 5, 6, 7}


def test_votes_that_come_later_are_a_new_name_as_well(database: Database) -> None:
    save(database, entry(1, "a", "b"))
    number = save(database, entry(2, "a", votes={"a": "港口"}))

    assert titles(database)["a"] == "港口"
    assert change_of(database, 1) == number
    assert versions(database) == {ALL: number, "a": number, "b": number}


def test_votes_that_choose_the_same_name_touch_no_other_entry(database: Database) -> None:
    save(database, entry(1, "a", "b", votes={"a": "港口"}))
    number = save(database, entry(2, "a", votes={"a": "港口"}))

    assert change_of(database, 1) == number - 1
    assert versions(database) == {ALL: number, "a": number, "b": number - 1}


def test_pages_give_names_and_take_them_back(database: Database) -> None:
    save(database, entry(1, "a", "b", votes={"a": "港口"}), entry(2, "c"))
    number = set_pages(database, a="港口新闻")

    assert titles(database)["a"] == "港口新闻"
    assert versions(database) == {ALL: number, "a": number, "b": number, "c": 1}
    assert (change_of(database, 1), change_of(database, 2)) == (number, 1)
    assert set_pages(database, a="港口新闻") == 0
    assert set_pages(database) == number + 1
    assert titles(database)["a"] == "港口"


def test_the_same_pages_again_touch_no_row(database: Database) -> None:
    save(database, entry(1, "a"))
    set_pages(database, a="港口", b="码头")
    with database.reading() as connection:
        before = dump(connection)
    set_pages(database, a="港口", b="码头")
    with database.reading() as connection:
        assert dump(connection) == before
        assert last_change(connection) == 2


def test_a_page_may_come_before_its_entries(database: Database) -> None:
    set_pages(database, a="港口")
    assert titles(database) == {"a": "港口"}

    save(database, entry(1, "a", votes={"a": "港口"}))
    assert titles(database) == {"a": "港口"}
    with database.reading() as connection:
        found = categories.find(connection, ["a"]).get("a")
    assert found is not None
    assert found.entries == 1


def test_a_wrong_page_loses_to_nearly_all_entries(database: Database) -> None:
    set_pages(database, a="航运新闻")
    save(database, *(entry(n, "a", votes={"a": "港口"}) for n in range(8)), entry(8, "a", votes={"a": "航运"}))
    assert titles(database) == {"a": "航运新闻"}

    number = save(database, *(entry(n, "a", votes={"a": "港口"}) for n in (9,)))
    assert titles(database) == {"a": "港口"}
    assert {change_of(database, n) for n in range(10)} == {number}


def test_a_page_of_a_name_without_difference_moves_no_entry(database: Database) -> None:
    save(database, entry(1, "a", votes={"a": "港口"}))
    set_pages(database, a="港口")

    assert change_of(database, 1) == 1


def test_titles_of_many(database: Database) -> None:
    save(database, *(entry(n, f"c{n}") for n in range(1_100)))
    with database.reading() as connection:
        found = categories.titles(connection, [f"c{n}" for n in range(1_100)] + ["none"])

    assert len(found) == 1_100


def test_a_category_is_begun_by_its_first_entrys_source_for_ever(database: Database) -> None:
    save(database, entry(1, "a", source="harbour"))
    save(database, entry(2, "a", "b", source="observatory"), entry(3, "c", source="harbour"))
    save(database, replace(entry(1, source="harbour"), withdrawn=NOON), entry(3, source="harbour"))
    save(database, entry(4, "a", "c", source="posts"))

    known = {name: begun(database, name) for name in ("harbour", "observatory", "posts", "")}
    assert known == {"harbour": {"a", "c"}, "observatory": {"b"}, "posts": set(), "": {ALL}}


def test_a_category_is_begun_by_whoever_brought_it_to_anothers_entry(database: Database) -> None:
    save(database, entry(1, "a", source="harbour"))
    with database.writing() as connection:
        before, after = entry(1, "a", source="harbour"), entry(1, "a", "b", source="harbour")
        entries.save(connection, [EntryChange(before, after, "observatory")], NOON)

    assert (begun(database, "harbour"), begun(database, "observatory")) == ({"a"}, {"b"})


def test_a_category_is_begun_by_an_entry_that_is_withdrawn(database: Database) -> None:
    save(database, entry(1, "a", source="harbour"))
    save(database, replace(entry(1, "b", source="harbour"), withdrawn=NOON))

    assert begun(database, "harbour") == {"a", "b"}


def test_what_a_page_began_nobody_did(database: Database) -> None:
    set_pages(database, a="Port")
    save(database, entry(1, "a", "b", source="harbour"))

    assert (begun(database, ""), begun(database, "harbour")) == ({ALL, "a"}, {"b"})
