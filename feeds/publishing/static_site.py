"""The published site as files, for any static host: only what changed is rendered, only what differs is written.

A file is replaced in one step, so that nobody reads half of one. The folder knows in ``.feedmill.json`` which change of
which store it shows: what a crash leaves behind is rendered again, and a folder that is deleted is filled anew.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from feeds import writing
from feeds.publishing.documents import HOME, OLD_FEED, OPML
from feeds.publishing.rendering import SUFFIXES
from feeds.site import category_path, entry_path
from feeds.writing import pages
from storage import categories, entries
from storage.category import ALL, Category
from storage.database import last_change

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

    from feeds.publishing.rendering import Renderer
    from feeds.site import Site
    from storage.database import Database

    Progress = Callable[[int, int], None]
    """Told how many documents of how many are done."""

MARK = ".feedmill.json"
_LOCK = ".feedmill.lock"
_TEMPORARY = ".feedmill.tmp"
# Entries that are read and rendered at once.
_BATCH = 200


class PublishError(Exception):
    """The folder cannot be written, or is not Feedmill's; the message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Published:
    """How many files were written, and how many removed."""

    written: int = 0
    removed: int = 0


@dataclass(frozen=True, slots=True)
class _Mark:
    """What a folder shows: the *change* of a *store*, in a *look* (site settings, templates)."""

    store: str
    change: int
    look: str


class StaticSite:
    """The folder that a site is published to."""

    def __init__(self, directory: Path, database: Database, renderer: Renderer) -> None:
        self._directory = directory
        self._database = database
        self._renderer = renderer

    def publish(self, *, everything: bool = False, progress: Progress | None = None) -> Published:
        """Bring the folder up to date with the store; with *everything*, look at each file that should be there.

        Raises:
            PublishError: the folder cannot be written, or holds files of another program.
        """
        try:
            with self._alone(), self._database.reading() as connection:
                now = _Mark(self._database.identity, last_change(connection), _look(self._renderer.site))
                shown = self._shown()
                if shown is None or everything or (shown.store, shown.look) != (now.store, now.look):
                    shown = replace(now, change=-1)
                    self._write(MARK, _dump(shown))
                elif shown == now:
                    return Published()
                written, expected = self._write_since(connection, shown.change, progress)
                removed = self._remove(connection, shown.change, expected)
                self._write(MARK, _dump(now))
                return Published(written, removed)
        except OSError as error:
            raise PublishError(f"{error.filename or self._directory} cannot be written: {error.strerror}") from error

    def _write_since(self, connection: Connection, change: int, progress: Progress | None) -> tuple[int, set[str]]:
        """Write what a later change than *change* touched; returns how many files differed, and every path."""
        touched = categories.changed_since(connection, change)
        if change < 0 and not any(category.slug == ALL for category in touched):
            touched.append(Category(ALL, ""))
        codes = [code for code, withdrawn in entries.changed_since(connection, change) if not withdrawn]
        total, paths, written = len(touched) + len(codes), set(), 0
        for done, category in enumerate(touched):
            for path, body in self._category(connection, category):
                paths.add(path)
                written += self._write(path, body)
            if progress:
                progress(done + 1, total)
        for start in range(0, len(codes), _BATCH):
            for entry in entries.find(connection, codes[start : start + _BATCH]).values():
                path = entry_path(entry.info_code)
                paths.add(path)
                written += self._write(path, self._renderer.entry(connection, entry).body)
            if progress:
                progress(len(touched) + min(start + _BATCH, len(codes)), total)
        for path, body in (
            (HOME, self._renderer.home(connection).body),
            (OPML, self._renderer.opml(connection).body),
            (pages.STYLESHEET_PATH, pages.stylesheet()),
        ):
            written += self._write(path, body)
        return written, paths

    def _category(self, connection: Connection, category: Category) -> Iterator[tuple[str, bytes]]:
        for suffix, rendered in self._renderer.category(connection, category, SUFFIXES).items():
            yield category_path(category.slug, suffix), rendered.body
            if category.slug == ALL and suffix == "atom":
                yield OLD_FEED, rendered.body

    def _remove(self, connection: Connection, change: int, expected: set[str]) -> int:
        """Remove the pages of withdrawn entries; of a whole publication, whatever else is in our folders."""
        if change >= 0:
            withdrawn = [code for code, gone in entries.changed_since(connection, change) if gone]
            gone = [self._directory / entry_path(code) for code in withdrawn]
            gone = [path for path in gone if path.exists()]
        else:
            there = [path for name in ("category", "entry") for path in (self._directory / name).glob("*")]
            gone = [path for path in there if path.relative_to(self._directory).as_posix() not in expected]
        for path in gone:
            path.unlink()
        return len(gone)

    def _write(self, path: str, body: bytes) -> bool:
        """Put *body* at *path*, unless that is what stands there; returns whether it was written."""
        target = os.path.join(self._directory, path)  # noqa: PTH118  pathlib costs more than the writing
        try:
            with open(target, "rb") as file:  # noqa: PTH123
                if os.fstat(file.fileno()).st_size == len(body) and file.read() == body:
                    return False
        except FileNotFoundError:
            os.makedirs(os.path.dirname(target), exist_ok=True)  # noqa: PTH103, PTH120
        temporary = os.path.join(self._directory, _TEMPORARY)  # noqa: PTH118
        with open(temporary, "wb") as file:  # noqa: PTH123
            file.write(body)
        os.replace(temporary, target)  # noqa: PTH105
        return True

    def _shown(self) -> _Mark | None:
        """What the folder shows; None for a new one."""
        try:
            mark = orjson.loads((self._directory / MARK).read_bytes())
            return _Mark(mark["store"], mark["change"], mark["look"])
        except FileNotFoundError as error:
            if (self._directory / HOME).exists():
                raise PublishError(
                    f"{self._directory} holds a site that Feedmill did not write: "
                    "empty it, or name another folder in [publish] directory"
                ) from error
        except (ValueError, KeyError, TypeError):
            return None  # a mark that cannot be read says nothing: everything is looked at
        return None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Only one process writes to a folder at a time; the others wait."""
        self._directory.mkdir(parents=True, exist_ok=True)
        with (self._directory / _LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _dump(mark: _Mark) -> bytes:
    return orjson.dumps(mark, option=orjson.OPT_APPEND_NEWLINE)


def _look(site: Site) -> str:
    """A digest of all that bytes depend on beside the rows: the site's settings, the code and templates that write."""
    digest = hashlib.blake2b(repr(site).encode(errors="surrogatepass"), digest_size=16)
    folder = Path(writing.__file__).parent
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file.suffix != ".pyc":
            digest.update(file.read_bytes())
    return digest.hexdigest()
