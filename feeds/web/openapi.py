"""The description of the API, in the words of OpenAPI 3.1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from storage.entry import DERIVED_INFO_CODE, NATIVE_INFO_CODE

if TYPE_CHECKING:
    from feeds.site import Site

PAGE: Final = 100
"""How many events an answer has, where nobody says."""
LARGEST_PAGE: Final = 500
"""How many it has at most."""

_TEXT = {"type": "string"}
_ADDRESS = {"type": "string", "format": "uri"}
_MOMENT = {"type": "string", "format": "date-time"}
_SLUGS = {"type": "array", "items": _TEXT}
_REVISION = {"type": "integer", "minimum": 1}
_INFO_CODE = {
    "type": "string",
    "pattern": f"^(?:{NATIVE_INFO_CODE.pattern}|{DERIVED_INFO_CODE.pattern})$",
    "description": "What an entry is known by for ever.",
}
# 16 bytes in base64: the last letter stands for two bits.
_CURSOR = {"type": "string", "pattern": "^[A-Za-z0-9_-]{21}[AQgw]$", "description": "A place among the events."}
_HEADERS: dict[str, Any] = {
    "ETag": {"schema": _TEXT, "description": "For If-None-Match: 304 where nothing is new."},
    "Cache-Control": {"schema": _TEXT},
    "Vary": {"schema": _TEXT},
}


def described(site: Site) -> dict[str, Any]:
    """The whole document, for the API of *site*."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{site.title}: entries for partners",
            "version": "1",
            "description": (
                "Every change of every entry that you were granted, once and in order. Follow `next` from one answer "
                "of `/entries` to the following one and you hold exactly what the publisher holds."
            ),
        },
        "servers": [{"url": f"{site.url}/api/v1"}],
        "security": [{"bearer": []}, {"basic": []}],
        "paths": {
            "/entries": {"get": _events()},
            "/entries/{infoCode}": {"get": _entry()},
            "/categories": {"get": _categories()},
            "/openapi.json": {"get": _description()},
        },
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "The key that you were given."},
                "basic": {"type": "http", "scheme": "basic", "description": "The key as password, of any user."},
            },
            "schemas": _SCHEMAS,
            "headers": {"RetryAfter": {"schema": {"type": "integer", "minimum": 1}, "description": "In seconds."}},
        },
    }


