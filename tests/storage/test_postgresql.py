"""PostgreSQL, whichever store the other tests have: its own ways, and the same answers as SQLite's."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlmodel import SQLModel

import storage.postgresql
from storage import search, sources
from storage.database import Database, last_change, next_change, open_database
from storage.errors import DamagedDatabaseError, ForeignDatabaseError, NewerDatabaseError, StorageError
from storage.search import Document
from storage.source import PullState, SourceKind
from storage.words import Term, words_of
from tests import stores
from tests.storage.held import NOON, code

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module", autouse=True)
def _server() -> None:
    """Where there is no PostgreSQL for this machine, these tests are left out; in CI they fail."""
    try:
        stores.server()
    except Exception as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no PostgreSQL could be started: {error}")


@pytest.fixture
def url(tmp_path: Path) -> str:
    return stores.postgresql_at(tmp_path / "postgresql.db")


@pytest.fixture
def blank(tmp_path: Path) -> str:
    return stores.postgresql_at(tmp_path / "blank.db", "blank")


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    database = open_database(url)
    yield database
    database.close()


def run(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


def change(database: Database) -> int:
    with database.writing() as connection:
        return next_change(connection, NOON)


def changes(database: Database) -> int:
    with database.reading() as connection:
        return last_change(connection)


def _is_in_the_metadata(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "table" or name in SQLModel.metadata.tables


def test_the_migrated_schema_is_the_one_of_the_tables(blank: str) -> None:
    database = open_database(blank)
    with database.reading() as connection:
        wanted = {"compare_type": True, "compare_server_default": True, "include_name": _is_in_the_metadata}
        difference = compare_metadata(MigrationContext.configure(connection, opts=wanted), SQLModel.metadata)
        texts = connection.execute(
            text(
                "SELECT table_name, column_name, data_type, collation_name FROM information_schema.columns "
                "WHERE table_schema = 'public' AND data_type IN ('text', 'character varying', 'integer')"
            )
        ).all()
        given_by_itself = connection.execute(text("SELECT relname FROM pg_class WHERE relkind = 'S'")).scalars().all()
    database.close()

    ours = [column for column in texts if column.table_name in SQLModel.metadata.tables]
    assert difference == []
    assert len(ours) > 50
    assert {(column.data_type, column.collation_name) for column in ours} == {("text", "C")}
    assert not {name for name in given_by_itself if name.split("_")[0] in SQLModel.metadata.tables}


def test_a_store_keeps_its_identity_and_its_changes(blank: str) -> None:
    first = open_database(blank)
    assert change(first) == 1
    first.close()
    again = open_database(blank)

    assert again.identity == first.identity
    assert changes(again) == 1
    again.check()
    again.close()


def test_many_may_open_a_new_store_at_once(blank: str) -> None:
    gate = threading.Barrier(4)

    def opened() -> str:
        gate.wait()
        database = open_database(blank)
        database.close()
        return database.identity

    with ThreadPoolExecutor(4) as pool:
        assert len({one.result() for one in [pool.submit(opened) for _ in range(4)]}) == 1


@pytest.mark.parametrize(
    "theirs",
    [
        "CREATE TABLE note (id INTEGER)",
        "CREATE TABLE alembic_version (version_num TEXT)",
        "CREATE VIEW note AS SELECT 1",
    ],
)
def test_another_programs_database_is_refused(blank: str, theirs: str) -> None:
    run(blank, theirs)

    with pytest.raises(ForeignDatabaseError, match=r"is a database of another program: name another"):
        open_database(blank)
    run(blank, "DROP SCHEMA public CASCADE; CREATE SCHEMA public")  # nothing else was made there
    open_database(blank).close()


def test_a_later_schema_is_refused(url: str) -> None:
    run(url, "UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(NewerDatabaseError, match=r"was written by a later Feedmill \(schema 9999"):
        open_database(url)
    run(url, "DROP TABLE alembic_version")


def test_a_database_that_cannot_hold_all_texts_is_refused(blank: str) -> None:
    run(blank, "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    try:
        with pytest.raises(StorageError, match=r"/latin is in LATIN1 and not in UTF8"):
            open_database(blank.replace("/" + blank.split("/")[3].split("?")[0], "/latin"))
    finally:
        run(blank, "DROP DATABASE latin WITH (FORCE)")


def test_a_store_that_lost_a_table_is_damaged(database: Database, url: str) -> None:
    run(url, "DROP TABLE source")

    with (
        pytest.raises(DamagedDatabaseError, match=r'relation "source" does not exist'),
        database.reading() as connection,
    ):
        sources.states(connection)


def test_a_server_that_is_not_there_is_told_without_the_password(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"See that PostgreSQL runs there") as found:
        open_database(f"postgresql://mill:hidden@/feedmill?host={tmp_path}&sslpassword=hidden")

    assert str(found.value).startswith("postgresql://mill@/feedmill: ")
    assert "hidden" not in str(found.value)


def test_a_database_that_is_not_there_is_told(url: str) -> None:
    name = url.split("/")[3].split("?")[0]

    with pytest.raises(StorageError, match=r'database "missing" does not exist\. Make the'):
        open_database(url.replace(f"/{name}", "/missing"))


def test_a_user_without_rights_is_told(blank: str) -> None:
    run(
        blank,
        "DROP ROLE IF EXISTS nobody_yet; CREATE ROLE nobody_yet LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC",
    )
    try:
        with pytest.raises(StorageError, match=r"permission denied .*\. Give the user of \[storage\] url the right"):
            open_database(blank.replace("postgres@", "nobody_yet@"))
    finally:
        run(blank, "DROP ROLE nobody_yet")


def test_a_connection_that_was_lost_is_replaced(database: Database, url: str) -> None:
    before = database.stamp()
    for _ in range(2):
        stores.server().leave(url.split("/")[3].split("?")[0])
        assert changes(database) == 0
    stores.server().leave(url.split("/")[3].split("?")[0])

    assert database.stamp() == before
    stores.server().leave(url.split("/")[3].split("?")[0])
    assert change(database) == 1


def test_a_connection_that_is_lost_midway_is_told_and_nothing_is_kept(database: Database, url: str) -> None:
    def fails() -> None:
        with database.writing() as connection:
            next_change(connection, NOON)
            stores.server().leave(url.split("/")[3].split("?")[0])
            last_change(connection)

    with pytest.raises(StorageError, match="See that PostgreSQL runs there"):
        fails()
    assert changes(database) == 0
    assert change(database) == 1


def test_who_waits_too_long_is_told_why(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage.postgresql, "_BUSY_SECONDS", "0.05")
    with (
        database.writing(),
        pytest.raises(StorageError, match=r"lock timeout\. Another Feedmill has been writing"),
        database.writing(),
    ):
        pass


def test_a_statement_that_takes_too_long_is_told(database: Database) -> None:
    said = r"statement timeout\. A statement took longer than the server lets it"
    with pytest.raises(StorageError, match=said), database.reading() as connection:
        connection.exec_driver_sql("SET LOCAL statement_timeout = '10ms'; SELECT pg_sleep(5)")


def test_who_stands_still_holds_up_nobody(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage.postgresql, "_STILL_SECONDS", "0.05")

    def stands_still() -> None:
        with database.writing() as connection:
            next_change(connection, NOON)
            time.sleep(0.5)
            last_change(connection)

    with pytest.raises(StorageError, match="it is done again"):
        stands_still()
    assert change(database) == 1


def test_a_mistake_of_the_program_is_no_sentence(database: Database) -> None:
    with pytest.raises(Exception, match="division by zero") as found, database.reading() as connection:
        connection.execute(text("SELECT 1 / 0"))
    assert not isinstance(found.value, StorageError)


def test_numbers_are_seen_in_their_order(database: Database) -> None:
    """Whoever has read up to a number never misses a lower one that comes later."""
    ended = threading.Event()
    seen: list[int] = []

    def follow() -> None:
        while not ended.is_set():
            with database.reading() as connection:
                seen.append(last_change(connection))

    follower = threading.Thread(target=follow)
    follower.start()
    with ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(lambda _: change(database), range(60)))
    ended.set()
    follower.join()

    assert sorted(numbers) == list(range(1, 61))
    assert seen == sorted(seen)


def test_a_readers_block_is_of_one_moment_and_cannot_write(database: Database) -> None:
    with database.reading() as reader:
        assert last_change(reader) == 0
        change(database)
        assert last_change(reader) == 0
    with pytest.raises(StorageError, match="read-only transaction"), database.reading() as reader:
        next_change(reader, NOON)


def test_a_stamp_moves_with_every_change_alone(database: Database) -> None:
    stamps = [database.stamp()]
    changes(database)
    assert database.stamp() == stamps[0]
    for _ in range(3):
        change(database)
        stamps.append(database.stamp())

    assert len(set(stamps)) == 4


def test_a_character_that_postgresql_holds_in_no_text_becomes_another(database: Database) -> None:
    for most in (1, 100):
        names = [f"{number}" for number in range(most)]
        with database.writing() as connection:
            sources.record(connection, [PullState(name, SourceKind.FEED, failure="a\0b") for name in names])
            found = sources.states(connection, names)
        assert {state.failure for state in found.values()} == {"a\ufffdb"}


_TOKENS = st.text(st.sampled_from("ab春港éª'\\"), min_size=1, max_size=3).filter(str.isalnum)
_DOCUMENTS = st.lists(st.tuples(st.frozensets(_TOKENS, max_size=6), st.integers(0, 3)), max_size=12)
_WANTED = st.lists(st.lists(st.tuples(_TOKENS, st.booleans()), min_size=1, max_size=3), min_size=1, max_size=3)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(documents=_DOCUMENTS, wanted=st.lists(_WANTED, min_size=1, max_size=4))
def test_both_databases_find_the_same(
    database: Database, tmp_path: Path, documents: list[tuple[frozenset[str], int]], wanted: list[Any]
) -> None:
    numbered = [Document(code(n), n + 1, NOON.replace(hour=hour), had) for n, (had, hour) in enumerate(documents)]
    asked = [[[Term(*term) for term in group] for group in groups] for groups in wanted]
    other = open_database(f"sqlite:///{tmp_path / 'other.db'}")
    found = []
    for one in (database, other):
        with one.writing() as connection:
            words_of(connection).empty(connection)
            connection.execute(text("DELETE FROM search_document"))
            search.put(connection, numbered)
            found.append([search.candidates(connection, groups, 5) for groups in asked])
    other.close()

    assert found[0] == found[1]


def test_a_document_that_is_too_large_is_found_by_whatever_it_may_say(database: Database) -> None:
    large = frozenset(f"{number:040}" for number in range(30_000))
    with database.writing() as connection:
        search.put(connection, [Document(code(1), 1, NOON, large), Document(code(2), 1, NOON, frozenset({"a"}))])
        assert search.candidates(connection, [[Term(f"{7:040}")]], 9) == [code(1)]
        assert search.candidates(connection, [[Term("a")]], 9) == [code(2), code(1)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(
    names=st.sets(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=4), max_size=30)
)
def test_texts_have_the_same_order(database: Database, names: set[str]) -> None:
    table = SQLModel.metadata.tables["source"]
    with database.writing() as connection:
        connection.execute(table.delete())
        sources.record(connection, [PullState(name, SourceKind.FEED) for name in sorted(names, reverse=True)])
        there = connection.execute(select(table.c.name).order_by(table.c.name)).scalars().all()

    assert list(there) == sorted(names, key=str.encode)
