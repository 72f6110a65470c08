"""The published site as files, for any static host: only what changed is rendered, only what differs is written.

A file is replaced in one step, so that nobody reads half of one. The folder knows in ``.feedmill.json`` which change of
which store it shows: what a crash leaves behind is rendered again, and a folder that is deleted is filled anew.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import orjson

from feeds import writing
from feeds.processes import ProcessEndedError, spread
from feeds.publishing import archives
from feeds.publishing.documents import HOME, OLD_FEED, OPML
from feeds.publishing.paged import Paged, PageKey
from feeds.publishing.rendering import SUFFIXES, Renderer
from feeds.site import archive_path, category_path, entry_path, page_path
from feeds.writing import pages
from storage import archive, categories, entries
from storage.category import ALL, Category
from storage.database import Database, last_change, open_database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Connection

    from feeds.site import Site
    from storage.entry import InfoCode

    Progress = Callable[[int, int], None]
    """Told how many documents of how many are done."""

MARK = ".feedmill.json"
_ARCHIVES = ("archive/*.atom", "category/*/archive/*.atom")
_LOCK = ".feedmill.lock"
_TEMPORARY = ".feedmill.tmp"
# How many are read and rendered at once.
_CATEGORIES = 25
_ENTRIES = 200
_ARCHIVED = 5
_PAGED = 10
# From so many documents on, several processes are faster.
_MANY = 2_500


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

    def comes_before(self, now: _Mark) -> bool:
        """Whether only what changed since is to be written; a store that was put back from a backup counts anew."""
        return (self.store, self.look) == (now.store, now.look) and self.change <= now.change


class _Part(NamedTuple):
    """Categories, entries and pages of archives whose documents are written together."""

    slugs: Sequence[str]
    codes: Sequence[InfoCode]
    archived: Sequence[tuple[str, int]] = ()
    """Pages of archives: the category's slug, and the page's number."""
    paged: Sequence[PageKey] = ()


class _Job(NamedTuple):
    """What another process needs to write a part."""

    database: str
    site: Site
    directory: Path


class StaticSite:
    """The folder that a site is published to."""

    def __init__(self, directory: Path, database: Database, renderer: Renderer) -> None:
        self._directory = directory
        self.database = database
        self._renderer = renderer
        self._folders: set[str] = set()  # those that are there for sure
        self._paged = Paged(directory, renderer)

    def publish(self, *, everything: bool = False, progress: Progress | None = None) -> Published:
        """Bring the folder up to date with the store; with *everything*, look at each file that should be there.

        Raises:
            PublishError: the folder cannot be written, or holds files of another program.
        """
        try:
            with self._alone(), self.database.reading() as connection:
                self._folders.clear()
                now = _Mark(self.database.identity, last_change(connection), _look(self._renderer.site))
                shown = self._shown()
                if shown is None or everything or not shown.comes_before(now):
                    shown = replace(now, change=-1)
                    self._write(MARK, _dump(shown))
                elif shown == now:
                    return Published()
                published = self._write_since(connection, shown.change, progress)
                self._write(MARK, _dump(now))
                self._paged.written(now.change)
                return published
        except ProcessEndedError as error:
            raise PublishError(str(error)) from error
        except OSError as error:
            raise PublishError(f"{error.filename or self._directory} cannot be written: {error.strerror}") from error

    def _write_since(self, connection: Connection, change: int, progress: Progress | None) -> Published:
        """Write what a later change than *change* touched, and remove what that withdrew."""
        moved = categories.changed_since(connection, change)
        slugs = [category.slug for category in moved if category.is_published]
        if change < 0 and ALL not in slugs:
            slugs.append(ALL)
        touched = list(entries.changed_since(connection, change))
        codes = [code for code, withdrawn in touched if not withdrawn]
        archived = self._archived(connection, slugs, change)
        stale, over = self._paged.since(connection, change, slugs, {code for code, _ in touched})
        written, done, total = 0, 0, len(slugs) + len(codes) + len(archived) + len(stale)
        parts = _parts(slugs, codes, archived, stale)
        for part, number in zip(parts, self._written(connection, parts, many=total > _MANY), strict=True):
            written += number
            done += sum(map(len, part))
            if progress:
                progress(done, total)
        written += self._write(HOME, self._renderer.home(connection).body)
        written += self._write(OPML, self._renderer.opml(connection).body)
        written += self._write(pages.SUBSCRIBE_PATH, self._renderer.subscribe(connection).body)
        written += self._write(pages.STYLESHEET_PATH, pages.stylesheet())
        written += self._write(pages.SCRIPT_PATH, pages.script())
        if change < 0:
            gone = self._strangers(slugs, codes, archived) + self._paged.strangers(stale)
        else:
            left = [entry_path(code) for code, withdrawn in touched if withdrawn]
            gone = [path for path in map(self._directory.joinpath, left) if path.exists()] + over
            gone += [path for one in moved if not one.is_published for path in self._left(one.slug)]
        for path in gone:
            path.unlink()
        return Published(written, len(gone))

    def _written(self, connection: Connection, parts: Sequence[_Part], *, many: bool) -> Iterator[int]:
        """Write *parts* in their order: how many files of each differed."""
        if not many:
            yield from (self.write_part(connection, part) for part in parts)
            return
        job = _Job(self.database.url, self._renderer.site, self._directory)
        with closing(spread(_write_part, job, parts, alone=False)) as numbers:
            yield from numbers

    def write_part(self, connection: Connection, part: _Part) -> int:
        """Write the documents of a part; returns how many files differed."""
        written = 0
        known = categories.find(connection, part.slugs)
        shown = [known.get(slug) or Category(slug, "") for slug in part.slugs]
        for slug, documents in zip(part.slugs, self._renderer.categories(connection, shown, SUFFIXES), strict=True):
            for suffix, rendered in documents.items():
                written += self._write(category_path(slug, suffix), rendered.body)
                if slug == ALL and suffix == "atom":
                    written += self._write(OLD_FEED, rendered.body)
        told = list(entries.find(connection, part.codes).values())
        for entry, page in zip(told, self._renderer.entries(connection, told), strict=True):
            written += self._write(entry_path(entry.info_code), page.body)
        known = categories.find(connection, {slug for slug, _ in (*part.archived, *part.paged)})
        for slug, number in part.archived:
            body = self._renderer.archive(connection, known[slug], number).body
            written += self._write(archive_path(slug, number), body)
        for slug, number in part.paged:
            written += self._write(page_path(slug, number), self._renderer.paged(connection, known[slug], number).body)
        return written

    def _archived(self, connection: Connection, slugs: Sequence[str], change: int) -> list[tuple[str, int]]:
        """The pages of archives that a later change than *change* touched, which touched the categories *slugs*."""
        found = archive.filled_since(connection, change)
        for category in categories.find(connection, slugs).values():
            if last := archives.growing(category, self._renderer.site):
                found.append((category.slug, last))
        return found

    def _left(self, slug: str) -> list[Path]:
        """The files of a category that is not published any more."""
        found = [self._directory / category_path(slug, suffix) for suffix in SUFFIXES]
        for first in (archive_path(slug, 1), page_path(slug, 1)):
            found += (self._directory / first).parent.glob("[0-9]*.*")
        return [path for path in found if path.exists()]

    def _strangers(
        self, slugs: Sequence[str], codes: Sequence[InfoCode], archived: Sequence[tuple[str, int]]
    ) -> list[Path]:
        """The files in our folders that are not ours (any more)."""
        expected = {category_path(slug, suffix) for slug in slugs for suffix in SUFFIXES}
        expected |= {entry_path(code) for code in codes}
        strangers: list[Path] = []
        for name in ("category", "entry"):
            folder = self._directory / name
            with os.scandir(folder) if folder.is_dir() else nullcontext(()) as there:
                unknown = (one for one in there if f"{name}/{one.name}" not in expected)
                strangers += [folder / one.name for one in unknown if not one.is_dir(follow_symlinks=False)]
        pages = {self._directory / archive_path(slug, number) for slug, number in archived}
        found = (path for pattern in _ARCHIVES for path in self._directory.glob(pattern))
        return strangers + [path for path in found if path not in pages]

    def _write(self, path: str, body: bytes) -> bool:
        """Put *body* at *path*, unless that is what stands there; returns whether it was written."""
        target = os.path.join(self._directory, path)  # noqa: PTH118  pathlib costs more than the writing
        try:
            with open(target, "rb") as file:  # noqa: PTH123
                if os.fstat(file.fileno()).st_size == len(body) and file.read() == body:
                    return False
        except FileNotFoundError:
            self._make_folder(os.path.dirname(target))  # noqa: PTH120
        temporary = os.path.join(self._directory, f"{_TEMPORARY}.{os.getpid()}")  # noqa: PTH118
        with open(temporary, "wb") as file:  # noqa: PTH123
            file.write(body)
        os.replace(temporary, target)  # noqa: PTH105
        return True

    def _make_folder(self, folder: str) -> None:
        if folder not in self._folders:
            os.makedirs(folder, exist_ok=True)  # noqa: PTH103
            self._folders.add(folder)

    def _shown(self) -> _Mark | None:
        """What the folder shows; None for a new one."""
        try:
            mark = orjson.loads((self._directory / MARK).read_bytes())
            return _Mark(mark["store"], int(mark["change"]), mark["look"])
        except FileNotFoundError as error:
            if any((self._directory / name).exists() for name in (HOME, "category", "entry")):
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
        with (self._directory / _LOCK).open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for left in self._directory.glob(f"{_TEMPORARY}.*"):  # by a process that was killed
                left.unlink()
            yield


def _parts(
    slugs: Sequence[str], codes: Sequence[InfoCode], archived: Sequence[tuple[str, int]], paged: Sequence[PageKey]
) -> list[_Part]:
    parts = [_Part(slugs[start : start + _CATEGORIES], ()) for start in range(0, len(slugs), _CATEGORIES)]
    parts += [_Part((), codes[start : start + _ENTRIES]) for start in range(0, len(codes), _ENTRIES)]
    parts += [_Part((), (), archived[start : start + _ARCHIVED]) for start in range(0, len(archived), _ARCHIVED)]
    return parts + [_Part((), (), (), paged[start : start + _PAGED]) for start in range(0, len(paged), _PAGED)]


def _write_part(job: _Job, part: _Part) -> int:
    """Write a part in a process of its own."""
    site = _site_of(job)
    with site.database.reading() as connection:
        return site.write_part(connection, part)


@cache
def _site_of(job: _Job) -> StaticSite:
    return StaticSite(job.directory, open_database(job.database), Renderer(job.site))


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
