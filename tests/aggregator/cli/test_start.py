"""What the program's start does not wait for."""

from __future__ import annotations

import subprocess
import sys

_SHOWN = "import sys; from aggregator.cli.main import main\ntry: main()\nexcept SystemExit: print(*sys.modules)"


def test_help_waits_for_nothing_that_only_work_needs() -> None:
    shown = subprocess.run([sys.executable, "-c", _SHOWN, "--help"], capture_output=True, text=True, check=True).stdout
    told, _, loaded = shown.rstrip().rpartition("\n")
    assert "--config" in told
    assert "aggregator.cli.status" in loaded.split()
    large = {"alembic", "apscheduler", "asyncio", "lxml", "pydantic", "sqlalchemy", "starlette", "structlog", "uvicorn"}
    assert not large & set(loaded.split())
