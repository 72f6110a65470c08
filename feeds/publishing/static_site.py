"""The published site as files, for any static host: only what changed is rendered, only what differs is written.

A publication is rendered whole, then put in place (``folder``). The folder knows in ``.feedmill.json`` which change of
which store it shows: what a crash leaves behind is rendered again, and a folder that is deleted is filled anew.
"""

from __future__ import annotations

import hashlib
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from feeds import writing
from feeds.processes import ProcessEndedError, spread
from feeds.publishing.documents import HOME, OLD_FEED, OPML
from feeds.publishing.folder import Folder, PublishError, RollbackError
from feeds.publishing.journal import Mark
from feeds.publishing.owed import Owed
from feeds.publishing.paged import Paged
from feeds.publishing.rendered import Rendered
from feeds.publishing.rendering import SUFFIXES, Renderer
from feeds.publishing.staging import Staging
from feeds.publishing.touched import touched
from feeds.publishing.upload import Sent, Upload
from feeds.site import archive_path, category_path, entry_path, page_path
from feeds.writing import pages
from feeds.writing.sitemap import NEWS_PATH, SITEMAP_PATH
from storage import categories, entries
from storage.category import ALL, Category
from storage.database import Database, last_change, open_database

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from sqlalchemy import Connection

    from feeds.publishing.staging import Change
    from feeds.publishing.touched import Part, Touched
    from feeds.site import Site

    Progress = Callable[[int, int], None]
    """Told how many documents of how many are done."""

# From so many documents on, several processes are faster.
_MANY = 2_500


@dataclass(frozen=True, slots=True)
class Published:
    """How many files were written, and how many removed; none where the folder is *held* since a publication was taken
    back.
    """

    written: int = 0
    removed: int = 0
    held: bool = False


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What a publication would do: paths, in their order, and of those that are wrong the reason."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    faults: tuple[tuple[str, str], ...]


class _Job(NamedTuple):
    """What another process needs to render a part."""

    database: str
    site: Site
    directory: Path
    rehearsed: bool


