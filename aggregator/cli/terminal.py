"""What people see in a terminal: progress bars, sentences on standard error, the log."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from aggregator.pulling import Pull


def say(message: str) -> None:
    """Print a sentence to standard error."""
    sys.stderr.write(f"feedmill: {message}\n")


def set_up_log(level: int) -> None:
    """One line an event on standard error, from *level* on: coloured for people, ``key=value`` for everything else."""
    import structlog  # half of what ``--help`` would need

    people = sys.stderr.isatty()
    last = structlog.dev.ConsoleRenderer() if people else structlog.processors.LogfmtRenderer()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


@contextmanager
def progress_bar(label: str) -> Iterator[Callable[[int, int], None] | None]:
    """A bar on standard error for long work; None where nobody is looking."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def tell_edited(config: Path) -> None:
    """When a change of the configuration takes effect."""
    say(f"{config} was changed; a Feedmill that is running takes it over when it is started again")


def tell_pulls(pulls: list[Pull]) -> None:
    """What came of pulls: a line for each failure and warning, and one for all."""
    for pull in pulls:
        if pull.state.failure:
            say(f"{pull.state.source}: {pull.state.failure}")
        else:
            for problem in pull.problems:
                say(f"{pull.state.source}: {problem}")
    created, corrected, withdrawn = (
        sum(getattr(pull.kept, name) for pull in pulls) for name in ("created", "corrected", "withdrawn")
    )
    failed = sum(bool(pull.state.failure) for pull in pulls)
    say(
        f"sources pulled: {len(pulls)}, failed: {failed}; "
        f"entries new: {created}, corrected: {corrected}, withdrawn: {withdrawn}"
    )
