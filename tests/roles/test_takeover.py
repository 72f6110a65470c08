"""Another leads when the leader dies, stands still or is cut off; what a worker leaves is done by others."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

import pytest

from tests.roles.feeds import Feeds
from tests.roles.processes import Role, Roles, Server, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SITE = '[site]\nurl = "http://127.0.0.1:1"\n'
_SOURCE = '[[source]]\nname = "tide{0}"\nkind = "feed"\nurl = "{1}"\nprivate = true\nevery = "2s"\n'
_TAKE_OVER_SECONDS = 10


@pytest.fixture(scope="module")
def server() -> Server:
    return Server()


@pytest.fixture
def feeds() -> Iterator[Feeds]:
    with Feeds() as feeds:
        for number in range(4):
            feeds.items[number] = 1
        yield feeds


@pytest.fixture
def roles(tmp_path: Path, server: Server, feeds: Feeds) -> Iterator[Roles]:
    site = tmp_path / "site"
    site.mkdir()
    sources = "".join(_SOURCE.format(number, feeds.address(number)) for number in range(4))
    (site / "feedmill.toml").write_text(_SITE + sources)
    with Roles(site, server.url()) as roles:
        yield roles


def _two_schedulers(roles: Roles) -> tuple[Role, Role]:
    """The leader and the other, once both are there."""
    schedulers = [roles.start("scheduler", "--port", "0") for _ in range(2)]
    for one in schedulers:
        _ = one.address
    until(lambda: roles.leader() is not None, lambda: schedulers[0].said)
    leader = roles.leader()
    assert leader is not None
    [other] = [one for one in schedulers if one is not leader]
    time.sleep(3)  # it waits by now
    assert "event=leads " not in other.said
    return leader, other


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM, None])
def test_another_leads_in_time(roles: Roles, server: Server, how: signal.Signals | None) -> None:
    leader, other = _two_schedulers(roles)
    begun = time.monotonic()
    if how is not None:
        leader.popen.send_signal(how)
        until(lambda: "event=leads " in other.said, lambda: other.said)
        # Its own clock ticks once a second, and this machine is a busy one.
        assert time.monotonic() - begun < _TAKE_OVER_SECONDS
    else:  # its connection alone is lost: whichever leads then, one does
        ended = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = 1 AND granted"
        assert server.ask(ended) == [(True,)]
        until(lambda: "leads no longer" in leader.said, lambda: leader.said)
        until(lambda: roles.leader() is not None, lambda: leader.said + other.said)
    if how is signal.SIGSTOP:
        leader.popen.send_signal(signal.SIGCONT)
        until(lambda: "leads no longer" in leader.said, lambda: leader.said)
        time.sleep(3)
        assert roles.leader() is other


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_what_a_worker_leaves_is_done_by_others(roles: Roles, feeds: Feeds, server: Server) -> None:
    feeds.slow = 3.0
    roles.start("scheduler")
    first = roles.start("worker")
    until(lambda: sum(feeds.asked.values()) >= 4, lambda: first.said)
    first.kill()  # in the midst of them
    second = roles.start("worker")
    until(lambda: server.ask("SELECT count(*) FROM source WHERE outcome <> ''") == [(4,)], lambda: second.said, 60)
    until(lambda: sum(feeds.asked.values()) > 9, lambda: second.said)
    assert feeds.doubled == []
    begun = time.monotonic()
    assert second.kill(signal.SIGTERM) == 0
    assert time.monotonic() - begun < 15
    assert server.ask("SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'") == [(0,)]
