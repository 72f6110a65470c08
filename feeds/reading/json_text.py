"""JSON as it is found: with halves of characters, control characters, and cut in the middle."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

import orjson

from feeds.reading.errors import FeedSyntaxError
from feeds.reading.limits import MOST_ENTRIES, check_json_size

if TYPE_CHECKING:
    from feeds.reading.draft import Problems

_TOKEN: Final = re.compile(rb"[^\"{}\[\]]*+(?:\"(?:[^\"\\]++|\\.)*+\"|([{}\[\]]))", re.DOTALL)
_DEEPEST: Final = 500


def load_json(data: bytes, problems: Problems) -> Any:
    """The values in *data*, which is UTF-8; every text in them can be encoded.

    Raises:
        FeedSyntaxError: it is no JSON, or too much of it.
    """
    check_json_size(data)
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        document = _patiently(data, problems, error)
    items = document.get("items") if isinstance(document, dict) else None
    if isinstance(items, list) and len(items) > MOST_ENTRIES:
        raise FeedSyntaxError(f"the document has {len(items):,} entries: at most {MOST_ENTRIES:,} are read")
    return document


def _patiently(data: bytes, problems: Problems, error: orjson.JSONDecodeError) -> Any:
    """The standard library reads what orjson refuses: halves of characters and control characters in texts."""
    problems.note(f"the document is not valid JSON: {error}")
    text = data.decode(errors="replace")
    try:
        try:
            document, _end = json.JSONDecoder(strict=False).raw_decode(text)
        except json.JSONDecodeError:
            document = json.loads(_whole_items(data), strict=False)
            problems.note("the document breaks off: only what is whole was read")
        return _encodable(document)
    except (ValueError, RecursionError) as cause:
        raise FeedSyntaxError(f"this is not valid JSON: {error}") from cause


def _whole_items(data: bytes) -> bytes:
    """*data* up to its last whole item, with what is open there closed."""
    position = whole = 0
    opened: list[bytes] = []
    while (match := _TOKEN.match(data, position)) and len(opened) < _DEEPEST:
        position, bracket = match.end(), match[1]
        if bracket in {b"{", b"["}:
            opened.append(bracket)
        elif bracket:
            if opened:
                opened.pop()
            if bracket == b"}" and opened == [b"{", b"["]:
                whole = position
    return data[:whole] + b"]}" if whole else b""


def _encodable(value: Any) -> Any:
    """*value* with U+FFFD for every half of a character."""
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, list):
        return [_encodable(one) for one in value]
    if isinstance(value, dict):
        return {_encodable(name): _encodable(one) for name, one in value.items()}
    return value
