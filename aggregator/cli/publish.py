"""``feedmill publish``: the store into the output folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from aggregator.cli.main import Options, with_mill
from aggregator.cli.terminal import progress_bar, tell_published

if TYPE_CHECKING:
    from aggregator.mill import Mill
    from feeds.publishing.static_site import Published


def add_to(app: typer.Typer) -> None:
    """Make the command known."""
    app.command("publish")(publish)


def publish(context: typer.Context) -> None:
    """Render every document anew and look at every file; only those that differ are written."""
    from aggregator.config import ConfigError

    options: Options = context.obj
    config = options.load()
    if config.publish.directory is None:
        raise ConfigError(f'{options.config}: [publish] directory is missing: name a folder, as in "public"')

    async def work(mill: Mill) -> Published:
        with progress_bar("Publishing") as progress:
            return await mill.publish(everything=True, progress=progress)

    published = with_mill(config, work)
    tell_published(published, config.publish.directory)
