"""``feedmill status``: every source at a glance."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aggregator.cli.main import Options

if TYPE_CHECKING:
    from aggregator.config import Config
    from aggregator.settings import SourceSettings
    from storage.source import PullState
    from storage.sources import Counts

STYLES = {"failed": "red", "never pulled": "yellow", "paused": "yellow"}
"""The colours of states that are not green."""


def add_to(app: typer.Typer) -> None:
    """Make the command known."""
    app.command("status")(status)


def status(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: a list of objects, times in UTC.")] = False,
) -> None:
    """Show each source's last success, next pull, entries, and the reason of a failure."""
    options: Options = context.obj
    config = options.load()
    rows = states(config)
    if as_json:
        import orjson

        typer.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode())
    else:
        _show(rows, config)


def states(config: Config) -> list[dict[str, Any]]:
    """What is known of each source, in the order of the configuration, as ``status --json`` tells it."""
    from storage import sources
    from storage.database import open_database

    database = open_database(config.storage.url)
    try:
        with database.reading() as connection:
            known, counts = sources.states(connection), sources.counts(connection)
    finally:
        database.close()
    return [_row(source, known.get(source.name), counts.get(source.name)) for source in config.source]


def _row(source: SourceSettings, state: PullState | None, counts: Counts | None) -> dict[str, Any]:
    outcome = (state.outcome if state else None) or "never pulled"
    return {
        "source": source.name,
        "kind": source.kind,
        "state": "paused" if source.paused else outcome,
        "lastPull": state.last_pull if state else None,
        "lastSuccess": state.last_success if state else None,
        "nextPull": state.next_pull if state and not source.paused else None,
        "entries": counts.entries if counts else 0,
        "unreadable": counts.problems if counts else 0,
        "rejected": counts.rejected if counts else 0,
        "failures": state.failures if state else 0,
        "failure": state.failure if state else "",
        "warning": state.warning if state else "",
    }


def _show(rows: list[dict[str, Any]], config: Config) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    now = datetime.now(UTC)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("Source", "State", "Last success", "Next pull", "Entries", "Remarks"):
        table.add_column(heading, justify="right" if heading == "Entries" else "left", overflow="fold")
    for row in rows:
        table.add_row(
            Text(row["source"]),
            Text(row["state"], STYLES.get(row["state"], "green")),
            ago(row["lastSuccess"], now),
            ahead(row, now),
            str(row["entries"]),
            Text(remarks(row)),
        )
    console = Console()
    console.print(table if rows else f"No source is configured in {config.site.title}.")


def remarks(row: dict[str, Any]) -> str:
    """What is wrong with a source, empty if nothing is."""
    told = [f"{row['failures']} failures: {row['failure']}" if row["failures"] > 1 else row["failure"]]
    told.append(row["warning"] if not row["failure"] else "")
    told.append(f"{row['unreadable']} not read" if row["unreadable"] else "")
    told.append(f"{row['rejected']} claims rejected" if row["rejected"] else "")
    return "; ".join(filter(None, told))


def ago(moment: datetime | None, now: datetime) -> str:
    """How long before *now* something was."""
    return "never" if moment is None else f"{_span((now - moment).total_seconds())} ago"


def ahead(row: dict[str, Any], now: datetime) -> str:
    """How long after *now* the next pull is."""
    if row["state"] == "paused":
        return "-"
    moment: datetime | None = row["nextPull"]
    if moment is None or moment <= now:
        return "due"
    return f"in {_span((moment - now).total_seconds())}"


def _span(seconds: float) -> str:
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} s"
