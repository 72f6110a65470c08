"""How each role begins and ends: SIGTERM and Ctrl-C, and an address to be asked at."""

from __future__ import annotations

import asyncio
import signal
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Protocol

import structlog

from aggregator.measures import Measures
from aggregator.roles.endpoint import endpoint
from aggregator.roles.errors import RoleError
from aggregator.scheduler import listening

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from aggregator.config import Config
    from aggregator.mill import Mill

log = structlog.get_logger("role")


class Role(Protocol):
    """What runs until it is stopped; ``seen`` is when it last did its work (aware)."""

    seen: datetime | None

    async def run(self) -> None: ...  # noqa: D102
    def stop(self) -> None: ...  # noqa: D102


def check(config: Config, command: str) -> None:
    """See that a site's work can be done by several processes.

    Raises:
        RoleError: it cannot.
    """
    if config.storage.file is not None:
        raise RoleError(
            f"feedmill {command} is one of several processes that share a PostgreSQL, and [storage] url names a file: "
            "use feedmill run, which does everything in one process, or name a database, as in "
            '"postgresql://user:password@host/database" (feedmill db copy brings the site there)'
        )


async def run_role(mill: Mill, make: Callable[[Measures], Role], port: int | None) -> None:
    """Run a role until SIGTERM or SIGINT; with a *port*, it tells there how it does.

    Raises:
        ServerError: nothing can listen at that port.
    """
    measures = Measures()
    role = make(measures)
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, role.stop)
    async with AsyncExitStack() as stack:
        server, serving = None, None
        if port is not None:
            where = mill.config.server.model_copy(update={"port": port})
            listener = stack.enter_context(listening(where))
            server = endpoint(mill, measures, lambda: role.seen)
            host, at = listener.getsockname()[:2]
            log.info("serving", host=host, port=at)
            serving = loop.create_task(server.serve(sockets=[listener]), name="server")
        await role.run()
        log.info("stopping")
        if server is not None and serving is not None:
            server.should_exit = True
            await serving
    log.info("stopped")
