"""schemathesis reads the API's description and finds no answer that it does not describe."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from storage.category import ALL
from storage.partner import Terms
from tests.feeds.publishing.shelf import made
from tests.feeds.web.visitors import SECRET, House
from tests.serving import serving

if TYPE_CHECKING:
    from pathlib import Path

    from tests.feeds.publishing.shelf import Shelf

# What is well-formed need not be there: a cursor of another store, an entry that never was or was withdrawn.
_SETTINGS = """
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "304", "404", "410"]
"""


@pytest.mark.slow
@pytest.mark.parametrize("terms", [Terms(), Terms(20, timedelta(minutes=1))], ids=["full", "excerpt and embargo"])
def test_schemathesis_finds_nothing(shelf: Shelf, tmp_path: Path, terms: Terms) -> None:
    house = House(shelf)
    house.close()
    shelf.put(made(11, SECRET), made(12, SECRET, "harbour"))
    shelf.correct(11, title="Corrected", content="<p>Other</p>")
    shelf.withdraw(12)
    house.later(10)
    key = house.admit("acme", SECRET, ALL, terms=terms, per_minute=10_000_000)
    (tmp_path / "schemathesis.toml").write_text(_SETTINGS)
    with serving(house.app) as url:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "run", f"{url}/api/v1/openapi.json"),
                *("--url", f"{url}/api/v1", "--header", f"Authorization: Bearer {key}"),
                *("--checks", "all", "--seed", "1", "--max-examples", "30", "--continue-on-failure", "--no-color"),
            ],
            cwd=tmp_path,
            env=os.environ | {"PYTHONWARNINGS": "default"},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No issues found" in done.stdout, done.stdout
