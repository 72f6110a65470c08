"""What is pulled: sources, their days, their subscriptions at hubs."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

from sqlmodel import Field, SQLModel

from storage.tables.columns import KEY_ORDERED, json_column, text_column


class SourceRow(SQLModel, table=True):
    """A source's pulls: what came of the last one, and when the next is due."""

    __tablename__: ClassVar[str] = "source"
    name: str = Field(primary_key=True)
    kind: str
    settings: str
    etag: str = text_column()
    modified: str = text_column()
    digest: str
    last_pull: datetime | None = None
    last_success: datetime | None = None
    next_pull: datetime | None = Field(default=None, index=True)
    failures: int
    failure: str = text_column()
    trouble: str
    warning: str = text_column()
    alerted: datetime | None = None
    outcome: str
    seconds: float
    why: str = text_column()
    address: str = text_column()
    moved_to: str = text_column()
    moved_pulls: int
    proposal: str = text_column()
    site: str = text_column()
    hub: str = text_column()
    topic: str = text_column()
    rhythm: float
    last_new: datetime | None = None
    pace: dict[str, Any] = json_column()
    fresh_until: datetime | None = None
    retry_until: datetime | None = Field(default=None, index=True)


class SourceDayRow(SQLModel, table=True):
    """How many entries a source brought that were published on a day, in UTC."""

    __tablename__: ClassVar[str] = "source_day"
    __table_args__ = (KEY_ORDERED,)
    source: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    entries: int


class SubscriptionRow(SQLModel, table=True):
    """A source's subscription at its hub, or one that was dropped."""

    __tablename__: ClassVar[str] = "subscription"
    token: str = Field(primary_key=True)
    source: str = Field(index=True)
    hub: str = text_column()
    topic: str = text_column()
    secret: str
    private: bool
    asked: datetime | None = None
    next_ask: datetime | None = None
    lease_until: datetime | None = None
    failures: int
    failure: str = text_column()
    pushed: datetime | None = None
    missed: datetime | None = None
    dropped: datetime | None = None
