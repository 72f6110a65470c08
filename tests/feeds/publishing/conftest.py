"""A store with a few entries, and what renders it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from feeds.publishing.documents import Documents
from feeds.publishing.rendering import Renderer
from feeds.publishing.static_site import StaticSite
from tests.feeds.publishing.shelf import SITE, Shelf, made

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Shelf]:
    shelf = Shelf(tmp_path / "mill.db")
    yield shelf
    shelf.database.close()


def fill(shelf: Shelf) -> Shelf:
    """Four entries in three categories, and one that is withdrawn."""
    shelf.put(made(1, "harbour"), made(2, "harbour", "guance"), made(3, "guance"), made(4, "haitang(xianggang)"))
    shelf.put(made(5, "harbour"))
    shelf.withdraw(5)
    return shelf


@pytest.fixture
def shelf(empty: Shelf) -> Shelf:
    return fill(empty)


@pytest.fixture
def renderer() -> Renderer:
    return Renderer(SITE)


@pytest.fixture
def documents(shelf: Shelf, renderer: Renderer) -> Documents:
    return Documents(shelf.database, renderer)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "public"


@pytest.fixture
def static(folder: Path, shelf: Shelf, renderer: Renderer) -> StaticSite:
    return StaticSite(folder, shelf.database, renderer)
