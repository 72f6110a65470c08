"""``feedmill``: the options of all commands, and what becomes of errors."""

from __future__ import annotations

import logging
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, TypeVar

import typer

from aggregator.cli.exits import Exit
from aggregator.cli.terminal import say, set_up_log

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Awaitable, Callable

    from aggregator.config import Config
    from aggregator.mill import Mill

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Options:
    """The options that stand before a command."""

    config: Path
    verbose: bool

    def log(self, level: int = logging.ERROR) -> None:
        """Log from *level* on, or everything if that was asked for. Commands that end say for themselves what was."""
        set_up_log(logging.DEBUG if self.verbose else level)

    def load(self) -> Config:
        """The configuration.

        Raises:
            ConfigError: it is wrong.
        """
        from aggregator.config import load_config

        return load_config(self.config)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"feedmill {version('feedmill')}")
        raise typer.Exit


def _options(
    context: typer.Context,
    config: Annotated[Path, typer.Option("--config", "-c", help="The configuration.")] = Path("feedmill.toml"),
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log what did not change, too.")] = False,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    context.obj = Options(config, verbose=verbose)
    context.obj.log()


def with_mill(config: Config, work: Callable[[Mill], Awaitable[T]]) -> T:
    """Put a mill together, and have *work* done with it."""
    import asyncio

    from feeds.processes import prepare

    # A new store has everything to read: the processes that will share in that can begin while this one imports.
    new = config.storage.file is not None and not config.storage.file.exists()
    shared = ["aggregator.post_files", "feeds.publishing.static_site"]
    if any(source.kind != "posts" for source in config.source):
        shared += ["aggregator.feed_documents", "pypinyin"]  # large tables, which all of them then have once
    prepare(shared, now=new)
    from aggregator.mill import assembled

    async def whole() -> T:
        async with assembled(config) as mill:
            return await work(mill)

    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(whole())


def _loop_factory() -> Callable[[], AbstractEventLoop] | None:
    """What makes the event loop: uvloop, which does the same in half the time; asyncio's own where it is not for this
    system.
    """
    if sys.platform == "win32":
        return None
    from uvloop import new_event_loop

    return new_event_loop


def _program() -> typer.Typer:
    """The command line, made anew: a program that is called twice has each command once."""
    from aggregator.cli import (
        category,
        check,
        db,
        delivery,
        entry,
        export,
        partner,
        publish,
        pull,
        roles,
        run,
        serve,
        source,
        status,
    )

    app = typer.Typer(
        name="feedmill",
        help="Many feeds and a folder of posts in; one clean RSS, Atom and JSON feed for every category out.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_options)
    for command in (
        run,
        pull,
        publish,
        serve,
        status,
        check,
        source,
        category,
        entry,
        partner,
        delivery,
        export,
        db,
        roles,
    ):
        command.add_to(app)
    return app


def main() -> NoReturn:
    """Run the command line. What is wrong outside the program is a sentence and an exit code, never a traceback."""
    try:
        _program()(standalone_mode=True)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        code = _exit_code(error)
        if code is None:
            raise
        say(str(error))
        sys.exit(code)
    sys.exit(Exit.WELL)


def _exit_code(error: Exception) -> Exit | None:
    """The code of an error that is not the program's own."""
    from aggregator.categorising import CategoryError
    from aggregator.config import ConfigError
    from aggregator.partnering import PartnerError
    from aggregator.posts.errors import PostStoreError
    from aggregator.retract import RetractError
    from aggregator.roles.errors import RoleError
    from aggregator.scheduler import ServerError
    from feeds.publishing.folder import PublishError, RollbackError
    from storage.errors import StorageError

    if isinstance(error, (RoleError, ConfigError, RetractError, CategoryError, PartnerError, RollbackError)):
        return Exit.WRONG_USE
    return Exit.BROKEN if isinstance(error, (StorageError, PublishError, ServerError, PostStoreError)) else None
