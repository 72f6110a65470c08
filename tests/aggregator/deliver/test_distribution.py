"""What our hub sends to who subscribed (WebSub, 7 and 8), section by section, on real connections."""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import TYPE_CHECKING

import pytest
from lxml import etree

from aggregator.deliver import deliverer as delivering
from storage.follower import FollowerKind
from tests.aggregator.deliver.desk import SITE, posted
from tests.aggregator.deliver.documents import ATOM, INFO_CODE, entries_in, graves_in
from tests.aggregator.deliver.receiver import HOSTS
from tests.storage.held import code

if TYPE_CHECKING:
    from tests.aggregator.deliver.desk import Desk
    from tests.aggregator.deliver.receiver import Receiver


# 6 and 7. Publishing, and content distribution.


async def test_7_what_is_new_is_sent_at_once(desk: Desk, receiver: Receiver) -> None:
    """A POST in the topic's own media type, with Link fields that name the hub and the topic."""
    desk.put(posted(1, "tides"))
    await desk.subscribe(receiver.url("/sub"), "category/tides.atom")
    desk.put(posted(2, "tides"), posted(3, "ports"), posted(4, "tides"))
    await desk.deliver()
    [came] = receiver.taken["/sub"]
    assert entries_in(came) == [code(4), code(2)]
    assert came.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert came.headers["link"] == f'<{SITE}/hub>; rel="hub", <{SITE}/category/tides.atom>; rel="self"'
    assert "x-hub-signature" not in came.headers
    feed = etree.fromstring(came.body)
    whole = etree.fromstring(desk.web.get("/category/tides.atom").content)
    assert feed.findtext("a:id", namespaces=ATOM) == whole.findtext("a:id", namespaces=ATOM)


@pytest.mark.parametrize("suffix", ["rss", "json"])
async def test_7_every_format(desk: Desk, receiver: Receiver, suffix: str) -> None:
    await desk.subscribe(receiver.url("/sub"), f"all.{suffix}")
    desk.put(posted(1, "tides"), posted(2, "tides"))
    await desk.deliver()
    desk.withdraw(1)  # of which neither can tell
    await desk.deliver()
    [came] = receiver.taken["/sub"]
    assert came.headers["content-type"] == desk.web.get(f"/all.{suffix}").headers["content-type"]
    if suffix == "json":
        items = json.loads(came.body)["items"]
        assert [item["_feedmill"]["infoCode"] for item in items] == [code(2), code(1)]
    else:
        channel = etree.fromstring(came.body)
        assert [item.findtext(INFO_CODE) for item in channel.iter("item")] == [code(2), code(1)]
    [subscription] = desk.subscriptions()
    assert desk.follower(subscription.token, FollowerKind.TOPIC).position == 3


async def test_7_the_old_feed_is_a_topic_too(desk: Desk, receiver: Receiver) -> None:
    await desk.subscribe(receiver.url("/sub"), "feed.xml")
    desk.put(posted(1, "tides"))
    await desk.deliver()
    [came] = receiver.taken["/sub"]
    assert entries_in(came) == [code(1)]
    assert f'<{SITE}/feed.xml>; rel="self"' in came.headers["link"]


async def test_7_corrections_come_once_and_as_they_are(desk: Desk, receiver: Receiver) -> None:
    await desk.subscribe(receiver.url("/sub"))
    desk.put(posted(1, "tides"))
    desk.correct(1, title="Second")
    desk.correct(1, title="Third")
    await desk.deliver()
    [came] = receiver.taken["/sub"]
    assert entries_in(came) == [code(1)]
    assert b"Third" in came.body
    assert b"Second" not in came.body


async def test_7_tombstones_of_what_was_withdrawn_or_left(desk: Desk, receiver: Receiver) -> None:
    desk.put(posted(1, "tides"), posted(2, "tides"), posted(3, "tides"))
    await desk.subscribe(receiver.url("/sub"), "category/tides.atom")
    desk.withdraw(1)
    desk.put(posted(2, "ports"))
    await desk.deliver()
    [came] = receiver.taken["/sub"]
    assert (entries_in(came), graves_in(came)) == ([], [desk.get(2).atom_id, desk.get(1).atom_id])


async def test_7_many_come_in_several_documents_in_their_order(desk: Desk, receiver: Receiver) -> None:
    await desk.subscribe(receiver.url("/sub"))
    desk.put(*(posted(number, "tides") for number in range(1, 251)))
    await desk.deliver()
    sizes = [entries_in(came) for came in receiver.taken["/sub"]]
    assert list(map(len, sizes)) == [100, 100, 50]
    assert {name for names in sizes for name in names} == {code(number) for number in range(1, 251)}
    assert max(sizes[0]) < min(sizes[1])


