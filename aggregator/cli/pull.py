"""``feedmill pull``: sources into the store, without publishing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli.exits import Exit
from aggregator.cli.main import Options, with_mill
from aggregator.cli.terminal import progress_bar, tell_pulls

if TYPE_CHECKING:
    from aggregator.mill import Mill
    from aggregator.pulling import Pull


def add_to(app: typer.Typer) -> None:
    """Make the command known."""
    app.command("pull")(pull)


def pull(
    context: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(help="Sources to pull; all of them if none is named.")] = None,
) -> None:
    """Pull sources now, whether they are due or not, and store what is new."""
    from aggregator.config import ConfigError

    options: Options = context.obj
    config = options.load()
    known = {source.name: source for source in config.source}
    if unknown := [name for name in names or [] if name not in known]:
        raise ConfigError(f"there is no source named {unknown[0]!r}; there are: {', '.join(sorted(known)) or 'none'}")
    chosen = [known[name] for name in names] if names else list(config.source)

    async def work(mill: Mill) -> list[Pull]:
        with progress_bar("Reading") as progress:
            return await mill.pull(chosen, progress)

    pulls = with_mill(config, work)
    tell_pulls(pulls)
    raise typer.Exit(Exit.SOURCE_FAILED if any(done.state.failure for done in pulls) else Exit.WELL)
