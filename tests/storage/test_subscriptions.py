"""Subscriptions as they are kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from storage import subscriptions
from storage.subscription import Subscription
from tests.storage.held import NOON

if TYPE_CHECKING:
    from storage.database import Database

_HOUR = timedelta(hours=1)
_TIDES = Subscription(
    source="tides",
    hub="https://hub.example/",
    topic="https://tides.example/港口",
    token="one",
    secret="sea",
    private=True,
    asked=NOON,
    next_ask=NOON + _HOUR,
    lease_until=NOON + 2 * _HOUR,
    failures=3,
    failure="no",
    pushed=NOON + 3 * _HOUR,
    missed=NOON + 4 * _HOUR,
)
_OLD = replace(_TIDES, token="old", dropped=NOON)
_OLDER = replace(_TIDES, token="older", dropped=NOON - _HOUR)
_EBB = Subscription("ebb", "https://hub.example/", "https://tides.example/ebb", "two", "moon")


def test_what_is_saved_is_found(database: Database) -> None:
    with database.writing() as connection:
        subscriptions.save(connection, [])
        subscriptions.save(connection, [_OLD, _TIDES, _EBB, _OLDER])
    with database.reading() as connection:
        assert subscriptions.all(connection) == {"tides": _TIDES, "ebb": _EBB}
        assert subscriptions.dropped(connection) == [_OLDER, _OLD]
        assert subscriptions.find(connection, "one") == _TIDES
        assert subscriptions.find(connection, "old") == _OLD
        assert subscriptions.find(connection, "three") is None


def test_saved_again_and_forgotten(database: Database) -> None:
    with database.writing() as connection:
        subscriptions.save(connection, [_TIDES, _EBB])
        subscriptions.save(connection, [replace(_TIDES, failures=0, lease_until=None)])
        assert subscriptions.find(connection, "one") == replace(_TIDES, failures=0, lease_until=None)
        subscriptions.forget(connection, ["one", "unknown"])
        assert subscriptions.all(connection) == {"ebb": _EBB}


def test_pushed_and_missed_are_of_the_subscription_that_is_kept(database: Database) -> None:
    then = NOON + 9 * _HOUR
    with database.writing() as connection:
        subscriptions.save(connection, [_TIDES, _EBB, _OLD])
        subscriptions.missed(connection, "tides", then)
        subscriptions.pushed(connection, "ebb", then)
        subscriptions.missed(connection, "nobody", then)
        assert subscriptions.all(connection) == {
            "tides": replace(_TIDES, missed=then),
            "ebb": replace(_EBB, pushed=then),
        }
        assert subscriptions.dropped(connection) == [_OLD]
