"""A store of one's own for each test."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING

import pytest

from tests import stores
from tests.aggregator.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    NewStore = Callable[[], AbstractContextManager[Store]]


@pytest.fixture
def new_store(tmp_path: Path) -> NewStore:
    """As many stores as a property wants to try."""
    numbers = count(1)

    @contextmanager
    def opened() -> Iterator[Store]:
        folder = tmp_path / str(next(numbers))
        folder.mkdir()
        store = Store(folder)
        try:
            yield store
        finally:
            store.database.close()
            stores.drop(store.path)

    return opened


@pytest.fixture
def store(new_store: NewStore) -> Iterator[Store]:
    with new_store() as opened:
        yield opened
