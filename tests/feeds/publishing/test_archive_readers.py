"""Whoever follows ``prev-archive`` holds what the store holds, whatever happened; and full pages stay as they were."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from lxml import etree

from feeds.publishing.documents import Documents
from feeds.publishing.rendering import Renderer
from feeds.publishing.static_site import StaticSite
from feeds.site import archive_path, category_path
from feeds.writing.text import rfc3339
from storage import categories, entries
from storage.archive_page import PAGE
from storage.category import ALL
from storage.entry import Entry, WithdrawnBy
from tests.feeds.publishing.archive_reader import ATOM, DELETED, Reader, chain, entry_ids, read
from tests.feeds.publishing.shelf import NOON, SITE, Shelf, made

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SLUGS = ("harbour", "guance", "a.atom", "港口")
# Room in the current feed: less than a page has, nearly none, more.
ROOMS = (3, 50, 150)
_CHANGES = 1_000


class Publisher:
    """Changes a store at random. Its clock ticks once for each change."""

    def __init__(self, shelf: Shelf, chance: random.Random) -> None:
        self._shelf = shelf
        self._chance = chance
        self._made: dict[int, Entry] = {}
        self._now = NOON + timedelta(days=400)

    def change(self, most: int) -> int:
        """Make up to *most* changes in one transaction; returns how many."""
        kinds = self._chance.choices(
            (self._create, self._correct, self._withdraw, self._restore, self._move, self._retag),
            weights=(50, 20, 12, 5, 10, 3),
            k=self._chance.randint(1, most),
        )
        touched: dict[int, Entry] = {}
        for kind in kinds:
            self._now += timedelta(minutes=1)
            number, entry = kind()
            if number not in touched:
                touched[number] = entry
        self._shelf.put(*touched.values())
        self._made |= {number: self._shelf.get(number) for number in touched}
        if self._chance.random() < 0.02:
            self._shelf.name(harbour=self._chance.choice(["Harbour", "Port", "The quay"]))
        return len(touched)

    def _create(self) -> tuple[int, Entry]:
        number = len(self._made) + self._chance.randint(1, 10**6) * 1_000
        published = NOON + timedelta(minutes=self._chance.randint(0, 500_000))
        return number, made(number, *self._slugs(), published=published, updated=published)

    def _correct(self) -> tuple[int, Entry]:
        number, entry = self._any()
        title = f"{entry.title.partition(' v')[0]} v{entry.revision + 1}"
        published = entry.published + timedelta(days=self._chance.choice([0, 0, 0, 30, -30]))
        return number, replace(entry, title=title, revision=entry.revision + 1, published=published, updated=self._now)

    def _withdraw(self) -> tuple[int, Entry]:
        number, entry = self._any()
        return number, replace(entry, withdrawn=entry.withdrawn or self._now, withdrawn_by=WithdrawnBy.OPERATOR)

    def _restore(self) -> tuple[int, Entry]:
        gone = [number for number, entry in self._made.items() if entry.withdrawn]
        if not gone:
            return self._create()
        number = self._chance.choice(gone)
        back = replace(self._made[number], withdrawn=None, withdrawn_by=None, restored=self._now, updated=self._now)
        return number, back

    def _move(self) -> tuple[int, Entry]:
        number, entry = self._any()
        return number, replace(entry, categories=self._slugs())

    def _retag(self) -> tuple[int, Entry]:
        number, entry = self._any()
        return number, replace(entry, tags=(f"tag {self._now.minute}",))

    def _any(self) -> tuple[int, Entry]:
        number = self._chance.choice(list(self._made)) if self._made else 0
        return (number, self._made[number]) if number else self._create()

    def _slugs(self) -> tuple[str, ...]:
        return tuple(self._chance.sample(SLUGS, self._chance.choice([0, 1, 1, 1, 2])))


@pytest.mark.slow
@pytest.mark.parametrize("room", ROOMS)
def test_readers_hold_what_the_store_holds(tmp_path: Path, room: int) -> None:
    chance = random.Random(room)
    site = replace(SITE, entries_per_feed=room)
    with_shelf(tmp_path, lambda shelf: _follow(shelf, Documents(shelf.database, Renderer(site)), chance, tmp_path))


def with_shelf(tmp_path: Path, work: Callable[[Shelf], None]) -> None:
    shelf = Shelf(tmp_path / "shelf.db")
    try:
        work(shelf)
    finally:
        shelf.database.close()


def _follow(shelf: Shelf, documents: Documents, chance: random.Random, tmp_path: Path) -> None:
    publisher = Publisher(shelf, chance)
    feeds = {slug: SITE.address(category_path(slug, "atom")) for slug in (ALL, *SLUGS)}
    following = {slug: Reader(documents, address) for slug, address in feeds.items()}
    pages: dict[str, bytes] = {}
    stable = changed = 0
    static = StaticSite(tmp_path / "public", shelf.database, documents._renderer)
    done = 0
    while done < _CHANGES:
        for _ in range(chance.choice([1, 1, 5, 40])):  # some are away for long
            done += publisher.change(8)
        for slug, reader in following.items():
            if categories_of(shelf, slug):
                reader.poll()
                assert reader.held == _stored(shelf, slug)
        unchanged, touched = _compare_full_pages(shelf, documents, pages)
        stable, changed = stable + unchanged, changed + touched
        static.publish()
    for slug, address in feeds.items():
        new = Reader(documents, address)
        new.poll()
        assert new.held == _stored(shelf, slug)
        assert new.held
    assert len(pages) >= 8
    assert stable
    assert changed
    _assert_files_are_served(shelf, documents, tmp_path / "public")


def categories_of(shelf: Shelf, slug: str) -> bool:
    with shelf.database.reading() as connection:
        return slug in categories.find(connection, [slug])


def _stored(shelf: Shelf, slug: str) -> dict[str, tuple[str, str]]:
    with shelf.database.reading() as connection:
        codes = entries.chosen(connection, categories=[slug])
        held = entries.find(connection, codes).values()
    return {one.atom_id: (one.title, rfc3339(one.updated, SITE)) for one in held}


def _full_pages(shelf: Shelf) -> list[str]:
    with shelf.database.reading() as connection:
        found = categories.find(connection, (ALL, *SLUGS)).values()
    return [archive_path(one.slug, page) for one in found for page in range(1, one.arrivals // PAGE + 1)]


def _compare_full_pages(shelf: Shelf, documents: Documents, pages: dict[str, bytes]) -> tuple[int, int]:
    """How many full pages have the bytes that they had, and how many do not: there only tombstones took places."""
    unchanged = touched = 0
    for path in _full_pages(shelf):
        now = documents.find(path).body  # type: ignore[union-attr]
        before = pages.get(path, now)
        pages[path] = now
        if before == now:
            unchanged += 1
            continue
        touched += 1
        assert _only_tombstones_are_new(before, now), path
    return unchanged, touched


def _only_tombstones_are_new(before: bytes, now: bytes) -> bool:
    """Whether each place of a page shows what it showed, or a tombstone for that."""
    then, after = etree.fromstring(before), etree.fromstring(now)
    assert len(then) == len(after)
    new = 0
    for old, one in zip(then, after, strict=True):
        if etree.tostring(old) == etree.tostring(one) or one.tag == f"{ATOM}updated":
            continue
        assert one.tag == DELETED
        identity = old.findtext(f"{ATOM}id") if old.tag == f"{ATOM}entry" else old.get("ref")
        assert one.get("ref") == identity
        new += 1
    return new > 0


def _assert_files_are_served(shelf: Shelf, documents: Documents, public: Path) -> None:
    files = {str(path.relative_to(public)) for path in public.glob("**/archive/*.atom")}
    assert set(_full_pages(shelf)) <= files
    for path in files:
        assert (public / path).read_bytes() == documents.find(path).body  # type: ignore[union-attr]


def test_no_entry_is_told_twice_in_the_same_words(tmp_path: Path) -> None:
    def work(shelf: Shelf) -> None:
        shelf.put(*(made(number, "harbour") for number in range(1, 351)))
        documents = Documents(shelf.database, Renderer(SITE))
        current = SITE.address("category/harbour.atom")
        pages = [feed for _, feed in chain(documents, read(documents, current))]
        told = [identity for feed in pages for identity in entry_ids(feed)]
        assert len(told) == len(set(told)) == 300
        assert len(pages) == 3

    with_shelf(tmp_path, work)
