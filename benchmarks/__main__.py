"""Every benchmark of the table in ``docs/performance.md``, one after the other, each in a process of its own.

    python -m benchmarks [NAME ...] [--feeds FOLDER] [--results DIR]

A NAME is that of a file of this folder; without one, all of them are run. What they measured is kept in DIR, and
``python -m benchmarks.table DIR`` makes the tables of it. One that fails is told of at the end, and the others go on.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.machine import machine
from benchmarks.running import ROOT, environment
from benchmarks.table import MACHINE

RESULTS = ROOT / "build/bench"
NAMES = ("first_build", "one_post", "nothing_changed", "pulling", "reading", "serving", "rendering", "storing")
"""In the order of the table."""


def main() -> None:
    """Run them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", choices=[*NAMES, []], metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--feeds", type=Path, metavar="FOLDER", help="real documents, for reading")
    parser.add_argument("--results", type=Path, metavar="DIR", default=RESULTS)
    options = parser.parse_args()
    begun, told = time.monotonic(), machine()
    failed = []
    options.results.mkdir(parents=True, exist_ok=True)
    for name in options.names or NAMES:
        command = [sys.executable, "-m", f"benchmarks.{name}", "--results", str(options.results.absolute())]
        if name == "reading" and options.feeds:
            command.append(str(options.feeds.absolute()))
        if subprocess.run(command, cwd=ROOT, env=environment(), check=False).returncode:
            failed.append(name)
    if not options.names:
        minutes = (time.monotonic() - begun) / 60
        sentence = f"`python -m benchmarks`, {minutes:.0f} minutes: {told}."
        (options.results / MACHINE).write_text(json.dumps({"sentence": sentence}, ensure_ascii=False))
    if failed:
        raise SystemExit(f"these benchmarks failed, and have told why: {', '.join(failed)}")


if __name__ == "__main__":
    main()
