"""A store with sources in every state, and the real application and server over it."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from aggregator.config import Config
from aggregator.measures import Measures
from aggregator.settings import PublishSettings, ServerSettings, SiteSettings, SourceSettings, StorageSettings
from aggregator.web.routes import operator_routes
from feeds.publishing.documents import Documents
from feeds.publishing.rendering import Renderer
from feeds.web.app import application
from storage import days, sources
from storage.database import Database, open_database
from storage.source import PullOutcome, PullState, SourceKind, Trouble
from tests import stores
from tests.serving import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.applications import Starlette

KEY = "a key of some length"
HOSTILE = "<script>alert('name')</script>\"><img src=x onerror=alert(1)>"
LONG = "中华人民共和国长江三角洲区域一体化发展新闻信息综合服务平台每日要闻与深度报道栏目"


def config_of(folder: Path, number: int, key: str = "", output: Path | None = None) -> Config:
    """So many sources: the first with a hostile name, every fifth with a long Chinese one, every ninth paused."""
    return Config(
        site=SiteSettings(title="江南 News", url="https://news.example.org", language="en", timezone="Asia/Shanghai"),
        storage=StorageSettings(url=stores.url_at(folder / "mill.db")),
        server=ServerSettings.model_validate({"key": key}),
        publish=PublishSettings(directory=output),
        source=tuple(
            SourceSettings(
                name=HOSTILE if one == 0 else f"{LONG} {one}" if one % 5 == 0 else f"source {one}",
                kind=SourceKind.FEED,
                url=f"https://user:hidden@s{one}.example.org/{'path/' * (one % 4)}feed.xml",
                paused=one % 9 == 8,
            )
            for one in range(number)
        ),
    )


def fill(database: Database, config: Config, now: datetime) -> None:
    """Every third source fails, in all ways in turn; others are late, slow, or were never pulled."""
    troubles = list(Trouble)
    with database.writing() as connection:
        for one, source in enumerate(config.source):
            if one % 11 == 10:
                continue
            pull: dict[str, Any] = {"outcome": PullOutcome.UNCHANGED if one % 2 else PullOutcome.CHANGED}
            if one % 3 == 0:
                trouble = troubles[one // 3 % len(troubles)]
                pull = {"outcome": PullOutcome.FAILED, "trouble": trouble, "failures": one % 40 + 1}
                pull["failure"] = f"the server said <b>{trouble}</b>: see that the address is still right"
                pull["proposal"] = "javascript:alert(2)" if one == 0 else "https://new.example.org/feed"
            ahead = timedelta(hours=-3) if one % 7 == 1 else timedelta(minutes=20 + one % 30)
            sources.record(
                connection,
                [
                    PullState(
                        source.name,
                        source.kind,
                        last_pull=now - timedelta(minutes=30),
                        last_success=now - timedelta(hours=1 + one % 50),
                        next_pull=now + ahead,
                        seconds=8.5 if one % 6 == 4 else 0.2,
                        rhythm=one % 24 / 3,
                        why="it brings about 4 entries a day, so it is asked every 3 hours",
                        **pull,
                    )
                ],
            )
            brought = {now.date() - timedelta(days=back): (back * (one + 3)) % 8 for back in range(1, 29)}
            days.add(connection, {(source.name, day): number for day, number in brought.items()})


class Operated:
    """A store and the application over it."""

    def __init__(self, folder: Path, number: int, *, key: str = "", output: Path | None = None) -> None:
        self.config = config_of(folder, number, key, output)
        self.database = open_database(self.config.storage.url)
        self.measures = Measures()
        self.ticked: datetime | None = datetime.now(UTC)
        fill(self.database, self.config, datetime.now(UTC))
        routes = operator_routes(self.config, self.database, self.measures, lambda: self.ticked)
        site = self.config.published_site
        self.app: Starlette = application(Documents(self.database, Renderer(site)), site, routes)


@contextlib.contextmanager
def served(operated: Operated) -> Iterator[str]:
    """The address of a real server of *operated*."""
    with contextlib.closing(operated.database), serving(operated.app) as address:
        yield address
