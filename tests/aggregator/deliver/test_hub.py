"""Our hub as WebSub has it (W3C Recommendation of 23 January 2018), section by section, on real connections."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from feeds.web import hub
from tests.aggregator.deliver.desk import DAY, SITE, posted
from tests.aggregator.deliver.documents import entries_in
from tests.aggregator.deliver.receiver import HOSTS
from tests.storage.held import code

if TYPE_CHECKING:
    from tests.aggregator.deliver.desk import Desk
    from tests.aggregator.deliver.receiver import Receiver

# 4. Discovery.


@pytest.mark.parametrize("path", ["all.rss", "category/tides.atom", "category/tides.json"])
async def test_4_a_topic_names_its_hub_and_itself_in_its_header(desk: Desk, path: str) -> None:
    """Link fields with rel=hub and rel=self, made from configuration alone."""
    desk.put(posted(1, "tides"))
    answer = desk.web.get(f"/{path}")
    assert answer.headers["link"] == f'<{SITE}/hub>; rel="hub", <{SITE}/{path}>; rel="self"'
    assert f"{SITE}/hub" in answer.text
    again = desk.web.get(f"/{path}", headers={"If-None-Match": answer.headers["etag"], "Host": "evil.example"})
    assert (again.status_code, again.headers["link"]) == (304, answer.headers["link"])


async def test_4_what_is_no_topic_names_none(desk: Desk) -> None:
    desk.put(posted(1, "tides"))
    for path in ("index.html", "feeds.opml", "category/tides.html", f"entry/{code(1)}.html", "category/none.atom"):
        assert "link" not in desk.web.get(f"/{path}").headers, path


# 5.1 Subscriber sends subscription request.


async def test_5_1_subscribed(desk: Desk, receiver: Receiver) -> None:
    """A request that can be handled is answered with 202 (5.1.1) and verified afterwards (5.3); parameters that nobody
    knows do not matter."""
    answer = desk.ask(receiver.url("/sub"), lease_seconds="86400", unknown="is ignored")
    assert (answer.status_code, answer.text) == (202, "")
    assert not receiver.asked
    await desk.deliver()
    [asked] = receiver.asked
    assert (asked["hub.mode"], asked["hub.topic"], asked["hub.lease_seconds"]) == (
        "subscribe", f"{SITE}/all.atom", "86400",
    )  # fmt: skip
    assert len(asked["hub.challenge"]) >= 32
    [subscription] = desk.subscriptions()
    assert subscription.lease_until == desk.now + DAY


@pytest.mark.parametrize(
    ("given", "seconds"),
    [("", hub.DEFAULT_LEASE), ("1", hub.SHORTEST_LEASE), ("0086400", 86_400), ("9" * 30, hub.LONGEST_LEASE)],
)
async def test_5_1_the_hub_decides_the_lease(desk: Desk, receiver: Receiver, given: str, seconds: int) -> None:
    """What is asked for is a wish."""
    found = await desk.subscribe(receiver.url("/sub"), lease_seconds=given)
    assert found.lease_until == desk.now + timedelta(seconds=seconds)


async def test_5_1_a_callback_keeps_its_query(desk: Desk, receiver: Receiver) -> None:
    """What the hub asks is added to the callback's own query."""
    await desk.subscribe(receiver.url("/sub?of=me&of2=x%26y"))
    assert (receiver.asked[0]["of"], receiver.asked[0]["of2"]) == ("me", "x&y")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"hub.mode": ""}, 'hub.mode is "subscribe" or "unsubscribe"'),
        ({"hub.mode": "publish"}, "hub.mode is"),
        ({"hub.topic": ""}, "hub.topic is not a feed of this site"),
        ({"hub.topic": "https://elsewhere.example/all.atom"}, "hub.topic is not a feed"),
        ({"hub.topic": f"{SITE}/all.html"}, "hub.topic is not a feed"),
        ({"hub.topic": f"{SITE}/category/none.atom"}, "hub.topic is not a feed"),
        ({"hub.topic": f"{SITE}/category/../all.atom"}, "hub.topic is not a feed"),
        ({"hub.topic": f"{SITE}/%61ll.atom"}, "hub.topic is not a feed"),
        ({"hub.callback": ""}, "hub.callback is not an address"),
        ({"hub.callback": "ftp://example.org/"}, "hub.callback is not an address"),
        ({"hub.callback": "https://example.org/\n"}, "hub.callback is not an address"),
        ({"hub.callback": "https://example.org/" + "x" * 3_000}, "hub.callback is not an address"),
        ({"hub.callback": "https://me:pw@example.org/"}, "hub.callback has a user name"),
        ({"hub.secret": "s" * 200}, "hub.secret is longer than 199 bytes"),
        ({"hub.secret": "钥" * 67}, "hub.secret is longer than 199 bytes"),
        ({"hub.lease_seconds": "0"}, "hub.lease_seconds is a number"),
        ({"hub.lease_seconds": "-5"}, "hub.lease_seconds is a number"),
        ({"hub.lease_seconds": "soon"}, "hub.lease_seconds is a number"),
    ],
)  # fmt: skip
async def test_5_1_1_a_wrong_request(desk: Desk, receiver: Receiver, change: dict[str, str], said: str) -> None:
    """4xx, with a sentence in plain text."""
    whole = {"hub.mode": "subscribe", "hub.topic": f"{SITE}/all.atom", "hub.callback": receiver.url("/sub")}
    answer = desk.web.post("/hub", data=whole | change)
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text.startswith(said)
    assert not desk.subscriptions()


