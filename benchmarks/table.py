"""The tables of ``docs/performance.md``, of the results that the benchmarks kept.

    python -m benchmarks.table FOLDER [--into FILE]

Prints them as Markdown; or writes them into FILE, between the two lines that mark their place.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.results import Goal, Job, Line, kept, number, spread, verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MACHINE, GROWTH = "machine.json", "growth.json"
ROWS = ["first_build", "one_post", "one_post_larger", "scan", "starts", "first_pull", "unchanged_pull", "reading"]
ROWS += ["serving", "rendering", "storing", "memory"]
"""The jobs of the tables, in their order."""
BEGIN, END = "<!-- begin: python -m benchmarks.table -->", "<!-- end -->"


def main() -> None:
    """Print the tables, or put them where they belong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where the results were kept")
    parser.add_argument("--into", type=Path, metavar="FILE")
    options = parser.parse_args()
    text = tables(options.folder)
    if options.into is None:
        print(text)
    else:
        options.into.write_text(placed(options.into.read_text(), text))


def tables(folder: Path) -> str:
    """What was measured, how, and which goals are met, as Markdown.

    Raises:
        SystemExit: nothing was kept in *folder*.
    """
    jobs = [kept(path) for path in (folder / f"{name}.json" for name in ROWS) if path.exists()]
    if not jobs:
        raise SystemExit(f"{folder} holds no results: run make bench")
    parts = []
    if (folder / MACHINE).exists():
        told: dict[str, str] = json.loads((folder / MACHINE).read_text())
        parts.append(told["sentence"])
    parts.append("\n".join(_goals(jobs)))
    parts.append("\n".join(_lines(jobs)))
    return "\n\n".join(parts)


def placed(document: str, text: str) -> str:
    """*document* with *text* between its two marks.

    Raises:
        SystemExit: it has no marks.
    """
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise SystemExit(f"the place of the tables is not marked: it is between {BEGIN} and {END}")
    return f"{before}{begin}\n\n{text}\n\n{end}{after}"


def _goals(jobs: Iterable[Job]) -> Iterator[str]:
    yield "| job | goal | median (lowest to highest) | beside | ratio | |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for job in jobs:
        title = job.title
        for goal in job.goals:
            of, beside, reached = job.line(goal.of), job.line(goal.beside), job.reached(goal)
            cells = [title, f"{goal.of}: {_bound(job, goal)}", _measured(of), goal.beside and _measured(beside)]
            cells += [number(reached) if goal.beside and reached is not None else "", verdict(job, goal)]
            yield _row(cells)
            title = ""


def _bound(job: Job, goal: Goal) -> str:
    of = job.line(goal.of)
    unit = f"times {goal.beside}" if goal.beside else of.unit if of else ""
    return f"{'at least' if goal.at_least else 'at most'} {goal.bound:g} {unit}"


def _lines(jobs: Iterable[Job]) -> Iterator[str]:
    yield "| job | measured | median | lowest to highest | Feedmill / this |"
    yield "| --- | --- | --- | --- | --- |"
    for job in jobs:
        title = job.title
        for line in job.lines:
            ratio = job.ratio(line)
            compared = "" if ratio is None else number(ratio)
            yield _row([title, line.name, f"{number(line.median)} {line.unit}", spread(line), compared])
            title = ""
        for sentence in job.missing:
            yield _row([title, f"left out: {sentence}", "", "", ""])
            title = ""


def _measured(line: Line | None) -> str:
    if line is None:
        return "not measured"
    between = spread(line)
    return f"{number(line.median)} {line.unit}" + (f" ({between})" if between else "")


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
