"""``feedmill publish``: the store into the output folder; what that would change; the last time taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli.exits import Exit
from aggregator.cli.main import Options, with_mill
from aggregator.cli.publishing import publish_all, tell_published, upload_all
from aggregator.cli.terminal import progress_bar, say

if TYPE_CHECKING:
    from aggregator.mill import Mill

# As many as a terminal shows at a glance.
_SHOWN = 20


def add_to(app: typer.Typer) -> None:
    """Make the command known."""
    app.command("publish")(publish)


def publish(
    context: typer.Context,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Write nothing: list what would change, and see whether it can be read."),
    ] = False,
    rollback: Annotated[
        bool, typer.Option("--rollback", help="Take the last publication back, byte for byte; hold the folder.")
    ] = False,
) -> None:
    """Render every document anew and look at every file; those that differ are written, all at once at the end.

    --dry-run lists what would be added, changed and removed, and reads every such feed, list and page as strictly as
    can be: exit code 3 when one of them is wrong, which is named with the reason.

    --rollback restores the files as they were before the last publication that changed any, which is the only one that
    is kept. The folder is held from then on: run and all other commands leave it alone, until this command is used
    without options. What the server answers comes from the store, and is not taken back.

    Where the configuration names an address to upload to, the same files are changed there. Exit code 3 when that
    fails; what is missing there is sent the next time.
    """
    from aggregator.config import ConfigError

    options: Options = context.obj
    if dry_run and rollback:
        raise typer.BadParameter("--dry-run and --rollback are two things: choose one")
    config = options.load()
    if config.publish.directory is None:
        raise ConfigError(f'{options.config}: [publish] directory is missing: name a folder, as in "public"')
    work = _rehearse if dry_run else _roll_back if rollback else _publish
    well = with_mill(config, work)
    raise typer.Exit(Exit.WELL if well else Exit.SOURCE_FAILED)


async def _publish(mill: Mill) -> bool:
    return await publish_all(mill, everything=True)


async def _roll_back(mill: Mill) -> bool:
    tell_published(mill, await mill.roll_back())
    say(
        "what that publication withdrew or closed is there again, and nothing is published there until feedmill "
        "publish is used; the server's own answers are as before"
    )
    return await upload_all(mill)


async def _rehearse(mill: Mill) -> bool:
    with progress_bar("Rehearsing") as progress:
        found = await mill.rehearse(progress)
    for what, paths in (("added", found.added), ("changed", found.changed), ("removed", found.removed)):
        if paths:
            typer.echo(f"{what}:")
        for path in paths[:_SHOWN]:
            typer.echo(f"  {_shown(path)}")
        if len(paths) > _SHOWN:
            typer.echo(f"  and {len(paths) - _SHOWN:,} more")
    for path, fault in found.faults:
        say(f"{_shown(path)}: {fault}")
    say(
        f"files that would be added: {len(found.added)}, changed: {len(found.changed)}, removed: {len(found.removed)}; "
        f"wrong: {len(found.faults)}; nothing was written in {mill.config.publish.directory}"
    )
    return not found.faults


def _shown(path: str) -> str:
    """*path* on one line: some names of categories are made to break out of it."""
    return path if path.isprintable() else repr(path)[1:-1]
