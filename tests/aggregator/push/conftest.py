"""A hub and the real application, for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.aggregator.push.pair import Pair, paired

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Pair]:
    async with paired(tmp_path) as running:
        yield running