async def test_5_1_what_is_no_form(desk: Desk) -> None:
    """A request is a form in UTF-8, of bounded size."""
    assert desk.web.post("/hub", json={"hub.mode": "subscribe"}).status_code == 415
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert desk.web.post("/hub", content=b"hub.mode=\xff", headers=form).status_code == 400
    assert desk.web.post("/hub", content=b"x=" * 200, headers=form).status_code == 400
    assert desk.web.post("/hub", content=b"a=&" * 200, headers=form).status_code == 400
    assert desk.web.post("/hub", content=b"x" * 20_000, headers=form).status_code == 413


async def test_5_1_asked_again_it_is_the_same_subscription(desk: Desk, receiver: Receiver) -> None:
    """Topic and callback together are one subscription; what is asked for last counts, once it is verified."""
    await desk.subscribe(receiver.url("/sub"), secret="first")
    desk.now += 9 * DAY
    desk.put(posted(1, "tides"))  # what is on its way is not lost by it
    again = await desk.subscribe(receiver.url("/sub"), secret="second")
    assert again.lease_until == desk.now + 10 * DAY
    assert len(desk.subscriptions()) == 1
    desk.put(posted(2, "tides"))
    await desk.deliver()
    assert [entries_in(came) for came in receiver.taken["/sub"]] == [[code(1)], [code(2)]]
    signature = hmac.new(b"second", receiver.came[-1].body, "sha256").hexdigest()
    assert receiver.came[-1].headers["x-hub-signature"] == f"sha256={signature}"


async def test_5_1_a_failure_to_confirm_leaves_the_subscription_as_it_was(desk: Desk, receiver: Receiver) -> None:
    """What is not confirmed changes nothing."""
    before = await desk.subscribe(receiver.url("/sub"), secret="first")
    receiver.echo = lambda _mode, _challenge: (404, "")
    for mode in ("subscribe", "unsubscribe"):
        assert desk.ask(receiver.url("/sub"), mode=mode, secret="second").status_code == 202
        await desk.deliver()
        await desk.later(minutes=2)
    assert desk.subscriptions() == [before]
    desk.put(posted(1, "tides"))
    await desk.deliver()
    signature = hmac.new(b"first", receiver.came[-1].body, hashlib.sha256).hexdigest()
    assert receiver.came[-1].headers["x-hub-signature"] == f"sha256={signature}"


# 5.2 Subscription validation.


