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
        self._directory = directory
        self.rehearsed = rehearsed
        self._numbers = count()

    def put(self, path: str, rendered: Rendered) -> Change | None:
        """Have *rendered* wait for its place at *path*, unless that is what stands there."""
        target = os.path.join(self._directory, path)  # noqa: PTH118  pathlib costs more than the writing
        body, new = rendered.body, False
        try:
            with open(target, "rb") as file:  # noqa: PTH123
                if os.fstat(file.fileno()).st_size == len(body) and file.read() == body:
                    return None
        except FileNotFoundError:
            new = True
        if self.rehearsed:
            return Change(path, new, fault=fault(path, rendered))
        staged = f"{os.getpid()}-{next(self._numbers)}"
        with open(os.path.join(self._directory, STAGING, staged), "xb") as file:  # noqa: PTH118, PTH123
            file.write(body)
        return Change(path, new, staged)
