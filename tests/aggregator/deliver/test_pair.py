"""Two Feedmills that run: one is the hub of its feeds, the other subscribes there and publishes what it is sent."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from aggregator import scheduler as scheduling
from aggregator.scheduler import Scheduler
from aggregator.settings import PublishSettings, ServerSettings, SiteSettings
from storage import entries, events, topic_subscriptions
from tests.aggregator.mills import mill_of
from tests.aggregator.push.pair import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import pytest

    from aggregator.mill import Mill


def _post(folder: Path, number: int, **head: str) -> None:
    lines = {"title": f"Tide {number}", "date": "2022-03-14 18:35:49", "categories": "harbour"} | head
    text = "".join(f"{name}: {value}\n" for name, value in lines.items())
    path = folder / "_posts" / f"2022-03-14-NW20220314000000000{number}.md"
    new = path.with_suffix(".new")
    new.write_text(f"---\n{text}---\nThe water came.\n")
    new.replace(path)


@asynccontextmanager
async def _running(folder: Path, source: dict[str, Any]) -> AsyncIterator[Mill]:
    (folder / "data").mkdir(parents=True)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    site = SiteSettings(title=folder.name, url=f"http://127.0.0.1:{port}", language="en", timezone="UTC")
    tables = {
        "server": ServerSettings(port=port),
        "publish": PublishSettings(hub="own", private_hosts=frozenset({"127.0.0.1"})),
    }
    async with mill_of(folder, site, [source], **tables) as mill:
        scheduler = Scheduler(mill)
        running = asyncio.create_task(scheduler.run())
        try:
            yield mill
        finally:
            scheduler._stop.set()
            await asyncio.wait_for(running, 20)


def _titles(mill: Mill) -> set[str]:
    with mill.database.reading() as connection:
        found = entries.find(connection, [code for code, _ in entries.changed_since(connection, 0)])
    return {one.title for one in found.values() if not one.withdrawn}


async def test_subscribed_verified_pushed_corrected_withdrawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduling, "_TICK_SECONDS", 0.05)
    monkeypatch.setattr(scheduling, "_TEND_SECONDS", 0.05)
    posts = tmp_path / "posts"
    (posts / "_posts").mkdir(parents=True)
    _post(posts, 1)
    async with _running(tmp_path / "hub", {"name": "posts", "kind": "posts", "path": posts}) as hub:
        topic = f"{hub.config.site.url}/category/harbour.atom"
        await until(lambda: _titles(hub) == {"Tide 1"})
        source = {"name": "harbour", "kind": "feed", "url": topic, "private": True}
        async with _running(tmp_path / "reader", source) as reader:

            def subscribed() -> bool:
                with hub.database.reading() as connection:
                    found = topic_subscriptions.all(connection)
                return any(one.lease_until and one.secret for one in found)

            await until(subscribed)
            assert _titles(reader) == {"Tide 1"}
            [before] = await reader.puller.states(reader.config.source)
            _post(posts, 2)
            await until(lambda: _titles(reader) == {"Tide 1", "Tide 2"})
            _post(posts, 1, title="Higher tide")
            await until(lambda: _titles(reader) == {"Higher tide", "Tide 2"})
            _post(posts, 2, withdrawn="true")
            await until(lambda: _titles(reader) == {"Higher tide"})
            [after] = await reader.puller.states(reader.config.source)
            assert after.etag == before.etag  # nothing of it was pulled
            with hub.database.reading() as connection:
                assert events.last(connection) == 4
