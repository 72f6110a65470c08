"""The ``[[source]]`` tables as they stand in the text of ``feedmill.toml``: put in, taken out, paused.

Whatever else people wrote (comments, order, white space) stays to the byte. tomlkit alone does not do that: to it, a
comment above a table belongs to the table before, and goes with that. So the text is cut at the headers, and only what
is written anew goes through tomlkit.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import tomlkit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

_HEADER = re.compile(r"^[ \t]*\[", re.MULTILINE)


class TextError(ValueError):
    """The text cannot be edited; the message is the end of a sentence whose subject is the file."""


@dataclass(frozen=True, slots=True)
class _Block:
    """A table with its header and all up to the next one; a source's with its sub-tables, which are in ``more``."""

    text: str
    source: str | None = None
    more: str = ""


def with_sources(text: str, tables: Iterable[Mapping[str, Any]]) -> str:
    """*text* with *tables* as its last sources."""
    newline = _newline(text)
    written = [tomlkit.dumps({"source": [table]}).replace("\n", newline) for table in tables]
    if not text or not written:
        return text + newline.join(written)
    if text.endswith("\n"):
        return text + newline + newline.join(written)
    return text + 2 * newline + newline.join(written).removesuffix(newline)


def without_sources(text: str, names: Collection[str]) -> str:
    """*text* without the sources of these *names*, nor the comments right above them.

    Where it is not clear what a comment is about, it stays.

    Raises:
        TextError: its sources are not written as tables.
    """
    blocks = list(_blocks(text))
    kept = ""
    for number, block in enumerate(blocks, 1):
        if block.source not in names or block.source is None:
            kept += block.text + block.more
            continue
        after = _after(block.text + block.more, last=number == len(blocks))
        before = _before(kept)
        parted = before != kept
        kept = before + after if before else after.lstrip("\r\n")
        if parted and number == len(blocks) and not text.endswith("\n"):
            kept = kept.removesuffix(_newline(text))  # as with_sources() began
    return kept


def with_paused(text: str, names: Collection[str], *, paused: bool) -> str:
    """*text* with ``paused = true`` in the sources of these *names*, or without.

    Raises:
        TextError: its sources are not written as tables.
    """
    newline = _newline(text)
    return "".join(
        (block.text if block.source not in names else _with_paused(block.text, newline, paused=paused)) + block.more
        for block in _blocks(text)
    )


def with_address(text: str, name: str, address: str) -> str:
    """*text* with *address* as the ``url`` of the source of that *name*.

    Raises:
        TextError: its sources are not written as tables.
    """
    return "".join(
        (block.text if block.source != name else _with_address(block.text, address)) + block.more
        for block in _blocks(text)
    )


def _with_address(table: str, address: str) -> str:
    body, rest = _split(table)
    document: Any = tomlkit.parse(body)
    [settings] = document["source"]
    settings["url"] = address
    return tomlkit.dumps(document) + rest


def _with_paused(table: str, newline: str, *, paused: bool) -> str:
    body, rest = _split(table)
    document: Any = tomlkit.parse(body)
    [settings] = document["source"]
    if paused and "paused" not in settings:
        ended = body.endswith("\n")
        body += f"paused = true{newline}" if ended else f"{newline}paused = true"
    elif paused:
        settings["paused"] = True
        body = tomlkit.dumps(document)
    elif "paused" in settings:
        ended = body.endswith("\n")
        del settings["paused"]
        body = tomlkit.dumps(document)
        body = body if ended else body.removesuffix(newline)
    return body + rest


def _blocks(text: str) -> Iterator[_Block]:
    current = _Block("")
    for part in _parts(text):
        values = tomllib.loads(part)
        found = values.get("source")
        if found is None:
            yield current
            current = _Block(part)
        elif not _HEADER.match(part):
            raise TextError("gives its sources as one list: write each as a table, [[source]]")
        elif isinstance(found, list):
            yield current
            current = _Block(part, str(found[0].get("name", "")))
        elif current.source is None:
            raise TextError("has a table of a source apart from it: move it right below its [[source]]")
        else:
            current = replace(current, more=current.more + part)
    yield current


def _parts(text: str) -> Iterator[str]:
    """*text*, cut before each header.

    What looks like a header inside a string or a list is none: what stands before it is no TOML by itself.
    """
    start = 0
    for match in _HEADER.finditer(text):
        if match.start() > start and _is_whole(text[start : match.start()]):
            yield text[start : match.start()]
            start = match.start()
    yield text[start:]


def _is_whole(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _split(table: str) -> tuple[str, str]:
    """*table* up to its last setting, and the blank lines and comments after that."""
    lines = table.splitlines(keepends=True)
    end = len(lines)
    while end and _says_nothing(lines[end - 1]):
        end -= 1
    return "".join(lines[:end]), "".join(lines[end:])


def _says_nothing(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def _after(block: str, *, last: bool) -> str:
    """What stays of a *block* that is taken out: from the first blank line after its last setting on.

    Without one, the comments there are the block's own, or the next one's where there is a next one.
    """
    lines = _split(block)[1].splitlines(keepends=True)
    for number, line in enumerate(lines):
        if not line.strip():
            return "".join(lines[number:])
    return "" if last else "".join(lines)


def _before(kept: str) -> str:
    """What stays of the text before a block that is taken out: not the comments right above it and one blank line.

    If no blank line is above the comments, they are another table's, or the file's own.
    """
    lines = _split(kept)[1].splitlines(keepends=True)
    end = len(lines)
    while end and lines[end - 1].strip():
        end -= 1
    if not end:
        return kept
    return kept[: len(kept) - sum(map(len, lines[end - 1 :]))]


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"
