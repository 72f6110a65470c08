"""The ASGI application. An answer comes from configuration and store alone: no header of a request changes a byte."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from feeds.publishing import differences
from feeds.publishing.documents import HOME, OPML, is_feed
from feeds.publishing.found import Document, Gone, Moved, Unchanged
from feeds.publishing.rendering import SUFFIXES
from feeds.query import MOST_CHARACTERS, MOST_VALUES, Query, QueryTooLongError, read_query, search_path
from feeds.site import entry_path, hub_links
from feeds.web.api import api
from feeds.web.asked import PAGE_FIELDS, Asked
from feeds.web.conditional import field
from feeds.web.credentials import key_in
from feeds.web.encodings import Encoder
from feeds.web.partners import Partners
from feeds.web.problems import problem, problem_of
from feeds.writing import pages
from feeds.writing.common import Found
from feeds.writing.page_words import words_for
from storage.entry import as_info_code
from storage.errors import StorageError
from storage.keys import without_keys

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.datastructures import Headers
    from starlette.requests import Request
    from starlette.routing import BaseRoute

    from feeds.publishing.documents import Documents
    from feeds.site import Site
    from storage.partner import Partner

# Readers poll; between two polls of a minute a proxy may answer for us, and a while longer when we cannot.
_CACHING: Final[Mapping[str, str]] = {"Cache-Control": "public, max-age=60, stale-while-revalidate=300"}
# What somebody gets with a key is for nobody else, and its address is told to nobody: the key may stand in it.
_OWN: Final[Mapping[str, str]] = {"Cache-Control": "private, max-age=60", "Referrer-Policy": "no-referrer"}
# What a reader in a browser needs to read feeds of other sites (Fetch, 3.3): to be let in, and to see the tag. With a
# key nobody is let in: a page that needs one would show it to all its readers.
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
_SEARCH = {search_path(suffix): suffix for suffix in SUFFIXES}
_WITH_ENTRIES = (HTTPStatus.OK, HTTPStatus.IM_USED)
_FEEDS = (".rss", ".atom", ".json", ".opml", ".xml")


def application(
    documents: Documents, site: Site, routes: Sequence[BaseRoute] = (), partners: Partners | None = None
) -> Starlette:
    """The server's application over *documents*; *routes* are answered before anything is looked for there.

    *partners* are those of the same documents; who wants to know what they used gives them.
    """
    known = partners or Partners(documents)
    answers = _Answers(documents, site, known)
    return Starlette(
        routes=[
            Route("/healthz", answers.healthy, methods=["GET"]),
            Route("/html_News/NewsShare.html", answers.shared, methods=["GET"]),
            *routes,
            api(known),
            Route("/key/{key}/{path:path}", answers.with_key, methods=["GET"]),
            Route("/{path:path}", answers.document, methods=["GET", "OPTIONS"]),
        ]
    )


class _Answers:
    def __init__(self, documents: Documents, site: Site, partners: Partners) -> None:
        self._documents = documents
        self._site = site
        self._partners = partners
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
            return self._missing(request.scope["path"].removeprefix("/"))
        if self._documents.find(entry_path(code)) is None:
            return self._missing(request.scope["path"].removeprefix("/"))
        return RedirectResponse(self._site.address(entry_path(code)), HTTPStatus.PERMANENT_REDIRECT)

    def document(self, request: Request) -> Response:
        """What stands at a path, or that nothing does, or no more, or that it stands elsewhere."""
        path = request.path_params["path"] or HOME
        for_readers = path.endswith(_FEEDS)
        if request.method == "OPTIONS":
            return Response(
                status_code=HTTPStatus.NO_CONTENT, headers={**_METHODS, **_PREFLIGHT} if for_readers else _METHODS
            )
        if (key := key_in(request.headers)) is not None:
            return self._to_partner(key, path, request)
        answer = self._found(path, request)
        for name, value in ({**_CACHING, **_OPEN} if for_readers else _CACHING).items():
            answer.headers.setdefault(name, value)
        if for_readers:  # with a key it may be another
            answer.headers.add_vary_header("Authorization")
        return answer

    def with_key(self, request: Request) -> Response:
        """The same for a feed reader that cannot send a key but in the address."""
        return self._to_partner(request.path_params["key"], request.path_params["path"] or HOME, request, in_path=True)

    def _to_partner(self, key: str, path: str, request: Request, *, in_path: bool = False) -> Response:
        try:
            answer = self._found(path, request, self._partners.admit(key))
        except HTTPException as error:
            return problem_of(error)
        except StorageError:  # its message has paths in it
            return problem(HTTPStatus.SERVICE_UNAVAILABLE, "the store cannot be read just now: ask again later")
        for name, value in _OWN.items():
            answer.headers.setdefault(name, value)
        answer.headers.add_vary_header("Authorization")
        if in_path and answer.status_code == HTTPStatus.MOVED_PERMANENTLY:
            # Relative to the address with the key, which need not be said: both stand in the same folder.
            answer.headers["location"] = "./" + answer.headers["location"].rpartition("/")[2]
        return answer

    def _found(self, path: str, request: Request, partner: Partner | None = None) -> Response:
        asked = Asked(request.headers)
        if (suffix := _SEARCH.get(path)) is not None:
            return self._search(suffix, request.scope["query_string"], asked)
        chosen = request.query_params.getlist("category") if path == OPML else []
        found: Document | Unchanged | Gone | Moved | None
        if path == OPML and partner is not None:
            found = self._partners.opml(partner, frozenset(chosen))
        elif chosen:
            found = self._documents.opml(frozenset(chosen))
        elif partner is not None:
            found = self._partners.find(partner, path, asked.is_settled_by)
        else:
            found = self._documents.find(path, unless=asked.is_settled_by)
        if found is None:
            return self._missing(path)
        if isinstance(found, Gone):
            body = pages.gone(self._site, found.info_code, found.withdrawn)
            return Response(body, HTTPStatus.GONE, PAGE_FIELDS, media_type="text/html")
        if isinstance(found, Moved):
            return RedirectResponse(self._site.address(found.path), HTTPStatus.MOVED_PERMANENTLY)
        documents = self._documents if partner is None else self._partners.differing(partner, path)
        new = self._difference(documents, path, found, request.headers) if documents else None
        shown, answer = new or (found, asked.answer(found, self._encoder))
        if partner is not None and isinstance(shown, Document) and request.method == "GET":
            self._partners.gave(partner, (shown.entries or 0) if answer.status_code in _WITH_ENTRIES else 0)
        if partner is None and self._site.hub and is_feed(path):
            answer.headers["Link"] = hub_links(self._site, self._site.address(path))
        return answer

    def _search(self, suffix: str, query_string: bytes, asked: Asked) -> Response:
        """What a query finds; 400 with a sentence for none, but for people, who are given the form."""
        words = words_for(self._site.language)
        try:
            query = read_query(query_string)
            problem = words.search_empty if query.is_empty and suffix != "html" else ""
        except QueryTooLongError:
            query, problem = Query(), words.search_too_long.format(MOST_CHARACTERS, MOST_VALUES)
        if not problem:
            return asked.answer(self._documents.search(query, suffix), self._encoder)
        if suffix != "html":
            return PlainTextResponse(f"{problem}\n", HTTPStatus.BAD_REQUEST)
        body = pages.search(self._site, Found(query, words.search), (), {}, problem)
        return Response(body, HTTPStatus.BAD_REQUEST, PAGE_FIELDS, media_type="text/html")

    @staticmethod
    def _difference(
        documents: Documents, path: str, found: Document | Unchanged, headers: Headers
    ) -> tuple[Document, Response] | None:
        """What is new in a feed since the one that the client has (RFC 3229); None where not asked for or not known."""
        if isinstance(found, Unchanged) or not differences.wanted(field(headers, "a-im") or ""):
            return None
        new = documents.difference(path, field(headers, "if-none-match") or "")
        if new is None:
            return None
        own = {"IM": differences.METHOD, "ETag": new.document.etag, "Delta-Base": new.base}
        # 10.8.2: only a cache that knows "im" may keep what is no whole document.
        own |= {"Cache-Control": "no-store, im", "Vary": "A-IM, If-None-Match"}
        own["Content-Type"] = new.document.media_type
        return new.document, Response(new.document.body, HTTPStatus.IM_USED, headers=own)

    def _missing(self, path: str) -> Response:
        # Not request.url, which is made of the Host that the client claims; and a key may have slipped in anywhere.
        body = pages.missing(self._site, quote(f"/{without_keys(path)}"))
        return Response(body, HTTPStatus.NOT_FOUND, PAGE_FIELDS, media_type="text/html")
