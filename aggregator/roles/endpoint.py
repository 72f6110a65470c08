"""Where a scheduler or a worker tells how it does: ``/healthz``, ``/readyz``, ``/metrics`` and the status page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from aggregator.scheduler import Server
from aggregator.web.routes import operator_routes

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from starlette.requests import Request

    from aggregator.measures import Measures
    from aggregator.mill import Mill


def endpoint(mill: Mill, measures: Measures, seen: Callable[[], datetime | None]) -> uvicorn.Server:
    """A server of the operator's routes; *seen* says when the process last did its work (aware)."""
    routes = operator_routes(mill.config, mill.database, measures, seen)
    app = Starlette(routes=[Route("/healthz", _healthy, methods=["GET"]), *routes])
    return Server(
        uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", server_header=False, proxy_headers=False)
    )


async def _healthy(_request: Request) -> Response:
    """The process answers; whether it does its work, ``/readyz`` says."""
    return PlainTextResponse("ok\n", headers={"Cache-Control": "no-store"})
