"""``feedmill db``: the database as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli.exits import Exit
from aggregator.cli.terminal import progress_bar, say

if TYPE_CHECKING:
    from storage.database import Database

_FILE = "sqlite:///"


def add_to(app: typer.Typer) -> None:
    """Make the commands known."""
    group = typer.Typer(help="Move the whole store to another database.", no_args_is_help=True)
    group.command("copy")(copy)
    app.add_typer(group, name="db")


def copy(
    source: Annotated[str, typer.Argument(metavar="FROM", help="The address of a store, as in [storage] url.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="That of an empty database, or of a file to be made.")],
) -> None:
    """Copy a store with all that it holds, between SQLite and PostgreSQL or within either, and compare what was copied.

    No Feedmill should be running on either meanwhile: what it stores after the copy began is not in it.
    """
    from aggregator.config import ConfigError
    from storage.database import open_database
    from storage.moving import NotEmptyError, copy_store

    if source == target:
        raise ConfigError("FROM and TO are one database: name another")
    if source.startswith(_FILE) and not Path(source.removeprefix(_FILE)).exists():
        raise ConfigError(f"{source.removeprefix(_FILE)} is not there: name the file of a store")
    held = open_database(source)
    try:
        made = open_database(target)
        try:
            with progress_bar("Copying") as progress:
                rows = copy_store(held, made, progress)
            _index(made)
        except NotEmptyError as error:
            raise ConfigError(str(error)) from error
        finally:
            made.close()
        say(f"rows copied and compared: {rows}; {made.name} is now what {held.name} was: name it in [storage] url")
    finally:
        held.close()
    raise typer.Exit(Exit.WELL)


def _index(database: Database) -> None:
    """Let everything be found in the copy."""
    from feeds.publishing.search_index import SearchIndex
    from storage import search

    index = SearchIndex(database)
    with database.reading() as connection:
        total = len(search.behind(connection, search.mark(connection)))
    with progress_bar("Indexing") as progress:
        done = 0
        while index.step():
            done = min(done + index.AT_ONCE, total)
            if progress is not None:
                progress(done, total)
