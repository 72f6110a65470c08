"""A database of one's own for each test."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING

import pytest

from tests import stores

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from storage.database import Database

    NewDatabase = Callable[[], AbstractContextManager[Database]]


@pytest.fixture
def new_database(tmp_path: Path) -> NewDatabase:
    """As many databases as a property wants to try."""
    numbers = count(1)

    @contextmanager
    def opened() -> Iterator[Database]:
        path = tmp_path / f"{next(numbers)}.db"
        database = stores.open_at(path)
        try:
            yield database
        finally:
            database.close()
            stores.drop(path)

    return opened


@pytest.fixture
def database(new_database: NewDatabase) -> Iterator[Database]:
    with new_database() as opened:
        yield opened