@pytest.mark.parametrize("how", ["private", "hidden"])
async def test_5_2_what_is_not_for_everybody_any_more_is_denied(desk: Desk, receiver: Receiver, how: str) -> None:
    """A subscription can be denied at any time; the subscriber is told so by a GET."""
    desk.put(posted(1, "tides"))
    await desk.subscribe(receiver.url("/sub"), "category/tides.atom")
    desk.close("tides") if how == "private" else desk.hide("tides")
    desk.put(posted(2, "tides", title="Confidential"))
    await desk.deliver()
    denial = receiver.asked[-1]
    assert (denial["hub.mode"], denial["hub.topic"]) == ("denied", f"{SITE}/category/tides.atom")
    assert denial["hub.reason"]
    assert "hub.challenge" not in denial
    assert not receiver.came
    assert (desk.subscriptions(), desk.followers()) == ([], [])


async def test_5_2_what_is_closed_before_it_is_verified_is_denied(desk: Desk, receiver: Receiver) -> None:
    desk.put(posted(1, "tides"))
    desk.ask(receiver.url("/sub"), "category/tides.atom")
    desk.close("tides")
    await desk.deliver()
    assert [asked["hub.mode"] for asked in receiver.asked] == ["denied"]
    assert desk.subscriptions() == []


async def test_what_is_closed_is_answered_as_what_never_was(desk: Desk, receiver: Receiver) -> None:
    """Nobody learns from the hub which categories there are beside those that everybody sees."""
    desk.put(posted(1, "tides"))
    desk.close("tides")
    for mode in ("subscribe", "unsubscribe"):
        closed, none = (desk.ask(receiver.url("/sub"), f"category/{slug}.atom", mode=mode) for slug in ("tides", "no"))
        assert (closed.status_code, closed.text) == (none.status_code, none.text) == (400, none.text)


async def test_5_2_a_denial_that_does_not_arrive_ends_all_the_same(desk: Desk, receiver: Receiver) -> None:
    desk.put(posted(1, "tides"))
    await desk.subscribe(receiver.url("/sub"), "category/tides.atom")
    desk.close("tides")
    receiver.echo = lambda _mode, _challenge: (500, "")
    for _ in range(4):
        await desk.later(minutes=2)
    assert [asked["hub.mode"] for asked in receiver.asked] == ["subscribe", *["denied"] * hub.TRIES]
    assert desk.subscriptions() == []


# 5.3 Hub verifies intent of the subscriber.


@pytest.mark.parametrize("status", [200, 201, 202, 299])
async def test_5_3_1_any_2xx_with_the_challenge_confirms(desk: Desk, receiver: Receiver, status: int) -> None:
    """Success, and the challenge as the body."""
    receiver.echo = lambda _mode, challenge: (status, challenge)
    await desk.subscribe(receiver.url("/sub"))


@pytest.mark.parametrize(
    ("status", "body"), [(200, ""), (200, "{}x"), (200, "x"), (302, "{}"), (404, "{}"), (410, "{}")]
)
async def test_5_3_1_nothing_else_does(desk: Desk, receiver: Receiver, status: int, body: str) -> None:
    """Any other answer counts as a failure to confirm."""
    receiver.echo = lambda _mode, challenge: (status, body.format(challenge))
    desk.ask(receiver.url("/sub"))
    await desk.deliver()
    desk.put(posted(1, "tides"))
    await desk.later(minutes=2)
    assert len(receiver.asked) == 1
    assert not receiver.came
    assert (desk.subscriptions(), desk.followers()) == ([], [])


async def test_5_3_one_with_a_trouble_of_its_own_is_asked_a_few_times(desk: Desk, receiver: Receiver) -> None:
    receiver.echo = lambda _mode, _challenge: (503, "")
    desk.ask(receiver.url("/sub"))
    for _ in range(10):
        await desk.later(minutes=2)
    assert len(receiver.asked) == hub.TRIES
    assert desk.subscriptions() == []
    receiver.asked.clear()
    desk.ask(receiver.url("/sub"))
    await desk.deliver()
    receiver.echo = lambda _mode, challenge: (200, challenge)
    await desk.later(seconds=15)
    assert len(receiver.asked) == 2
    assert desk.subscriptions()[0].holds(desk.now)


