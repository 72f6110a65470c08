"""How large a site of so many sources is: worked out from what ``benchmarks.workers`` measured, and from a few wishes.

    python -m benchmarks.sizing DIR

reads ``workers.json`` in a folder, and prints the table of ``docs/growing.md``. Everything in it follows from the
figures above it, which are printed first: what was measured, and what was taken for granted.
"""

from __future__ import annotations

import json
import math
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.pulls.feeds import ENTRIES

SOURCES: Final = (100, 1_000, 10_000, 100_000, 1_000_000)
PULLS_A_DAY: Final = 24
"""Of one source: the scheduler pulls between every ten minutes and every six hours, by its rhythm."""
ENTRIES_A_DAY: Final = 5
"""New ones of one source."""
USED: Final = 0.5
"""How much of a processor is counted on: the rest is for the hours in which most comes."""
DAYS: Final = 365
"""For how long entries are there; they are kept for ever."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one worker measured: milliseconds of processor time for one entry that is new, and for one pull of which
    nothing is, in workers and in the database; connections of one worker; bytes that one entry takes in the database.
    """

    entry_worker: float
    entry_database: float
    pull_worker: float
    pull_database: float
    entry_stored: float
    connections: float
    bytes_of_entry: float


def cost_of(rounds: list[dict[str, Any]]) -> Cost:
    """The costs of one worker, as *rounds* of it say."""
    one = {found["what"]: found for found in rounds if found["workers"] == 1}
    most = max(found["workers"] for found in rounds)
    new, same = one["new"], one["304"]
    sources, entries = new["sources"], new["sources"] * ENTRIES
    several = next(found for found in rounds if found["workers"] == most and found["what"] == "new")
    return Cost(
        entry_worker=1000 * new["used"]["workers"] / entries,
        entry_database=1000 * new["used"]["postgresql"] / entries,
        pull_worker=1000 * same["used"]["workers"] / sources,
        pull_database=1000 * same["used"]["postgresql"] / sources,
        entry_stored=max(found["sources"] * ENTRIES / found["seconds"] for found in rounds if found["what"] == "new"),
        connections=(several["connections"] - new["connections"]) / (most - 1),
        bytes_of_entry=new["size"] / entries,
    )


def rows(cost: Cost) -> list[tuple[str, ...]]:
    """A row for each number of sources."""
    found: list[tuple[str, ...]] = []
    for sources in SOURCES:
        pulls = sources * PULLS_A_DAY / 86_400
        entries = sources * ENTRIES_A_DAY / 86_400
        workers = (pulls * cost.pull_worker + entries * cost.entry_worker) / 1000 / USED
        database = (pulls * cost.pull_database + entries * cost.entry_database) / 1000 / USED
        processes = max(1, math.ceil(workers))
        stored = sources * ENTRIES_A_DAY * DAYS * cost.bytes_of_entry / 10**9
        found.append(
            (
                f"{sources:,}",
                f"{pulls:,.2f}",
                f"{entries:,.2f}",
                f"{workers:,.2f}",
                f"{processes:,}",
                f"{database:,.2f}",
                f"{math.ceil(processes * cost.connections):,}",
                f"{entries / cost.entry_stored:.1%}",
                f"{stored:,.0f}",
            )
        )
    return found


def main() -> None:
    """Print the figures, and the table."""
    cost = cost_of(json.loads((Path(sys.argv[1]) / "workers.json").read_text()))
    print(f"measured: an entry that is new takes {cost.entry_worker:.2f} ms of a worker's processor, and ", end="")
    print(f"{cost.entry_database:.2f} ms of the database's; {cost.bytes_of_entry / 1000:.1f} KB there")
    print(f"measured: a pull that brings nothing takes {cost.pull_worker:.2f} and {cost.pull_database:.2f} ms")
    print(f"measured: a worker has {cost.connections:.1f} connections; ", end="")
    print(f"{cost.entry_stored:,.0f} entries a second at most")
    print(f"assumed: {PULLS_A_DAY} pulls and {ENTRIES_A_DAY} new entries a day of each source, ", end="")
    print(f"processors used by {USED:.0%}, entries of {DAYS} days")
    print("| sources | pulls/s | entries/s | cores of workers | workers | cores of the database |", end="")
    print(" connections | of the most that one database stored | GB |")
    print("| ---: " * 9 + "|")
    for row in rows(cost):
        print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main()
