"""Webhooks: every event once and in order, signed, whatever the receiver does meanwhile."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from aggregator.deliver import deliverer as delivering
from aggregator.deliver.patience import PATIENCE
from storage.follower import FollowerKind
from storage.partner import Terms
from tests.aggregator.deliver.desk import DAY, SECRET, posted
from tests.aggregator.deliver.receiver import HOSTS
from tests.storage.held import code

if TYPE_CHECKING:
    from tests.aggregator.deliver.desk import Desk
    from tests.aggregator.deliver.receiver import Came, Receiver


def _said(came: list[Came]) -> list[dict[str, Any]]:
    return [orjson.loads(one.body) for one in came]


def _events(came: list[Came]) -> list[tuple[str, str]]:
    return [(one["event"], one["infoCode"]) for one in _said(came)]


async def test_what_happens_is_told_in_order(desk: Desk, receiver: Receiver) -> None:
    desk.put(posted(1, "tides"))  # before anybody followed
    desk.partner(receiver.url("/hook"))
    desk.put(posted(2, "tides"), posted(3, "ports"))
    desk.correct(2, title="Higher")
    desk.withdraw(3)
    await desk.deliver()
    came = receiver.taken["/hook"]
    assert _events(came) == [
        ("created", code(2)), ("created", code(3)), ("corrected", code(2)), ("withdrawn", code(3)),
    ]  # fmt: skip
    assert all(one.headers["content-type"] == "application/json" for one in came)
    ids = [one["id"] for one in _said(came)]
    assert ids == [f"{desk.database.identity}-{number}" for number in (2, 3, 4, 5)]
    assert [one.headers["webhook-id"] for one in came] == ids
    follower = desk.follower()
    assert (follower.position, follower.failures, follower.delivered) == (5, 0, desk.now)
    assert desk.delivered == [(FollowerKind.WEBHOOK, True)] * 4
    await desk.deliver()
    assert len(receiver.came) == 4


async def test_only_what_was_granted(desk: Desk, receiver: Receiver) -> None:
    desk.close("vault")
    desk.partner(receiver.url("/all"), name="everybody")
    desk.partner(receiver.url("/vault"), "vault", name="vault")
    desk.put(posted(1, "tides"), posted(2, "vault"), posted(3, "vault", "tides"))
    await desk.deliver()
    assert _events(receiver.taken["/all"]) == [("created", code(1)), ("created", code(3))]
    assert _events(receiver.taken["/vault"]) == [("created", code(2)), ("created", code(3))]
    assert b"vault" not in b"".join(one.body for one in receiver.taken["/all"])


async def test_a_signature_that_anybody_can_check(desk: Desk, receiver: Receiver) -> None:
    """Standard Webhooks: HMAC-SHA256 over id, time and body, worked out here by RFC 2104 itself."""
    desk.partner(receiver.url("/hook"))
    desk.put(posted(1, "tides"))
    await desk.deliver()
    [came] = receiver.came
    key = base64.b64decode(SECRET.removeprefix("whsec_")).ljust(64, b"\0")
    signed = b".".join([came.headers["webhook-id"].encode(), came.headers["webhook-timestamp"].encode(), came.body])
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key) + signed).digest()
    outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in key) + inner).digest()
    assert came.headers["webhook-signature"] == f"v1,{base64.b64encode(outer).decode()}"
    assert came.headers["webhook-timestamp"] == str(int(desk.now.timestamp()))


async def test_a_secret_that_cannot_be_used_is_told(desk: Desk, receiver: Receiver) -> None:
    desk.partner(receiver.url("/hook"), webhook_secret="hush")
    desk.put(posted(1, "tides"))
    await desk.deliver()
    assert not receiver.came
    assert desk.follower().failure == "the webhook's secret is not whsec_ and base64: add the partner anew"


async def test_terms(desk: Desk, receiver: Receiver) -> None:
    desk.partner(receiver.url("/hook"), terms=Terms(excerpt=4, embargo=timedelta(minutes=30)))
    desk.put(posted(1, "tides", content="<p>High tide at noon</p>"))
    found = await desk.deliver()
    assert not receiver.came
    assert found.next == desk.now + timedelta(minutes=30)
    await desk.later(minutes=29)
    assert not receiver.came
    await desk.later(minutes=1)
    [said] = _said(receiver.taken["/hook"])
    assert "noon" not in said["item"]["content_html"]


async def test_each_event_has_its_own_embargo(desk: Desk, receiver: Receiver) -> None:
    desk.partner(receiver.url("/hook"), terms=Terms(embargo=timedelta(minutes=30)))
    desk.put(posted(1, "tides"))
    desk.now += timedelta(minutes=20)
    desk.put(posted(2, "tides"))
    await desk.later(minutes=10)
    assert _events(receiver.taken["/hook"]) == [("created", code(1))]
    await desk.later(minutes=20)
    assert _events(receiver.taken["/hook"]) == [("created", code(1)), ("created", code(2))]


async def test_one_thing_at_a_time(desk: Desk, receiver: Receiver) -> None:
    """However often it is looked meanwhile, a receiver that takes its time is sent nothing twice, and nothing ahead."""
    desk.partner(receiver.url("/hook"))
    receiver.gates["/hook"] = asyncio.Event()
    for number in range(1, 4):
        desk.put(posted(number, "tides"))
        await desk.deliverer.begin_due()
    async with asyncio.timeout(20):
        while not receiver.came:  # noqa: ASYNC110  a receiver tells no event
            await asyncio.sleep(0.01)
    for _ in range(3):
        await desk.deliverer.begin_due()
        await asyncio.sleep(0.05)
    assert len(receiver.came) == 1
    receiver.gates["/hook"].set()
    await desk.deliver()
    assert _events(receiver.came) == [("created", code(number)) for number in (1, 2, 3)]
    assert receiver.busiest["/hook"] == 1


async def test_what_was_withdrawn_within_an_embargo_is_never_shown(desk: Desk, receiver: Receiver) -> None:
    desk.partner(receiver.url("/hook"), terms=Terms(embargo=timedelta(hours=1)))
    desk.put(posted(1, "tides"))
    desk.now += timedelta(minutes=10)
    desk.withdraw(1)
    await desk.later(hours=2)
    assert [one["item"] for one in _said(receiver.taken["/hook"])] == [None, None]


async def test_nothing_is_sent_to_a_partner_that_was_revoked(desk: Desk, receiver: Receiver) -> None:
    partner = desk.partner(receiver.url("/hook"))
    receiver.statuses["/hook"] = 500
    desk.put(posted(1, "tides"))
    await desk.deliver()
    assert len(receiver.came) == 1
    receiver.statuses.clear()
    desk.save_partner(replace(partner, revoked=desk.now))
    await desk.later(hours=1)
    desk.put(posted(2, "tides"))
    await desk.later(days=1)
    assert len(receiver.came) == 1
    assert desk.followers() == []


async def test_one_whose_time_is_over_waits(desk: Desk, receiver: Receiver) -> None:
    partner = desk.partner(receiver.url("/hook"), expires=desk.now + DAY)
    await desk.later(days=2)
    desk.put(posted(1, "tides"))
    await desk.deliver()
    assert not receiver.came
    desk.save_partner(replace(partner, expires=desk.now + DAY))
    await desk.deliver()
    assert _events(receiver.taken["/hook"]) == [("created", code(1))]


async def test_a_webhook_that_is_taken_away_and_set_again_begins_anew(desk: Desk, receiver: Receiver) -> None:
    partner = desk.partner(receiver.url("/hook"))
    desk.put(posted(1, "tides"))
    desk.save_partner(replace(partner, webhook=""))
    desk.put(posted(2, "tides"))
    await desk.deliver()
    desk.save_partner(partner)
    desk.put(posted(3, "tides"))
    await desk.deliver()
    assert _events(receiver.taken["/hook"]) == [("created", code(3))]


async def test_another_address_goes_on_where_the_first_was(desk: Desk, receiver: Receiver) -> None:
    partner = desk.partner(receiver.url("/old"))
    desk.put(posted(1, "tides"))
    await desk.deliver()
    desk.put(posted(2, "tides"))
    desk.save_partner(replace(partner, webhook=receiver.url("/new")))
    await desk.deliver()
    assert _events(receiver.taken["/new"]) == [("created", code(2))]


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 404, 410, 429, 500])
async def test_what_is_not_2xx_is_tried_again(desk: Desk, receiver: Receiver, status: int) -> None:
    desk.partner(receiver.url("/hook"))
    receiver.statuses["/hook"] = status
    receiver.fields["/hook"] = {"Location": receiver.url("/elsewhere")}
    desk.put(posted(1, "tides"), posted(2, "tides"))
    await desk.deliver()
    follower = desk.follower()
    assert (follower.position, follower.failures, follower.failing_since) == (0, 1, desk.now)
    assert f"answers with status {status}" in follower.failure
    assert [one.path for one in receiver.came] == ["/hook"]
    receiver.statuses["/hook"] = 202
    await desk.later(seconds=10)
    assert _events(receiver.taken["/hook"]) == [("created", code(1)), ("created", code(2))]
    assert desk.follower().failing_since is None


async def test_where_nobody_listens(desk: Desk) -> None:
    desk.partner("http://127.0.0.1:1/hook")
    desk.put(posted(1, "tides"))
    await desk.deliver()
    assert "cannot be connected to" in desk.follower().failure


async def test_a_private_address_is_refused_unless_it_is_configured(desk: Desk, receiver: Receiver) -> None:
    desk.partner(receiver.url("/hook").replace("127.0.0.1", "localhost"))
    desk.put(posted(1, "tides"))
    await desk.deliver()
    assert not receiver.came
    assert "not public; name its host in [publish] private_hosts" in desk.follower().failure


async def test_three_days_then_a_dead_letter_and_the_next_is_tried(desk: Desk, receiver: Receiver) -> None:
    desk.partner(receiver.url("/hook"))
    receiver.choose = lambda _: 500 if _events(receiver.came)[-1][1] == code(1) else 200
    desk.put(posted(1, "tides"), posted(2, "tides"))
    began = desk.now
    waits = []
    while not desk.dead():
        found = await desk.deliver()
        if desk.dead():
            break
        assert found.next is not None
        waits.append(found.next - desk.now)
        desk.now = found.next
    assert desk.now - began >= PATIENCE
    assert desk.now - began <= PATIENCE + timedelta(hours=5)
    assert timedelta(seconds=5) <= waits[0] <= timedelta(seconds=7)
    assert max(waits) <= timedelta(hours=5)
    assert 15 < len(waits) < 40
    [letter] = desk.dead()
    assert (letter.number, letter.info_code, letter.died, letter.again) == (1, code(1), desk.now, False)
    assert "answers with status 500" in letter.failure
    assert _events(receiver.taken["/hook"]) == [("created", code(2))]


async def test_three_days_count_from_the_first_try(desk: Desk, receiver: Receiver) -> None:
    """An event that waited behind another has its own three days."""
    desk.partner(receiver.url("/hook"))
    receiver.statuses["/hook"] = 500
    desk.put(posted(1, "tides"), posted(2, "tides"))
    await desk.deliver()
    await desk.later(days=3)
    assert [letter.number for letter in desk.dead()] == [1]
    assert desk.follower().failing_since == desk.now  # the second was tried at once
    await desk.later(days=2)
    assert len(desk.dead()) == 1
    await desk.later(days=1)
    assert [letter.number for letter in desk.dead()] == [1, 2]


async def test_dead_letters_are_tried_again_before_newer_ones(desk: Desk, receiver: Receiver) -> None:
    desk.partner(receiver.url("/hook"))
    receiver.statuses["/hook"] = 500
    desk.put(posted(1, "tides"), posted(2, "tides"))
    for _ in range(3):
        await desk.later(days=3)
    assert [letter.number for letter in desk.dead()] == [1, 2]
    desk.put(posted(3, "tides"))
    receiver.statuses["/hook"] = 200
    assert desk.replay() == 2
    assert all(letter.again for letter in desk.dead())
    await desk.deliver()
    assert _events(receiver.taken["/hook"]) == [("created", code(number)) for number in (1, 2, 3)]
    assert desk.dead() == []
    assert desk.follower().position == 3


async def test_dead_letters_have_three_days_anew(desk: Desk, receiver: Receiver) -> None:
    desk.partner(receiver.url("/hook"))
    receiver.statuses["/hook"] = 500
    desk.put(posted(1, "tides"))
    await desk.deliver()
    await desk.later(days=4)
    desk.replay()
    desk.put(posted(2, "tides"))
    await desk.deliver()
    await desk.later(days=2.9)
    assert [letter.again for letter in desk.dead()] == [True]
    await desk.later(days=0.2)
    assert [letter.again for letter in desk.dead()] == [False]
    assert {one for _, one in _events(receiver.came)} == {code(1), code(2)}


async def test_a_dead_letter_of_what_is_not_granted_any_more_is_settled(desk: Desk, receiver: Receiver) -> None:
    partner = desk.partner(receiver.url("/hook"), "tides")
    receiver.statuses["/hook"] = 500
    desk.put(posted(1, "tides"))
    await desk.deliver()
    await desk.later(days=4)
    desk.save_partner(replace(partner, categories=("ports",)))
    receiver.statuses.clear()
    desk.replay()
    await desk.deliver()
    assert desk.dead() == []
    assert not receiver.taken["/hook"]


@pytest.mark.parametrize(
    ("said", "hours"), [("7200", 2), ("31536000", 12), ("0", 0), ("soon", 0)], ids=["2 h", "a year", "0", "no time"]
)
async def test_retry_after_is_obeyed_within_bounds(desk: Desk, receiver: Receiver, said: str, hours: int) -> None:
    desk.partner(receiver.url("/hook"))
    receiver.statuses["/hook"], receiver.fields["/hook"] = 503, {"Retry-After": said}
    desk.put(posted(1, "tides"))
    await desk.deliver()
    follower = desk.follower()
    assert follower.next_try is not None
    wait = follower.next_try - desk.now
    assert wait == timedelta(hours=hours) if hours else timedelta(seconds=5) <= wait <= timedelta(seconds=7)


async def test_slow_and_dead_ones_delay_no_other(desk: Desk, receiver: Receiver) -> None:
    """Twenty receivers that do not answer, one of them at the same host as the one that does."""
    slow = {f"/slow-{number}": host for number, host in enumerate(HOSTS[:20])}
    for path, host in slow.items():
        receiver.gates[path] = asyncio.Event()
        desk.partner(receiver.url(path, host), name=path)
    desk.partner(receiver.url("/quick"), name="quick")
    for number in range(1, 11):
        desk.put(posted(number, "tides"))
    all_of_it = [("created", code(number)) for number in range(1, 11)]
    await desk.deliverer.begin_due()
    async with asyncio.timeout(20):
        while len(receiver.taken["/quick"]) < 10:  # noqa: ASYNC110  a receiver tells no event
            await asyncio.sleep(0.01)
    assert _events(receiver.taken["/quick"]) == all_of_it
    assert not any(receiver.taken[path] for path in slow)
    for gate in receiver.gates.values():
        gate.set()
    await desk.deliver()
    assert all(_events(receiver.taken[path]) == all_of_it for path in slow)
    assert max(receiver.busiest.values()) == 1


async def test_one_that_never_answers_is_given_up_in_time(
    desk: Desk, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "TIMEOUT_SECONDS", 0.2)
    receiver.gates["/hook"] = asyncio.Event()
    desk.partner(receiver.url("/hook"))
    desk.put(posted(1, "tides"))
    await desk.deliver()
    assert "did not give a whole answer in 0.2 seconds" in desk.follower().failure


async def test_random_outages(desk: Desk, receiver: Receiver) -> None:
    """Whatever it answers, in the end it holds what the store holds, and each event came once, in the store's order."""
    random = Random(20260311)
    receiver.choose = lambda _: random.choice([200, 200, 200, 204, 400, 429, 500, 503])
    desk.partner(receiver.url("/hook"))
    for step in range(60):
        held = sorted(desk.holding("tides"))
        if held and random.random() < 0.5:
            chosen = int(random.choice(held)[2:])
            desk.withdraw(chosen) if random.random() < 0.5 else desk.correct(chosen)
        else:
            desk.put(posted(step, "tides"))
        await desk.later(minutes=random.randrange(60))
    receiver.choose = None
    await desk.later(days=1)
    told: dict[str, int] = {}
    for one in _said(receiver.taken["/hook"]):
        told[one["infoCode"]] = one["revision"]
        if one["event"] == "withdrawn":
            del told[one["infoCode"]]
    assert told == {name: desk.get(int(name[2:])).revision for name in desk.holding("tides")}
    ids = [int(one["id"].rpartition("-")[2]) for one in _said(receiver.taken["/hook"])]
    assert ids == list(range(1, 61))
    assert len(receiver.came) > 70
