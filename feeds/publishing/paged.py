"""Which of the pages of all that categories hold are to be written again, and which are too many.

A page that is full stays as it is while only newer entries come. Whether the pages of a category hold what they held is
known of those that this process has written; of the others, all are rendered and compared once.
"""

from __future__ import annotations

import hashlib
from itertools import count, takewhile
from typing import TYPE_CHECKING, NamedTuple

from feeds.site import page_path
from feeds.writing.pages import PAGE_SIZE
from storage import categories, paging

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence, Set
    from pathlib import Path

    from sqlalchemy import Connection

    from feeds.publishing.rendering import Renderer
    from storage.entry import InfoCode


class PageKey(NamedTuple):
    """One page of a category, from 1."""

    slug: str
    number: int


class Paged:
    """The pages in one folder, as far as this process knows them."""

    def __init__(self, directory: Path, renderer: Renderer) -> None:
        self._directory = directory
        self._renderer = renderer
        self._held: dict[str, list[bytes]] = {}  # by slug, a digest of what each page lists
        self._shown: int | None = None  # the change that the folder showed when that was so

    def since(
        self, connection: Connection, change: int, slugs: Sequence[str], touched: Set[InfoCode]
    ) -> tuple[list[PageKey], list[str]]:
        """The pages of *slugs* that can differ from those in the folder, which shows *change*, and where those are that
        are too many there. *touched* are the entries that changed since.
        """
        if self._shown != change:
            self._held.clear()
        self._shown = None  # until all of it is written
        stale: list[PageKey] = []
        over: list[str] = []
        for slug, category in categories.find(connection, slugs).items():
            pages = self._renderer.pages_of(connection, category)
            order = paging.order(connection, slug, self._renderer.site.stories) if pages else []
            lists = [order[start : start + PAGE_SIZE] for start in range(0, len(order), PAGE_SIZE)]
            digests = [_digest(codes, last=number == pages) for number, codes in enumerate(lists, 1)]
            held = self._held.get(slug, [])
            for number, (codes, digest) in enumerate(zip(lists, digests, strict=True), 1):
                if number > len(held) or held[number - 1] != digest or not touched.isdisjoint(codes):
                    stale.append(PageKey(slug, number))
            over += self._after(slug, pages)
            self._held[slug] = digests
        return stale, over

    def written(self, change: int) -> None:
        """The folder shows *change* now, with all that :meth:`since` named."""
        self._shown = change

    def strangers(self, expected: Collection[PageKey]) -> list[str]:
        """Where pages are in the folder that are none of the *expected*."""
        known = {page_path(*key) for key in expected}
        there = (path for pattern in ("all/*.html", "category/*/*.html") for path in self._directory.glob(pattern))
        paths = (path.relative_to(self._directory).as_posix() for path in there if path.stem.isdecimal())
        return [path for path in paths if path not in known]

    def _after(self, slug: str, pages: int) -> list[str]:
        paths = (page_path(slug, number) for number in count(pages + 1))
        return list(takewhile(lambda path: (self._directory / path).exists(), paths))


def _digest(codes: Sequence[InfoCode], *, last: bool) -> bytes:
    # The last page is the only one without a way on.
    return hashlib.blake2b(f"{last} {' '.join(codes)}".encode(), digest_size=16).digest()
