"""A Feedmill that runs: it pulls a feed that names a hub, subscribes, and publishes what the hub sends."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

from aggregator import scheduler as scheduling
from aggregator.scheduler import Scheduler
from aggregator.settings import PublishSettings, ServerSettings, SiteSettings
from storage import subscriptions
from tests.aggregator.mills import mill_of
from tests.aggregator.publishers import feed, publishing
from tests.aggregator.push.hub import Hub
from tests.aggregator.push.pair import until

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


async def test_pulled_subscribed_pushed_and_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduling, "_TICK_SECONDS", 0.05)
    monkeypatch.setattr(scheduling, "_TEND_SECONDS", 0.05)
    (tmp_path / "data").mkdir()
    port = _free_port()
    site = SiteSettings(title="Tides", url=f"http://127.0.0.1:{port}", language="en", timezone="UTC")
    tables = {
        "server": ServerSettings(port=port),
        "publish": PublishSettings(directory=tmp_path / "public"),
    }
    async with Hub() as hub, publishing() as publisher:
        topic = f"{publisher.url}?of=tides"
        publisher.headers = {"Link": f'<{hub.url}>; rel="hub", <{topic}>; rel="self"'}
        source = {"name": "tides", "kind": "feed", "url": publisher.url, "private": True}
        async with mill_of(tmp_path, site, [source], **tables) as mill:
            scheduler = Scheduler(mill)
            running = asyncio.create_task(scheduler.run())
            try:
                await until(lambda: bool(hub.subscriptions))
                assert [asked.topic for asked in hub.asked] == [topic]
                pulls = len(publisher.requests)
                assert await hub.publish(topic, feed(3)) == [202]
                published = tmp_path / "public" / "all.rss"
                await until(lambda: published.exists() and "Tide 3" in published.read_text())
                assert "Tide 1" in published.read_text()
                assert len(publisher.requests) == pulls
                [state] = await mill.puller.states(mill.config.source)
                assert "its hub sends what is new" in state.why
                assert state.etag == '"1"'  # of the whole document that was pulled, not of what was pushed
                assert (state.hub, state.topic) == (hub.url, topic)  # of which what was pushed says nothing
                with mill.database.reading() as connection:
                    assert subscriptions.all(connection)["tides"].pushed is not None
                await hub.publish(topic, feed(4), "md5")
                assert "Tide 4" not in published.read_text()
            finally:
                scheduler._stop.set()
                await asyncio.wait_for(running, 20)
