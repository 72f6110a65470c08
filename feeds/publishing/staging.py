"""What a publication has rendered and nobody sees yet: the files that differ from those that stand there."""

from __future__ import annotations

import os
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from feeds.publishing.validation import fault

if TYPE_CHECKING:
    from pathlib import Path

    from feeds.publishing.rendered import Rendered

STAGING = ".feedmill.next"
"""The folder in the output folder where files wait until all are there."""


class Change(NamedTuple):
    """A file that differs. It waits as *staged*, replaces another unless it is *new*; a rehearsal says its *fault*."""

    path: str
    new: bool
    staged: str = ""
    fault: str = ""


class Staging:
    """Takes in what is rendered for a folder; in a rehearsal it is looked at and not written."""

    def __init__(self, directory: Path, *, rehearsed: bool) -> None:
        self._directory = str(directory)
        self.rehearsed = rehearsed
        self._numbers = count()

    def put(self, path: str, rendered: Rendered) -> Change | None:
        """Have *rendered* wait for its place at *path*, unless that is what stands there."""
        held = _held(f"{self._directory}/{path}", rendered.body)
        if held:
            return None
        new = held is None
        if self.rehearsed:
            return Change(path, new, fault=fault(path, rendered))
        staged = f"{os.getpid()}-{next(self._numbers)}"
        _write(f"{self._directory}/{STAGING}/{staged}", rendered.body)
        return Change(path, new, staged)


# Python's own files take longer to be made than to be read and written; so does pathlib.
def _held(path: str, body: bytes) -> bool | None:
    """Whether *body* stands at *path*; None where nothing does."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        if os.fstat(file).st_size != len(body):
            return False
        rest = memoryview(body)
        while rest and (read := os.read(file, len(rest))):
            if read != rest[: len(read)]:
                return False
            rest = rest[len(read) :]
        return not rest
    finally:
        os.close(file)


def _write(path: str, body: bytes) -> None:
    """Have *body* stand at *path*, where nothing stands yet."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        rest = memoryview(body)
        while rest:
            rest = rest[os.write(file, rest) :]
    finally:
        os.close(file)
