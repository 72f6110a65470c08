"""``feedmill pull``: sources into the store, without publishing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli.exits import Exit
from aggregator.cli.main import Options, with_mill
from aggregator.cli.names import named
from aggregator.cli.terminal import progress_bar, tell_pulls

if TYPE_CHECKING:
    from aggregator.mill import Mill
    from aggregator.pulling import Pull


def add_to(app: typer.Typer) -> None:
    """Make the command known, here as ``feedmill pull`` or in a group of commands."""
    app.command("pull")(pull)


def pull(
    context: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(help="Sources to pull; if none is named, all that are not paused.")
    ] = None,
) -> None:
    """Pull sources now, whether they are due or not, and store what is new."""
    options: Options = context.obj
    config = options.load()
    chosen = named(config, names) if names else [source for source in config.source if not source.paused]

    async def work(mill: Mill) -> list[Pull]:
        with progress_bar("Reading") as progress:
            return await mill.pull(chosen, progress)

    pulls = with_mill(config, work)
    tell_pulls(pulls)
    raise typer.Exit(Exit.SOURCE_FAILED if any(done.state.failure for done in pulls) else Exit.WELL)
