"""Followers, their dead letters, and the questions about events that they ask."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from storage import entries, events, followers, partners, topic_subscriptions
from storage.category import ALL
from storage.entries import EntryChange
from storage.event import EventKind
from storage.follower import DeadLetter, Follower, FollowerKind, follower_id
from storage.partner import Partner
from storage.topic_subscription import Pending, TopicSubscription
from storage.topic_subscriptions import Crowd
from tests.storage.held import NOON, code, entry

if TYPE_CHECKING:
    from storage.database import Database

_HOOK = follower_id(FollowerKind.WEBHOOK, "a:b")


def test_kept_as_it_is(database: Database) -> None:
    whole = Follower("topic:x", 7, NOON, 3, NOON, "no", NOON)
    assert (whole.kind, whole.name) == (FollowerKind.TOPIC, "x")
    with database.writing() as connection:
        followers.begin(connection, _HOOK, 5)
        followers.begin(connection, _HOOK, 9)
        followers.save(connection, whole)
    with database.reading() as connection:
        assert followers.all(connection) == [whole, Follower(_HOOK, 5)]
        found = followers.find(connection, _HOOK)
        assert found is not None
        assert found.name == "a:b"
        assert followers.find(connection, "hub:x") is None


def test_dead_letters(database: Database) -> None:
    follower = Follower(_HOOK, 0, failure="no")
    with database.writing() as connection:
        followers.save(connection, replace(follower, failures=4, failing_since=NOON, next_try=NOON))
        entries.save(connection, [EntryChange(None, entry(number, "a")) for number in range(1, 4)], NOON)
        happened = events.after(connection, 0, ["a"], 9)
        followers.bury(connection, follower, happened, NOON)
        followers.bury(connection, Follower("topic:x", 0), happened[:1], NOON)
        letters = [DeadLetter(_HOOK, number, code(number), NOON, "no") for number in (1, 2, 3)]
        assert followers.dead(connection, _HOOK) == letters
        assert followers.dead_counts(connection) == {_HOOK: 3, "topic:x": 1}
        assert followers.again(connection, _HOOK, 9) == []
        assert followers.replay(connection, _HOOK) == 3
        assert followers.find(connection, _HOOK) == Follower(_HOOK, 0)
        assert followers.retried(connection) == {_HOOK}
        assert [letter.number for letter in followers.again(connection, _HOOK, 2)] == [1, 2]
        followers.settle(connection, _HOOK, [1, 3])
        assert [letter.number for letter in followers.dead(connection, _HOOK)] == [2]
        assert followers.drop(connection, _HOOK) == 1
        assert followers.replay(connection, _HOOK) == 0
        followers.forget(connection, ["topic:x"])
        assert followers.dead(connection) == []


def test_what_is_asked_of_events(database: Database) -> None:
    with database.writing() as connection:
        entries.save(connection, [EntryChange(None, entry(1, "a")), EntryChange(None, entry(2, "b"))], NOON)
        before = entries.find(connection, [code(1)])[code(1)]
        entries.save(connection, [EntryChange(before, replace(before, categories=("b",)))], NOON)
        assert [events.newest(connection, slug) for slug in (ALL, "a", "b", "c")] == [3, 3, 3, 0]
        assert [events.count(connection, 0, slugs) for slugs in ([ALL], ["a"], ["a", "b"], ["c"], [])] == [
            3,
            2,
            3,
            0,
            0,
        ]
        assert events.count(connection, 2, ["a", "b"]) == 1
        [left] = events.named(connection, [3, 9], ["a"])
        assert (left.number, left.kind) == (3, EventKind.WITHDRAWN)
        assert [one.kind for one in events.named(connection, [3], ["a", "b"])] == [EventKind.CORRECTED]
        assert events.named(connection, [1], ["b"]) == []


def test_a_partners_webhook_follows_from_the_last_event_on(database: Database) -> None:
    partner = Partner("harbour", (ALL,), b"k", NOON)
    with database.writing() as connection:
        entries.save(connection, [EntryChange(None, entry(1, "a"))], NOON)
        partners.save(connection, partner)
        assert followers.all(connection) == []
        partners.save(connection, replace(partner, webhook="https://harbour.example/hook"))
        entries.save(connection, [EntryChange(None, entry(2, "a"))], NOON)
        partners.save(connection, replace(partner, webhook="https://harbour.example/other"))
        assert followers.all(connection) == [Follower("webhook:harbour", 1)]
        followers.bury(connection, Follower("webhook:harbour", 1), events.after(connection, 1, [ALL], 1), NOON)
        partners.save(connection, replace(partner, webhook="https://harbour.example/other", revoked=NOON))
        assert (followers.all(connection), followers.dead(connection)) == ([], [])


def test_subscriptions(database: Database) -> None:
    one = TopicSubscription("https://a.example/1", "a.example", "https://mill.example/all.atom", ALL, "atom")
    other = replace(
        one, callback="https://a.example/2", secret="s", lease_until=NOON, pending=Pending.SUBSCRIBE, wanted_secret="t",
        wanted_seconds=5, next_try=NOON, failures=2,
    )  # fmt: skip
    assert one.token != other.token != replace(other, topic="https://mill.example/all.rss").token
    with database.writing() as connection:
        topic_subscriptions.save(connection, one)
        topic_subscriptions.save(connection, other)
        topic_subscriptions.save(connection, replace(one, secret="u"))
        assert topic_subscriptions.find(connection, one.token) == replace(one, secret="u")
        assert topic_subscriptions.find(connection, other.token) == other
        assert topic_subscriptions.crowd(connection, "a.example") == Crowd(2, 2, 1, 1)
        assert topic_subscriptions.crowd(connection, "b.example") == Crowd(2, 0, 1, 0)
        topic_subscriptions.forget(connection, [one.token])
        assert topic_subscriptions.all(connection) == [other]
    assert "secret" not in repr(other)
    assert "a.example/2" not in repr(other)
