"""Pairs of a document and what is to be read from it: a new pair needs no code here."""

from __future__ import annotations

import dataclasses
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from feeds.reading import FeedSyntaxError, read

if TYPE_CHECKING:
    from feeds.document import SourceFeed

FOLDER = Path(__file__).parents[2] / "data" / "feeds"
DOCUMENTS = sorted(path for path in FOLDER.iterdir() if not path.name.endswith(".expected.json"))


def plain(value: object) -> object:
    """*value* as JSON has it, without the fields that are as they would be if the document were silent."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: plain(getattr(value, field.name))
            for field in dataclasses.fields(value)
            if getattr(value, field.name) != field.default
        }
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value.isoformat() if isinstance(value, datetime) else value


def outcome(data: bytes, given: dict[str, str]) -> dict[str, object]:
    try:
        feed: SourceFeed = read(data, **given)
    except FeedSyntaxError as error:
        return {"error": str(error)}
    return {"feed": plain(feed)}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_reads_what_is_expected(path: Path) -> None:
    expected = json.loads(path.with_suffix(".expected.json").read_text(encoding="utf-8"))
    given = expected.pop("given", {})
    assert outcome(path.read_bytes(), given) == expected


def test_every_expectation_has_its_document() -> None:
    expected = {path.name.removesuffix(".expected.json") for path in FOLDER.glob("*.expected.json")}
    assert expected == {path.stem for path in DOCUMENTS}
    assert len(DOCUMENTS) >= 45
