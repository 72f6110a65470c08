"""A hub and a subscriber, each as WebSub has it, on real connections."""

from __future__ import annotations

import asyncio
import logging
import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import aiohttp
import pytest
import structlog

from storage.source import PullState, SourceKind
from tests.aggregator.push.hub import TOPIC
from tests.aggregator.push.pair import until
from tests.aggregator.store import item, rss

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.aggregator.push.pair import Pair

_NEWS = rss(item("1", "Low tide")).encode()
_DAY = timedelta(days=1)


async def test_what_is_pushed_is_published(pair: Pair) -> None:
    subscription = await pair.subscribed()
    assert subscription.lease_until is not None
    assert abs(subscription.lease_until - pair.now - 10 * _DAY) < timedelta(minutes=5)
    assert (subscription.failures, subscription.failure) == (0, "")
    assert not subscription.brings(pair.now)
    assert await pair.hub.publish(TOPIC, _NEWS) == [202]
    await until(lambda: len(pair.taken) == 1)
    assert pair.taken[0][1].content_type == "application/rss+xml"
    assert pair.taken[0][1].address == TOPIC
    async with aiohttp.ClientSession() as session, session.get(pair.mill.site.address("all.rss")) as answer:
        assert "Low tide" in await answer.text()
    told = pair.kept()
    assert told.brings(datetime.now(UTC))
    assert not told.brings(subscription.lease_until + _DAY)
    assert not replace(told, missed=datetime.now(UTC) + _DAY).brings(datetime.now(UTC))


async def test_a_hub_is_asked_as_it_wants_to_be(pair: Pair) -> None:
    subscription = await pair.subscribed()
    (asked,) = pair.hub.asked
    assert (asked.mode, asked.topic) == ("subscribe", TOPIC)
    assert asked.callback == pair.address(subscription)
    assert asked.lease_seconds == "864000"
    assert asked.secret == subscription.secret
    assert len(subscription.token) >= 43
    assert 40 < len(asked.secret.encode()) < 200
    assert pair.posts.requests[0].private
    assert not repr(subscription).count(subscription.secret)


async def test_no_two_subscriptions_share_a_token_or_a_secret(pair: Pair) -> None:
    for number in range(5):
        pair.configure(f"s{number}", topic=f"https://tides.example/{number}")
    await pair.tend()
    assert len({asked.callback for asked in pair.hub.asked}) == 6
    assert len({asked.secret for asked in pair.hub.asked}) == 6


@pytest.mark.parametrize("method", ["sha1", "sha256"])
async def test_signatures(pair: Pair, method: str) -> None:
    subscription = await pair.subscribed()
    (key,) = pair.hub.subscriptions
    pair.hub.subscriptions[key] = secrets.token_urlsafe(32)
    assert await pair.hub.publish(TOPIC, _NEWS, method) == [202]
    assert await pair.hub.send(pair.address(subscription), _NEWS) == 202
    assert pair.forged == 2
    assert pair.kept().pushed is None
    pair.hub.subscriptions[key] = subscription.secret
    assert await pair.hub.publish(TOPIC, _NEWS, method) == [202]
    await until(lambda: bool(pair.taken))
    assert [document.body for _, document in pair.taken] == [_NEWS]
    assert pair.kept().pushed is not None


async def test_a_lease_is_renewed_in_time(pair: Pair) -> None:
    subscription = await pair.subscribed()
    await pair.tend(pair.now + 6 * _DAY)
    assert len(pair.hub.asked) == 1
    pair.hub.lease = 20 * 86_400
    await pair.tend(pair.now + 7 * _DAY)
    await until(lambda: len(pair.hub.verified) == 2)
    assert pair.hub.asked[0] == pair.hub.asked[1]
    assert len(pair.hub.subscriptions) == 1
    renewed = pair.kept()
    assert (renewed.token, renewed.failures) == (subscription.token, 0)
    assert renewed.holds(pair.now + 19 * _DAY)


async def test_a_hub_that_tells_no_lease(pair: Pair) -> None:
    pair.hub.lease = None
    subscription = await pair.subscribed()
    assert subscription.holds(pair.now + 0.9 * _DAY)
    assert not subscription.holds(pair.now + 1.1 * _DAY)


async def test_a_hub_that_verifies_before_it_answers(pair: Pair) -> None:
    pair.hub.before = True
    await pair.tend()
    assert pair.hub.verified == [("subscribe", True)]
    assert pair.kept().holds(pair.now)
    assert pair.kept().failures == 0


async def test_a_hub_whose_answer_is_lost_after_it_verified(pair: Pair) -> None:
    pair.hub.before = pair.hub.breaks_off = True
    await pair.tend()
    assert pair.kept().holds(pair.now)
    assert pair.kept().failure == ""


