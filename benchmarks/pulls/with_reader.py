"""The reader library pulls the same feeds into a database of its own, with ten workers.

    python -m benchmarks.pulls.with_reader FOLDER

Runs in an environment of its own, which has reader and nothing of Feedmill's. It does less: nothing is published, no
search index is kept, entries are not told from others by more than their ids, and it asks one host for as much as it
likes at once.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from reader import make_reader

from benchmarks.pulls.feeds import ENTRIES
from benchmarks.pulls.report import ROUNDS, Report, peak

WORKERS = 10


def main() -> None:
    """Measure, and tell."""
    folder = Path(sys.argv[1])
    addresses = (folder / "addresses").read_text().split()
    with make_reader(str(folder / "reader.db"), search_enabled=False) as reader:
        for address in addresses:
            reader.add_feed(address)
        seconds = []
        for _ in range(1 + ROUNDS):
            start = time.perf_counter()
            reader.update_feeds(scheduled=False, workers=WORKERS)
            seconds.append(time.perf_counter() - start)
        counts = reader.get_feed_counts()
        if counts.broken or counts.total != len(addresses):
            raise SystemExit(f"reader did not take every feed: {counts}")
        held = reader.get_entry_counts().total
    if held != ENTRIES * len(addresses):
        raise SystemExit(f"reader holds {held} entries")
    Report(first=seconds[0], again=tuple(seconds[1:]), memory=peak()).write()


if __name__ == "__main__":
    main()