def _events() -> dict[str, Any]:
    limit = {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": PAGE}
    return {
        "operationId": "listEvents",
        "summary": "What happened to entries, in order",
        "parameters": [
            _parameter("after", "query", _CURSOR, "`next` of an earlier answer; from the beginning without it."),
            _parameter("limit", "query", limit, "How many events at most."),
        ],
        "responses": {
            "200": _answer("Events", "What happened after the cursor."),
            "400": _problem("A parameter is not of its form."),
            **_KEYED,
            "410": _problem("The cursor is of another store: begin again without one."),
        },
    }


def _entry() -> dict[str, Any]:
    return {
        "operationId": "getEntry",
        "summary": "One entry, with what it said before its corrections",
        "parameters": [_parameter("infoCode", "path", _INFO_CODE, "The entry's infoCode.", required=True)],
        "responses": {
            "200": _answer("Entry", "The entry as it is now."),
            "404": _problem("There is none, or you were not granted it."),
            "410": _problem("It was withdrawn."),
            **_KEYED,
        },
    }


def _categories() -> dict[str, Any]:
    return {
        "operationId": "listCategories",
        "summary": "The categories that you see",
        "responses": {"200": _answer("Categories", "Yours, and everybody's."), **_KEYED},
    }


def _description() -> dict[str, Any]:
    return {
        "operationId": "describe",
        "summary": "This document",
        "security": [],
        "responses": {
            "200": {
                "description": "This document.",
                "headers": _HEADERS,
                "content": {"application/json": {"schema": {"type": "object"}}},
            },
            "304": {"description": "It is as you know it."},
            "412": {"description": "It is not the one of If-Match."},
        },
    }


def _parameter(name: str, place: str, schema: dict[str, Any], says: str, *, required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": place, "schema": schema, "description": says, "required": required}


def _answer(schema: str, says: str) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": says, "headers": _HEADERS, "content": content}


def _problem(says: str, **headers: dict[str, Any]) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": says, "headers": headers, "content": content}


def _object(says: str, properties: dict[str, Any], *, optional: tuple[str, ...] = ()) -> dict[str, Any]:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "description": says, "properties": properties, "required": required}


def _list_of(schema: str) -> dict[str, Any]:
    return {"type": "array", "items": {"$ref": f"#/components/schemas/{schema}"}}


_KEYED: Final[dict[str, Any]] = {
    "304": {"description": "The answer is as you know it."},
    "401": _problem(
        "No key was given, or one that opens nothing (any more).",
        **{"WWW-Authenticate": {"schema": _TEXT, "required": True}},
    ),
    "412": {"description": "The answer is not the one of If-Match."},
    "429": _problem(
        "You ask too often.", **{"Retry-After": {"$ref": "#/components/headers/RetryAfter", "required": True}}
    ),
    "503": _problem("The store cannot be read just now."),
}
_ITEM_PARTS: Final = {
    "id": {**_TEXT, "description": "The entry's atom:id, the same for ever."},
    "url": _TEXT,
    "title": _TEXT,
    "content_html": {**_TEXT, "description": "Safe HTML; as much of it as was agreed."},
    "summary": _TEXT,
    "date_published": _MOMENT,
    "date_modified": _MOMENT,
    "authors": {"type": "array", "items": {"type": "object"}},
    "tags": _SLUGS,
    "language": _TEXT,
    "image": _TEXT,
    "attachments": {"type": "array", "items": {"type": "object"}},
    "_feedmill": _object("What JSON Feed has no word for.", {"infoCode": _INFO_CODE, "revision": _REVISION}),
}
_ITEM: Final = {
    **_object("An item of a JSON Feed 1.1.", _ITEM_PARTS),
    "required": ["id", "content_html", "date_published", "date_modified", "_feedmill"],
}
_SCHEMAS: Final[dict[str, Any]] = {
    "Events": _object(
        "Events in their order.",
        {
            "events": _list_of("Event"),
            "next": {**_CURSOR, "description": "What to ask with next, now or at any later time."},
            "more": {"type": "boolean", "description": "Whether there is more already."},
        },
    ),
    "Event": _object(
        "Something that happened to an entry.",
        {
            "id": {**_TEXT, "description": "The event's own; by it doubles are dropped."},
            "event": {"type": "string", "enum": ["created", "corrected", "withdrawn"]},
            "infoCode": _INFO_CODE,
            "revision": {**_REVISION, "description": "What the entry was at then."},
            "moment": {**_MOMENT, "description": "When it was stored."},
            "categories": {**_SLUGS, "description": "Those that the entry is in now, of which you know."},
            "item": {
                "description": "The entry as it is now; null where you are not to have it (any more).",
                "anyOf": [{"$ref": "#/components/schemas/Item"}, {"type": "null"}],
            },
        },
    ),
    "Item": _ITEM,
    "Entry": _object(
        "An entry.",
        {
            "infoCode": _INFO_CODE,
            "revision": _REVISION,
            "categories": _SLUGS,
            "revisions": {**_list_of("Revision"), "description": "Earlier ones, oldest first."},
            "item": {"$ref": "#/components/schemas/Item"},
        },
    ),
    "Revision": _object(
        "What an entry said before a correction.",
        {
            "revision": _REVISION,
            "title": _TEXT,
            "url": _TEXT,
            "summary": _TEXT,
            "content_html": _TEXT,
            "date_published": _MOMENT,
            "date_modified": _MOMENT,
        },
    ),
    "Categories": _object("Categories by slug; the first is that of everything.", {"categories": _list_of("Category")}),
    "Category": _object(
        "A category.",
        {
            "slug": {**_TEXT, "description": "Empty for that of everything that everybody may see."},
            "title": _TEXT,
            "entries": {"type": "integer", "minimum": 0},
            "private": {"type": "boolean", "description": "Whether only partners see it."},
            "granted": {"type": "boolean", "description": "Whether its entries are among your events."},
            "feeds": _object("Where its feeds are.", {"rss": _ADDRESS, "atom": _ADDRESS, "json": _ADDRESS}),
        },
    ),
    "Problem": _object(
        "What is wrong (RFC 9457).",
        {"type": _TEXT, "title": _TEXT, "status": {"type": "integer"}, "detail": _TEXT},
    ),
}
