"""Lists of feeds: ``tests/data/opml/<case>.opml`` with what is expected."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.reading.opml import OpmlSyntaxError, read_opml

_DATA = Path(__file__).parents[2] / "data" / "opml"
_CASES = sorted(path.stem for path in _DATA.glob("*.opml"))


def test_there_are_cases() -> None:
    assert len(_CASES) > 10


@pytest.mark.parametrize("case", _CASES)
def test_what_is_read(case: str) -> None:
    expected = json.loads((_DATA / f"{case}.expected.json").read_text(encoding="utf-8"))
    try:
        found = json.loads(json.dumps(asdict(read_opml((_DATA / f"{case}.opml").read_bytes()))))
    except OpmlSyntaxError as error:
        found = {"error": str(error)}
    assert found == expected


@settings(deadline=None)  # a loaded machine is no fault
@given(st.one_of(st.binary(max_size=200), st.text("<>opmlbdyutine \"'=&;/", max_size=200).map(str.encode)))
def test_any_bytes_are_a_list_or_none(data: bytes) -> None:
    for document in (data, b"<opml>" + data):
        with contextlib.suppress(OpmlSyntaxError):
            read_opml(document)
