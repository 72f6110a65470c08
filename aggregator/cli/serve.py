"""``feedmill serve``: the server alone."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import typer

from aggregator.cli.main import Options, with_mill

if TYPE_CHECKING:
    from aggregator.mill import Mill


def add_to(app: typer.Typer) -> None:
    """Make the command known."""
    app.command("serve")(serve)


def serve(context: typer.Context) -> None:
    """Serve what is stored, without pulling; another process may pull meanwhile."""
    options: Options = context.obj
    config = options.load()
    options.log(logging.INFO)
    with_mill(config, _serve)


async def _serve(mill: Mill) -> None:
    from aggregator.scheduler import Scheduler

    await Scheduler(mill, pulling=False).run()
