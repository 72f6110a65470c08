"""``feedmill source``: which sources there are, and changes to them in the configuration."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aggregator.cli import opml, pull, source_add, source_move
from aggregator.cli.main import Options
from aggregator.cli.names import named
from aggregator.cli.status import STYLES, ago, ahead, states
from aggregator.cli.terminal import tell_edited

if TYPE_CHECKING:
    from aggregator.settings import SourceSettings
    from storage.entry import Entry

_AsJson = Annotated[bool, typer.Option("--json", help="For programs; times in UTC.")]
_Names = Annotated[list[str], typer.Argument(help="Names of sources.", metavar="NAME...", show_default=False)]

# How many of its newest entries say what a source is about.
_NEWEST = 5


def add_to(app: typer.Typer) -> None:
    """Make the group known."""
    group = typer.Typer(no_args_is_help=True, help="Add, list, pause and remove sources; exchange them as OPML.")
    source_add.add_to(group)
    group.command("list")(list_all)
    group.command("show")(show)
    pull.add_to(group)
    source_move.add_to(group)
    group.command("pause")(pause)
    group.command("resume")(resume)
    group.command("remove")(remove)
    opml.add_to(group)
    app.add_typer(group, name="source")


def list_all(context: typer.Context, as_json: _AsJson = False) -> None:
    """List the sources as they are configured; `feedmill status` tells how they are doing."""
    options: Options = context.obj
    config = options.load()
    rows = [_listed(source, row) for source, row in zip(config.source, states(config)[0], strict=True)]
    if as_json:
        _print_json(rows)
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    now = datetime.now(UTC)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("Source", "Kind", "Address", "Categories", "State", "Last success", "Next pull", "Entries"):
        table.add_column(heading, justify="right" if heading == "Entries" else "left", overflow="fold")
    for row in rows:
        state = Text(row["state"], STYLES.get(row["state"], "green"))
        told = [Text(row["source"]), row["kind"], Text(row["address"]), Text(", ".join(row["categories"])), state]
        table.add_row(*told, ago(row["lastSuccess"], now), ahead(row, now), str(row["entries"]))
    Console().print(table if rows else f"No source is configured in {options.config}.")


def show(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The name of a source.", show_default=False)],
    as_json: _AsJson = False,
) -> None:
    """Show all that is set and known of a source, and its newest entries."""
    options: Options = context.obj
    config = options.load()
    [source] = named(config, [name])
    [row], _ = states(config.model_copy(update={"source": (source,)}))
    newest = _newest(config.storage.url, name)
    settings = source.model_dump(mode="json") | {"url": _without_credentials(source)}
    if as_json:
        told = [_told(entry) for entry in newest]
        _print_json(_listed(source, row) | {"settings": settings, "newest": told})
        return
    now = datetime.now(UTC)
    known = {
        "state": row["state"], "last success": ago(row["lastSuccess"], now), "next pull": ahead(row, now),
        "why": row["why"], "entries": row["entries"], "remarks": row["remarks"], "proposal": row["proposal"],
    }  # fmt: skip
    spans = {"every": _span(source.every) if source.every else None, "timeout": _span(source.timeout)}
    for key, value in (settings | spans | known).items():
        if value not in (None, "", [], {}, False):
            typer.echo(f"{key + ':':<18}{_in_words(value)}")
    for entry in newest:
        typer.echo(f"  {entry.published:%Y-%m-%d %H:%M}  {entry.info_code}  {entry.title or entry.link}")


def pause(context: typer.Context, names: _Names) -> None:
    """Leave sources alone, until they are resumed or pulled by name."""
    _pause(context.obj, names, paused=True)


def resume(context: typer.Context, names: _Names) -> None:
    """Let paused sources go on."""
    _pause(context.obj, names, paused=False)


def remove(context: typer.Context, names: _Names) -> None:
    """Take sources out of the configuration; their entries stay."""
    from aggregator.editing import remove_sources

    options: Options = context.obj
    chosen = [source.name for source in named(options.load(), names)]
    remove_sources(options.config, chosen)
    for name in chosen:
        typer.echo(f"{name}: removed; its entries stay as they are")
    tell_edited(options.config)


def _pause(options: Options, names: list[str], *, paused: bool) -> None:
    from aggregator.editing import pause_sources

    chosen = named(options.load(), names)
    pause_sources(options.config, [source.name for source in chosen], paused=paused)
    for source in chosen:
        already = "already " if source.paused is paused else ""
        typer.echo(f"{source.name}: {already}{'paused' if paused else 'active'}")
    if any(source.paused is not paused for source in chosen):
        tell_edited(options.config)


def _listed(source: SourceSettings, row: dict[str, Any]) -> dict[str, Any]:
    """A source as it is configured, and what is known of it."""
    place = str(source.path) if source.path else _without_credentials(source)
    facts = {"address": place, "categories": source.categories, "paused": source.paused}
    return row | facts


def _without_credentials(source: SourceSettings) -> str:
    from aggregator.fetching.errors import without_credentials

    return without_credentials(source.url) if source.url else ""


def _newest(database_url: str, name: str) -> list[Entry]:
    from storage import entries
    from storage.database import open_database

    database = open_database(database_url)
    try:
        with database.reading() as connection:
            return entries.of_source(connection, name, _NEWEST)
    finally:
        database.close()


def _told(entry: Entry) -> dict[str, Any]:
    return {"infoCode": entry.info_code, "title": entry.title, "link": entry.link, "published": entry.published}


def _in_words(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "true" if value is True else str(value)


def _span(every: timedelta) -> str:
    """As it is written in the file."""
    seconds = int(every.total_seconds())
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def _print_json(value: object) -> None:
    import orjson

    typer.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())
