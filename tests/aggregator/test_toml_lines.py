"""Lines of keys: ``tests/data/toml-lines/*.toml`` mark theirs with ``#@ path`` (``$`` is a key's own dot)."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.toml_lines import line_of, lines_of

_CASES = sorted((Path(__file__).parents[1] / "data" / "toml-lines").glob("*.toml"))


def _path(mark: str) -> tuple[str | int, ...]:
    return tuple(int(key) if key.isdigit() else key.replace("$", ".") for key in mark.strip().split("."))


def _paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, item in inner for found in _paths(item, (*path, key)))]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("case", _CASES, ids=lambda case: case.stem)
def test_marked_lines(case: Path, end: str) -> None:
    text = case.read_text(encoding="utf-8").replace("\n", end)
    marks = {
        number: _path(line.partition("#@ ")[2]) for number, line in enumerate(text.splitlines(), 1) if "#@ " in line
    }
    assert len(marks) > 10
    assert {number: line_of(text, path) for number, path in marks.items()} == {number: number for number in marks}
    assert set(lines_of(text)) == set(_paths(tomllib.loads(text))) - {()}


def test_what_is_not_there_is_where_it_would_be() -> None:
    text = '\n[[source]]\nname = "a"\n'
    assert line_of(text, ("source", 0, "kind")) == 2
    assert line_of(text, ("source", 0, "name", "x")) == 3
    assert line_of(text, ("source", 7)) == 2
    assert line_of(text, ("site", "url")) is None
    assert line_of("", ("site",)) is None


_KEYS = st.text("ab-_ .\"'[]#=\\业\n\t", max_size=4)
_VALUES = st.recursive(
    st.text("a\"'\\[]{}#,=\n 业", max_size=8) | st.integers() | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3),
    max_leaves=8,
)
_QUOTED = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}


def _quoted(text: str) -> str:
    return '"' + "".join(_QUOTED.get(character, character) for character in text) + '"'


def _written(value: Any, draw: st.DataObject) -> str:
    """*value* in one of the ways in which TOML can say it."""
    if isinstance(value, bool | int):
        return str(value).lower()
    if isinstance(value, str):
        ways = [_quoted(value), '"""\n' + _quoted(value)[1:-1].replace("\\n", "\n") + '"""']
        if "'" not in value:
            ways += [f"'''\n{value}'''"] if "\n" in value else [f"'{value}'", f"'''{value}'''"]
        return draw.draw(st.sampled_from(ways))
    if isinstance(value, list):
        gap = draw.draw(st.sampled_from(["", " ", "\n", " # ] } \" '''\n"]))
        return f"[{gap}" + "".join(f"{_written(item, draw)}{gap},{gap}" for item in value) + "]"
    return "{" + ", ".join(f"{_quoted(key)} = {_written(item, draw)}" for key, item in value.items()) + "}"


@given(values=st.dictionaries(_KEYS, _VALUES, max_size=4), tables=st.lists(_VALUES, max_size=3), data=st.data())
def test_every_key_has_the_line_on_which_it_was_written(
    values: dict[str, Any], tables: list[Any], data: st.DataObject
) -> None:
    text = ""
    lines: dict[tuple[str, str | int], int] = {}
    for number, value in enumerate(tables):
        text += "[[list]]\n"
        lines["list", number] = text.count("\n")
        text += f"item = {_written(value, data)}\n"
    text += "[last]\n"
    for key, value in values.items():
        lines["last", key] = text.count("\n") + 1
        text += f"{_quoted(key)} = {_written(value, data)} # [x]\n"

    found = lines_of(text)
    assert set(found) == set(_paths(tomllib.loads(text))) - {()}
    assert {path: found[path] for path in lines} == lines