async def test_5_3_unsubscribed(desk: Desk, receiver: Receiver) -> None:
    await desk.subscribe(receiver.url("/sub"))
    assert desk.ask(receiver.url("/sub"), mode="unsubscribe").status_code == 202
    await desk.deliver()
    assert receiver.asked[-1]["hub.mode"] == "unsubscribe"
    desk.put(posted(1, "tides"))
    await desk.deliver()
    assert not receiver.came
    assert (desk.subscriptions(), desk.followers()) == ([], [])


async def test_5_3_who_was_never_there_is_not_asked(desk: Desk, receiver: Receiver) -> None:
    assert desk.ask(receiver.url("/sub"), mode="unsubscribe").status_code == 202
    await desk.deliver()
    assert not receiver.asked


async def test_5_3_what_is_asked_meanwhile_is_asked_about(desk: Desk, receiver: Receiver) -> None:
    """What a callback confirms is what it was asked, not what came in between."""
    receiver.gates["/sub"] = asyncio.Event()
    desk.ask(receiver.url("/sub"), secret="mine")
    await desk.deliverer.begin_due()
    async with asyncio.timeout(20):
        while not receiver.asked:  # noqa: ASYNC110  a receiver tells no event
            await asyncio.sleep(0.01)
    desk.ask(receiver.url("/sub"), secret="another's")
    receiver.gates["/sub"].set()
    await desk.deliverer.idle()
    assert not desk.subscriptions()[0].holds(desk.now)
    await desk.deliver()
    assert len(receiver.asked) == 2
    assert desk.subscriptions()[0].secret == "another's"


async def test_5_3_a_lease_ends(desk: Desk, receiver: Receiver) -> None:
    """Nothing is sent past the end of a lease."""
    await desk.subscribe(receiver.url("/sub"), lease_seconds="3600")
    await desk.later(hours=1, seconds=1)
    desk.put(posted(1, "tides"))
    await desk.deliver()
    assert not receiver.came
    assert (desk.subscriptions(), desk.followers()) == ([], [])


# 5.3: the hub is nobody's tool against others.


async def test_nobody_is_flooded_by_way_of_the_hub(desk: Desk, receiver: Receiver) -> None:
    receiver.echo = lambda _mode, _challenge: (404, "")
    answers = [desk.ask(receiver.url(f"/victim/{number}")) for number in range(hub.MOST_PENDING_OF_HOST + 20)]
    assert [one.status_code for one in answers].count(202) == hub.MOST_PENDING_OF_HOST
    assert answers[-1].status_code == 429
    assert answers[-1].headers["retry-after"] == "60"
    assert desk.ask(receiver.url("/other", HOSTS[1])).status_code == 202
    await desk.deliver()
    assert len(receiver.asked) == hub.MOST_PENDING_OF_HOST + 1
    for number in range(hub.MOST_PENDING_OF_HOST):  # who did not confirm is left alone for a while
        assert desk.ask(receiver.url(f"/victim/{number}")).status_code == 429
    await desk.later(seconds=50)
    assert len(receiver.asked) == hub.MOST_PENDING_OF_HOST + 1
    await desk.later(seconds=20)
    assert desk.subscriptions() == []


async def test_a_bounded_number_is_verified_at_a_time(
    desk: Desk, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "MOST_PENDING", 3)
    statuses = [desk.ask(receiver.url("/sub", host)).status_code for host in HOSTS[:5]]
    assert statuses == [202, 202, 202, 429, 429]
    await desk.deliver()
    assert desk.ask(receiver.url("/sub", HOSTS[4])).status_code == 202


async def test_there_is_room_for_so_many(desk: Desk, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "MOST_OF_HOST", 2)
    for number in range(2):
        await desk.subscribe(receiver.url(f"/{number}"))
    assert desk.ask(receiver.url("/2")).status_code == 503
    assert desk.ask(receiver.url("/1")).status_code == 202  # a renewal


async def test_a_callback_inside_our_network_is_never_called(desk: Desk, receiver: Receiver) -> None:
    desk.ask(receiver.url("/sub").replace("127.0.0.1", "localhost"))
    desk.ask("http://169.254.169.254/latest/meta-data")
    await desk.deliver()
    await desk.later(minutes=2)
    assert not receiver.asked
    assert desk.subscriptions() == []
