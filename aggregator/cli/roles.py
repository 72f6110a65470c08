"""``feedmill scheduler``, ``worker``, ``web`` and ``migrate``: a site as several processes, with PostgreSQL."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from aggregator.cli.main import Options, with_mill
from aggregator.cli.terminal import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from aggregator.config import Config
    from aggregator.measures import Measures
    from aggregator.mill import Mill
    from aggregator.roles.running import Role

Port = Annotated[
    int | None, typer.Option(min=0, max=65_535, help="Answer /healthz, /readyz, /metrics and /status there.")
]


def add_to(app: typer.Typer) -> None:
    """Make the commands known."""
    for command in (migrate, scheduler, worker, web):
        app.command()(command)


def migrate(context: typer.Context) -> None:
    """Make the database's tables, or bring them up to date, and end."""
    from storage.database import open_database

    options: Options = context.obj
    config = options.load()
    open_database(config.storage.url).close()
    say("the database is up to date")


def scheduler(context: typer.Context, port: Port = None) -> None:
    """Hand out what is due to workers, until SIGTERM or Ctrl-C. Of several one does, and another takes over."""

    def make(mill: Mill, _measures: Measures) -> Role:
        from aggregator.roles.leader import LeaderRole

        return LeaderRole(mill)

    _run(context, "scheduler", make, port)


def worker(
    context: typer.Context,
    queue: Annotated[
        str,
        typer.Option(
            metavar="NAMES", help="pull, scan (folders), deliver, publish (the output folder), maintain, with commas."
        ),
    ] = "",
    concurrency: Annotated[int, typer.Option(min=1, max=1_000, help="Jobs at once; each mostly waits.")] = 32,
    port: Port = None,
) -> None:
    """Pull, deliver and publish what is handed out, until SIGTERM or Ctrl-C. Any number, on any machine.

    Without --queue it takes what there is. "scan" needs the folders of posts, "publish" the output folder: where only
    some machines have these, name the queues of each. What is being done at the end is ended within ten seconds, or
    left to others.
    """
    from storage.job import Queue

    names = [name.strip() for name in queue.split(",") if name.strip()] or [str(one) for one in Queue]
    if wrong := [name for name in names if name not in set(Queue)]:
        raise typer.BadParameter(f"there is no queue {wrong[0]!r}; there are: {', '.join(Queue)}")

    def make(mill: Mill, measures: Measures) -> Role:
        from aggregator.roles.worker import WorkerRole

        return WorkerRole(mill, measures, [Queue(name) for name in names], concurrency)

    _run(context, "worker", make, port)


def web(context: typer.Context) -> None:
    """Serve what is stored at [server] host and port, until SIGTERM or Ctrl-C. Any number, on any machine."""

    def make(mill: Mill, measures: Measures) -> Role:
        from aggregator.roles.web import WebRole

        return WebRole(mill, measures)

    _run(context, "web", make, None)


def _run(context: typer.Context, command: str, make: Callable[[Mill, Measures], Role], port: int | None) -> None:
    options: Options = context.obj
    config: Config = options.load()
    from aggregator.roles.running import check, run_role

    check(config, command)
    options.log(logging.INFO)

    async def work(mill: Mill) -> None:
        await run_role(mill, partial(make, mill), port)

    with_mill(config, work)
