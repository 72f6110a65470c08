"""A mill with a store in PostgreSQL, whichever the other tests have."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from aggregator.config import Config
from aggregator.mill import Mill, assembled
from aggregator.settings import ServerSettings, SiteSettings, SourceSettings, StorageSettings
from storage.source import SourceKind
from tests.roles.compose import free_port
from tests.stores import postgresql_at

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@asynccontextmanager
async def mill_in(folder: Path, **tables: Any) -> AsyncIterator[Mill]:
    config = Config(
        site=SiteSettings(title="Tides", url="https://tide.example", language="en", timezone="UTC"),
        storage=StorageSettings(url=postgresql_at(folder / "store")),
        server=ServerSettings(port=free_port()),
        source=(SourceSettings(name="tides", kind=SourceKind.FEED, path=folder / "tides.xml"),),
        **tables,
    )
    async with assembled(config) as mill:
        yield mill
