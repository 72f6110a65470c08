"""PostgreSQL: a database of a server, with one writer at a time as on SQLite.

Changes and events are numbered, and whoever follows them goes on from the last number that they know: numbers have to
be seen in their order. So a transaction that writes begins by taking a lock that the next one waits for. Who reads
never waits.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import psycopg
from psycopg.types.string import StrDumperUnknown
from sqlalchemy import URL, text
from sqlalchemy.exc import DBAPIError

from storage.backend import Backend
from storage.errors import DamagedDatabaseError, ForeignDatabaseError, StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg.abc import Buffer
    from sqlalchemy import Connection

DRIVERS = ("postgresql", "postgresql+psycopg")

# "FdMl": the lock of those who write.
_LOCK = 0x46644D6C
_MARK = "written by Feedmill"
_PARAMETERS: Final[dict[str, Any]] = {
    "connect_timeout": 10,  # seconds
    "application_name": "feedmill",
    "client_encoding": "UTF8",
}
_OPTIONS: Final = "-c timezone=UTC"
_BUSY_SECONDS = 10
# Whoever stands still for so long within a transaction, such as a machine that was cut off, holds up nobody any longer.
_STILL_SECONDS = 60
_READ: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"
_WRITE: Final = (
    "BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE; "
    "SET LOCAL lock_timeout = '{busy}s'; SET LOCAL idle_in_transaction_session_timeout = '{still}s'; "
    "SELECT pg_advisory_xact_lock({lock})"
)
# Two snapshots that are the same see the same; the server's start tells apart those of a backup that was put back.
_STAMP = "SELECT concat(pg_current_snapshot(), ' ', pg_postmaster_start_time())"
_WHERE = text("SELECT current_schema(), current_setting('server_encoding')")
# What an extension brought is nobody's.
_NAMES = text(
    "SELECT relname FROM pg_class WHERE relnamespace = quote_ident(current_schema())::regnamespace "
    "AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid "
    "AND deptype = 'e')"
)
_MARKED = text("SELECT obj_description(to_regclass('alembic_version'), 'pg_class')")

# What PostgreSQL says (https://www.postgresql.org/docs/current/errcodes-appendix.html), and what to do. The first that
# an error's code begins with counts.
_ADVICE: Final = {
    "28": "See that the user and the password in [storage] url are right, and that the server lets them in",
    "3D": "Make the database, as with: createdb --encoding UTF8 NAME",
    "42501": "Give the user of [storage] url the right to make and change tables in the database's schema",
    "25006": "It is a copy of a database, or made read-only: name the one that is written to in [storage] url",
    "25P03": "This process stood still in the midst of a change, which was undone: it is done again",
    "53100": "Make room on the disk of the server",
    "53300": "Let the server have more connections (max_connections), or run fewer processes",
    "55P03": "Another Feedmill has been writing to it for a long time: try again, or stop the other one",
    "57014": "A statement took longer than the server lets it (statement_timeout): see what keeps the server busy",
    "40": "Try again",
}
# Who is not let in is told no code.
_REFUSED: Final = {
    "authentication failed": "28",
    "no password supplied": "28",
    "pg_hba.conf": "28",
    "too many clients": "53300",
    "connection slots": "53300",
    " does not exist": "3D",
}
_UNREACHABLE = "See that PostgreSQL runs there, and that it can be reached from here"
_OF_THE_SERVER = ("08", "53", "57", "58")
_DAMAGE = ("XX001", "XX002", "42P01", "3F")
"""Broken pages; a table, or a schema, that is gone."""


class Postgresql(Backend):
    """The database at *url*."""

    def __init__(self, url: URL) -> None:
        # Whatever else the address holds may be a secret.
        known = URL.create("postgresql", url.username, None, url.host, url.port, url.database)
        self.name = known.render_as_string()
        if not (url.database or url.query.get("dbname") or url.query.get("service")):
            raise StorageError(
                f"[storage] url = {self.name!r}: name a database, as in postgresql://user:password@host/feedmill"
            )
        super().__init__(url, paramstyle="format", creator=self.connect)  # rows are tuples
        self._watch: psycopg.Connection | None = None

    def connect(self) -> psycopg.Connection:
        """A connection of psycopg's own, on which transactions are begun by statements.

        Raises:
            psycopg.OperationalError: there is no way there.
        """
        _, parameters = self.engine.dialect.create_connect_args(self.engine.url)
        options = f"{_OPTIONS} {parameters.pop('options', '')}"
        connection = psycopg.connect(**{**_PARAMETERS, **parameters}, options=options, autocommit=True)
        connection.adapters.register_dumper(str, _Text)
        return connection

    noting = "BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE"

    def beginning(self, *, writes: bool) -> str:
        """See :meth:`Backend.beginning`."""
        return _WRITE.format(busy=_BUSY_SECONDS, still=_STILL_SECONDS, lock=_LOCK) if writes else _READ

    def revision(self) -> str | None:
        """See :meth:`Backend.revision`."""
        with self.engine.begin() as connection:
            schema, encoding = connection.execute(_WHERE).one()
            if schema is None:
                raise StorageError(f"{self.name} has no schema for the user of [storage] url: see its search_path")
            if encoding != "UTF8":
                raise StorageError(
                    f"{self.name} is in {encoding} and not in UTF8, so it cannot hold all texts: make another database"
                )
            names = set(connection.execute(_NAMES).scalars())
            if not names:
                return None
            if connection.execute(_MARKED).scalar() != _MARK:
                raise ForeignDatabaseError(
                    f"{self.name} is a database of another program: name another in [storage] url, or another schema"
                )
            return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())

    def prepare(self) -> None:
        """Nothing is to be made ready."""

    def mark(self, connection: Connection) -> None:
        """See :meth:`Backend.mark`."""
        connection.execute(text(f"COMMENT ON TABLE alembic_version IS '{_MARK}'"))
        from storage.job_schema import bring_up

        bring_up(connection)

    def changed(self, connection: Connection, first: int) -> None:
        """See :meth:`Backend.changed`."""
        from storage.jobs import after_change

        after_change(connection, first)

    def stamp(self) -> str:
        """See :meth:`Backend.stamp`."""
        if self._watch is not None:
            try:
                return self._stamp(self._watch)
            except psycopg.OperationalError:  # lost since it was last asked
                self._watch.close()
        self._watch = self.connect()
        return self._stamp(self._watch)

    def maintain(self) -> None:
        """Nothing is to be done: the server does it by itself (autovacuum)."""

    @contextmanager
    def told(self) -> Iterator[None]:
        """See :meth:`Backend.told`."""
        try:
            yield
        except (DBAPIError, psycopg.Error) as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            code = getattr(cause, "sqlstate", None) or ""
            [said, *_] = str(cause).strip().splitlines() or ["no reason is given"]
            if code.startswith(_DAMAGE):
                raise DamagedDatabaseError(self.damage(said)) from error
            advice = _advice(code, cause, said)
            if advice is None:
                raise  # a mistake of this program, not of the database
            raise StorageError(f"{self.name}: {said}. {advice}") from error

    def damage(self, said: str) -> str:
        """See :meth:`Backend.damage`."""
        return f"{self.name} is damaged ({said}): put a backup in its place, or make another database to begin anew"

    def close(self) -> None:
        """See :meth:`Backend.close`."""
        if self._watch is not None:
            self._watch.close()
        super().close()

    @staticmethod
    def _stamp(watch: psycopg.Connection) -> str:
        [stamp] = watch.execute(_STAMP).fetchone() or ("",)
        return str(stamp)


class _Text(StrDumperUnknown):
    """A text without what PostgreSQL holds in none: U+0000, which stands in no entry, becomes U+FFFD."""

    def dump(self, obj: str) -> Buffer | None:
        return super().dump(obj.replace("\0", "\ufffd"))


def _advice(code: str, cause: object, said: str) -> str | None:
    if not code:
        code = next((one for words, one in _REFUSED.items() if words in said), "")
    for beginning, advice in _ADVICE.items():
        if code.startswith(beginning):
            return advice
    # One that has no code was told by the driver: there was no connection, or none any longer.
    if code.startswith(_OF_THE_SERVER) or (not code and isinstance(cause, psycopg.OperationalError)):
        return _UNREACHABLE
    return None
