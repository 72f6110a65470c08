"""Opening a store, transactions, and migrations. What differs between databases is in ``backend``.

A database that is newer, damaged or another program's is refused with a sentence and left as it is.
"""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from storage import sqlite
from storage.backend import NOTES, WRITES
from storage.errors import DamagedDatabaseError, NewerDatabaseError, StorageError
from storage.tables import StoreRow, table_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from storage.backend import Backend, Stamp

T = TypeVar("T")

SCHEMA = "0001"
"""The revision of the migrations that this program reads and writes."""

# Well below SQLite's limit of 32,766 parameters in a statement.
_BATCH = 500
_STORE = table_of(StoreRow)
# The first of the numbers that a transaction took, among what is known of its connection.
_FIRST = "feedmill_first_change"
_KNOWN = "it is sqlite:///path or postgresql://user:password@host/database"


class Database:
    """An open store. Reading and writing happen in :meth:`reading` and :meth:`writing` blocks."""

    def __init__(self, url: str, backend: Backend) -> None:
        self.url = url
        self._backend = backend
        with self.reading() as connection:
            identity = connection.execute(select(_STORE.c.identity)).scalar()
        if identity is None:
            raise DamagedDatabaseError(backend.damage("it does not say which store it is"))
        self.identity: str = identity

    @property
    def name(self) -> str:
        """What people are told that it is called."""
        return self._backend.name

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One snapshot of the store: everything read in the block is of the same moment."""
        with self._backend.told(), _begun(self._backend, writes=False) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction: all of the block is kept, or after an error nothing. Others who write wait meanwhile, so
        that numbers are given in the order in which they are to be seen.
        """
        with self._backend.told(), _begun(self._backend, writes=True) as connection:
            connection.info.pop(_FIRST, None)
            yield connection
            if (first := connection.info.pop(_FIRST, None)) is not None:
                self._backend.changed(connection, first)

    @contextmanager
    def noting(self) -> Iterator[Connection]:
        """One transaction that changes nothing that is numbered: on PostgreSQL it waits for nobody who writes."""
        with self._backend.told(), _begun(self._backend, **{NOTES: True}) as connection:
            yield connection

    def check(self) -> None:
        """See that the store can be read, and is of the schema that this program knows.

        Raises:
            StorageError: it cannot, or another Feedmill has changed it meanwhile.
        """
        with self._backend.told():
            found = self._backend.revision()
        if found != SCHEMA:
            raise StorageError(
                f"{self._backend.name} has the schema {found or 'of an empty database'} and not {SCHEMA}: "
                "restart Feedmill, or put a backup in its place"
            )

    def stamp(self) -> Stamp:
        """What is another after every change that anybody made to the store; to be asked by one thread.

        Raises:
            StorageError: the store cannot be read.
        """
        with self._backend.told():
            return self._backend.stamp()

    def maintain(self) -> None:
        """Let the database tidy up."""
        with self._backend.told():
            self._backend.maintain()

    def close(self) -> None:
        """Close every connection."""
        self._backend.close()


def open_database(url: str) -> Database:
    """Open the store at *url* (``sqlite:///path`` or ``postgresql://…``), making it or bringing it up to date where
    needed.

    Raises:
        StorageError: the address is wrong, or the database cannot be reached, is newer, damaged, or another program's.
    """
    backend = _backend(url)
    try:
        with backend.told():
            _bring_up_to_date(backend)
        return Database(url, backend)
    except BaseException:
        backend.close()
        raise


def next_change(connection: Connection, now: datetime) -> int:
    """Take the next number of a change that happens *now* (aware); called once for all that it changes."""
    values = {"change": _STORE.c.change + 1, "changed": int(now.timestamp())}
    statement = _STORE.update().values(values).returning(_STORE.c.change)
    number = int(connection.execute(statement).scalar_one())
    connection.info.setdefault(_FIRST, number)
    return number


def last_change(connection: Connection) -> int:
    """The number of the last change."""
    return int(connection.execute(select(_STORE.c.change)).scalar_one())


def batches(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """*values* in runs that one statement can name."""
    for start in range(0, len(values), _BATCH):
        yield values[start : start + _BATCH]


def _backend(url: str) -> Backend:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise StorageError(f"[storage] url is not a database address: {_KNOWN}") from error
    try:
        if parsed.drivername in sqlite.DRIVERS:
            return sqlite.Sqlite(parsed)
        if parsed.drivername.startswith("postgresql"):
            from storage import postgresql  # with its driver, which SQLite needs none of

            if parsed.drivername in postgresql.DRIVERS:
                return postgresql.Postgresql(parsed)
    except ArgumentError as error:
        raise StorageError(f"[storage] url is not a database address: {_KNOWN}") from error
    raise StorageError(f"[storage] url begins with {parsed.drivername}://: {_KNOWN}")


@contextmanager
def _begun(backend: Backend, *, writes: bool = False, **options: bool) -> Iterator[Connection]:
    """A connection with a transaction, which is committed at the end of the block, and after an error undone.

    A connection that was lost since it was last used, as all are when a server is started again, is seen here, where
    nothing is begun yet, and replaced.
    """
    connection = backend.engine.connect()
    try:
        connection = connection.execution_options(**{WRITES: writes} | options)
        try:
            transaction = connection.begin()
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
            transaction = connection.begin()
        with transaction:
            yield connection
    finally:
        connection.close()


def _bring_up_to_date(backend: Backend) -> None:
    found = backend.revision()
    if found is not None and found > SCHEMA:
        raise NewerDatabaseError(
            f"{backend.name} was written by a later Feedmill (schema {found}, this one knows {SCHEMA}): "
            "update Feedmill, or name another database in [storage] url"
        )
    if found != SCHEMA:
        _migrate(backend)


def _migrate(backend: Backend) -> None:
    # Imported here: a store that is up to date, which is nearly every start, needs no Alembic.
    from alembic import command
    from alembic.config import Config

    config = Config()
    folder = str(Path(__file__).parent / "migrations")
    config.set_main_option("script_location", folder.replace("%", "%%"))  # "%" means something there
    backend.prepare()
    with _begun(backend, writes=True) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        backend.mark(connection)
        if connection.execute(select(_STORE.c.id)).first() is None:
            first = {"id": 1, "identity": secrets.token_hex(8), "change": 0, "changed": 0, "events": 0}
            connection.execute(_STORE.insert().values(first))
