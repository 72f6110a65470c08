"""Entries out of the store into a Jekyll folder, as posts with the pages and settings that go with them.

The folder keeps a list of what was written into it (``.feedmill-export.json``): nothing else is ever replaced or
removed, and what did not change is not written again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import orjson

from aggregator.posts.errors import PostStoreError
from aggregator.posts.front_matter import LARGEST
from aggregator.posts.writing import WrittenFile, category_page, post, site_settings
from storage import categories, entries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime
    from pathlib import Path

    from feeds.site import Site
    from storage.database import Database
    from storage.entry import InfoCode

    Progress = Callable[[int, int], None]

LIST_NAME = ".feedmill-export.json"
"""The list's file: for each infoCode, or path of another file, the path and a digest of what was written."""

# Entries read, written and listed at a time.
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries are exported: of any of *categories* (all if empty), published *since* (aware), from *source*."""

    categories: Sequence[str] = ()
    since: datetime | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Exported:
    """How many entries were exported, how many files of the folder are different now; *problems* are sentences."""

    entries: int = 0
    written: int = 0
    removed: int = 0
    problems: tuple[str, ...] = ()


def export_posts(
    database: Database, site: Site, directory: Path, wanted: Wanted, progress: Progress | None = None
) -> Exported:
    """Write the entries that are *wanted* into *directory*; of withdrawn ones, what was written before is removed.

    Raises:
        PostStoreError: a file that is not the export's own stands in its place, or the folder cannot be written.
    """
    try:
        folder = _Folder(directory)
        with database.reading() as connection:
            codes = entries.chosen(connection, categories=wanted.categories, since=wanted.since, source=wanted.source)
        try:
            problems = _write(database, site, folder, codes, progress)
        finally:  # whatever stops it, what was written is listed
            folder.keep_list()
    except OSError as error:
        raise PostStoreError(f"{directory}: cannot be written: {error.strerror}") from error
    return replace(folder.done, entries=len(codes) - len(problems), problems=tuple(problems))


def _write(
    database: Database, site: Site, folder: _Folder, codes: Sequence[InfoCode], progress: Progress | None
) -> list[str]:
    """Write the entries of *codes* and what goes with them; what could not be written, as sentences."""
    folder.write("_config.yml", site_settings(site))
    problems: list[str] = []
    named: set[str] = set()
    for start in range(0, len(codes), _BATCH):
        batch = codes[start : start + _BATCH]
        with database.reading() as connection:
            found = {c: e for c, e in entries.find(connection, batch).items() if not e.withdrawn}
            slugs = {slug for entry in found.values() for slug in entry.categories}
            titles = categories.titles(connection, slugs)
        for code, entry in found.items():
            written = post(entry, site, titles)
            if len(written.text.partition("\n---\n")[0].encode()) > LARGEST:
                problems.append(f"{code} was left out: what stands before its text would be over 64 KB")
            else:
                folder.write(code, written)
        for slug in sorted(slugs - named):
            page = category_page(slug, titles.get(slug, slug))
            folder.write(page.path, page)
        named |= slugs
        folder.keep_list()
        if progress:
            progress(start + len(batch), len(codes))
    with database.reading() as connection:
        folder.remove(entries.withdrawn(connection))
    return problems


class _Folder:
    """A folder of posts, and the list of what is ours in it."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._list: dict[str, tuple[str, str]] = {}
        self.done = Exported()
        try:
            listed = orjson.loads((root / LIST_NAME).read_bytes())
            self._list = {key: (str(path), str(digest)) for key, (path, digest) in listed.items()}
        except FileNotFoundError:
            pass
        except (ValueError, AttributeError, TypeError) as error:
            raise PostStoreError(f"{root / LIST_NAME} is damaged; remove the folder, and export again") from error

    def write(self, key: str, file: WrittenFile) -> None:
        """Put *file* where it belongs, in place of what *key* was before."""
        data = file.text.encode()
        digest = _digest(data)
        before = self._list.get(key)
        if before is not None and before[0] != file.path:
            self._unlink(*before)
        there = self._there(file.path)
        if there != digest:
            if there is not None and (before is None or before[0] != file.path or before[1] != there):
                raise PostStoreError(
                    f"{self._root / file.path} was not written by an export, or was changed since; "
                    "it is left as it is: move it away, or export into another folder"
                )
            self._put(file.path, data)
            self.done = replace(self.done, written=self.done.written + 1)
        self._list[key] = (file.path, digest)

    def remove(self, keys: Iterable[str]) -> None:
        """Take away what was written as any of *keys*, unless it was changed since."""
        for key in self._list.keys() & set(keys):
            self._unlink(*self._list.pop(key))

    def keep_list(self) -> None:
        """Write the list down."""
        if self._list:
            data = orjson.dumps(self._list, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
            self._put(LIST_NAME, data)

    def _there(self, path: str) -> str | None:
        try:
            return _digest((self._root / path).read_bytes())
        except FileNotFoundError:
            return None

    def _unlink(self, path: str, digest: str) -> None:
        if self._there(path) == digest:
            (self._root / path).unlink()
            self.done = replace(self.done, removed=self.done.removed + 1)

    def _put(self, path: str, data: bytes) -> None:
        place = self._root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        new = place.with_name(f".{place.name[:200]}.new")
        new.write_bytes(data)
        new.replace(place)


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()
