"""Partners of a running Feedmill: let in as soon as they are added, counted until it ends, in no log."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import pytest

from tests.process.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.process.conftest import Process

    Start = Callable[..., Process]


def _type(site: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "aggregator", "-c", str(site / "feedmill.toml"), *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def _get(address: str, key: str) -> tuple[int, bytes]:
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {key}"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


@pytest.mark.slow
def test_a_partner_comes_is_counted_and_goes(site: Path, start: Start) -> None:
    _type(site, "pull")
    process = start(site, "--verbose", "serve")
    address = process.address
    key = _type(site, "partner", "add", "acme", "--all").split()[0]

    status, body = _get(f"{address}/api/v1/entries?limit=500", key)
    assert status == 200
    told = len(json.loads(body)["events"])
    assert told > 5
    assert process.get(f"key/{key}/all.atom")[0] == 200
    assert process.get(f"key/{key}/nowhere")[0] == 404
    new = _type(site, "partner", "rotate", "acme", "--keep", "0").split()[0]
    assert [_get(f"{address}/all.atom", one)[0] for one in (key, new)] == [401, 200]
    _type(site, "partner", "revoke", "acme")
    assert _get(f"{address}/all.atom", new)[0] == 401
    assert process.end() == 0

    shown = json.loads(_type(site, "partner", "show", "acme", "--json"))
    [day] = shown["days"]
    assert (day["requests"], day["refused"]) == (4, 0)
    assert day["entries"] > told
    assert "fm_" not in process.said
    for path in site.rglob("*"):
        if path.is_file():
            assert key[3:].encode() not in path.read_bytes(), path
