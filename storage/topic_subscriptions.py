"""Subscriptions at our own hub."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, select

from storage.bulk import upsert
from storage.database import batches
from storage.tables import TopicSubscriptionRow, table_of
from storage.topic_subscription import Pending, TopicSubscription

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection, RowMapping

_SUBSCRIPTION = table_of(TopicSubscriptionRow)
_NAMES = tuple(field.name for field in fields(TopicSubscription))
_ALL = select(_SUBSCRIPTION).order_by(_SUBSCRIPTION.c.token)
_NAMED = select(_SUBSCRIPTION).where(_SUBSCRIPTION.c.token == bindparam("named"))
_HERE = _SUBSCRIPTION.c.host == bindparam("at")
_PENDING = _SUBSCRIPTION.c.pending != ""
_CROWD = select(
    func.count(),
    func.count().filter(_HERE),
    func.count().filter(_PENDING),
    func.count().filter(_PENDING & _HERE),
)
_SAVE = upsert(_SUBSCRIPTION)


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many subscriptions there are in all, and of one host; and how many of them are still to be verified."""

    all: int
    of_host: int
    pending: int
    pending_of_host: int


def all(connection: Connection) -> list[TopicSubscription]:  # noqa: A001  as it is called: topic_subscriptions.all
    """Every subscription, those that are not verified too."""
    return [_value(row) for row in connection.execute(_ALL).mappings()]


def find(connection: Connection, token: str) -> TopicSubscription | None:
    """The subscription with this *token*."""
    row = connection.execute(_NAMED, {"named": token}).mappings().first()
    return None if row is None else _value(row)


def crowd(connection: Connection, host: str) -> Crowd:
    """How many there are, in all and with callbacks at *host*."""
    return Crowd(*connection.execute(_CROWD, {"at": host}).one())


def save(connection: Connection, subscription: TopicSubscription) -> None:
    """Keep *subscription* as it is now."""
    _SAVE.run(connection, [_row(subscription)])


def forget(connection: Connection, tokens: Iterable[str]) -> None:
    """Forget the subscriptions with these *tokens*."""
    for batch in batches(sorted(tokens)):
        connection.execute(delete(_SUBSCRIPTION).where(_SUBSCRIPTION.c.token.in_(batch)))


def _row(subscription: TopicSubscription) -> dict[str, Any]:
    return {"token": subscription.token} | {name: getattr(subscription, name) for name in _NAMES}


def _value(row: RowMapping) -> TopicSubscription:
    return TopicSubscription(**{name: row[name] for name in _NAMES} | {"pending": Pending(row["pending"])})
