"""Lists and pages and what is read in them: ``tests/data/readers/<case>.json|.html`` and ``<case>.expected.json``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aggregator.reader_settings import JsonText
from aggregator.readers.choice import read_document
from aggregator.readers.errors import TextError
from aggregator.readers.json_list import read_text
from aggregator.settings import SourceSettings
from feeds.document import SourceFeed
from feeds.reading.errors import FeedSyntaxError
from tests.feeds.reading.test_documents import plain

FOLDER = Path(__file__).parents[2] / "data" / "readers"
CASES = sorted(path.name.removesuffix(".expected.json") for path in FOLDER.glob("*.expected.json"))


def source_of(mapping: dict[str, object]) -> SourceSettings:
    [kind] = mapping
    return SourceSettings.model_validate({"name": "s", "kind": kind, "url": "https://a.example/", **mapping})


def outcome(data: bytes, given: dict[str, object]) -> dict[str, object]:
    place = {name: str(given.pop(name)) for name in ("content_type", "location") if name in given}
    try:
        return {"feed": plain(read_document(source_of(given), data, **place))}
    except FeedSyntaxError as error:
        return {"error": str(error)}


@pytest.mark.parametrize("case", CASES)
def test_reads_what_is_expected(case: str) -> None:
    [document] = [path for path in FOLDER.glob(f"{case}.*") if not path.name.endswith(".expected.json")]
    expected = json.loads((FOLDER / f"{case}.expected.json").read_text(encoding="utf-8"))
    assert outcome(document.read_bytes(), expected.pop("given")) == expected


def test_every_document_has_its_expectation() -> None:
    documents = [path.stem for path in FOLDER.iterdir() if not path.name.endswith(".expected.json")]
    assert sorted(documents) == CASES
    assert len(CASES) >= 40


FIELDS = ("id", "link", "title", "summary", "content", "date", "updated", "author", "medium", "categories", "tags",
          "image", "language")  # fmt: skip
MAPPING = {
    "items": "items",
    "fields": {name: name for name in FIELDS} | {"link": ["link", "https://a.example/{id}"], "tags": "{title[0].x}"},
}
LISTS = [source_of({"json": MAPPING | {"as_posts": posts}}) for posts in (False, True)]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=8) | st.sampled_from(["1647254149", "9999-12-31", "<", "> *", "http://["]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*FIELDS, "items", "x"]), inner),
    max_leaves=20,
)  # fmt: skip


def read_or_refuse(source: SourceSettings, data: bytes) -> None:
    try:
        feed = read_document(source, data, location="https://a.example/list")
    except FeedSyntaxError:
        return
    assert isinstance(feed, SourceFeed)


@given(VALUES | st.fixed_dictionaries({"items": VALUES | st.lists(VALUES, max_size=4)}))
@settings(max_examples=300, deadline=None)
@example({"items": [{"id": 1e300, "date": "9" * 10}]})
def test_any_json_is_entries_or_a_sentence(value: object) -> None:
    data = json.dumps(value).encode()
    for source in LISTS:
        read_or_refuse(source, data)


@given(VALUES)
@settings(deadline=None)
def test_any_text_document_is_a_text_or_a_sentence(value: object) -> None:
    mapping = JsonText(url="https://a.example/{id}", path=("title", "items.x"))
    for data in (json.dumps(value).encode(), json.dumps({"title": value}).encode()):
        try:
            assert read_text(data, mapping).value
        except TextError:
            continue


PAGES = [
    source_of({"page": {"items": "li", "fields": {"link": "a@href", "title": ".", "date": "i", "content": "p, li"}}}),
    source_of(
        {"page": {"items": "//*[a]", "fields": {"link": "./a/@href", "title": ".//text()", "summary": "./@class",
                                                "content": "//p", "image": "img", "author": "./*", "date": "./i"}}}
    ),
]  # fmt: skip
PIECES = st.sampled_from(
    [b"<li>", b"</li>", b"<a href='/x'>", b"<a href='http://['>", b"</a>", b"<i>", b"14 March 2022", b"<p>", b"<!--",
     b"<?x", b"\0", b"\xff", b"&#xD800;", b"&#0;", b"<base href='http://['>", b"<title>", b"<script>", b"<svg>",
     b"<table>", b"<meta charset=utf-16>", b"<meta charset=punycode>", b"\xef\xbb\xbf", b"<frameset>", b"<template>",
     b"x", b"\x0c"]
)  # fmt: skip


@given(st.one_of(st.binary(max_size=200), st.lists(PIECES, max_size=25).map(b"".join)))
@settings(max_examples=300, deadline=None)
def test_any_bytes_of_html_are_entries_or_a_sentence(data: bytes) -> None:
    for source in PAGES:
        read_or_refuse(source, data)
        read_or_refuse(LISTS[0], data)
