"""``feedmill status``: every source at a glance."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aggregator.cli.main import Options

if TYPE_CHECKING:
    from aggregator.config import Config

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
    rows, remarks = states(config)
    if as_json:
        import orjson

        typer.echo(orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode())
    else:
        _show(rows, config)
        for remark in remarks:
            typer.echo(remark)


def states(config: Config) -> tuple[list[dict[str, Any]], list[str]]:
    """Each source, in the order of the configuration, as ``status --json`` tells it; and remarks on the whole site."""
    from aggregator.glance import glances, remarks
    from storage.database import open_database

    database = open_database(config.storage.url)
    try:
        rows = [glance.as_json() for glance in glances(database, config, datetime.now(UTC))]
        return rows, remarks(database, config)
    finally:
        database.close()


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
            Text(row["trouble"] or row["state"], STYLES.get(row["state"], "green")),
            ago(row["lastSuccess"], now),
            ahead(row, now),
            str(row["entries"]),
            Text(row["remarks"]),
        )
    console = Console()
    console.print(table if rows else f"No source is configured in {config.site.title}.")


def ago(moment: datetime | None, now: datetime) -> str:
    """How long before *now* something was."""
    from aggregator.glance import span

    return "never" if moment is None else f"{span((now - moment).total_seconds())} ago"


def ahead(row: dict[str, Any], now: datetime) -> str:
    """How long after *now* the next pull is."""
    from aggregator.glance import span

    if row["state"] == "paused":
        return "-"
    if row["trouble"] == "gone":
        return "when asked"
    moment: datetime | None = row["nextPull"]
    if moment is None or moment <= now:
        return "due"
    return f"in {span((moment - now).total_seconds())}"