class StaticSite:
    """The folder that a site is published to; from there it is brought to the address *upload*, if there is one."""

    def __init__(self, directory: Path, database: Database, renderer: Renderer, upload: str = "") -> None:
        self._directory = directory
        self.database = database
        self._renderer = renderer
        owed = Owed(directory, upload) if upload else None
        self._folder = Folder(directory, owed)
        self._upload = Upload(directory, self._folder, owed, upload) if owed else None
        self._paged = Paged(directory, renderer)

    def publish(self, *, everything: bool = False, progress: Progress | None = None) -> Published:
        """Bring the folder up to date with the store; nothing is seen of it until all is rendered.

        With *everything*, which is what a person asked for, look at each file that should be there, and let go of a
        folder that is held.

        Raises:
            PublishError: the folder cannot be written, or holds files of another program.
        """
        with self._reasons(), self._folder.alone(), self.database.reading() as connection:
            shown = self._folder.shown()
            if shown is not None and shown.held and not everything:
                return Published(held=True)
            now = Mark(self.database.identity, last_change(connection), _look(self._renderer.site))
            if shown == now and not everything:
                return Published()
            known = shown if shown is not None and not everything and shown.comes_before(now) else None
            due = touched(connection, self._renderer.site, self._directory, self._paged, known)
            with self._folder.staging() as staging:
                changes = list(self._rendered(connection, due, staging, progress))
                self._paged.keep(now)
                self._folder.swap(changes, due.gone, now, shown)
            return Published(len(changes), len(due.gone))

    def rehearse(self, progress: Progress | None = None) -> Rehearsed:
        """What :meth:`publish` would do with everything, each document looked at; nothing is written anywhere.

        Raises:
            PublishError: the folder cannot be read, or holds files of another program.
        """
        with self._reasons(), self._folder.undisturbed(), self.database.reading() as connection:
            self._folder.shown()
            paged = Paged(self._directory, self._renderer)
            due = touched(connection, self._renderer.site, self._directory, paged, None)
            staging = Staging(self._directory, rehearsed=True)
            changes = sorted(self._rendered(connection, due, staging, progress))
        return Rehearsed(
            added=tuple(change.path for change in changes if change.new),
            changed=tuple(change.path for change in changes if not change.new),
            removed=tuple(sorted(due.gone)),
            faults=tuple((change.path, change.fault) for change in changes if change.fault),
        )

    def roll_back(self) -> Published:
        """Take the last publication back: the folder is byte for byte what it was, and held from then on.

        Raises:
            RollbackError: there is none to take back.
            PublishError: the folder cannot be written.
        """
        if not self._directory.is_dir():
            raise RollbackError(f"{self._directory} is not there: nothing was published yet")
        with self._reasons(), self._folder.alone():
            undone = self._folder.roll_back()
        return Published(len(undone.moves), len(undone.gone), held=True)

    def upload(self, progress: Progress | None = None) -> Sent:
        """Bring what is published to where it is uploaded, as far as it is not there; nothing, if that is nowhere.

        Raises:
            UploadError: it does not have everything yet.
            PublishError: the folder cannot be written.
        """
        if self._upload is None:
            return Sent()
        with self._reasons():
            return self._upload.send(progress)

    @contextmanager
    def _reasons(self) -> Iterator[None]:
        try:
            yield
        except ProcessEndedError as error:
            raise PublishError(str(error)) from error
        except OSError as error:
            raise PublishError(f"{error.filename or self._directory} cannot be written: {error.strerror}") from error

    def _rendered(
        self, connection: Connection, due: Touched, staging: Staging, progress: Progress | None
    ) -> Iterator[Change]:
        """Every file that differs of what is *due*, and of what stands on every site once."""
        done, parts = 0, due.parts
        # Whatever breaks this off, no process writes there any more when that is told.
        with closing(self._of_parts(connection, parts, staging, due.number)) as found:
            for part, changes in zip(parts, found, strict=True):
                yield from changes
                done += sum(map(len, part))
                if progress:
                    progress(done, due.number)
        for path, rendered in self._once(connection):
            if (change := staging.put(path, rendered)) is not None:
                yield change

    def _of_parts(
        self, connection: Connection, parts: Sequence[Part], staging: Staging, number: int
    ) -> Generator[list[Change]]:
        """The files of each of *parts*, in their order, that differ."""
        if number <= _MANY:
            yield from (self.render(connection, part, staging) for part in parts)
            return
        job = _Job(self.database.url, self._renderer.site, self._directory, staging.rehearsed)
        with closing(spread(_render_part, job, parts, alone=False)) as changes:
            yield from changes

    def render(self, connection: Connection, part: Part, staging: Staging) -> list[Change]:
        """Have the documents of *part* wait in *staging*; those that differ."""
        put = (staging.put(path, rendered) for path, rendered in self._documents(connection, part))
        return [change for change in put if change is not None]

    def _documents(self, connection: Connection, part: Part) -> Iterator[tuple[str, Rendered]]:
        known = categories.find(connection, part.slugs)
        shown = [known.get(slug) or Category(slug, "") for slug in part.slugs]
        for slug, documents in zip(part.slugs, self._renderer.categories(connection, shown, SUFFIXES), strict=True):
            for suffix, rendered in documents.items():
                yield category_path(slug, suffix), rendered
                if slug == ALL and suffix == "atom":
                    yield OLD_FEED, rendered
        told = list(entries.find(connection, part.codes).values())
        for entry, page in zip(told, self._renderer.entries(connection, told), strict=True):
            yield entry_path(entry.info_code), page
        known = categories.find(connection, {slug for slug, _ in (*part.archived, *part.paged)})
        for slug, number in part.archived:
            yield archive_path(slug, number), self._renderer.archive(connection, known[slug], number)
        for slug, number in part.paged:
            yield page_path(slug, number), self._renderer.paged(connection, known[slug], number)

    def _once(self, connection: Connection) -> Iterator[tuple[str, Rendered]]:
        """What stands on every site once."""
        yield HOME, self._renderer.home(connection)
        yield OPML, self._renderer.opml(connection)
        yield pages.SUBSCRIBE_PATH, self._renderer.subscribe(connection)
        yield SITEMAP_PATH, self._renderer.sitemap(connection)
        yield NEWS_PATH, self._renderer.news_sitemap(connection)
        yield pages.STYLESHEET_PATH, Rendered(pages.stylesheet(), None)
        yield pages.SCRIPT_PATH, Rendered(pages.script(), None)


def _render_part(job: _Job, part: Part) -> list[Change]:
    """Render a part in a process of its own."""
    site, staging = _site_of(job)
    with site.database.reading() as connection:
        return site.render(connection, part, staging)


@cache
def _site_of(job: _Job) -> tuple[StaticSite, Staging]:
    site = StaticSite(job.directory, open_database(job.database), Renderer(job.site))
    return site, Staging(job.directory, rehearsed=job.rehearsed)


def _look(site: Site) -> str:
    """A digest of all that bytes depend on beside the rows: the site's settings, the code and templates that write."""
    digest = hashlib.blake2b(repr(site).encode(errors="surrogatepass"), digest_size=16)
    folder = Path(writing.__file__).parent
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file.suffix != ".pyc":
            digest.update(file.read_bytes())
    return digest.hexdigest()