@pytest.mark.parametrize("status", [300, 302, 307, 308, 400, 404, 500])
async def test_7_anything_but_2xx_is_a_failure(desk: Desk, receiver: Receiver, status: int) -> None:
    """Redirects too: nothing is sent where they lead. It is tried again."""
    subscription = await desk.subscribe(receiver.url("/sub"))
    receiver.statuses["/sub"], receiver.fields["/sub"] = status, {"Location": receiver.url("/moved")}
    desk.put(posted(1, "tides"))
    await desk.deliver()
    follower = desk.follower(subscription.token, FollowerKind.TOPIC)
    assert (follower.position, follower.failures) == (0, 1)
    receiver.statuses.clear()
    desk.put(posted(2, "tides"))
    await desk.later(seconds=10)
    assert {one.path for one in receiver.came} == {"/sub"}
    [came] = receiver.taken["/sub"]
    assert entries_in(came) == [code(2), code(1)]


async def test_7_gone_ends_the_subscription(desk: Desk, receiver: Receiver) -> None:
    """410 says that there is nobody any more."""
    await desk.subscribe(receiver.url("/sub"))
    receiver.statuses["/sub"] = 410
    desk.put(posted(1, "tides"))
    await desk.deliver()
    assert (desk.subscriptions(), desk.followers()) == ([], [])


async def test_7_three_days_then_dead_letters(desk: Desk, receiver: Receiver) -> None:
    subscription = await desk.subscribe(receiver.url("/sub"))
    receiver.statuses["/sub"] = 500
    desk.put(posted(1, "tides"), posted(2, "tides"))
    await desk.deliver()
    await desk.later(days=2)
    desk.put(posted(3, "tides"))
    await desk.later(days=1, hours=5)
    assert [letter.number for letter in desk.dead()] == [1, 2]  # the third had but one day
    receiver.statuses.clear()
    assert desk.replay(f"topic:{subscription.token}") == 2
    await desk.deliver()
    assert [entries_in(came) for came in receiver.taken["/sub"]] == [[code(2), code(1)], [code(3)]]
    assert desk.dead() == []


async def test_7_a_renamed_category_is_followed_under_the_name_it_was_subscribed_by(
    desk: Desk, receiver: Receiver
) -> None:
    desk.put(posted(1, "tides"))
    await desk.subscribe(receiver.url("/sub"), "category/tides.atom")
    desk.rename("tides", "sea")
    desk.put(posted(2, "sea"))
    await desk.deliver()
    came = receiver.taken["/sub"][-1]
    assert code(2) in entries_in(came)
    assert f'<{SITE}/category/tides.atom>; rel="self"' in came.headers["link"]
    assert f"{SITE}/category/tides.atom".encode() in came.body
    await desk.subscribe(receiver.url("/sub"), "category/tides.atom")  # renewed as it was
    assert len(desk.subscriptions()) == 1


async def test_7_a_slow_subscriber_delays_no_other(
    desk: Desk, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "TIMEOUT_SECONDS", 20.0)
    for host in HOSTS[:10]:
        await desk.subscribe(receiver.url(f"/slow-{host}", host))
        receiver.gates[f"/slow-{host}"] = asyncio.Event()
    await desk.subscribe(receiver.url("/quick"))
    desk.put(posted(1, "tides"))
    await desk.deliverer.begin_due()
    async with asyncio.timeout(15):
        while not receiver.taken["/quick"]:  # noqa: ASYNC110  a receiver tells no event
            await asyncio.sleep(0.01)
    assert not any(receiver.taken[path] for path in receiver.gates)


# 8. Authenticated content distribution.


async def test_8_what_is_sent_is_signed(desk: Desk, receiver: Receiver) -> None:
    """An HMAC of the whole body, worked out here by RFC 2104 itself."""
    await desk.subscribe(receiver.url("/sub"), secret="hush, 海")
    desk.put(posted(1, "tides"))
    await desk.deliver()
    [came] = receiver.taken["/sub"]
    key = "hush, 海".encode().ljust(64, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key) + came.body).digest()
    signature = hashlib.sha256(bytes(byte ^ 0x5C for byte in key) + inner).hexdigest()
    assert came.headers["x-hub-signature"] == f"sha256={signature}"


async def test_what_only_partners_see_reaches_no_subscriber(desk: Desk, receiver: Receiver) -> None:
    desk.close("vault")
    await desk.subscribe(receiver.url("/sub"))
    assert desk.ask(receiver.url("/sub"), "category/vault.atom").status_code == 400
    desk.put(posted(1, "vault", title="Confidential"), posted(2, "vault", "tides"))
    await desk.deliver()
    [came] = receiver.taken["/sub"]
    assert entries_in(came) == [code(2)]
    assert b"vault" not in came.body
    assert b"Confidential" not in came.body
