"""``feedmill delivery``, and the line of ``status``."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import orjson
import pytest

from storage import entries, events, followers, partners, topic_subscriptions
from storage.category import ALL
from storage.entries import EntryChange
from storage.follower import Follower, FollowerKind, follower_id
from storage.partner import Partner
from storage.topic_subscription import TopicSubscription
from tests import stores
from tests.storage.held import entry

if TYPE_CHECKING:
    from storage.database import Database
    from tests.aggregator.cli.conftest import Terminal

_NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
_HOOK = "webhook:harbour"
_REASON = "https://harbour.example/hook answers with status 500"


@pytest.fixture
def database(terminal: Terminal) -> Database:
    """A store with a webhook that fails, and a subscriber."""
    assert terminal.type("run", "--once").code == 0
    database = stores.open_at(terminal.folder / "data" / "feedmill.db")
    topic = "https://tide.example/all.atom"
    subscription = TopicSubscription("https://reader.example/secret-path", "reader.example", topic, ALL, "atom")
    with database.writing() as connection:
        partners.save(connection, Partner("harbour", (ALL,), b"k", _NOW, webhook="https://harbour.example/hook"))
        topic_subscriptions.save(connection, subscription)
        followers.begin(connection, follower_id(FollowerKind.TOPIC, subscription.token), events.last(connection))
        begun = followers.find(connection, _HOOK)
        assert begun is not None
        entries.save(connection, [EntryChange(None, entry(number, "harbour")) for number in (1, 2, 3)], _NOW)
        happened = events.after(connection, begun.position, [ALL], 2)
        failing = Follower(_HOOK, happened[0].number, _NOW, 7, _NOW, _REASON)
        followers.save(connection, failing)
        followers.bury(connection, failing, happened[:1], _NOW)
    return database


def test_list(terminal: Terminal, database: Database) -> None:
    done = terminal.type("delivery", "list")
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[0].startswith("topic:")
    assert lines[0].endswith("owed 3, dead 0  reader.example, https://tide.example/all.atom")
    assert lines[1].startswith(f"{_HOOK}  at ")
    assert lines[1].endswith("owed 2, dead 1  harbour.example")
    assert lines[2] == f"  failing since 2026-11-24 12:00:00 UTC, 7 times: {_REASON}"
    assert "secret-path" not in done.out
    rows = orjson.loads(terminal.type("delivery", "list", "--json").out)
    assert [(row["owed"], row["dead"], row["failures"]) for row in rows] == [(3, 0, 0), (2, 1, 7)]
    database.close()


def test_dead_replay_drop(terminal: Terminal, database: Database) -> None:
    done = terminal.type("delivery", "dead")
    assert done.out.startswith(f"{_HOOK}  ")
    assert done.out.rstrip().endswith(f"given up 2026-11-24 12:00:00 UTC: {_REASON}")
    assert terminal.type("delivery", "dead", _HOOK).out == done.out
    assert len(orjson.loads(terminal.type("delivery", "dead", "--json").out)) == 1
    done = terminal.type("delivery", "replay", _HOOK)
    assert (done.code, done.err) == (0, f"feedmill: {_HOOK}: to be tried again: 1; feedmill run delivers them\n")
    assert "to be tried again" in terminal.type("delivery", "dead", _HOOK).out
    with database.reading() as connection:
        assert followers.retried(connection) == {_HOOK}
        found = followers.find(connection, _HOOK)
        assert found is not None
        assert found.next_try is None
    assert terminal.type("delivery", "drop", _HOOK).err == f"feedmill: {_HOOK}: forgotten: 1\n"
    assert terminal.type("delivery", "dead").out == ""
    database.close()


@pytest.mark.parametrize("command", ["dead", "replay", "drop"])
def test_nobody(terminal: Terminal, command: str) -> None:
    done = terminal.type("delivery", command, "webhook:nobody")
    assert done.code == 2
    assert done.err == "feedmill: nobody follows as 'webhook:nobody': feedmill delivery list names all who do\n"


def test_status(terminal: Terminal, database: Database) -> None:
    line = "Followers: 2, failing: 1; owed: 5, dead: 1 (feedmill delivery list)"
    assert terminal.type("status").out.splitlines()[-1] == line
    database.close()
    for row in ("status", "--json"), ("delivery", "list", "--json"):
        assert isinstance(orjson.loads(terminal.type(*row).out), list)


def test_status_where_nobody_follows(terminal: Terminal) -> None:
    assert "Followers" not in terminal.type("status").out
