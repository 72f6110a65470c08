"""The table of sizes follows from what was measured."""

from __future__ import annotations

from typing import Any

from benchmarks.pulls.feeds import ENTRIES
from benchmarks.sizing import cost_of, rows


def _round(workers: int, what: str, seconds: float, used: dict[str, float]) -> dict[str, Any]:
    found = {"workers": workers, "what": what, "sources": 100, "seconds": seconds, "used": used}
    return found | {"connections": 4 + 5 * workers, "size": 100 * ENTRIES * 2_000}


def test_costs_and_sizes() -> None:
    rounds = [
        _round(1, "new", 10.0, {"workers": 6.0, "postgresql": 3.0}),
        _round(1, "304", 1.0, {"workers": 0.4, "postgresql": 0.2}),
        _round(4, "new", 5.0, {"workers": 8.0, "postgresql": 4.0}),
    ]
    cost = cost_of(rounds)
    assert (cost.entry_worker, cost.entry_database) == (6_000 / (100 * ENTRIES), 3_000 / (100 * ENTRIES))
    assert (cost.pull_worker, cost.pull_database, cost.connections) == (4.0, 2.0, 5.0)
    assert cost.entry_stored == 100 * ENTRIES / 5
    assert cost.bytes_of_entry == 2_000
    found = {row[0]: row for row in rows(cost)}
    # 1,000,000 sources: 278 pulls and 58 entries a second, of half a processor each.
    assert found["1,000,000"][1:3] == ("277.78", "57.87")
    assert found["1,000,000"][3] == f"{(277.78 * 4 + 57.87 * cost.entry_worker) / 1000 / 0.5:,.2f}"
    assert found["100"][4] == "1"
