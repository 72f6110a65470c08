"""JSON Feed documents against a schema of version 1.1, and against the rules that no schema can say."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema  # type: ignore[import-untyped]

from tests.feeds.validators.words import Rules, is_absolute, is_media_type, is_rfc_3339, relative_links, twice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.feeds.validators.words import Problem

RULES = Rules({
    "json": "RFC 8259, 8.1: JSON in UTF-8, without a byte order mark",
    "member-twice": "RFC 8259, 4: the names in an object are unique",
    "schema": "JSON Feed 1.1, by the schema",
    "id-twice": "JSON Feed 1.1, items: id is unique for that item for that feed",
    "date": "JSON Feed 1.1, items: a date is as RFC 3339 has it",
    "url": "JSON Feed 1.1: an address is one that leads somewhere by itself",
    "media-type": "JSON Feed 1.1, attachments: mime_type is a media type",
    "next": "JSON Feed 1.1, top level: next_url is not feed_url",
    "relative": "JSON Feed 1.1: addresses in content_html lead nowhere once they are copied",
})  # fmt: skip

_ADDRESSES = frozenset([
    "home_page_url", "feed_url", "next_url", "icon", "favicon", "url", "external_url", "image", "banner_image",
    "avatar",
])  # fmt: skip
_DATES = ("date_published", "date_modified")


class _TwiceError(ValueError):
    """A name comes twice in an object."""


@cache
def _schema() -> Any:
    path = Path(__file__).parents[2] / "data" / "schemas" / "json-feed-1.1.json"
    schema = json.loads(path.read_bytes())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def check(document: bytes) -> list[Problem]:
    """What is wrong with a JSON Feed document."""
    try:
        feed = json.loads(document.decode(), object_pairs_hook=_unique)
    except _TwiceError as error:
        return [RULES.broken("member-twice", error)]
    except ValueError as error:
        return [RULES.broken("json", error)]
    problems = [RULES.broken("schema", f"{one.json_path} {one.validator}") for one in _schema().iter_errors(feed)]
    return problems or list(_problems(feed))


def _unique(members: list[tuple[str, Any]]) -> dict[str, Any]:
    if again := twice(name for name, _ in members):
        raise _TwiceError(", ".join(again))
    return dict(members)


def _problems(feed: dict[str, Any]) -> Iterator[Problem]:
    for name in twice(item["id"] for item in feed["items"]):
        yield RULES.broken("id-twice", name)
    if "next_url" in feed and feed["next_url"] == feed.get("feed_url"):
        yield RULES.broken("next", feed["next_url"])
    for name, address in _addresses(feed):
        if not is_absolute(address):
            yield RULES.broken("url", f"{name} {address}")
    for item in feed["items"]:
        yield from _item(item)


def _item(item: dict[str, Any]) -> Iterator[Problem]:
    for name in _DATES:
        if name in item and not is_rfc_3339(item[name]):
            yield RULES.broken("date", item[name])
    for file in item.get("attachments", []):
        if not is_media_type(file["mime_type"]):
            yield RULES.broken("media-type", file["mime_type"])
    for address in relative_links(item.get("content_html", "")):
        yield RULES.broken("relative", address)


def _addresses(value: Any) -> Iterator[tuple[str, str]]:
    """Every address that the format itself defines, with its name; extensions are their makers' own."""
    for one in value if isinstance(value, list) else [value]:
        for name, member in one.items() if isinstance(one, dict) else ():
            if isinstance(member, str) and name in _ADDRESSES:
                yield name, member
            elif isinstance(member, (dict, list)) and not name.startswith("_"):
                yield from _addresses(member)
