"""Another hub is told which feeds have changed, once they are published."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import pytest

from aggregator.deliver.deliverer import Deliverer
from storage.database import last_change
from storage.follower import FollowerKind
from tests.aggregator.deliver.desk import SITE, Desk, posted

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.aggregator.deliver.receiver import Receiver


@pytest.fixture
async def desk(tmp_path: Path, receiver: Receiver) -> AsyncIterator[Desk]:
    desk = Desk(tmp_path, hub=receiver.url("/hub"), private_hosts=frozenset())
    desk.put(posted(1, "old"))
    async with desk.deliverer.running():
        yield desk
    desk.web.close()
    desk.database.close()


def _published(desk: Desk) -> None:
    with desk.database.reading() as connection:
        desk.deliverer.published(last_change(connection))


def _pinged(receiver: Receiver) -> list[str]:
    pairs = [pair for came in receiver.taken["/hub"] for pair in parse_qsl(came.body.decode())]
    assert {value for name, value in pairs if name == "hub.mode"} <= {"publish"}
    return [value for name, value in pairs if name == "hub.url"]


async def test_the_feeds_that_changed(desk: Desk, receiver: Receiver) -> None:
    desk.put(posted(2, "tides"), posted(3, "hidden"), posted(4, "vault"))
    desk.hide("hidden")
    desk.close("vault")
    await desk.deliver()
    assert not receiver.came  # nothing is published yet
    _published(desk)
    await desk.deliver()
    names = ("all", "category/tides")
    assert sorted(_pinged(receiver)) == [
        f"{SITE}/{name}.{suffix}" for name in names for suffix in ("atom", "json", "rss")
    ]
    assert receiver.came[0].headers["content-type"] == "application/x-www-form-urlencoded"
    _published(desk)
    await desk.deliver()
    assert len(receiver.came) == 1
    assert f'<link href="{desk.config.publish.hub}" rel="hub"/>' in desk.web.get("/all.atom").text
    assert desk.web.get("/all.atom").headers["link"].startswith(f'<{desk.config.publish.hub}>; rel="hub"')


async def test_what_changes_after_publishing_waits_for_the_next(desk: Desk, receiver: Receiver) -> None:
    desk.put(posted(2, "tides"))
    _published(desk)
    desk.put(posted(3, "ports"))
    await desk.deliver()
    assert not any("all" in topic or "ports" in topic for topic in _pinged(receiver))
    _published(desk)
    await desk.deliver()
    assert {f"{SITE}/all.atom", f"{SITE}/category/ports.atom"} <= set(_pinged(receiver))


async def test_a_hub_that_fails_is_told_all_later(desk: Desk, receiver: Receiver) -> None:
    receiver.statuses["/hub"] = 503
    for number in range(2, 6):
        desk.put(posted(number, f"c{number}"))
        _published(desk)
        await desk.later(days=2)
    assert desk.follower(desk.config.publish.hub, FollowerKind.HUB).failures > 3
    assert desk.dead() == []
    receiver.statuses.clear()
    await desk.later(hours=6)
    assert {f"{SITE}/category/c{number}.rss" for number in range(2, 6)} <= set(_pinged(receiver))
    assert desk.follower(desk.config.publish.hub, FollowerKind.HUB).failures == 0


async def test_many_feeds_in_several_requests(desk: Desk, receiver: Receiver) -> None:
    desk.put(*(posted(number, f"c{number}") for number in range(2, 52)))
    _published(desk)
    await desk.deliver()
    assert len(receiver.came) == 2
    assert len(set(_pinged(receiver))) == 153


async def test_a_hub_that_is_not_configured_any_more_is_forgotten(desk: Desk, receiver: Receiver) -> None:
    assert desk.followers() == [f"hub:{receiver.url('/hub')}"]
    config = desk.config.model_copy(update={"publish": desk.config.publish.model_copy(update={"hub": ""})})
    async with Deliverer(config, desk.database, desk.renderer).running():
        assert desk.followers() == []
