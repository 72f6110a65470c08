"""What a publication has to render and to remove: all that a later change touched than the one that a folder shows."""

from __future__ import annotations

import os
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from feeds.publishing import archives
from feeds.publishing.rendering import SUFFIXES
from feeds.site import archive_path, category_path, entry_path, page_path
from storage import archive, categories, entries
from storage.category import ALL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sqlalchemy import Connection

    from feeds.publishing.journal import Mark
    from feeds.publishing.paged import Paged, PageKey
    from feeds.site import Site
    from storage.entry import InfoCode

T = TypeVar("T")

_ARCHIVES = ("archive/*.atom", "category/*/archive/*.atom")
# How many are read and rendered at once.
_CATEGORIES = 25
_ENTRIES = 200
_ARCHIVED = 5
_PAGED = 10


class Part(NamedTuple):
    """Categories, entries and pages of archives whose documents are written together."""

    slugs: Sequence[str]
    codes: Sequence[InfoCode]
    archived: Sequence[tuple[str, int]] = ()
    """Pages of archives: the category's slug, and the page's number."""
    paged: Sequence[PageKey] = ()


@dataclass(frozen=True, slots=True)
class Touched:
    """What is to be rendered, beside what stands on every site once, and the paths of files that are to go."""

    slugs: Sequence[str]
    codes: Sequence[InfoCode]
    archived: Sequence[tuple[str, int]]
    paged: Sequence[PageKey]
    gone: Sequence[str]

    @property
    def number(self) -> int:
        """How many documents that are, where all that a category shows counts as one."""
        return len(self.slugs) + len(self.codes) + len(self.archived) + len(self.paged)

    @property
    def parts(self) -> list[Part]:
        """In pieces of work."""
        parts = [Part((), some) for some in pieces(self.codes, _ENTRIES)]
        parts += [Part((), (), some) for some in pieces(self.archived, _ARCHIVED)]
        parts += [Part((), (), (), some) for some in pieces(self.paged, _PAGED)]
        return parts + [Part(some, ()) for some in pieces(self.slugs, _CATEGORIES)]


def touched(connection: Connection, site: Site, directory: Path, paged: Paged, shown: Mark | None) -> Touched:
    """What a later change touched than *directory* has *shown*; everything, if that is of no use."""
    change = -1 if shown is None else shown.change
    moved = categories.changed_since(connection, change)
    slugs = [category.slug for category in moved if category.is_published]
    if change < 0 and ALL not in slugs:
        slugs.append(ALL)
    changed = list(entries.changed_since(connection, change))
    codes = [code for code, withdrawn in changed if not withdrawn]
    archived = _archived(connection, site, slugs, change)
    stale, over = paged.since(connection, shown, slugs, {code for code, _ in changed})
    if change < 0:
        gone = _strangers(directory, slugs, codes, archived) + paged.strangers(stale)
    else:
        left = [entry_path(code) for code, withdrawn in changed if withdrawn]
        gone = [path for path in left if (directory / path).exists()] + over
        gone += [path for one in moved if not one.is_published for path in _left(directory, one.slug)]
    return Touched(slugs, codes, archived, stale, list(dict.fromkeys(gone)))


def _archived(connection: Connection, site: Site, slugs: Sequence[str], change: int) -> list[tuple[str, int]]:
    """The pages of archives that a later change than *change* touched, which touched the categories *slugs*."""
    found = archive.filled_since(connection, change)
    for category in categories.find(connection, slugs).values():
        if last := archives.growing(category, site):
            found.append((category.slug, last))
    return found


def _left(directory: Path, slug: str) -> list[str]:
    """The files of a category that is not published any more."""
    found = [path for suffix in SUFFIXES if (directory / (path := category_path(slug, suffix))).exists()]
    for first in (archive_path(slug, 1), page_path(slug, 1)):
        folder = first.rpartition("/")[0]
        found += [f"{folder}/{path.name}" for path in (directory / folder).glob("[0-9]*.*")]
    return found


def _strangers(
    directory: Path, slugs: Sequence[str], codes: Sequence[InfoCode], archived: Sequence[tuple[str, int]]
) -> list[str]:
    """The files in our folders that are not ours (any more)."""
    expected = {category_path(slug, suffix) for slug in slugs for suffix in SUFFIXES}
    expected |= {entry_path(code) for code in codes}
    strangers: list[str] = []
    for name in ("category", "entry"):
        folder = directory / name
        with os.scandir(folder) if folder.is_dir() else nullcontext(()) as there:
            unknown = (one for one in there if f"{name}/{one.name}" not in expected)
            strangers += [f"{name}/{one.name}" for one in unknown if not one.is_dir(follow_symlinks=False)]
    known = {archive_path(slug, number) for slug, number in archived}
    found = (path.relative_to(directory).as_posix() for pattern in _ARCHIVES for path in directory.glob(pattern))
    return strangers + [path for path in found if path not in known]


def pieces(whole: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """*whole* in pieces of *size*; the last has what is left."""
    return (whole[start : start + size] for start in range(0, len(whole), size))
