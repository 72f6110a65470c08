"""What was measured, told: a line for each who did the job, how they compare, and whether the goal is met.

    python -m benchmarks.table FOLDER

makes the tables of ``docs/performance.md`` of what `tell` kept in a folder.
"""

from __future__ import annotations

import argparse
import json
import statistics
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Line:
    """One who did the job, or one thing measured of it: a value in *unit* for each repetition.

    *beside* names the line of Feedmill's that this floor or peer is compared with; it is empty for Feedmill's own.
    """

    name: str
    unit: str
    values: tuple[float, ...]
    beside: str = ""

    @property
    def median(self) -> float:
        """What counts."""
        return statistics.median(self.values)


@dataclass(frozen=True, slots=True)
class Goal:
    """The median of the line *of*, divided by that of *beside* if one is named, is at most *bound*, or at least."""

    of: str
    bound: float
    beside: str = ""
    at_least: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """A row of the table.

    *name* is that of its module, *title* what is done; *missing* are sentences about who could not be measured.
    """

    name: str
    title: str
    lines: tuple[Line, ...]
    goals: tuple[Goal, ...] = ()
    missing: tuple[str, ...] = ()

    def line(self, name: str) -> Line | None:
        """The line of that name; None where it was not measured."""
        return next((line for line in self.lines if line.name == name), None)

    def ratio(self, line: Line) -> float | None:
        """How many times *line* what Feedmill takes, or does, is; None for a line that is compared with nothing."""
        own = self.line(line.beside)
        return own.median / line.median if own and line.median else None

    def reached(self, goal: Goal) -> float | None:
        """What is to be compared with the bound of *goal*; None if what it takes was not measured."""
        of, beside = self.line(goal.of), self.line(goal.beside)
        if of is None or (goal.beside and beside is None):
            return None
        return of.median / beside.median if beside else of.median

    def is_met(self, goal: Goal) -> bool | None:
        """Whether *goal* is met; None if that cannot be said."""
        reached = self.reached(goal)
        if reached is None:
            return None
        return reached >= goal.bound if goal.at_least else reached <= goal.bound


def parser(description: str | None) -> argparse.ArgumentParser:
    """The options that every benchmark has: ``--folder``, where it writes, and ``--results``."""
    made = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--folder", type=Path, help="where to write meanwhile, instead of on the memory disk")
    made.add_argument("--results", type=Path, metavar="DIR", help="keep what was measured in this folder, as JSON")
    return made


def tell(job: Job, results: Path | None) -> None:
    """Print *job*; and keep it as JSON in the folder *results*, if there is one."""
    print(job.title)
    for line in job.lines:
        ratio = job.ratio(line)
        compared = "" if ratio is None else f"Feedmill / this: {number(ratio)}"
        print(f"  {line.name:58} {number(line.median):>8} {line.unit:9} {spread(line):24} {compared}")
    for sentence in job.missing:
        print(f"  left out: {sentence}")
    for goal in job.goals:
        reached = job.reached(goal)
        value = "" if reached is None else f"{number(reached)}, "
        print(f"  goal: {wanted(job, goal)}: {value}{verdict(job, goal)}")
    print(flush=True)
    if results is not None:
        results.mkdir(parents=True, exist_ok=True)
        (results / f"{job.name}.json").write_text(json.dumps(asdict(job), ensure_ascii=False, indent=1) + "\n")


def kept(path: Path) -> Job:
    """The job that `tell` kept at *path*."""
    found: dict[str, Any] = json.loads(path.read_text())
    lines = tuple(Line(line["name"], line["unit"], tuple(line["values"]), line["beside"]) for line in found["lines"])
    goals = tuple(Goal(**goal) for goal in found["goals"])
    return Job(found["name"], found["title"], lines, goals, tuple(found["missing"]))


def wanted(job: Job, goal: Goal) -> str:
    """*goal* in words."""
    line = job.line(goal.of)
    bound = f"{'at least' if goal.at_least else 'at most'} {number(goal.bound)}"
    if goal.beside:
        return f"{goal.of}: {bound} times {goal.beside}"
    return f"{goal.of}: {bound} {line.unit if line else ''}".rstrip()


def verdict(job: Job, goal: Goal) -> str:
    """Whether *goal* is met, in words."""
    return {True: "met", False: "NOT met", None: "not measured"}[job.is_met(goal)]


def number(value: float) -> str:
    """Three digits that count, or all before the point."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:#.3g}".rstrip(".")


def spread(line: Line) -> str:
    """The lowest and the highest value; empty if there is but one."""
    if len(line.values) < 2:
        return ""
    return f"{number(min(line.values))} to {number(max(line.values))}"
