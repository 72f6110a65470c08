"""SQLite: a file in write-ahead mode, with one writer at a time.

A transaction that writes says so when it begins (``BEGIN IMMEDIATE``), so that two processes wait for each other and
never fail halfway.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

from sqlalchemy import event, text
from sqlalchemy.exc import DatabaseError, IntegrityError, OperationalError, ProgrammingError

from storage.backend import Backend
from storage.errors import DamagedDatabaseError, ForeignDatabaseError, StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import URL, Connection

DRIVERS = ("sqlite", "sqlite+pysqlite")

# "FdMl": marks the file as Feedmill's, as SQLite's own documentation of application_id suggests.
_APPLICATION_ID = 0x46644D6C
_MAGIC = b"SQLite format 3\0"
_BUSY_MS = 10_000
_AGAIN_SECONDS = 0.01


class Sqlite(Backend):
    """The database file at *url*; its folder is made where it is missing."""

    def __init__(self, url: URL) -> None:
        if not url.database or url.database == ":memory:" or "\0" in url.database:
            raise StorageError(
                f"[storage] url = {url.render_as_string()!r}: name a file, as in sqlite:///data/feedmill.db"
            )
        self.name = url.database
        try:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"the folder of {url.database} cannot be made: {error.strerror}") from error
        super().__init__(url)
        event.listen(self.engine, "connect", _on_connect)
        self._watch: sqlite3.Connection | None = None  # changes nothing itself

    noting = "BEGIN IMMEDIATE"

    def beginning(self, *, writes: bool) -> str:
        """See :meth:`Backend.beginning`."""
        return "BEGIN IMMEDIATE" if writes else "BEGIN"

    def revision(self) -> str | None:
        """See :meth:`Backend.revision`."""
        with self.engine.connect() as connection:
            names = set(connection.execute(text("SELECT name FROM sqlite_master")).scalars())
            mark = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
            if not names and not mark:
                self._refuse_other_bytes()
                return None
            if mark != _APPLICATION_ID or "alembic_version" not in names:
                raise ForeignDatabaseError(
                    f"{self.name} is a database of another program: name another file in [storage] url"
                )
            return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())

    def prepare(self) -> None:
        """Switch the file to a write-ahead log, for good. SQLite does not wait here for another who does the same."""
        deadline = time.monotonic() + _BUSY_MS / 1000
        with self._driver() as driver:
            while True:
                try:
                    driver.execute("PRAGMA journal_mode = WAL")
                except sqlite3.OperationalError as error:
                    if "locked" not in str(error) or time.monotonic() > deadline:
                        raise
                    time.sleep(_AGAIN_SECONDS)
                else:
                    return

    def mark(self, connection: Connection) -> None:
        """See :meth:`Backend.mark`."""
        connection.exec_driver_sql(f"PRAGMA application_id = {_APPLICATION_ID}")

    def stamp(self) -> int:
        """See :meth:`Backend.stamp`."""
        if self._watch is None:
            self._watch = sqlite3.connect(self.name, isolation_level=None, check_same_thread=False)
        # https://sqlite.org/pragma.html#pragma_data_version: other connections' changes move it.
        return int(self._watch.execute("PRAGMA data_version").fetchone()[0])

    def maintain(self) -> None:
        """Statistics for the planner, and the write-ahead log brought home."""
        with self._driver() as driver:
            driver.execute("PRAGMA optimize")
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @contextmanager
    def told(self) -> Iterator[None]:
        """Turn what the driver says of a broken or locked file into a sentence, and leave the file alone."""
        try:
            yield
        except (IntegrityError, ProgrammingError):
            raise  # a mistake of this program, not of the file
        except (OperationalError, sqlite3.OperationalError) as error:
            said = str(error.orig if isinstance(error, OperationalError) else error)
            raise StorageError(f"{self.name}: {said}. {_advice(said)}") from error
        except (DatabaseError, sqlite3.DatabaseError) as error:
            said = str(error.orig if isinstance(error, DatabaseError) else error)
            raise DamagedDatabaseError(self.damage(said)) from error

    def damage(self, said: str) -> str:
        """See :meth:`Backend.damage`."""
        return (
            f"{self.name} is damaged or not a database ({said}): put a backup in its place, "
            "or move it away to begin anew"
        )

    def close(self) -> None:
        """See :meth:`Backend.close`."""
        if self._watch is not None:
            self._watch.close()
        super().close()

    def _refuse_other_bytes(self) -> None:
        """SQLite takes a file that is shorter than its own header for an empty database, and would write over it."""
        with Path(self.name).open("rb") as file:
            if file.read(len(_MAGIC)) not in (b"", _MAGIC):
                raise DamagedDatabaseError(self.damage("file is not a database"))

    @contextmanager
    def _driver(self) -> Iterator[sqlite3.Connection]:
        """SQLite's own connection, for what may not stand in a transaction."""
        pooled = self.engine.raw_connection()
        try:
            yield cast("sqlite3.Connection", pooled.driver_connection)
        finally:
            pooled.close()


def _on_connect(driver: sqlite3.Connection, _record: object) -> None:
    driver.isolation_level = None  # transactions are begun by our own statement, not by the driver
    for pragma in (
        f"busy_timeout = {_BUSY_MS}",
        "foreign_keys = ON",
        "synchronous = NORMAL",
        "cache_size = -8192",
    ):
        driver.execute(f"PRAGMA {pragma}")


def _advice(said: str) -> str:
    if "locked" in said:
        return "Another Feedmill has been writing to it for a long time: try again, or stop the other one"
    if "no such module" in said:
        return (
            "This Python's SQLite was built without full-text search: use one with FTS5, as python.org's and Debian's"
        )
    return "See that the folder exists, may be written to, and has room"
