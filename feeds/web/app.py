"""The ASGI application. An answer comes from configuration and store alone: no header of a request changes a byte."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from feeds.publishing import differences
from feeds.publishing.documents import HOME, OPML, Document, Gone, Moved, Unchanged, is_feed
from feeds.site import entry_path, hub_links
from feeds.web.conditional import field, outcome
from feeds.web.encodings import IDENTITY, Encoder, acceptable, is_worth_encoding, tag_in
from feeds.writing import pages
from storage.entry import as_info_code

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.datastructures import Headers
    from starlette.requests import Request

    from feeds.publishing.documents import Documents, Validators
    from feeds.site import Site

# Readers poll; between two polls of a minute a proxy may answer for us, and a while longer when we cannot.
_CACHING: Final[Mapping[str, str]] = {"Cache-Control": "public, max-age=60, stale-while-revalidate=300"}
# What a reader in a browser needs to read feeds of other sites (Fetch, 3.3): to be let in, and to see the tag.
_OPEN: Final[Mapping[str, str]] = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Content-Encoding, ETag, Link, Location, Retry-After",
}
_PREFLIGHT: Final[Mapping[str, str]] = {
    **_OPEN,
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Allow-Headers": "A-IM, Cache-Control, If-Modified-Since, If-None-Match, Pragma",
    "Access-Control-Max-Age": "86400",
}
_METHODS: Final[Mapping[str, str]] = {"Allow": "GET, HEAD, OPTIONS"}  # RFC 9110, 9.3.7
_FEEDS = (".rss", ".atom", ".json", ".opml", ".xml")
# What a static host has only within the page; no other site shows ours in a frame.
_PAGE_FIELDS = {"Content-Security-Policy": f"{pages.POLICY}; frame-ancestors 'none'", "Referrer-Policy": "no-referrer"}


def application(documents: Documents, site: Site, routes: Sequence[Route] = ()) -> Starlette:
    """The server's application over *documents*; *routes* are answered before anything is looked for there."""
    answers = _Answers(documents, site)
    return Starlette(
        routes=[
            Route("/healthz", answers.healthy, methods=["GET"]),
            Route("/html_News/NewsShare.html", answers.shared, methods=["GET"]),
            *routes,
            Route("/{path:path}", answers.document, methods=["GET", "OPTIONS"]),
        ]
    )


class _Answers:
    def __init__(self, documents: Documents, site: Site) -> None:
        self._documents = documents
        self._site = site
        self._encoder = Encoder()

    def healthy(self, _request: Request) -> Response:
        """Whether the process answers and its store can be read."""
        self._documents.find(HOME)
        return PlainTextResponse("ok\n", headers={"Cache-Control": "no-store"})

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
        """What stands at a path, or that nothing does, or no more, or that it stands elsewhere."""
        path = request.path_params["path"] or HOME
        is_feed = path.endswith(_FEEDS)
        if request.method == "OPTIONS":
            return Response(
                status_code=HTTPStatus.NO_CONTENT, headers={**_METHODS, **_PREFLIGHT} if is_feed else _METHODS
            )
        answer = self._found(path, request)
        for name, value in ({**_CACHING, **_OPEN} if is_feed else _CACHING).items():
            answer.headers.setdefault(name, value)
        return answer

    def _found(self, path: str, request: Request) -> Response:
        asked = _Asked(request.headers)
        if path == OPML and (chosen := request.query_params.getlist("category")):
            return asked.answer(self._documents.opml(frozenset(chosen)), self._encoder)
        found = self._documents.find(path, unless=asked.is_settled_by)
        if found is None:
            return self._missing(request)
        if isinstance(found, Gone):
            body = pages.gone(self._site, found.info_code, found.withdrawn)
            return Response(body, HTTPStatus.GONE, _PAGE_FIELDS, media_type="text/html")
        if isinstance(found, Moved):
            return RedirectResponse(self._site.address(found.path), HTTPStatus.MOVED_PERMANENTLY)
        answer = self._difference(path, found, request.headers) or asked.answer(found, self._encoder)
        if self._site.hub and is_feed(path):
            answer.headers["Link"] = hub_links(self._site, self._site.address(path))
        return answer

    def _difference(self, path: str, found: Document | Unchanged, headers: Headers) -> Response | None:
        """What is new in a feed since the one that the client has (RFC 3229); None where not asked for or not known."""
        if isinstance(found, Unchanged) or not differences.wanted(field(headers, "a-im") or ""):
            return None
        new = self._documents.difference(path, field(headers, "if-none-match") or "")
        if new is None:
            return None
        own = {"IM": differences.METHOD, "ETag": new.document.etag, "Delta-Base": new.base}
        # 10.8: only a cache that knows "im" may keep what is no whole document.
        own |= {"Cache-Control": "no-store, im", "Vary": "A-IM, If-None-Match"}
        own["Content-Type"] = new.document.media_type
        return Response(new.document.body, HTTPStatus.IM_USED, headers=own)

    def _missing(self, request: Request) -> Response:
        # Not request.url, which is made of the Host that the client claims.
        body = pages.missing(self._site, quote(request.scope["path"]))
        return Response(body, HTTPStatus.NOT_FOUND, _PAGE_FIELDS, media_type="text/html")


class _Asked:
    """What a request says of the representation that it wants: its coding, and what of it is known already."""

    def __init__(self, headers: Headers) -> None:
        self._headers = headers
        self._codings = acceptable(field(headers, "accept-encoding"))
        self._now = datetime.now(UTC)

    def is_settled_by(self, validators: Validators) -> bool:
        """Whether the answer needs no body."""
        return self._outcome(validators)[0] is not HTTPStatus.OK

    def answer(self, found: Document | Unchanged, encoder: Encoder) -> Response:
        """RFC 9110: a conditional request (13), and a body in the coding that is wanted (12.5.3)."""
        status, tag = self._outcome(found.validators)
        own = {"ETag": tag, "Vary": "Accept-Encoding"}
        if (modified := self._modified(found.validators)) is not None:
            own["Last-Modified"] = format_datetime(modified, usegmt=True)
        if status is not HTTPStatus.OK or isinstance(found, Unchanged):
            return Response(status_code=status, headers=own)
        own["Content-Type"] = found.media_type
        if found.media_type.startswith("text/html"):
            own |= _PAGE_FIELDS
        coding = next(name for name in self._offered(found.validators) if tag_in(found.etag, name) == tag)
        if coding != IDENTITY:
            own["Content-Encoding"] = coding
        return Response(encoder.body(found, coding), headers=own)

    def _outcome(self, validators: Validators) -> tuple[HTTPStatus, str]:
        tags = [tag_in(validators.etag, coding) for coding in self._offered(validators)]
        return outcome(self._headers, tags, self._modified(validators))

    def _offered(self, validators: Validators) -> Sequence[str]:
        return self._codings if is_worth_encoding(validators.size) else (IDENTITY,)

    def _modified(self, validators: Validators) -> datetime | None:
        """RFC 9110, 8.8.2.1: nothing was modified in the future; where changes came too fast for whole seconds, there
        is no date until the clock has come to it.
        """
        modified = validators.modified
        return modified if modified is not None and modified <= self._now else None
