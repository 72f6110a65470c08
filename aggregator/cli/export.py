"""``feedmill export``: what is stored, in a form for others."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli.exits import Exit
from aggregator.cli.main import Options
from aggregator.cli.terminal import progress_bar, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aggregator.settings import SourceSettings
    from storage.database import Database


def add_to(app: typer.Typer) -> None:
    """Make the commands known."""
    group = typer.Typer(help="Write what is stored in a form for others.", no_args_is_help=True)
    group.command("posts")(posts)
    app.add_typer(group, name="export")


def posts(
    context: typer.Context,
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The folder; made when it is missing.")],
    category: Annotated[
        list[str] | None, typer.Option("--category", help="Only of this category; can be given again.")
    ] = None,
    since: Annotated[
        datetime | None, typer.Option("--since", formats=["%Y-%m-%d"], help="Only published on this day or later.")
    ] = None,
    source: Annotated[str, typer.Option("--source", help="Only from this source.")] = "",
) -> None:
    """Write entries as Jekyll posts, with category pages and _config.yml; only what changed is written again.

    Exit code 3 when an entry could not be written, and all the others were.
    """
    from aggregator.posts.export import Wanted, export_posts
    from storage.database import open_database

    options: Options = context.obj
    config = options.load()
    site = config.published_site
    _check_place(directory, config.source)
    wanted = Wanted(tuple(category or ()), since.replace(tzinfo=site.timezone) if since else None, source)
    database = open_database(config.storage.url)
    try:
        _check(database, wanted.categories, source)
        with progress_bar("Writing") as progress:
            done = export_posts(database, site, directory, wanted, progress)
    finally:
        database.close()
    for problem in done.problems:
        say(problem)
    say(f"entries exported: {done.entries}; files written: {done.written}, removed: {done.removed}, in {directory}")
    raise typer.Exit(Exit.SOURCE_FAILED if done.problems else Exit.WELL)


def _check_place(directory: Path, configured: Sequence[SourceSettings]) -> None:
    """Refuse a folder in which a source looks for posts: it would read its own entries again, as a section's."""
    from aggregator.config import ConfigError
    from storage.source import SourceKind

    for source in configured:
        if (
            source.kind is SourceKind.POSTS
            and source.path
            and directory.resolve().is_relative_to(source.path.resolve())
        ):
            raise ConfigError(f"{directory} lies in the folder of the source {source.name!r}: name one outside of it")


def _check(database: Database, slugs: Sequence[str], source: str) -> None:
    """Refuse names that the store does not know; a source that is no longer configured is still known to it."""
    from aggregator.config import ConfigError
    from storage import categories, sources

    with database.reading() as connection:
        there = categories.find(connection, slugs)
        moved = next((one for one in there.values() if one.moved_to), None)
        unknown = next((slug for slug in slugs if slug not in there), None)
        known = sources.states(connection)
    if unknown is not None:
        raise ConfigError(f"there is no category {unknown!r}; its slug is the last part of its page's address")
    if moved is not None:
        raise ConfigError(f"{moved.slug} is {moved.moved_to} now: name that")
    if source and source not in known:
        raise ConfigError(
            f"nothing was pulled from a source named {source!r}; there are: {', '.join(sorted(known)) or 'none'}"
        )
