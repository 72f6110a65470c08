"""Which of the pages of all that categories hold are to be written again, and which are too many.

A page that is full stays as it is while only newer entries come. What each page lists is kept beside the folder's mark,
as digests, and counts for the mark alone that it is kept with: of another, all pages are rendered and compared.
"""

from __future__ import annotations

import hashlib
from itertools import count, takewhile
from typing import TYPE_CHECKING, NamedTuple

import orjson

from feeds.publishing.journal import Mark
from feeds.publishing.staging import STAGING
from feeds.site import page_path
from feeds.writing.pages import PAGE_SIZE
from storage import categories, paging

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence, Set
    from pathlib import Path

    from sqlalchemy import Connection

    from feeds.publishing.rendering import Renderer
    from storage.entry import InfoCode


_KEPT = ".feedmill.pages.json"


class PageKey(NamedTuple):
    """One page of a category, from 1."""

    slug: str
    number: int


class Paged:
    """The pages in one folder."""

    def __init__(self, directory: Path, renderer: Renderer) -> None:
        self._directory = directory
        self._renderer = renderer
        self._held: dict[str, list[str]] = {}  # by slug, a digest of what each page lists
        self._shown: Mark | None = None  # what the folder showed when that was so

    def since(
        self, connection: Connection, shown: Mark | None, slugs: Sequence[str], touched: Set[InfoCode]
    ) -> tuple[list[PageKey], list[str]]:
        """The pages of *slugs* that can differ from those in the folder, which shows that, and where those are that are
        too many there. *touched* are the entries that changed since. With None, nothing is known of the folder.
        """
        if shown is None or self._shown != shown:
            self._held = self._read(shown) if shown is not None else {}
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
            self._held.pop(slug, None)
            if digests:
                self._held[slug] = digests
        return stale, over

    def keep(self, now: Mark) -> None:
        """Keep what there is to know of the folder when it shows *now*, with all that :meth:`since` named. That can be
        done before it does: nobody asks for it until then.
        """
        kept = self._directory / _KEPT
        if self._held or kept.exists():
            new = self._directory / STAGING / _KEPT
            new.write_bytes(orjson.dumps({"mark": now, "pages": self._held}))
            new.replace(kept)
        self._shown = now

    def _read(self, shown: Mark) -> dict[str, list[str]]:
        """What is kept, if it is of what the folder shows."""
        try:
            kept = orjson.loads((self._directory / _KEPT).read_bytes())
            return dict(kept["pages"]) if Mark.read(kept["mark"]) == shown else {}
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return {}

    def strangers(self, expected: Collection[PageKey]) -> list[str]:
        """Where pages are in the folder that are none of the *expected*."""
        known = {page_path(*key) for key in expected}
        there = (path for pattern in ("all/*.html", "category/*/*.html") for path in self._directory.glob(pattern))
        paths = (path.relative_to(self._directory).as_posix() for path in there if path.stem.isdecimal())
        return [path for path in paths if path not in known]

    def _after(self, slug: str, pages: int) -> list[str]:
        paths = (page_path(slug, number) for number in count(pages + 1))
        return list(takewhile(lambda path: (self._directory / path).exists(), paths))


def _digest(codes: Sequence[InfoCode], *, last: bool) -> str:
    # The last page is the only one without a way on.
    return hashlib.blake2b(f"{last} {' '.join(codes)}".encode(), digest_size=16).hexdigest()
