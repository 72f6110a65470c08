"""The operator's routes: status, measures, readiness. Handlers are no coroutines, so they run in threads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from aggregator.glance import glances, remarks
from aggregator.measures import MEDIA_TYPE
from aggregator.web import status_page
from aggregator.web.access import Verdict, judge
from storage.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.requests import Request

    from aggregator.config import Config
    from aggregator.glance import Glance
    from aggregator.measures import Measures
    from storage.database import Database

    Ticked = Callable[[], datetime | None]

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_CLOSED = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_SHOULD_TICK = timedelta(seconds=60)


def operator_routes(
    config: Config,
    database: Database,
    measures: Measures,
    ticked: Ticked | None = None,
) -> list[Route]:
    """The routes, to stand before what is published.

    *ticked* says when the scheduler last looked what is due (aware; None: not yet), and is None itself where this
    process pulls nothing.
    """
    operator = _Operator(config, database, measures, ticked)
    zipped = [Middleware(GZipMiddleware)]
    return [
        Route("/status", operator.status, methods=["GET"], middleware=zipped),
        Route("/status.css", operator.style, methods=["GET"], middleware=zipped),
        Route("/metrics", operator.metrics, methods=["GET"], middleware=zipped),
        Route("/readyz", operator.ready, methods=["GET"]),
    ]


class _Operator:
    def __init__(
        self,
        config: Config,
        database: Database,
        measures: Measures,
        ticked: Ticked | None,
    ) -> None:
        self._config = config
        self._database = database
        self._measures = measures
        self._ticked = ticked
        measures.watch(database, self._glances)

    def status(self, request: Request) -> Response:
        """Every source at a glance."""

        def page() -> Response:
            told = remarks(self._database, self._config)
            body = status_page.page(self._config.published_site, self._glances(), request.query_params, told)
            return Response(body, headers=_CLOSED, media_type="text/html")

        return self._guarded(request, page)

    def metrics(self, request: Request) -> Response:
        """The measures, for Prometheus."""

        def page() -> Response:
            return Response(self._measures.text(), headers=_CLOSED, media_type=MEDIA_TYPE)

        return self._guarded(request, page)

    def style(self, _request: Request) -> Response:
        """The style of the status page, which is no secret."""
        return Response(status_page.stylesheet(), media_type="text/css", headers={"Cache-Control": "max-age=3600"})

    def ready(self, _request: Request) -> Response:
        """Whether this process does its work: its store can be read, and its scheduler runs."""
        trouble = self._not_ready()
        status = HTTPStatus.SERVICE_UNAVAILABLE if trouble else HTTPStatus.OK
        return PlainTextResponse(f"{trouble or 'ready'}\n", status, headers={"Cache-Control": "no-store"})

    def _not_ready(self) -> str:
        try:
            self._database.check()
        except StorageError:
            return "the store cannot be read: see the log, or run feedmill status"  # open to all: no paths
        if self._ticked is None:
            return ""
        last = self._ticked()
        if last is None:
            return "the scheduler has not begun"
        silent = datetime.now(UTC) - last
        return f"the scheduler stands still since {silent.seconds} seconds" if silent > _SHOULD_TICK else ""

    def _glances(self) -> Sequence[Glance]:
        return glances(self._database, self._config, datetime.now(UTC))

    def _guarded(self, request: Request, page: Callable[[], Response]) -> Response:
        verdict = judge(request, self._config.server.key.get_secret_value())
        if verdict is Verdict.WELCOME:
            return self._answer(page)
        wanted = verdict is Verdict.KEY_WANTED
        headers = _CLOSED | ({"WWW-Authenticate": 'Basic realm="Feedmill", charset="UTF-8"'} if wanted else {})
        status = HTTPStatus.UNAUTHORIZED if wanted else HTTPStatus.FORBIDDEN
        body = status_page.refusal(self._config.published_site, wanted=wanted)
        return Response(body, status, headers, "text/html")

    def _answer(self, page: Callable[[], Response]) -> Response:
        try:
            return page()
        except StorageError as error:
            return PlainTextResponse(f"{error}\n", HTTPStatus.SERVICE_UNAVAILABLE, headers=_CLOSED)
