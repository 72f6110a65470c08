"""Which files of the folder another place does not have yet, as ``.feedmill.upload.json`` in the folder."""

from __future__ import annotations

import hashlib
import json
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from feeds.publishing.documents import HOME, OLD_FEED, OPML
from feeds.publishing.rendering import SUFFIXES
from feeds.writing import pages
from feeds.writing.sitemap import NEWS_PATH, SITEMAP_PATH

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_FILE = ".feedmill.upload.json"
_ONCE = (
    *(HOME, OPML, OLD_FEED, SITEMAP_PATH, NEWS_PATH),
    *(pages.SUBSCRIBE_PATH, pages.STYLESHEET_PATH, pages.SCRIPT_PATH),
)
_PATTERNS = ("entry/*.html", "archive/*.atom", "category/*/archive/*.atom")
_PAGED = ("all/*.html", "category/*/*.html")


class _State(NamedTuple):
    """What was *taken* and not settled yet, and what came since."""

    taken: frozenset[str]
    new: frozenset[str]


class Owed:
    """What is owed to *address*; whoever calls it has the folder alone."""

    def __init__(self, directory: Path, address: str) -> None:
        self._directory = directory
        # Not as it is written: it can hold a password.
        self._address = hashlib.blake2b(address.encode(), digest_size=16).hexdigest()

    def add(self, paths: Iterable[str]) -> None:
        """Something else stands at *paths* now, or nothing; of these, strangers' files are nobody's to send."""
        if (state := self._read()) is not None:
            ours = (path for path in paths if path in _ONCE or path.rpartition(".")[2] in SUFFIXES)
            self._write(state._replace(new=state.new.union(ours)))

    def take(self) -> frozenset[str]:
        """All that is owed, until :meth:`settle` says what is left of it."""
        state = self._read()
        taken = frozenset(_published(self._directory)) if state is None else state.taken | state.new
        if state is None or state.new:
            self._write(_State(taken, frozenset()))
        return taken

    def settle(self, left: Iterable[str]) -> None:
        """Of what was taken only *left* is still owed."""
        if (state := self._read()) is not None and state.taken != (rest := frozenset(left)):
            self._write(state._replace(taken=rest))

    def _read(self) -> _State | None:
        """None where nothing is known of what this address has."""
        try:
            values = json.loads((self._directory / _FILE).read_bytes())
            if values["address"] != self._address:
                return None
            return _State(frozenset(values["taken"]), frozenset(values["new"]))
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None

    def _write(self, state: _State) -> None:
        values = {"address": self._address, "taken": sorted(state.taken), "new": sorted(state.new)}
        temporary = self._directory / f"{_FILE}.new"
        temporary.write_text(json.dumps(values))
        temporary.replace(self._directory / _FILE)


def forget(directory: Path) -> None:
    """What is published is brought nowhere any more: whoever begins again sends everything."""
    (directory / _FILE).unlink(missing_ok=True)


def _published(directory: Path) -> Iterator[str]:
    """The paths of all that is published in *directory*."""
    found = chain((directory / name for name in _ONCE), (directory / f"all.{suffix}" for suffix in SUFFIXES))
    found = chain(found, (path for suffix in SUFFIXES for path in directory.glob(f"category/*.{suffix}")))
    found = chain(found, (path for pattern in _PATTERNS for path in directory.glob(pattern)))
    paged = (path for pattern in _PAGED for path in directory.glob(pattern) if path.stem.isdecimal())
    return (path.relative_to(directory).as_posix() for path in chain(found, paged) if path.is_file())
