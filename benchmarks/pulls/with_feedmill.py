"""Feedmill pulls everything into a new store and publishes it; then everything again, which is answered by 304.

    python -m benchmarks.pulls.with_feedmill FOLDER

The configuration is ``FOLDER/feedmill.toml``. One line of the log for each pull goes to standard error, as in a
running Feedmill. What is measured begins when the store is open.
"""

from __future__ import annotations

import logging
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from aggregator.cli.main import with_mill
from aggregator.cli.terminal import set_up_log
from aggregator.config import load_config
from benchmarks.pulls.feeds import ENTRIES
from benchmarks.pulls.report import ROUNDS, Report, peak
from storage.source import PullOutcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aggregator.mill import Mill
    from aggregator.pulling import Pull


async def measure(mill: Mill) -> Report:
    """Pull and publish, and pull again in rounds."""
    start = time.perf_counter()
    pulls = await mill.pull(mill.config.source)
    pulled = time.perf_counter()
    await mill.publish()
    published = time.perf_counter()
    _check(pulls, PullOutcome.CHANGED, ENTRIES)
    again = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        pulls = await mill.pull(mill.config.source)
        again.append(time.perf_counter() - begin)
        _check(pulls, PullOutcome.UNCHANGED, 0)
    return Report(pulled - start, tuple(again), peak(), published - pulled)


def _check(pulls: Sequence[Pull], outcome: PullOutcome, entries: int) -> None:
    """End, unless every pull came out as it must."""
    for pull in pulls:
        if pull.state.outcome is not outcome or pull.kept.created != entries or pull.state.failure:
            raise SystemExit(f"{pull.state.source}: {pull.state.outcome}, {pull.kept}: {pull.state.failure}")


def main() -> None:
    """Measure, and tell."""
    set_up_log(logging.INFO)
    with_mill(load_config(Path(sys.argv[1]) / "feedmill.toml"), measure).write()


if __name__ == "__main__":
    main()
