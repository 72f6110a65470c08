"""``feedmill source import`` and ``export``: lists of feeds in OPML, as feed readers exchange them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli.exits import Exit
from aggregator.cli.main import Options
from aggregator.cli.terminal import say, tell_edited

if TYPE_CHECKING:
    from feeds.reading.opml import Outlines


def add_to(app: typer.Typer) -> None:
    """Make the commands known."""
    app.command("import")(import_opml)
    app.command("export")(export_opml)


def import_opml(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A list of feeds in OPML.", show_default=False)],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be added, and change nothing.")] = False,
) -> None:
    """Add the feeds of an OPML file as sources; a feed's innermost folder is its category. Nothing is fetched."""
    from aggregator.editing import add_sources
    from aggregator.subscriptions import as_sources

    options: Options = context.obj
    config = options.load()
    outlines = _read(file)
    found = as_sources(outlines.feeds, config.source)
    for problem in outlines.problems:
        say(f"{file}: {problem}")
    for skipped in (*outlines.skipped, *found.skipped):
        say(f"{skipped.title}: {skipped.reason}")
    if found.tables and not dry_run:
        add_sources(options.config, found.tables)
        tell_edited(options.config)
    for table in found.tables if dry_run else ():
        categories = ", ".join(table.get("categories", ()))
        typer.echo(f"{table['name']}: {table['url']}{f' in {categories}' if categories else ''}")
    skipped_count = len(outlines.skipped) + len(found.skipped)
    say(f"sources {'to add' if dry_run else 'added'}: {len(found.tables)}, outlines left out: {skipped_count}")


def export_opml(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(help="Where to; standard output if left out.")] = None,
) -> None:
    """Write the feeds that are read here as OPML, in a folder for each category."""
    from aggregator.subscriptions import as_outline
    from feeds.writing.opml import subscriptions

    options: Options = context.obj
    config = options.load()
    outlines = []
    for source in config.source:
        outline = as_outline(source)
        if outline is None:
            say(f"{source.name}: left out, since it is no feed at an address")
            continue
        if outline.address != source.url:
            say(f"{source.name}: written without its user name and password")
        outlines.append(outline)
    document = subscriptions(config.site.title, outlines)
    if file is None:
        typer.echo(document.decode())
        return
    try:
        file.write_bytes(document)
    except OSError as error:
        say(f"{file} cannot be written: {error.strerror}")
        raise typer.Exit(Exit.BROKEN) from error


def _read(file: Path) -> Outlines:
    from aggregator.feed_file import FileError, read_file
    from feeds.reading.opml import OpmlSyntaxError, read_opml

    try:
        return read_opml(read_file(file).body)
    except FileError as error:
        reason = str(error)
    except OpmlSyntaxError as error:
        reason = f"{file}: {error}"
    say(reason)
    raise typer.Exit(Exit.WRONG_USE)
