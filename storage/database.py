"""Opening a store: engine, pragmas, transactions and migrations.

A database that is newer, damaged or another program's is refused with a sentence and left as it is. SQLite runs in
write-ahead mode with one writer at a time: a transaction that writes says so when it begins (``BEGIN IMMEDIATE``), so
that two processes wait for each other and never fail halfway.
"""

from __future__ import annotations

import secrets
import sqlite3
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import orjson
from sqlalchemy import Connection, Engine, create_engine, event, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, IntegrityError, OperationalError, ProgrammingError

from storage.errors import DamagedDatabaseError, ForeignDatabaseError, NewerDatabaseError, StorageError
from storage.tables import StoreRow, table_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

T = TypeVar("T")

SCHEMA = "0001"
"""The revision of the migrations that this program reads and writes."""

# "FdMl": marks the file as Feedmill's, as SQLite's own documentation of application_id suggests.
_APPLICATION_ID = 0x46644D6C
_MAGIC = b"SQLite format 3\0"
_DRIVERS = ("sqlite", "sqlite+pysqlite")
_BUSY_MS = 10_000
_AGAIN_SECONDS = 0.01
# Well below SQLite's limit of 32,766 parameters in a statement.
_BATCH = 500
_STORE = table_of(StoreRow)


class Database:
    """An open store. Reading and writing happen in :meth:`reading` and :meth:`writing` blocks."""

    def __init__(self, url: str, engine: Engine) -> None:
        self.url = url
        self._engine = engine
        self._watch: sqlite3.Connection | None = None  # changes nothing itself
        with self.reading() as connection:
            identity = connection.execute(select(_STORE.c.identity)).scalar()
        if identity is None:
            raise DamagedDatabaseError(_damage(engine, "it does not say which store it is"))
        self.identity: str = identity

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One snapshot of the store: everything read in the block is of the same moment."""
        with _told(self._engine), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: all of the block is kept, or after an error nothing."""
        with _told(self._engine), self._engine.connect() as connection:
            connection = connection.execution_options(feedmill_writes=True)
            with connection.begin():
                yield connection

    def check(self) -> None:
        """See that the store can be read, and is of the schema that this program knows.

        Raises:
            StorageError: it cannot, or another Feedmill has changed it meanwhile.
        """
        with _told(self._engine):
            found = _revision(self._engine)
        if found != SCHEMA:
            raise StorageError(
                f"{_name(self._engine)} has the schema {found or 'of an empty file'} and not {SCHEMA}: "
                "restart Feedmill, or put a backup in its place"
            )

    def stamp(self) -> int:
        """A number that is another after every change that anybody made to the store; to be asked by one thread.

        Raises:
            StorageError: the store cannot be read.
        """
        with _told(self._engine):
            if self._watch is None:
                self._watch = sqlite3.connect(_name(self._engine), isolation_level=None, check_same_thread=False)
            # https://sqlite.org/pragma.html#pragma_data_version: other connections' changes move it.
            return int(self._watch.execute("PRAGMA data_version").fetchone()[0])

    def maintain(self) -> None:
        """Let the database tidy up: statistics for its planner, and its write-ahead log brought home."""
        if self._engine.dialect.name == "sqlite":
            with _told(self._engine), _driver(self._engine) as driver:
                driver.execute("PRAGMA optimize")
                driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close every connection."""
        if self._watch is not None:
            self._watch.close()
        self._engine.dispose()


def open_database(url: str) -> Database:
    """Open the store at *url* (``sqlite:///path``), making it or bringing it up to date where needed.

    Raises:
        StorageError: the address is wrong, or the database is newer, damaged, or another program's.
    """
    engine = _engine(url)
    try:
        _bring_up_to_date(engine)
        return Database(url, engine)
    except BaseException:
        engine.dispose()
        raise


def _bring_up_to_date(engine: Engine) -> None:
    with _told(engine):
        found = _revision(engine)
        if found is not None and found > SCHEMA:
            raise NewerDatabaseError(
                f"{_name(engine)} was written by a later Feedmill (schema {found}, this one knows {SCHEMA}): "
                "update Feedmill, or name another database in [storage] url"
            )
        if found != SCHEMA:
            _migrate(engine)


def next_change(connection: Connection, now: datetime) -> int:
    """Take the next number of a change that happens *now* (aware); called once for all that it changes."""
    values = {"change": _STORE.c.change + 1, "changed": int(now.timestamp())}
    statement = _STORE.update().values(values).returning(_STORE.c.change)
    return int(connection.execute(statement).scalar_one())


def last_change(connection: Connection) -> int:
    """The number of the last change."""
    return int(connection.execute(select(_STORE.c.change)).scalar_one())


def batches(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """*values* in runs that one statement can name."""
    for start in range(0, len(values), _BATCH):
        yield values[start : start + _BATCH]


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
        if parsed.drivername not in _DRIVERS:
            raise StorageError(f"[storage] url = {url!r}: only sqlite:///path is known")
        if not parsed.database or parsed.database == ":memory:" or "\0" in parsed.database:
            raise StorageError(f"[storage] url = {url!r}: name a file, as in sqlite:///data/feedmill.db")
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(parsed, json_serializer=_to_json, json_deserializer=orjson.loads)
    except (ArgumentError, ValueError) as error:
        raise StorageError(f"[storage] url = {url!r} is not a database address: {error}") from error
    except OSError as error:
        raise StorageError(f"the folder of {parsed.database} cannot be made: {error.strerror}") from error
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


def _to_json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _on_connect(driver: sqlite3.Connection, _record: object) -> None:
    driver.isolation_level = None  # transactions are begun by _on_begin, not by the driver
    for pragma in (
        f"busy_timeout = {_BUSY_MS}",
        "foreign_keys = ON",
        "synchronous = NORMAL",
        "cache_size = -8192",
    ):
        driver.execute(f"PRAGMA {pragma}")


def _on_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("feedmill_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _revision(engine: Engine) -> str | None:
    """The schema's revision as it is on disk; None where the file is new and empty."""
    with engine.connect() as connection:
        names = set(connection.execute(text("SELECT name FROM sqlite_master")).scalars())
        mark = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
        if not names and not mark:
            _refuse_other_bytes(engine)
            return None
        if mark != _APPLICATION_ID or "alembic_version" not in names:
            raise ForeignDatabaseError(
                f"{_name(engine)} is a database of another program: name another file in [storage] url"
            )
        return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())