async def test_a_hub_whose_verification_was_lost_verifies_again(pair: Pair) -> None:
    subscription = await pair.subscribed()
    assert await pair.hub.verify("subscribe", TOPIC, pair.address(subscription))


@pytest.mark.parametrize("status", [307, 308])
async def test_a_hub_that_moved(pair: Pair, status: int) -> None:
    pair.configure(hub=pair.hub.moved(status))
    await pair.subscribed()
    assert pair.hub.verified == [("subscribe", True)]


async def test_a_hub_that_refuses_is_asked_later_and_later(pair: Pair) -> None:
    pair.hub.refusal = (403, "not for\nyou", {})
    await pair.tend()
    refused = pair.kept()
    assert refused.failure == f"{pair.hub.url} answers a request to subscribe with status 403: not for you"
    assert not refused.holds(pair.now)
    await pair.tend(pair.now + timedelta(minutes=59))
    assert len(pair.hub.asked) == 1
    await pair.tend(pair.now + timedelta(hours=1))
    await pair.tend(pair.now + timedelta(hours=2, minutes=59))
    assert len(pair.hub.asked) == 2
    pair.hub.refusal = None
    await pair.tend(pair.now + timedelta(hours=3))
    await until(lambda: bool(pair.hub.subscriptions))
    well = pair.kept()
    assert (well.failures, well.failure, well.token) == (0, "", refused.token)


async def test_a_hub_that_asks_for_patience(pair: Pair) -> None:
    pair.hub.refusal = (503, "<html>busy</html>", {"Retry-After": "86400"})
    await pair.tend()
    assert pair.kept().next_ask == pair.now + _DAY
    assert pair.kept().failure.endswith("with status 503")


async def test_a_hub_that_is_not_there(pair: Pair) -> None:
    pair.configure(hub="http://127.0.0.1:9/hub")
    await pair.tend()
    assert pair.kept().failure == "http://127.0.0.1:9/hub cannot be connected to: Connection refused"


async def test_a_hub_that_never_verifies(pair: Pair) -> None:
    pair.hub.silent = True
    await pair.tend()
    assert pair.kept().failure == f"{pair.hub.url} was asked and has not confirmed it yet"
    await pair.tend(pair.now + timedelta(hours=1))
    assert len(pair.hub.asked) == 2
    assert pair.kept().failures == 2
    # It comes to it in the end.
    assert await pair.hub.verify("subscribe", TOPIC, pair.address(pair.kept()))
    assert pair.kept().failures == 0


async def test_a_hub_that_denies(pair: Pair) -> None:
    pair.hub.denial = "no longer\x00 carried"
    await pair.tend()
    await until(lambda: "denies" in pair.kept().failure)
    assert pair.kept().failure == f"{pair.hub.url} denies the subscription: no longer carried"
    await pair.tend(pair.now + 6 * _DAY)
    assert len(pair.hub.asked) == 1
    pair.hub.denial = None
    await pair.tend(pair.now + 8 * _DAY)
    await until(lambda: bool(pair.hub.subscriptions))
    assert pair.kept().failure == ""


async def test_a_hub_that_denies_later(pair: Pair) -> None:
    subscription = await pair.subscribed()
    address = pair.address(subscription)
    assert await pair.hub.deny(address, "https://tides.example/other", "") == 404
    assert pair.kept().holds(pair.now)
    assert await pair.hub.deny(address, TOPIC, "") == 204
    assert not pair.kept().holds(pair.now)
    assert pair.kept().failure == f"{pair.hub.url} denies the subscription"


async def test_verifications_that_nobody_asked_for(pair: Pair) -> None:
    subscription = await pair.subscribed()
    address = pair.address(subscription)
    for mode, topic, callback in (
        ("subscribe", TOPIC, pair.mill.site.address(f"websub/{secrets.token_urlsafe(32)}")),
        ("subscribe", TOPIC + "/", address),
        ("subscribe", "", address),
        ("unsubscribe", TOPIC, address),
        ("publish", TOPIC, address),
        ("", TOPIC, address),
    ):
        assert not await pair.hub.verify(mode, topic, callback), (mode, topic, callback)
    assert pair.kept() == subscription
    # Long after it was verified, nothing is awaited.
    pair.save(replace(subscription, asked=pair.now - _DAY))
    assert not await pair.hub.verify("subscribe", TOPIC, address)


def _paused(pair: Pair) -> None:
    pair.configure(paused=True)


def _off(pair: Pair) -> None:
    pair.configure(push=False)


def _removed(pair: Pair) -> None:
    del pair.config["tides"]


def _hubless(pair: Pair) -> None:
    pair.states["tides"] = PullState("tides", SourceKind.FEED)


