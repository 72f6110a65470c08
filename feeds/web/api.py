"""The API of partners: what happened to entries, in order; one entry; categories. Errors are problems (RFC 9457).

No other site is let in by CORS: a page in a browser that has a key shows it to everybody.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Mount, Route

from feeds.publishing import telling
from feeds.publishing.documents import etag_of
from feeds.publishing.found import Document
from feeds.site import category_path
from feeds.web.asked import Asked
from feeds.web.credentials import key_in
from feeds.web.cursor import Cursor, read_cursor
from feeds.web.encodings import Encoder
from feeds.web.openapi import LARGEST_PAGE, PAGE, described
from feeds.web.partners import granted
from feeds.web.problems import problem, problem_of
from storage import categories, entries, events
from storage.category import ALL, Category
from storage.entry import as_info_code
from storage.errors import StorageError
from storage.places import named_in

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import NoReturn

    from sqlalchemy import Connection
    from starlette.datastructures import QueryParams
    from starlette.requests import Request
    from starlette.responses import Response

    from feeds.web.partners import Grant, Partners
    from storage.entry import InfoCode
    from storage.event import Event
    from storage.partner import Partner

_OWN: Final[Mapping[str, str]] = {"Cache-Control": "private, no-cache", "Referrer-Policy": "no-referrer"}
_NUMBER = re.compile(r"[1-9][0-9]{0,2}")
_JSON = "application/json"
_ENCODED_BYTES = 2**20


def api(partners: Partners) -> Mount:
    """Everything below ``/api``, for *partners*."""
    answers = _Api(partners)
    routes = [
        Route("/v1/openapi.json", answers.description),
        Route("/v1/entries", answers.entries),
        Route("/v1/entries/{code}", answers.entry),
        Route("/v1/categories", answers.categories),
    ]
    app = Starlette(routes=routes, exception_handlers=_HANDLERS)
    app.router.redirect_slashes = False  # it would lead to wherever the request's Host says
    return Mount("/api", app=app, name="api")


def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101  it is registered for those
    if error.detail == HTTPStatus(error.status_code).phrase:  # the router's own words
        error.detail = _SAID.get(error.status_code, error.detail)
    return problem_of(error)


def _unreadable(_request: Request, _error: Exception) -> Response:
    # The message names files; the operator has it in the log of whatever else reads the store.
    return problem(HTTPStatus.SERVICE_UNAVAILABLE, "the store cannot be read just now: ask again later")


def _broken(_request: Request, _error: Exception) -> Response:
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "this was not to happen; it is in the publisher's log")


_HANDLERS: Final = {HTTPException: _refused, StorageError: _unreadable, Exception: _broken}
_SAID: Final[Mapping[int, str]] = {
    HTTPStatus.NOT_FOUND: "there is nothing here: /api/v1/openapi.json says what there is",
    HTTPStatus.METHOD_NOT_ALLOWED: "this can be read alone: see Allow",
}


class _Api:
    def __init__(self, partners: Partners) -> None:
        self._partners = partners
        self._site = partners.site
        self._store = partners.database.identity
        self._encoder = Encoder(_ENCODED_BYTES)
        self._description = orjson.dumps(described(partners.site))

    def description(self, request: Request) -> Response:
        """What there is, in OpenAPI's words, for everybody."""
        answer = self._answer(request, self._description)
        answer.headers["Cache-Control"] = "public, max-age=300"
        return answer

    def entries(self, request: Request) -> Response:
        """What happened after a cursor."""
        partner = self._partners.admit(key_in(request.headers))
        cursor, limit = self._after(request.query_params), _limit(request.query_params)
        with self._partners.database.reading() as connection:
            if cursor.store != self._store or cursor.number > events.last(connection):
                _refuse(HTTPStatus.GONE, "this cursor is of another store: begin again, without a cursor")
            grant = granted(connection, partner)
            until = self._partners.until(partner)
            found = events.after(connection, cursor.number, grant.slugs, limit + 1, until)
            happened = found[:limit]
            told = self._told(connection, partner, grant, happened)
        given = sum(not one.endswith(b'"item":null}') for one in told)
        position = cursor._replace(number=happened[-1].number) if happened else cursor
        tail = orjson.dumps({"next": str(position), "more": len(found) > limit})
        body = b'{"events":[%b],%b' % (b",\n".join(told), tail[1:])
        return self._answer(request, body, partner, given)

    def entry(self, request: Request) -> Response:
        """One entry, with what it said before its corrections."""
        partner = self._partners.admit(key_in(request.headers))
        with self._partners.database.reading() as connection:
            body = self._entry(connection, partner, _code(request.path_params["code"]))
        return self._answer(request, body, partner, 1)

    def categories(self, request: Request) -> Response:
        """The categories that the partner sees."""
        partner = self._partners.admit(key_in(request.headers))
        with self._partners.database.reading() as connection:
            grant = granted(connection, partner)
            everything = categories.find(connection, [ALL]).get(ALL) or Category(ALL, "")
            known = categories.listed(connection, everyone=True)
        shown = [one for one in known if one.is_shown and (not one.private or one.slug in grant.slugs)]
        body = orjson.dumps({"categories": [self._category(one, grant) for one in (everything, *shown)]})
        return self._answer(request, body)

    def _told(self, connection: Connection, partner: Partner, grant: Grant, happened: list[Event]) -> list[bytes]:
        return telling.told(connection, self._site, self._store, happened, grant.slugs, partner.terms)

    def _entry(self, connection: Connection, partner: Partner, code: InfoCode) -> bytes:
        grant, until = granted(connection, partner), self._partners.until(partner)
        entry = entries.find(connection, [code]).get(code)
        if (
            entry is None
            or named_in(entry, grant.private).isdisjoint(grant.slugs)
            or (until is not None and entry.first_seen > until)
        ):
            _refuse(HTTPStatus.NOT_FOUND, f"there is no entry {code} among those that you were granted")
        if entry.withdrawn:
            _refuse(HTTPStatus.GONE, f"{code} was withdrawn")
        return telling.shown(connection, self._site, entry, grant.slugs, partner.terms)

    def _category(self, category: Category, grant: Grant) -> dict[str, object]:
        slug = category.slug
        return {
            "slug": slug,
            "title": category.title if slug != ALL else self._site.title,
            "entries": category.entries,
            "private": category.private,
            "granted": grant.holds(category),
            "feeds": {suffix: self._site.address(category_path(slug, suffix)) for suffix in ("rss", "atom", "json")},
        }

    def _after(self, query: QueryParams) -> Cursor:
        word = _one(query, "after")
        if word is None:
            return Cursor(self._store, 0)
        try:
            return read_cursor(word)
        except ValueError:
            _refuse(HTTPStatus.BAD_REQUEST, "after is no cursor: give the next of an earlier answer, or leave it out")

    def _answer(self, request: Request, body: bytes, partner: Partner | None = None, given: int = 0) -> Response:
        """The answer with *body*, in which *partner* is given so many entries."""
        document = Document(body, _JSON, etag_of(body), None)
        answer = Asked(request.headers).answer(document, self._encoder)
        for name, value in _OWN.items():
            answer.headers.setdefault(name, value)
        answer.headers.add_vary_header("Authorization")
        if partner is not None and request.method == "GET" and answer.status_code == HTTPStatus.OK:
            self._partners.gave(partner, given)
        return answer


def _limit(query: QueryParams) -> int:
    word = _one(query, "limit")
    if word is None:
        return PAGE
    if not _NUMBER.fullmatch(word) or int(word) > LARGEST_PAGE:
        _refuse(HTTPStatus.BAD_REQUEST, f"limit is a number from 1 to {LARGEST_PAGE}")
    return int(word)


def _one(query: QueryParams, name: str) -> str | None:
    said = query.getlist(name)
    if len(said) > 1:
        _refuse(HTTPStatus.BAD_REQUEST, f"{name} was given more than once")
    return said[0] if said else None


def _code(word: str) -> InfoCode:
    try:
        return as_info_code(word)
    except ValueError:
        _refuse(HTTPStatus.NOT_FOUND, "this is no infoCode: those are two capitals and 18 digits, or FM and 26 signs")


def _refuse(status: HTTPStatus, detail: str) -> NoReturn:
    raise HTTPException(status, detail)
