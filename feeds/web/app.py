"""The ASGI application. An answer comes from configuration and store alone: no header of a request changes a byte."""

from __future__ import annotations

import gzip
from email.utils import format_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from feeds.publishing.cache import SizedCache
from feeds.publishing.documents import HOME, OPML, Documents, Gone
from feeds.site import entry_path
from feeds.writing import pages
from storage.entry import as_info_code

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.datastructures import Headers
    from starlette.requests import Request

    from feeds.publishing.documents import Document
    from feeds.site import Site

# Readers poll; between two polls of a minute a proxy may answer for us, and a while longer when we cannot.
_CACHE_CONTROL = "public, max-age=60, stale-while-revalidate=300"
# Below this a gzip body saves less than its own head costs.
_WORTH_COMPRESSING = 512
# What a static host has only within the page; no other site shows ours in a frame.
_PAGE_FIELDS = {"Content-Security-Policy": f"{pages.POLICY}; frame-ancestors 'none'", "Referrer-Policy": "no-referrer"}
_GZIP_LEVEL = 6
_GZIP_BYTES = 32 * 2**20


def application(documents: Documents, site: Site, routes: Sequence[Route] = ()) -> Starlette:
    """The server's application over *documents*; *routes* are answered before anything is looked for there."""
    answers = _Answers(documents, site)
    return Starlette(
        routes=[
            Route("/healthz", answers.healthy, methods=["GET"]),
            Route("/html_News/NewsShare.html", answers.shared, methods=["GET"]),
            *routes,
            Route("/{path:path}", answers.document, methods=["GET"]),
        ]
    )


class _Answers:
    def __init__(self, documents: Documents, site: Site) -> None:
        self._documents = documents
        self._site = site
        self._compressed: SizedCache[str, bytes] = SizedCache(_GZIP_BYTES)

    def healthy(self, _request: Request) -> Response:
        """Whether the process answers and its store can be read."""
        self._documents.find(HOME)
        return PlainTextResponse("ok\n")

    def shared(self, request: Request) -> Response:
        """The original share address leads to the entry for good."""
        try:
            code = as_info_code(request.query_params.get("infoCode", ""))
        except ValueError:
            return self._missing(request)
        if self._documents.find(entry_path(code)) is None:
            return self._missing(request)
        return RedirectResponse(self._site.address(entry_path(code)), HTTPStatus.PERMANENT_REDIRECT)

    def document(self, request: Request) -> Response:
        """What stands at a path, or that nothing does, or no more."""
        path = request.path_params["path"] or HOME
        if path == OPML and (chosen := request.query_params.getlist("category")):
            return self._answer(self._documents.opml(frozenset(chosen)), request.headers)
        found = self._documents.find(path)
        if found is None:
            return self._missing(request)
        if isinstance(found, Gone):
            body = pages.gone(self._site, found.info_code, found.withdrawn)
            return Response(body, HTTPStatus.GONE, _PAGE_FIELDS, media_type="text/html")
        return self._answer(found, request.headers)

    def _answer(self, found: Document, headers: Headers) -> Response:
        """RFC 9110: a conditional request (13), and a body in the encoding that is wanted (12.5.3)."""
        zipped = len(found.body) >= _WORTH_COMPRESSING and _accepts_gzip(_field(headers, "accept-encoding") or "")
        own = {"Cache-Control": _CACHE_CONTROL, "Vary": "Accept-Encoding"}
        own["ETag"] = f'{found.etag[:-1]}-gzip"' if zipped else found.etag
        if found.modified is not None:
            own["Last-Modified"] = format_datetime(found.modified.replace(microsecond=0), usegmt=True)
        if _is_known(found, own.get("Last-Modified", ""), headers):
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=own)
        own["Content-Type"] = found.media_type
        if found.media_type.startswith("text/html"):
            own |= _PAGE_FIELDS
        if zipped:
            own["Content-Encoding"] = "gzip"
        return Response(self._gzip(found) if zipped else found.body, headers=own)

    def _gzip(self, found: Document) -> bytes:
        held = self._compressed.get(found.etag)
        if held is None:
            held = gzip.compress(found.body, _GZIP_LEVEL, mtime=0)
            self._compressed.put(found.etag, held, len(held))
        return held

    def _missing(self, request: Request) -> Response:
        # Not request.url, which is made of the Host that the client claims.
        body = pages.missing(self._site, quote(request.scope["path"]))
        return Response(body, HTTPStatus.NOT_FOUND, _PAGE_FIELDS, media_type="text/html")


def _field(headers: Headers, name: str) -> str | None:
    """A field that is a list, whether it came in one line or several (RFC 9110, 5.3); None where it did not come."""
    lines = headers.getlist(name)
    return ", ".join(lines) if lines else None


def _is_known(found: Document, modified: str, headers: Headers) -> bool:
    """Whether the client has this very document. An entity tag is asked first, and decides (RFC 9110, 13.2.2).

    A date must be the same to the second: after an entry moved out of a category, an older one can be the newest.
    """
    tags = _field(headers, "if-none-match")
    if tags is None:
        return bool(modified) and headers.get("if-modified-since") == modified
    offered = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
    return "*" in offered or found.etag in offered or f'{found.etag[:-1]}-gzip"' in offered


def _accepts_gzip(field: str) -> bool:
    """Whether an Accept-Encoding *field* asks for gzip, or else for anything, with a weight above nought."""
    asked = (part.partition(";q=") for part in field.lower().replace(" ", "").split(","))
    weights = {coding: weight for coding, _, weight in asked}
    wanted = next((weights[coding] for coding in ("gzip", "x-gzip", "*") if coding in weights), "0")
    return not wanted or wanted.strip("0.") != ""
