"""The search index: what is put is found, what is behind is known, what is stale is not answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from storage import entries, search
from storage.entries import EntryChange
from storage.search import Document, Mark
from storage.words import Term
from tests.storage.held import NOON, code, entry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from storage.database import Database
    from storage.entry import InfoCode


def document(number: int, *tokens: str, change: int = 1, hour: int | None = None) -> Document:
    published = NOON + timedelta(hours=number if hour is None else hour)
    return Document(code(number), change, published, frozenset(tokens))


def put(database: Database, *documents: Document, gone: Sequence[InfoCode] = ()) -> None:
    with database.writing() as connection:
        search.put(connection, documents, gone)


def found(database: Database, *wanted: str | tuple[str, ...], most: int = 100) -> list[InfoCode]:
    groups = [[Term(one.rstrip("*"), begins=one.endswith("*")) for one in _several(group)] for group in wanted]
    with database.reading() as connection:
        return search.candidates(connection, groups, most)


def _several(group: str | tuple[str, ...]) -> tuple[str, ...]:
    return (group,) if isinstance(group, str) else group


def mark(database: Database) -> Mark:
    with database.reading() as connection:
        return search.mark(connection)


def written(database: Database, token: str) -> int:
    """How many documents with *token* the index holds, stale ones too."""
    having = {"sqlite": "search_words MATCH :token", "postgresql": "tokens @@ CAST(:token AS tsquery)"}
    with database.reading() as connection:
        counted = text(f"SELECT count(*) FROM search_words WHERE {having[connection.dialect.name]}")
        return int(connection.execute(counted, {"token": token}).scalar_one())


def test_the_newest_come_first(database: Database) -> None:
    put(database, document(1, "a"), document(3, "a", "b"), document(2, "a"), document(4, "b"), document(5, "a", hour=3))

    assert found(database, "a") == [code(5), code(3), code(2), code(1)]
    assert found(database, "a", most=2) == [code(5), code(3)]


def test_groups_narrow_and_their_terms_widen(database: Database) -> None:
    put(database, document(1, "a", "x"), document(2, "b", "x"), document(3, "c", "x"), document(4, "a"))

    assert found(database, ("a", "b"), "x") == [code(2), code(1)]
    assert found(database, ("a", "b"), ("c", "x")) == [code(2), code(1)]
    assert found(database, "a", "b") == []
    assert found(database, "nowhere") == []


def test_a_term_may_be_a_beginning(database: Database) -> None:
    put(database, document(1, "股市"), document(2, "股"), document(3, "市股"), document(4, "a股"))

    assert found(database, "股*") == [code(2), code(1)]
    assert found(database, "股") == [code(2)]


@pytest.mark.parametrize("token", ["and", "or", "not", "near", "tokens", "é", "\ue0000f", "𠀋", "0", "1e5"])
def test_no_token_is_a_word_of_the_index(database: Database, token: str) -> None:
    put(database, document(1, token), document(2, "other"))

    assert found(database, token) == [code(1)]
    assert found(database, token, "other") == []


def test_a_query_may_have_hundreds_of_terms(database: Database) -> None:
    many = [f"t{number}" for number in range(300)]
    put(database, document(1, *many), document(2, *many[1:]))

    assert found(database, *many) == [code(1)]
    assert found(database, tuple(many)) == [code(2), code(1)]


def test_an_entry_that_was_corrected_is_found_by_what_it_says_now(database: Database) -> None:
    put(database, document(1, "old", "both"), document(2, "both"))
    put(database, document(1, "new", "both", change=2))

    assert found(database, "old") == []
    assert found(database, "new") == [code(1)]
    assert found(database, "both") == [code(2), code(1)]


def test_an_entry_whose_words_are_the_same_is_not_written_again(database: Database) -> None:
    put(database, document(1, "a"))
    before = mark(database)
    put(database, document(1, "a", change=2))

    assert mark(database) == before
    assert written(database, "a") == 1
    put(database, document(1, "a", change=3, hour=9))
    assert written(database, "a") == 2


def test_what_another_process_put_later_stays(database: Database) -> None:
    put(database, document(1, "new", change=5))
    put(database, document(1, "old", change=4))

    assert found(database, "new") == [code(1)]
    assert found(database, "old") == []


def test_what_is_gone_is_not_found(database: Database) -> None:
    put(database, document(1, "a"), document(2, "a"))
    put(database, gone=[code(1), code(9)])

    assert found(database, "a") == [code(2)]


def test_what_is_behind(database: Database) -> None:
    def behind() -> list[InfoCode]:
        with database.reading() as connection:
            return search.behind(connection, search.mark(connection))

    with database.writing() as connection:
        entries.save(connection, [EntryChange(None, entry(1)), EntryChange(None, entry(2))], NOON)
    assert behind() == [code(2), code(1)]
    put(database, document(2, "a", change=1))
    assert behind() == [code(1)]
    put(database, document(1, "a", change=1))
    with database.writing() as connection:
        search.caught_up(connection, search.mark(connection), 1)
    assert behind() == []
    with database.writing() as connection:
        one = entries.find(connection, [code(1)])[code(1)]
        entries.save(connection, [EntryChange(one, replace(one, title="Other", revision=2))], NOON)
    assert behind() == [code(1)]


def test_the_mark_moves_only_from_where_it_was(database: Database) -> None:
    begun = mark(database)
    with database.writing() as connection:
        search.caught_up(connection, begun, 7)
        search.caught_up(connection, begun, 9)
    assert mark(database).change == 7


def test_the_version_moves_with_the_store_and_with_the_index(database: Database) -> None:
    def version() -> int:
        with database.reading() as connection:
            return search.version(connection)

    versions = [version()]
    with database.writing() as connection:
        entries.save(connection, [EntryChange(None, entry(1))], NOON)
    versions.append(version())
    put(database, document(1, "a"))
    versions.append(version())
    assert versions == sorted(set(versions))


def test_an_index_that_is_mostly_stale_is_emptied(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def empty() -> bool:
        with database.writing() as connection:
            return search.empty_if_stale(connection)

    monkeypatch.setattr(search, "_STALE", 2)
    for change in range(1, 5):
        put(database, document(1, "a", f"t{change}", change=change))
        assert not empty()
    begun = mark(database)
    with database.writing() as connection:
        search.caught_up(connection, begun, 4)
    put(database, document(1, "a", "t5", change=5))
    assert written(database, "a") == 5
    assert empty()
    assert not empty()
    assert written(database, "a") == 0
    assert found(database, "t5") == []
    assert mark(database) == Mark(0, 5, 5)
    with database.writing() as connection:  # by a process that began before
        search.caught_up(connection, begun, 5)
    assert mark(database).change == 0
    put(database, document(1, "t5", change=5))
    assert found(database, "t5") == [code(1)]


def test_what_is_in_all(database: Database) -> None:
    made = [entry(number, "harbour", hour=number) for number in range(1, 4)]
    withdrawn = replace(made[2], withdrawn=NOON)
    with database.writing() as connection:
        entries.save(connection, [EntryChange(None, one) for one in (*made[:2], withdrawn)], NOON)
        connection.execute(text("DELETE FROM membership WHERE category = '' AND info_code = :code"), {"code": code(2)})
    with database.reading() as connection:
        assert search.in_all(connection, made) == {code(1)}
        assert search.in_all(connection, []) == set()