def _refuse_other_bytes(engine: Engine) -> None:
    """SQLite takes a file that is shorter than its own header for an empty database, and would write over it."""
    with Path(_name(engine)).open("rb") as file:
        if file.read(len(_MAGIC)) not in (b"", _MAGIC):
            raise DamagedDatabaseError(_damage(engine, "file is not a database"))


def _migrate(engine: Engine) -> None:
    # Imported here: a store that is up to date, which is nearly every start, needs no Alembic.
    from alembic import command
    from alembic.config import Config

    config = Config()
    folder = str(Path(__file__).parent / "migrations")
    config.set_main_option("script_location", folder.replace("%", "%%"))  # "%" means something there
    _write_ahead(engine)
    with engine.connect() as connection:
        connection = connection.execution_options(feedmill_writes=True)
        with connection.begin():
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.exec_driver_sql(f"PRAGMA application_id = {_APPLICATION_ID}")
            if connection.execute(select(_STORE.c.id)).first() is None:
                first = {"id": 1, "identity": secrets.token_hex(8), "change": 0, "changed": 0, "events": 0}
                connection.execute(_STORE.insert().values(first))


def _write_ahead(engine: Engine) -> None:
    """Switch the file to a write-ahead log, for good. SQLite does not wait here for another who does the same."""
    deadline = time.monotonic() + _BUSY_MS / 1000
    with _driver(engine) as driver:
        while True:
            try:
                driver.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(_AGAIN_SECONDS)
            else:
                return


@contextmanager
def _driver(engine: Engine) -> Iterator[sqlite3.Connection]:
    """SQLite's own connection, for what may not stand in a transaction."""
    pooled = engine.raw_connection()
    try:
        yield cast("sqlite3.Connection", pooled.driver_connection)
    finally:
        pooled.close()


@contextmanager
def _told(engine: Engine) -> Iterator[None]:
    """Turn what the driver says of a broken or locked file into a sentence, and leave the file alone."""
    try:
        yield
    except (IntegrityError, ProgrammingError):
        raise  # a mistake of this program, not of the file
    except (OperationalError, sqlite3.OperationalError) as error:
        said = str(error.orig if isinstance(error, OperationalError) else error)
        raise StorageError(f"{_name(engine)}: {said}. {_advice(said)}") from error
    except (DatabaseError, sqlite3.DatabaseError) as error:
        said = str(error.orig if isinstance(error, DatabaseError) else error)
        raise DamagedDatabaseError(_damage(engine, said)) from error


def _damage(engine: Engine, said: str) -> str:
    return (
        f"{_name(engine)} is damaged or not a database ({said}): put a backup in its place, "
        "or move it away to begin anew"
    )


def _advice(said: str) -> str:
    if "locked" in said:
        return "Another Feedmill has been writing to it for a long time: try again, or stop the other one"
    if "no such module" in said:
        return (
            "This Python's SQLite was built without full-text search: use one with FTS5, as python.org's and Debian's"
        )
    return "See that the folder exists, may be written to, and has room"


def _name(engine: Engine) -> str:
    return str(engine.url.database)
