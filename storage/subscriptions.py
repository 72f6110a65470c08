"""Subscriptions at WebSub hubs: what was agreed with each, and those that were given up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, select

from storage.bulk import upsert
from storage.database import batches
from storage.rows import subscription_of, subscription_row
from storage.tables import SubscriptionRow, table_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection

    from storage.subscription import Subscription

_SUBSCRIPTION = table_of(SubscriptionRow)
_KEPT = _SUBSCRIPTION.c.dropped.is_(None)
_ALL = select(_SUBSCRIPTION).where(_KEPT)
_OF = _ALL.where(_SUBSCRIPTION.c.source.in_(bindparam("sources", expanding=True)))
_SAVE = upsert(_SUBSCRIPTION)


def all(connection: Connection) -> dict[str, Subscription]:  # noqa: A001  as it is called: subscriptions.all
    """The subscriptions by the names of their sources, but those that were dropped."""
    return {row["source"]: subscription_of(row) for row in connection.execute(_ALL).mappings()}


def of(connection: Connection, sources: Iterable[str]) -> dict[str, Subscription]:
    """Those of these *sources*, by their names."""
    found: dict[str, Subscription] = {}
    for batch in batches(sorted(sources)):
        rows = connection.execute(_OF, {"sources": batch}).mappings()
        found |= {row["source"]: subscription_of(row) for row in rows}
    return found


def dropped(connection: Connection) -> list[Subscription]:
    """The subscriptions that were dropped, those that were dropped first before others."""
    order = (_SUBSCRIPTION.c.dropped, _SUBSCRIPTION.c.token)
    rows = connection.execute(select(_SUBSCRIPTION).where(~_KEPT).order_by(*order)).mappings()
    return [subscription_of(row) for row in rows]


def find(connection: Connection, token: str) -> Subscription | None:
    """The subscription with this *token*, dropped or not."""
    row = connection.execute(select(_SUBSCRIPTION).where(_SUBSCRIPTION.c.token == token)).mappings().first()
    return None if row is None else subscription_of(row)


def save(connection: Connection, subscriptions: Iterable[Subscription]) -> None:
    """Keep *subscriptions* as they are now."""
    _SAVE.run(connection, [subscription_row(subscription) for subscription in subscriptions])


def forget(connection: Connection, tokens: Iterable[str]) -> None:
    """Forget the subscriptions with these *tokens*: their callbacks are unknown from now on."""
    for batch in batches(sorted(tokens)):
        connection.execute(delete(_SUBSCRIPTION).where(_SUBSCRIPTION.c.token.in_(batch)))


def pushed(connection: Connection, source: str, when: datetime) -> None:
    """Note that the hub of *source* sent something at *when* (aware, UTC)."""
    connection.execute(_SUBSCRIPTION.update().where(_kept_of(source)).values(pushed=when))


def missed(connection: Connection, source: str, when: datetime) -> None:
    """Note that a pull of *source* at *when* (aware, UTC) found what its hub had not sent."""
    connection.execute(_SUBSCRIPTION.update().where(_kept_of(source)).values(missed=when))


def _kept_of(source: str) -> ColumnElement[bool]:
    return (_SUBSCRIPTION.c.source == source) & _KEPT
