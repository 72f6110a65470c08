"""Procrastinate's tables, which stand among ours in PostgreSQL: made with them, brought up to date by its own steps.

The version of Procrastinate that they are of is noted at its table of jobs.
"""

from __future__ import annotations

import re
from importlib.metadata import version
from typing import TYPE_CHECKING, Final, cast

from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import psycopg
    from sqlalchemy import Connection

_NOTED: Final = text("SELECT to_regclass('procrastinate_jobs'), obj_description(to_regclass('procrastinate_jobs'))")
_STEP: Final = re.compile(r"(\d+)\.(\d+)\.(\d+)_(\d+)_.*\.sql")
# The column by which all jobs of one name are looked for whenever a worker asks for work: Procrastinate's own index
# begins with another.
_INDEX: Final = """
CREATE INDEX IF NOT EXISTS feedmill_jobs_lock ON procrastinate_jobs (lock) WHERE status IN ('todo', 'doing')
"""


def bring_up(connection: Connection) -> None:
    """Make the tables, or bring them up to what the Procrastinate that is installed knows, in this transaction."""
    table, noted = connection.execute(_NOTED).one()
    installed = version("procrastinate")
    if table is not None and noted == installed:
        return
    from procrastinate.schema import SchemaManager, migrations_path

    if table is None:
        _run(connection, SchemaManager.get_schema())
        _run(connection, _INDEX)
    else:
        for step in _steps(migrations_path, _numbers(noted or "")):
            _run(connection, step.read_text(encoding="utf-8"))
    _run(connection, f"COMMENT ON TABLE procrastinate_jobs IS '{installed}'")


def _steps(folder: Path, after: tuple[int, ...]) -> Iterator[Path]:
    """The steps of later versions than *after*, in their order."""
    found = ((match, path) for path in folder.glob("*.sql") if (match := _STEP.fullmatch(path.name)))
    numbered = sorted(((*map(int, match.groups()),), path) for match, path in found)
    return (path for number, path in numbered if number[:3] > after)


def _numbers(told: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", told)[:3])


def _run(connection: Connection, script: str) -> None:
    """Run several statements as they are written."""
    driver = cast("psycopg.Connection", connection.connection.driver_connection)
    driver.execute(script.encode())
