"""``feedmill run``: everything in one process, or once."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli.exits import Exit
from aggregator.cli.main import Options, with_mill
from aggregator.cli.publishing import publish_all
from aggregator.cli.terminal import progress_bar, tell_pulls

if TYPE_CHECKING:
    from aggregator.mill import Mill


def add_to(app: typer.Typer) -> None:
    """Make the command known."""
    app.command("run")(run)


def run(
    context: typer.Context,
    once: Annotated[
        bool, typer.Option("--once", help="Pull every source once that is not paused, publish, and end.")
    ] = False,
) -> None:
    """Pull on schedule, watch the posts, publish, and serve, until SIGTERM or Ctrl-C.

    With --once: exit code 0 when all is well, 3 when some source or the upload failed and the rest is done, 2 when the
    configuration is wrong and nothing was done.
    """
    options: Options = context.obj
    config = options.load()
    if not once:
        options.log(logging.INFO)
    failed = with_mill(config, _once if once else _forever)
    raise typer.Exit(Exit.SOURCE_FAILED if failed else Exit.WELL)


async def _forever(mill: Mill) -> bool:
    from aggregator.scheduler import Scheduler

    await Scheduler(mill).run()
    return False


async def _once(mill: Mill) -> bool:
    with progress_bar("Reading") as progress:
        pulls = await mill.pull([source for source in mill.config.source if not source.paused], progress)
    tell_pulls(pulls)
    uploaded = await publish_all(mill)
    return not uploaded or any(pull.state.failure for pull in pulls)
