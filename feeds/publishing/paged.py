"""Which of the pages of all that categories hold are to be written again, and which are too many.

A page that is full stays as it is while only newer entries come. What each page lists is kept beside the folder's mark,
as digests, and counts for the mark alone that it is kept with: of another, all pages are rendered and compared.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import count, takewhile
from typing import TYPE_CHECKING, NamedTuple

import orjson

from feeds.publishing.journal import Mark
from feeds.publishing.staging import STAGING
from feeds.site import page_path
from feeds.writing.pages import PAGE_SIZE
from storage import categories, paging
from storage.story import Stories

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence, Set
    from pathlib import Path

    from sqlalchemy import Connection

    from feeds.publishing.rendering import Renderer
    from storage.category import Category
    from storage.entry import InfoCode


_KEPT = ".feedmill.pages.json"
# So many entries that changed are looked for one by one; a first build changes all.
_FEW = 200


class PageKey(NamedTuple):
    """One page of a category, from 1."""

    slug: str
    number: int


@dataclass(frozen=True, slots=True)
class _Held:
    """How many *entries* a category had, and a digest of what each of its *pages* lists."""

    entries: int
    pages: list[str]


_NOTHING = _Held(0, [])


class Paged:
    """The pages in one folder."""

    def __init__(self, directory: Path, renderer: Renderer) -> None:
        self._directory = directory
        self._renderer = renderer
        self._held: dict[str, _Held] = {}
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
            held = self._held.pop(slug, _NOTHING)
            same = self._same(connection, category, held, touched) if pages else 0
            lists = self._lists(connection, category, same) if pages else []
            digests = held.pages[:same]
            for at, codes in enumerate(lists, same + 1):
                digest = _digest(codes, last=at == pages)
                if at > len(held.pages) or held.pages[at - 1] != digest or not touched.isdisjoint(codes):
                    stale.append(PageKey(slug, at))
                digests.append(digest)
            over += self._after(slug, pages)
            if pages:
                self._held[slug] = _Held(category.entries, digests)
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

    def _same(self, connection: Connection, category: Category, held: _Held, touched: Set[InfoCode]) -> int:
        """How many pages of *category* are known to be as they were *held*, by a quick look: where nothing but new
        entries came, all before the first of them.

        As many came as the category has more than it had: none of them was there, and so none left.
        """
        if self._renderer.site.stories is not Stories.ALL or not held.pages or len(touched) > _FEW:
            return 0
        came, from_first = paging.placed(connection, category.slug, touched)
        if category.entries != held.entries + came:
            return 0
        before = (category.entries - from_first) // PAGE_SIZE
        return min(before, len(held.pages) - 1)  # the last page may not be the last any more

    def _lists(self, connection: Connection, category: Category, same: int) -> list[list[InfoCode]]:
        """What the pages of *category* list, without the first ones, which are the *same*."""
        if same:
            order = paging.last(connection, category.slug, category.entries - same * PAGE_SIZE)
        else:
            order = paging.order(connection, category.slug, self._renderer.site.stories)
        return [order[start : start + PAGE_SIZE] for start in range(0, len(order), PAGE_SIZE)]

    def _read(self, shown: Mark) -> dict[str, _Held]:
        """What is kept, if it is of what the folder shows."""
        try:
            kept = orjson.loads((self._directory / _KEPT).read_bytes())
            pages = {slug: _Held(one["entries"], one["pages"]) for slug, one in kept["pages"].items()}
            return pages if Mark.read(kept["mark"]) == shown else {}
        except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
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
