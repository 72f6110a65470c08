"""Sources put into the text of a configuration, taken out and paused: all else stays to the byte.

``tests/data/editing/<case>.toml`` holds a text, ``<case>.without-<name>.toml`` the same without that source.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.source_tables import TextError, with_paused, with_sources, without_sources

_DATA = Path(__file__).parents[1] / "data" / "editing"
_PAIRS = sorted(path.name for path in _DATA.glob("*.without-*.toml"))
_TEXTS = sorted(path.name for path in _DATA.glob("*.toml") if ".without-" not in path.name)


def _read(name: str) -> str:
    return (_DATA / name).read_bytes().decode()


_PIECES = (
    "# The file\n",
    "\n",
    "   \n",
    "[server]\nport = 1 # here\n",
    '[publish]\ndirectory = """\n[[source]]\nname = "none"\n"""\n',
    "[site]\n# nothing yet\n",
    '# above\n[[source]]\nname = "{}"\nkind = "feed"\n',
    '[[source]]\nname = "{}"\n[source.mapping]\nlist = [\n  [1, 2],\n[3]]\n\n  # later\n',
    "[[source]] # paused = true\n'name' = '{}'\npaused = false # for now\n",
    '  [[ source ]]\nname = """{}"""\n[[source.rule]]\nkeep = "#"\n[[source.rule]]\n',
)
_ONCE = [piece for piece in _PIECES if piece.startswith(("[server]", "[publish]", "[site]"))]


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Configurations as people write them, every table in them but the sources at most once."""
    pieces = draw(st.lists(st.sampled_from(_PIECES), max_size=8))
    pieces = [piece for i, piece in enumerate(pieces) if piece not in _ONCE or piece not in pieces[:i]]
    text = "".join(piece.replace("{}", f"s{number}") for number, piece in enumerate(pieces))
    if draw(st.booleans()):
        text = text.removesuffix("\n")
    return text.replace("\n", "\r\n") if draw(st.booleans()) else text


def _tables() -> st.SearchStrategy[list[dict[str, Any]]]:
    words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    table = st.fixed_dictionaries(
        {"kind": words}, optional={"url": words, "categories": st.lists(words), "paused": st.booleans()}
    )
    return st.lists(table, min_size=1, max_size=3).map(
        lambda found: [{"name": f'new {number} "\\é'} | table for number, table in enumerate(found)]
    )


def _names(text: str) -> list[str]:
    return [source["name"] for source in tomllib.loads(text).get("source", [])]


@settings(deadline=None)  # a loaded machine is no fault
@given(texts(), _tables())
def test_added_and_removed_gives_the_same_bytes(text: str, tables: list[dict[str, Any]]) -> None:
    before = tomllib.loads(text)
    more = with_sources(text, tables)
    assert tomllib.loads(more) == before | {"source": before.get("source", []) + tables}
    assert more.startswith(text)
    assert without_sources(more, [table["name"] for table in tables]) == text
    one_by_one = more
    for table in reversed(tables):
        one_by_one = without_sources(one_by_one, [table["name"]])
    assert one_by_one == text


@settings(deadline=None)  # a loaded machine is no fault
@given(texts(), st.data())
def test_any_sources_removed_leave_the_others(text: str, data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(names), unique=True)) if (names := _names(text)) else []
    before = tomllib.loads(text)
    left = without_sources(text, names)
    after = tomllib.loads(left)
    assert after.pop("source", []) == [s for s in before.pop("source", []) if s["name"] not in names]
    assert after == before
    if not names:
        assert left == text


@settings(deadline=None)  # a loaded machine is no fault
@given(texts(), st.data())
def test_paused_and_resumed(text: str, data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(names), unique=True)) if (names := _names(text)) else []
    paused = with_paused(text, names, paused=True)
    assert with_paused(paused, names, paused=True) == paused
    before = tomllib.loads(text)
    assert tomllib.loads(paused).get("source", []) == [
        s | {"paused": True} if s["name"] in names else s for s in before.get("source", [])
    ]
    resumed = with_paused(paused, names, paused=False)
    assert resumed == with_paused(text, names, paused=False)
    if "paused = false" not in text:
        assert resumed == text


def test_there_are_pairs() -> None:
    assert _PAIRS
    assert {name.partition(".")[0] for name in _PAIRS} == {name.partition(".")[0] for name in _TEXTS}


@pytest.mark.parametrize("name", _PAIRS)
def test_a_source_taken_out(name: str) -> None:
    case, _, removed = name.removesuffix(".toml").partition(".without-")
    assert without_sources(_read(f"{case}.toml"), removed.split("+")) == _read(name)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('source = [{name = "a"}]\n', "gives its sources as one list"),
        ('[[source]]\nname = "a"\n[server]\nport = 1\n[source.mapping]\nx = 1\n', "a table of a source apart from it"),
    ],
)
def test_what_cannot_be_edited(text: str, reason: str) -> None:
    tomllib.loads(text)
    with pytest.raises(TextError, match=reason):
        without_sources(text, ["a"])
    with pytest.raises(TextError, match=reason):
        with_paused(text, ["a"], paused=True)
