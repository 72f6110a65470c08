"""Subscriptions at hubs (to be replaced by the branch that builds them)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from storage.subscription import Subscription


def all(connection: Connection) -> dict[str, Subscription]:  # noqa: A001, ARG001, D103
    return {}


def missed(connection: Connection, source: str, when: datetime) -> None:  # noqa: D103
    pass
