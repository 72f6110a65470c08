"""Sources that move, that are lost, and that are gone; and servers that say why they give nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from aggregator.moves import HELD_PULLS
from storage.source import PullOutcome, Trouble
from tests.aggregator.publishers import Publisher, feed, milling, publishing, pulled

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def publisher() -> AsyncIterator[Publisher]:
    async with publishing() as publisher:
        yield publisher


def _paths(publisher: Publisher) -> list[str]:
    return [request.path for request in publisher.requests]


@pytest.mark.parametrize("status", [301, 308])
async def test_a_permanent_redirect_counts_once_it_has_held(publisher: Publisher, tmp_path: Path, status: int) -> None:
    new = publisher.url.replace("/feed", "/new")
    publisher.redirects["/feed"] = (status, "/new")
    async with milling(tmp_path, {"name": "tides", "url": publisher.url}) as mill:
        for times in range(1, HELD_PULLS):
            state = await pulled(mill)
            assert (state.address, state.moved_to, state.moved_pulls) == ("", new, times)
        state = await pulled(mill)
        assert (state.address, state.moved_to, state.moved_pulls) == (new, "", 0)
        publisher.requests.clear()
        assert (await pulled(mill)).outcome is PullOutcome.UNCHANGED
        assert _paths(publisher) == ["/new"]
        assert publisher.requests[0].headers["If-None-Match"] == '"1"'


@pytest.mark.parametrize("status", [302, 303, 307])
async def test_a_temporary_redirect_never_counts(publisher: Publisher, tmp_path: Path, status: int) -> None:
    publisher.redirects["/feed"] = (status, "/new")
    async with milling(tmp_path, {"name": "tides", "url": publisher.url}) as mill:
        for _ in range(HELD_PULLS + 1):
            state = await pulled(mill)
        assert (state.address, state.moved_to) == ("", "")
        assert state.outcome is PullOutcome.UNCHANGED


async def test_a_redirect_that_stops_or_leads_elsewhere_begins_anew(publisher: Publisher, tmp_path: Path) -> None:
    async with milling(tmp_path, {"name": "tides", "url": publisher.url}) as mill:
        for target in ("/new", "/other", None, "/new"):
            publisher.redirects = {"/feed": (301, target)} if target else {}
            state = await pulled(mill)
            assert state.moved_pulls == (1 if target else 0)


async def test_only_what_is_a_feed_is_a_new_address(publisher: Publisher, tmp_path: Path) -> None:
    publisher.redirects["/feed"] = (301, "/parked")
    publisher.pages["/parked"] = "<html><title>This domain is for sale</title></html>"
    async with milling(tmp_path, {"name": "tides", "url": publisher.url}) as mill:
        for _ in range(HELD_PULLS + 1):
            state = await pulled(mill)
        assert (state.address, state.moved_pulls, state.trouble) == ("", 0, Trouble.UNREADABLE)


async def test_a_new_address_that_fails_is_given_up(publisher: Publisher, tmp_path: Path) -> None:
    publisher.redirects["/feed"] = (301, "/new")
    async with milling(tmp_path, {"name": "tides", "url": publisher.url}) as mill:
        for _ in range(HELD_PULLS):
            await pulled(mill)
        publisher.redirects, publisher.statuses = {}, {"/new": 500}
        for failures in (1, 2, 3):
            state = await pulled(mill)
            assert (state.failures, bool(state.address)) == (failures, failures < 3)
        assert (await pulled(mill)).failures == 0
        assert _paths(publisher)[-1] == "/feed"


async def test_a_source_with_secrets_stays_where_it_is(publisher: Publisher, tmp_path: Path) -> None:
    publisher.redirects["/feed"] = (301, "/new")
    async with milling(tmp_path, {"name": "tides", "url": publisher.url, "token": "s3cret-s3cret"}) as mill:
        for _ in range(HELD_PULLS + 2):
            state = await pulled(mill)
        assert (state.address, state.moved_pulls) == ("", HELD_PULLS + 2)


@pytest.mark.parametrize(
    ("status", "headers", "trouble"),
    [
        (401, {}, Trouble.UNAUTHORISED),
        (403, {}, Trouble.FORBIDDEN),
        (404, {}, Trouble.NOT_FOUND),
        (410, {}, Trouble.GONE),
        (429, {}, Trouble.BUSY),
        (503, {"Retry-After": "60"}, Trouble.BUSY),
        (503, {}, Trouble.SERVER_ERROR),
        (500, {}, Trouble.SERVER_ERROR),
        (418, {}, Trouble.BAD_ANSWER),
    ],
)
async def test_every_status_is_its_own_trouble(
    publisher: Publisher, tmp_path: Path, status: int, headers: dict[str, str], trouble: Trouble
) -> None:
    publisher.status, publisher.headers = status, headers
    async with milling(tmp_path, {"name": "tides", "url": publisher.url}) as mill:
        state = await pulled(mill)
        assert (state.outcome, state.trouble, state.failures) == (PullOutcome.FAILED, trouble, 1)
        assert f"status {status}" in state.failure
        publisher.status, publisher.headers = 200, {}
        state = await pulled(mill)
        assert (state.trouble, state.failure, state.failures, state.retry_until) == (None, "", 0, None)


async def test_a_source_that_is_gone_is_retired_until_it_is_pulled_by_name(
    publisher: Publisher, tmp_path: Path
) -> None:
    async with milling(tmp_path, {"name": "tides", "url": publisher.url}) as mill:
        await pulled(mill)
        publisher.statuses["/feed"] = 410
        state = await pulled(mill)
        assert state.next_pull is None
        assert "gone for good, and not pulled any more unless by name" in state.failure
        publisher.statuses = {}
        state = await pulled(mill)
        assert state.next_pull is not None
    publisher.statuses["/feed"] = 410
    async with milling(tmp_path, {"name": "tides", "url": publisher.url}) as mill:
        await pulled(mill)
    async with milling(tmp_path, {"name": "tides", "url": publisher.url + "?new"}) as mill:
        [state] = await mill.puller.states(mill.config.source)
        assert (state.trouble, state.next_pull) == (None, None)  # it is configured anew, and so is due


async def test_a_lost_feed_is_found_again_and_proposed(publisher: Publisher, tmp_path: Path) -> None:
    home = publisher.url.removesuffix("/feed")
    publisher.body = feed(1, 2).replace(b"<title>Tides</title>", f"<title>Tides</title><link>{home}/</link>".encode())
    async with milling(tmp_path, {"name": "tides", "url": publisher.url}) as mill:
        await pulled(mill)
        publisher.statuses["/feed"] = 404
        publisher.pages["/"] = '<link rel="alternate" type="application/rss+xml" href="/blog/feed.xml">'
        for failures in (1, 2, 3, 4):
            state = await pulled(mill)
            assert state.proposal == (f"{home}/blog/feed.xml" if failures >= 3 else "")
            assert state.trouble is Trouble.NOT_FOUND
        assert _paths(publisher).count("/blog/feed.xml") == 1
        publisher.statuses = {}
        assert not (await pulled(mill)).proposal


async def test_a_page_in_a_feeds_place_is_looked_through(publisher: Publisher, tmp_path: Path) -> None:
    async with milling(tmp_path, {"name": "tides", "url": publisher.url}) as mill:
        publisher.pages["/feed"] = '<link rel="alternate" type="application/rss+xml" href="/elsewhere.xml">'
        for _ in range(3):
            state = await pulled(mill)
        assert (state.trouble, state.proposal) == (
            Trouble.UNREADABLE,
            publisher.url.replace("/feed", "/elsewhere.xml"),
        )


async def test_what_the_cache_rules_say_is_heeded(publisher: Publisher, tmp_path: Path) -> None:
    async with milling(tmp_path, {"name": "tides", "url": publisher.url}) as mill:
        publisher.headers = {"Cache-Control": "max-age=7200"}
        for _ in range(2):  # also of an answer that nothing changed
            state = await pulled(mill)
            assert state.fresh_until is not None
            assert state.last_pull is not None
            assert timedelta(hours=2) <= state.fresh_until - state.last_pull + timedelta(seconds=1)
            assert "Cache-Control" in state.why
        publisher.headers = {}
        assert (await pulled(mill)).fresh_until is None


async def test_the_rhythm_is_what_came_of_late(publisher: Publisher, tmp_path: Path) -> None:
    async with milling(tmp_path, {"name": "tides", "url": publisher.url}) as mill:
        state = await pulled(mill)
        assert state.rhythm == 0.0  # both were published years ago
        assert state.last_new == state.last_pull
        now = state.last_pull or state.next_pull
        assert now is not None
        items = "".join(
            f"<item><guid>new-{n}</guid><title>New</title>"
            f"<pubDate>{(now - timedelta(days=n)).strftime('%a, %d %b %Y %H:%M:%S GMT')}</pubDate></item>"
            for n in range(4)
            for _ in range(1)
        )
        publisher.body, publisher.etag = publisher.body.replace(b"</channel>", items.encode() + b"</channel>"), '"2"'
        state = await pulled(mill)
        assert state.rhythm == pytest.approx(4 / 14)


async def test_a_difference_is_asked_for_and_adds_to_what_there_is(publisher: Publisher, tmp_path: Path) -> None:
    async with milling(tmp_path, {"name": "tides", "url": publisher.url}) as mill:
        await pulled(mill)
        assert "A-IM" not in publisher.requests[0].headers
        publisher.status, publisher.etag, publisher.body = 226, '"2"', feed(3)
        publisher.headers = {"IM": "feed"}
        state = await pulled(mill)
        assert publisher.requests[1].headers["A-IM"] == "feed"
        assert (state.outcome, state.etag) == (PullOutcome.CHANGED, '"2"')
