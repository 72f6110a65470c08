"""Who leads: one process at a time, by an advisory lock of PostgreSQL that lasts as long as a connection of its own.

What a leader stores goes through that very connection. So nobody can act as leader who is none any more: where the
connection is lost, or the process stands still and the server ends it, nothing more comes through.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from storage.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

_TRY: Final = text("SELECT pg_try_advisory_lock(:lock)")
# "FdMl", as that of those who write, and of another kind.
_LOCK: Final = 0x46644D6C00000001
# Whoever leads says something every second, whoever waits does too. One who does not is taken for dead after these, by
# the server and by the process itself.
_SILENT_SECONDS: Final = 5
_OPTIONS: Final = {
    "connect_timeout": 5,
    "application_name": "feedmill scheduler",
    "tcp_user_timeout": 1000 * _SILENT_SECONDS,
    "options": (
        f"-c timezone=UTC -c idle_session_timeout={_SILENT_SECONDS}s -c statement_timeout={_SILENT_SECONDS}s "
        f"-c idle_in_transaction_session_timeout={_SILENT_SECONDS}s "
        f"-c tcp_keepalives_idle=2 -c tcp_keepalives_interval=1 -c tcp_keepalives_count=3"
    ),
}


class Leadership:
    """One who would lead the store at *url*. To be used by one thread."""

    def __init__(self, url: str) -> None:
        address = make_url(url)
        self._engine = create_engine(address, poolclass=NullPool, connect_args=_OPTIONS | dict(address.query))
        self._connection: Connection | None = None
        self.leads = False

    @contextmanager
    def leading(self) -> Iterator[Connection | None]:
        """A transaction of the leader, or None while another leads.

        Raises:
            StorageError: the database cannot be reached, or ended the connection; this one leads no longer.
        """
        try:
            if self._connection is None:
                self._connection = self._engine.connect()
            with self._connection.begin():
                # Whoever has it already holds it as often as this is asked, until the connection ends.
                self.leads = bool(self._connection.execute(_TRY, {"lock": _LOCK}).scalar_one())
                yield self._connection if self.leads else None
        except DBAPIError as error:
            self.resign()
            [said, *_] = str(error.orig).strip().splitlines() or ["no reason is given"]
            raise StorageError(f"the connection of the scheduler: {said}") from error

    def resign(self) -> None:
        """Let another lead."""
        self.leads = False
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(DBAPIError):  # it may be lost
                connection.invalidate()
                connection.close()
