"""A desk and somebody who is sent news, for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.aggregator.deliver.desk import Desk, opened
from tests.aggregator.deliver.receiver import Receiver

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as receiver:
        yield receiver


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with opened(tmp_path) as desk:
        yield desk
