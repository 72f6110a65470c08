"""A sender that is killed between a delivery and its own note of it sends that once more, and nothing is lost."""

from __future__ import annotations

import base64
import json
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from storage import events, followers, partners
from storage.category import ALL
from storage.partner import Partner
from tests import stores

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.process.conftest import Process

    Start = Callable[..., Process]

_POSTS = 40
_SETTINGS = """
[site]
title = "Tides"
url = "http://127.0.0.1:1"
[publish]
private_hosts = ["127.0.0.1"]
[[source]]
name = "posts"
kind = "posts"
path = "."
"""


class _Receiver:
    """A webhook on the loopback. Every now and then it has the sender killed: before it answers, or right after."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.kill: Callable[[], None] | None = None
        self.killed = 0
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                assert said["id"] == self.headers["Webhook-Id"]
                receiver.ids.append(said["id"])
                fatal = receiver.kill is not None and len(receiver.ids) % 8 == 0
                if fatal and receiver.killed % 2:
                    receiver.strike()
                self.send_response(204)
                self.end_headers()
                self.wfile.flush()
                if fatal and not receiver.killed % 2:
                    receiver.strike()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def strike(self) -> None:
        kill, self.kill = self.kill, None
        assert kill is not None
        kill()
        self.killed += 1


@pytest.fixture
def receiver() -> Iterator[_Receiver]:
    receiver = _Receiver()
    thread = threading.Thread(target=receiver.server.serve_forever)
    thread.start()
    yield receiver
    receiver.server.shutdown()
    thread.join()
    receiver.server.server_close()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_killed_between_delivery_and_commit(tmp_path: Path, start: Start, receiver: _Receiver) -> None:
    site = tmp_path / "site"
    (site / "_posts").mkdir(parents=True)
    (site / "feedmill.toml").write_text(_SETTINGS)
    assert start(site, "run", "--once").wait() == 0
    database = stores.open_at(site / "data" / "feedmill.db")
    secret = "whsec_" + base64.b64encode(b"s" * 24).decode()
    address = f"http://127.0.0.1:{receiver.server.server_port}/hook"
    partner = Partner("harbour", (ALL,), b"k", datetime.now(UTC), webhook=address, webhook_secret=secret)
    with database.writing() as connection:
        partners.save(connection, partner)
    for number in range(_POSTS):
        text = f"---\ntitle: Tide {number}\ndate: 2022-03-14 18:35:49\ncategories: harbour\n---\nThe water came.\n"
        (site / "_posts" / f"2022-03-14-NW2022031400000{number:05}.md").write_text(text)

    def delivered() -> bool:
        with database.reading() as connection:
            follower = followers.find(connection, "webhook:harbour")
            return follower is not None and follower.position == events.last(connection) == _POSTS

    while not delivered():
        process = start(site, "run")
        receiver.kill = process.kill if receiver.killed < 6 else None
        process.until(lambda: receiver.kill is None or delivered()) if receiver.kill else process.until(delivered)
        receiver.kill = None
        process.kill()

    seen = list(dict.fromkeys(receiver.ids))
    assert seen == [f"{database.identity}-{number}" for number in range(1, _POSTS + 1)]
    assert len(receiver.ids) > _POSTS  # some came twice, with the same ids
    assert receiver.killed >= 4
    doubles = [one for one, next_one in zip(receiver.ids, receiver.ids[1:], strict=False) if one == next_one]
    assert len(doubles) == len(receiver.ids) - _POSTS  # each right after itself: order is kept
    database.close()