@pytest.mark.parametrize("end", [_paused, _off, _removed, _hubless])
async def test_what_is_not_wanted_any_more_is_ended(pair: Pair, end: Callable[[Pair], None]) -> None:
    subscription = await pair.subscribed()
    end(pair)
    await pair.tend()
    (dropped,) = pair.dropped()
    assert dropped.token == subscription.token
    # Before the hub knows.
    assert await pair.hub.publish(TOPIC, _NEWS) == [410]
    await pair.tend()
    await until(lambda: ("unsubscribe", True) in pair.hub.verified)
    assert pair.hub.asked[-1].mode == "unsubscribe"
    assert pair.hub.asked[-1].callback == pair.address(subscription)
    assert pair.hub.asked[-1].secret == ""
    assert pair.posts.requests[-1].private
    assert pair.hub.subscriptions == {}
    await pair.tend(pair.now + _DAY)
    assert len(pair.hub.asked) == 2
    assert pair.taken == []


async def test_an_old_token_is_worth_nothing(pair: Pair) -> None:
    old = await pair.subscribed()
    pair.configure(push=False)
    await pair.tend()
    await pair.tend()
    await until(lambda: ("unsubscribe", True) in pair.hub.verified)
    pair.configure()
    await pair.tend()
    await until(lambda: len(pair.hub.verified) == 3)
    new = pair.kept()
    assert new.token != old.token
    assert new.secret != old.secret
    assert not await pair.hub.verify("subscribe", TOPIC, pair.address(old))
    pair.hub.subscriptions[TOPIC, pair.address(old)] = old.secret
    assert sorted(await pair.hub.publish(TOPIC, _NEWS)) == [202, 410]
    await until(lambda: len(pair.taken) == 1)
    await pair.tend(pair.now + 0.9 * _DAY)
    assert len(pair.dropped()) == 1
    await pair.tend(pair.now + 1.1 * _DAY)
    assert pair.dropped() == []
    assert await pair.hub.send(pair.address(old), _NEWS) == 404


@pytest.mark.parametrize("change", ["hub", "topic"])
async def test_a_source_that_goes_to_another_hub_or_topic(pair: Pair, change: str) -> None:
    old = await pair.subscribed()
    if change == "hub":
        pair.configure(hub=f"{pair.hub.url}?new")
    else:
        pair.configure(topic="https://tides.example/new")
    await pair.tend()
    await pair.tend()
    await until(lambda: len(pair.hub.verified) == 3)
    assert set(pair.hub.verified) == {("subscribe", True), ("unsubscribe", True)}
    new = pair.kept()
    assert new.token != old.token
    assert list(pair.hub.subscriptions) == [(new.topic, pair.address(new))]


async def test_an_unsubscription_that_fails_is_tried_until_the_lease_ends(pair: Pair) -> None:
    await pair.subscribed()
    pair.hub.refusal = (500, "", {})
    pair.configure(push=False)
    await pair.tend()
    for hours in (0, 0.5, 1, 3, 24 * 9):
        await pair.tend(pair.now + timedelta(hours=hours))
        assert len(pair.dropped()) == 1
    await pair.tend(pair.now + 11 * _DAY)
    assert pair.dropped() == []
    assert [asked.mode for asked in pair.hub.asked] == ["subscribe"] + ["unsubscribe"] * 4


async def test_few_hubs_at_once_and_one_tending_at_a_time(pair: Pair) -> None:
    for number in range(80):
        pair.configure(f"s{number}", topic=f"https://tides.example/{number}")
    pair.hub.silent = True
    for expected in (32, 64, 81, 81):
        await asyncio.gather(pair.tend(), pair.tend())
        assert len(pair.hub.asked) == expected
    assert pair.posts.most <= 32


async def test_nothing_secret_is_logged(pair: Pair, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    pair.configure("walled", hub=pair.hub.url.replace("http://", "http://me:pa55@"), topic="https://tides.example/w")
    with structlog.testing.capture_logs() as logs:
        subscription = await pair.subscribed()
        await pair.hub.send(pair.address(subscription), _NEWS)
        pair.hub.refusal = (403, "no", {})
        await pair.tend(pair.now + 7 * _DAY)
    events = [entry["event"] for entry in logs]
    assert {"asked", "verified", "push without our signature", "asked in vain"} <= set(events)
    # Accesses are not logged when it runs (``access_log=False``), but pytest listens to everything.
    ours = [record.getMessage() for record in caplog.records if not record.name.endswith(".access")]
    said = repr(logs) + repr(ours) + pair.kept("walled").failure + repr(subscription)
    assert subscription.token not in said
    assert subscription.secret not in said
    assert "pa55" not in said
