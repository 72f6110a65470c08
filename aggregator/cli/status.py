"""``feedmill status``: every source at a glance."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aggregator.cli.main import Options

if TYPE_CHECKING:
    from aggregator.config import Config
    from storage.source import PullState
    from storage.sources import Counts


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
    rows = _rows(config)
    if as_json:
        import orjson

        typer.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode())
    else:
        _show(rows, config)


def _rows(config: Config) -> list[dict[str, Any]]:
    from storage import sources
    from storage.database import open_database

    database = open_database(config.storage.url)
    try:
        with database.reading() as connection:
            states, counts = sources.states(connection), sources.counts(connection)
    finally:
        database.close()
    return [
        _row(source.name, source.kind, states.get(source.name), counts.get(source.name)) for source in config.source
    ]


def _row(name: str, kind: str, state: PullState | None, counts: Counts | None) -> dict[str, Any]:
    return {
        "source": name,
        "kind": kind,
        "state": (state.outcome if state else None) or "never pulled",
        "lastPull": state.last_pull if state else None,
        "lastSuccess": state.last_success if state else None,
        "nextPull": state.next_pull if state else None,
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
    styles = {"failed": "red", "never pulled": "yellow"}
    for row in rows:
        table.add_row(
            Text(row["source"]),
            Text(row["state"], styles.get(row["state"], "green")),
            _ago(row["lastSuccess"], now),
            _ahead(row["nextPull"], now),
            str(row["entries"]),
            Text(_remarks(row)),
        )
    console = Console()
    console.print(table if rows else f"No source is configured in {config.site.title}.")


def _remarks(row: dict[str, Any]) -> str:
    remarks = [f"{row['failures']} failures: {row['failure']}" if row["failures"] > 1 else row["failure"]]
    remarks.append(row["warning"] if not row["failure"] else "")
    remarks.append(f"{row['unreadable']} not read" if row["unreadable"] else "")
    remarks.append(f"{row['rejected']} claims rejected" if row["rejected"] else "")
    return "; ".join(filter(None, remarks))


def _ago(moment: datetime | None, now: datetime) -> str:
    return "never" if moment is None else f"{_span((now - moment).total_seconds())} ago"


def _ahead(moment: datetime | None, now: datetime) -> str:
    if moment is None or moment <= now:
        return "due"
    return f"in {_span((moment - now).total_seconds())}"


def _span(seconds: float) -> str:
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} s"
