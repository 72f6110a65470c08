"""Which pages of all that categories hold are rendered again, by a process that has just begun as well."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import orjson
import pytest

from feeds.publishing.rendering import Renderer
from feeds.publishing.static_site import StaticSite
from storage.category import ALL
from tests.feeds.publishing.shelf import NOON, SITE, Shelf, code, files, made

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Connection

    from feeds.publishing.rendered import Rendered
    from storage.category import Category

KEPT = ".feedmill.pages.json"
FEW = replace(SITE, entries_per_feed=2)
LAST = {("harbour", 2), (ALL, 3)}


@pytest.fixture
def filled(empty: Shelf) -> Shelf:
    """Two pages of a category, and three of everything."""
    empty.put(*(made(number, "harbour") for number in range(100, 250)))
    empty.put(*(made(number, f"alone{number}") for number in range(100)))
    return empty


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> set[tuple[str, int]]:
    """The pages that are rendered."""
    seen: set[tuple[str, int]] = set()
    plain = Renderer.paged

    def paged(self: Renderer, connection: Connection, category: Category, number: int) -> Rendered:
        seen.add((category.slug, number))
        return plain(self, connection, category, number)

    monkeypatch.setattr(Renderer, "paged", paged)
    return seen


@pytest.fixture
def begun(filled: Shelf, folder: Path, rendered: set[tuple[str, int]]) -> Callable[[], StaticSite]:
    """A process that begins after the folder was published to for the first time."""
    StaticSite(folder, filled.database, Renderer(FEW)).publish()
    assert rendered >= LAST | {("harbour", 1), (ALL, 1), (ALL, 2)}
    rendered.clear()
    return lambda: StaticSite(folder, filled.database, Renderer(FEW))


def whole(shelf: Shelf, path: Path) -> dict[str, bytes]:
    """What somebody publishes who knows nothing."""
    StaticSite(path, shelf.database, Renderer(FEW)).publish()
    return files(path)


def test_a_new_process_renders_what_a_new_entry_changes(
    begun: Callable[[], StaticSite], filled: Shelf, folder: Path, tmp_path: Path, rendered: set[tuple[str, int]]
) -> None:
    filled.put(made(300, "harbour"))
    begun().publish()
    assert rendered == LAST
    assert files(folder) == whole(filled, tmp_path / "anew")


def test_a_new_process_renders_all_after_an_entry_that_left(
    begun: Callable[[], StaticSite], filled: Shelf, folder: Path, tmp_path: Path, rendered: set[tuple[str, int]]
) -> None:
    filled.withdraw(105)
    begun().publish()
    assert rendered == {("harbour", 1), ("harbour", 2), (ALL, 2), (ALL, 3)}
    assert files(folder) == whole(filled, tmp_path / "anew")


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_the_folder_is_that_of_who_knows_nothing(
    filled: Shelf, folder: Path, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    static = StaticSite(folder, filled.database, Renderer(FEW))
    static.publish()
    for turn in range(4):
        for _ in range(chance.randrange(1, 4)):
            number = chance.choice([chance.randrange(250), 300 + turn, 300 + chance.randrange(99)])
            there = number < 250
            match chance.randrange(5 if there else 2):
                case 0:
                    filled.put(made(number, "harbour"))
                case 1:
                    filled.put(made(number, "harbour", "guance", title="another"))
                case 2:
                    filled.put(replace(filled.get(number), published=NOON + timedelta(minutes=chance.randrange(250))))
                case 3:
                    filled.put(replace(filled.get(number), categories=("guance",)))
                case _:
                    filled.withdraw(number)
        if chance.random() < 0.3:  # ends, and begins again
            static = StaticSite(folder, filled.database, Renderer(FEW))
        static.publish()
    assert files(folder) == whole(filled, tmp_path / "anew")


@pytest.mark.parametrize("at", [49, 100, 149])
def test_the_page_that_was_last_leads_on_to_what_comes_after_it(
    empty: Shelf, folder: Path, tmp_path: Path, at: int
) -> None:
    empty.put(*(made(number, "harbour") for number in range(at)))
    static = StaticSite(folder, empty.database, Renderer(FEW))
    static.publish()
    for number in range(at, at + 102, 51):
        empty.put(*(made(one, "harbour") for one in range(number, number + 51)))
        static.publish()
        assert files(folder) == whole(empty, tmp_path / f"anew{number}")


@pytest.mark.parametrize("kept", [b"", b"{", b"[]", b"{}", b'{"mark":{},"pages":{}}', None, "of another change"])
def test_what_is_kept_counts_for_what_the_folder_shows_alone(
    begun: Callable[[], StaticSite],
    filled: Shelf,
    folder: Path,
    tmp_path: Path,
    rendered: set[tuple[str, int]],
    kept: bytes | str | None,
) -> None:
    file = folder / KEPT
    if kept is None:
        file.unlink()
    elif isinstance(kept, bytes):
        file.write_bytes(kept)
    else:
        told = orjson.loads(file.read_bytes())
        told["mark"]["change"] += 1
        file.write_bytes(orjson.dumps(told))
    filled.put(made(300, "harbour"))
    begun().publish()
    assert rendered == {("harbour", 1), ("harbour", 2), (ALL, 1), (ALL, 2), (ALL, 3)}
    assert files(folder) == whole(filled, tmp_path / "anew")


def test_a_publication_that_was_taken_back_is_not_counted_on(
    begun: Callable[[], StaticSite], filled: Shelf, folder: Path, tmp_path: Path, rendered: set[tuple[str, int]]
) -> None:
    filled.put(made(300, "harbour"))
    begun().publish()
    begun().roll_back()
    rendered.clear()
    filled.put(made(301, "harbour"))
    begun().publish(everything=True)
    assert rendered >= LAST
    assert files(folder) == whole(filled, tmp_path / "anew")
    assert f"entry/{code(301)}.html" in files(folder)
