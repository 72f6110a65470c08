"""A database of one's own for each test."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING

import pytest

from tests.storage.held import empty_database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from storage.database import Database

    NewDatabase = Callable[[], AbstractContextManager[Database]]


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("templates")


@pytest.fixture
def new_database(tmp_path: Path, templates: Path) -> NewDatabase:
    """As many databases as a property wants to try."""
    numbers = count(1)

    @contextmanager
    def opened() -> Iterator[Database]:
        database = empty_database(tmp_path / f"{next(numbers)}.db", templates)
        try:
            yield database
        finally:
            database.close()

    return opened


@pytest.fixture
def database(new_database: NewDatabase) -> Iterator[Database]:
    with new_database() as opened:
        yield opened
