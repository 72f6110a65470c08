"""A mill put together for a test: a site, and sources as they stand in a configuration."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from aggregator.config import Config
from aggregator.mill import Mill, assembled
from aggregator.settings import ServerSettings, SiteSettings, SourceSettings, StorageSettings
from tests import stores

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable
    from pathlib import Path


@asynccontextmanager
async def mill_of(
    folder: Path, site: SiteSettings, given: Iterable[dict[str, Any]], **tables: Any
) -> AsyncIterator[Mill]:
    """A mill of *site* and the sources *given*, with its store in *folder*; *tables* of the configuration beside."""
    config = Config(
        site=site,
        storage=StorageSettings(url=stores.url_at(folder / "data" / "mill.db")),
        source=tuple(SourceSettings.model_validate(one) for one in given),
        **{"server": ServerSettings(port=0)} | tables,
    )
    async with assembled(config) as mill:
        yield mill
