"""What is wrong, for programs: RFC 9457. Its type is always ``about:blank``: the status says all but ``detail``."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import orjson
from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.exceptions import HTTPException

MEDIA_TYPE: Final = "application/problem+json"


def problem(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """An answer that says in *detail* what is wrong and what to do. Nobody is to keep it."""
    said = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": int(status), "detail": detail}
    fields = {"Cache-Control": "no-store", "Vary": "Authorization", "Referrer-Policy": "no-referrer", **(headers or {})}
    return Response(orjson.dumps(said), status, fields, MEDIA_TYPE)


def problem_of(error: HTTPException) -> Response:
    """The answer for *error*."""
    return problem(error.status_code, error.detail, error.headers)
