"""Opening a store: made, reopened, waited for; and refused with a sentence, never overwritten."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from textwrap import dedent

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlmodel import SQLModel

import storage.database
import storage.sqlite
from storage.database import SCHEMA, Database, last_change, next_change, open_database
from storage.errors import DamagedDatabaseError, ForeignDatabaseError, NewerDatabaseError, StorageError
from tests.storage.held import NOON

_MIGRATIONS = Path(storage.database.__file__).parent / "migrations"


def url_of(path: Path) -> str:
    return f"sqlite:///{path}"


def made(path: Path) -> bytes:
    """A store at *path*, closed again."""
    database = open_database(url_of(path))
    with database.writing() as connection:
        next_change(connection, NOON)
    database.close()
    return path.read_bytes()


def changes(database: Database) -> int:
    with database.reading() as connection:
        return last_change(connection)


def test_a_new_store_is_made_with_its_folders(tmp_path: Path) -> None:
    database = open_database(url_of(tmp_path / "a" / "b" / "feedmill.db"))

    assert len(database.identity) == 16
    assert changes(database) == 0
    database.close()


def test_a_store_keeps_its_identity_and_its_changes(tmp_path: Path) -> None:
    path = tmp_path / "feedmill.db"
    first = open_database(url_of(path))
    with first.writing() as connection:
        assert next_change(connection, NOON) == 1
    first.close()
    again = open_database(url_of(path))

    assert again.identity == first.identity
    assert changes(again) == 1
    again.close()


def test_two_stores_are_two(tmp_path: Path) -> None:
    one, other = open_database(url_of(tmp_path / "1.db")), open_database(url_of(tmp_path / "2.db"))

    assert one.identity != other.identity
    one.close()
    other.close()


def test_a_name_may_hold_anything(tmp_path: Path) -> None:
    folder = tmp_path / "数据 100%"
    open_database(url_of(folder / "feed mill.db")).close()

    assert (folder / "feed mill.db").exists()


def _is_no_part_of_fts5(name: str | None, kind: str, _parents: object) -> bool:
    """Whether it is none of the tables of the search index, which no metadata can tell of."""
    return not (kind == "table" and (name or "").startswith("search_words"))


def test_the_migrated_schema_is_the_one_of_the_tables(tmp_path: Path) -> None:
    database = open_database(url_of(tmp_path / "feedmill.db"))
    with database.reading() as connection:
        wanted = {"compare_type": True, "compare_server_default": True, "include_name": _is_no_part_of_fts5}
        context = MigrationContext.configure(connection, opts=wanted)
        difference = compare_metadata(context, SQLModel.metadata)
        searched = connection.scalar(text("SELECT sql FROM sqlite_master WHERE name = 'search_words'"))
        without_rowid = set(connection.scalars(text("SELECT name FROM sqlite_master WHERE sql LIKE '%WITHOUT ROWID%'")))
        keys = {name: inspect(connection).get_pk_constraint(name) for name in SQLModel.metadata.tables}
    database.close()

    assert difference == []
    assert searched.startswith("CREATE VIRTUAL TABLE search_words USING fts5")
    for table in SQLModel.metadata.tables.values():
        assert keys[table.name]["constrained_columns"] == [column.name for column in table.primary_key]
        assert (table.name in without_rowid) is (table.dialect_options["sqlite"]["with_rowid"] is False)


def test_the_schema_is_the_migrations_head(tmp_path: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    database = open_database(url_of(tmp_path / "feedmill.db"))
    with database.reading() as connection:
        marked = connection.scalar(text("SELECT version_num FROM alembic_version"))
    database.close()

    assert ScriptDirectory.from_config(config).get_heads() == [SCHEMA]
    assert marked == SCHEMA


def test_a_later_schema_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "feedmill.db"
    made(path)
    with closing(sqlite3.connect(path)) as driver, driver:
        driver.execute("UPDATE alembic_version SET version_num = '9999'")
    before = path.read_bytes()

    with pytest.raises(
        NewerDatabaseError, match=r"feedmill\.db was written by a later Feedmill \(schema 9999"
    ) as found:
        open_database(url_of(path))
    assert "update Feedmill" in str(found.value)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "theirs",
    [
        "CREATE TABLE note (id INTEGER)",
        "CREATE TABLE alembic_version (version_num TEXT)",
        "CREATE VIEW note AS SELECT 1",
        "PRAGMA application_id = 7",
    ],
)
def test_another_programs_database_is_refused(tmp_path: Path, theirs: str) -> None:
    path = tmp_path / "notes.db"
    with closing(sqlite3.connect(path)) as driver, driver:
        driver.execute(theirs)
    before = path.read_bytes()

    with pytest.raises(ForeignDatabaseError, match=r"notes\.db is a database of another program: name another"):
        open_database(url_of(path))
    assert path.read_bytes() == before


@pytest.mark.parametrize("garbage", [b"not a database at all, but long enough to be one" * 100, b"x"])
def test_a_file_of_something_else_is_refused(tmp_path: Path, garbage: bytes) -> None:
    path = tmp_path / "feedmill.db"
    path.write_bytes(garbage)

    with pytest.raises(DamagedDatabaseError, match=r"feedmill\.db is damaged or not a database"):
        open_database(url_of(path))
    assert path.read_bytes() == garbage


def test_a_store_cut_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "feedmill.db"
    cut = made(path)[:6_000]
    path.write_bytes(cut)

    with pytest.raises(DamagedDatabaseError, match=r"feedmill\.db is damaged"):
        open_database(url_of(path))
    assert path.read_bytes() == cut


def test_a_store_whose_row_is_gone_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "feedmill.db"
    made(path)
    with closing(sqlite3.connect(path)) as driver, driver:
        driver.execute("DELETE FROM store")

    with pytest.raises(DamagedDatabaseError, match=r"feedmill\.db is damaged"):
        open_database(url_of(path))


def test_a_folder_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="See that the folder exists"):
        open_database(url_of(tmp_path))


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(StorageError, match=r"the folder of .*feedmill\.db cannot be made: "):
        open_database(url_of(tmp_path / "file" / "feedmill.db"))


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder in which not even root may write")
def test_a_folder_that_cannot_be_written_to() -> None:
    with pytest.raises(StorageError, match=r"feedmill\.db: unable to open database file\. See that the folder exists"):
        open_database("sqlite:////proc/self/feedmill.db")


_ADDRESS = r"it is sqlite:///path or postgresql://user:password@host/database"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", f"is not a database address: {_ADDRESS}"),
        ("feedmill.db", f"is not a database address: {_ADDRESS}"),
        ("nonsense://x", f"begins with nonsense://: {_ADDRESS}"),
        ("sqlite://", "name a file, as in sqlite:///data/feedmill.db"),
        ("sqlite:///:memory:", "name a file"),
        ("sqlite://host/feedmill.db", "is not a database address"),
        ("sqlite+aiosqlite:///x.db", r"begins with sqlite\+aiosqlite://: it is"),
        ("sqlite+nonsense:///x.db", r"begins with sqlite\+nonsense://: it is"),
        ("sqlite:///a\0b.db", "name a file"),
        ("sqlite://user:hidden@host:port/x.db", "is not a database address"),
        ("postgresql://user:hidden@host:port/x", "is not a database address"),
        ("postgresql://user:hidden@host", "name a database, as in postgresql://user:password@host/feedmill"),
        ("postgresql+asyncpg://user:hidden@host/x", r"begins with postgresql\+asyncpg://: it is"),
    ],
)
def test_a_wrong_address_is_told(url: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(StorageError, match=said) as found:
        open_database(url)
    assert str(found.value).startswith("[storage] url ")
    assert "hidden" not in str(found.value)
    assert list(tmp_path.iterdir()) == []


def test_a_block_that_fails_keeps_nothing(tmp_path: Path) -> None:
    database = open_database(url_of(tmp_path / "feedmill.db"))

    def fails() -> None:
        with database.writing() as connection:
            next_change(connection, NOON)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    assert changes(database) == 0
    with database.writing() as connection:
        next_change(connection, NOON)
    assert changes(database) == 1
    database.close()


def test_a_readers_block_is_of_one_moment(tmp_path: Path) -> None:
    database = open_database(url_of(tmp_path / "feedmill.db"))
    with database.reading() as reader:
        assert last_change(reader) == 0
        with database.writing() as writer:
            next_change(writer, NOON)
        assert last_change(reader) == 0

    assert changes(database) == 1
    database.close()


def test_threads_that_write_wait_for_each_other(tmp_path: Path) -> None:
    database = open_database(url_of(tmp_path / "feedmill.db"))

    def write(_: int) -> int:
        with database.writing() as connection:
            last_change(connection)
            return next_change(connection, NOON)

    with ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(write, range(40)))
    assert sorted(numbers) == list(range(1, 41))
    database.close()


def test_processes_that_write_wait_for_each_other(tmp_path: Path) -> None:
    path = tmp_path / "feedmill.db"
    other = dedent("""
        import sys
        from datetime import UTC, datetime
        from storage.database import last_change, next_change, open_database
        database = open_database(sys.argv[1])
        for _ in range(20):
            with database.writing() as connection:
                last_change(connection)
                next_change(connection, datetime.now(UTC))
    """)
    started = [subprocess.Popen([sys.executable, "-c", other, url_of(path)]) for _ in range(2)]

    assert [process.wait(60) for process in started] == [0, 0]
    database = open_database(url_of(path))
    assert changes(database) == 40
    database.close()


def test_many_may_open_a_new_store_at_once(tmp_path: Path) -> None:
    for attempt in range(5):
        path = tmp_path / f"{attempt}.db"
        gate = threading.Barrier(4)

        def opened(path: Path = path, gate: threading.Barrier = gate) -> str:
            gate.wait()
            database = open_database(url_of(path))
            database.close()
            return database.identity

        with ThreadPoolExecutor(4) as pool:
            found = [pool.submit(opened) for _ in range(4)]
            assert len({one.result() for one in found}) == 1


def test_who_waits_too_long_is_told_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage.sqlite, "_BUSY_MS", 20)
    database = open_database(url_of(tmp_path / "feedmill.db"))
    with (
        database.writing(),
        pytest.raises(StorageError, match=r"locked\. Another Feedmill has been writing") as found,
        database.writing(),
    ):
        pass
    database.close()

    assert not isinstance(found.value, DamagedDatabaseError)


def test_migrations_that_fail_halfway_keep_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "feedmill.db"
    upgrade = command.upgrade

    def fails(config: Config, revision: str) -> None:
        upgrade(config, revision)
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(command, "upgrade", fails)
        with pytest.raises(ZeroDivisionError):
            open_database(url_of(path))
    with closing(sqlite3.connect(path)) as driver:
        assert driver.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
        assert driver.execute("PRAGMA application_id").fetchone() == (0,)
    database = open_database(url_of(path))
    assert changes(database) == 0
    database.close()


def test_maintenance_brings_the_log_home(tmp_path: Path) -> None:
    path = tmp_path / "feedmill.db"
    database = open_database(url_of(path))
    with database.writing() as connection:
        next_change(connection, NOON)
    database.maintain()

    assert path.with_name("feedmill.db-wal").stat().st_size == 0
    assert changes(database) == 1
    database.close()


def test_maintenance_of_a_broken_store_is_told(tmp_path: Path) -> None:
    path = tmp_path / "feedmill.db"
    made(path)
    database = open_database(url_of(path))
    database.close()
    path.write_bytes(b"garbage" * 1_000)

    with pytest.raises(StorageError, match=r"feedmill\.db is damaged"):
        database.maintain()
    database.close()


def test_a_python_without_full_text_search_is_named(tmp_path: Path) -> None:
    database = open_database(url_of(tmp_path / "feedmill.db"))
    said = r"no such module: fts6\. .* built without full-text search: use one with FTS5"
    with pytest.raises(StorageError, match=said), database.writing() as connection:
        connection.exec_driver_sql("CREATE VIRTUAL TABLE other USING fts6 (tokens)")
    database.close()
