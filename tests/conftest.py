"""For all tests: the stores of one are gone after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests import stores

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _stores() -> Iterator[None]:
    with stores.dropped_after():
        yield
