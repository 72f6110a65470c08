"""Who is told: partners, subscribers at our hub, how far each has come, and what could not be delivered."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, SQLModel

from storage.tables.columns import KEY_ORDERED, json_column, text_column


class PartnerRow(SQLModel, table=True):
    """A partner; ``embargo`` is in seconds."""

    __tablename__: ClassVar[str] = "partner"
    name: str = Field(primary_key=True)
    categories: list[str] = json_column()
    key: bytes = Field(sa_column=Column(LargeBinary, nullable=False, index=True))
    created: datetime
    excerpt: int | None = None
    embargo: int
    per_minute: int
    expires: datetime | None = None
    revoked: datetime | None = None
    former_key: bytes = Field(sa_column=Column(LargeBinary, nullable=False, index=True))
    former_until: datetime | None = None
    webhook: str = text_column()
    webhook_secret: str


class PartnerDayRow(SQLModel, table=True):
    """How often a partner asked on a day, in UTC, and how often that was too much; ``entries`` is how many it got."""

    __tablename__: ClassVar[str] = "partner_day"
    __table_args__ = (KEY_ORDERED,)
    partner: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    requests: int
    refused: int
    entries: int


class TopicSubscriptionRow(SQLModel, table=True):
    """Somebody's subscription, at our own hub, to one of our feeds; ``pending`` is what it is still to be asked."""

    __tablename__: ClassVar[str] = "topic_subscription"
    token: str = Field(primary_key=True)
    callback: str = text_column()
    host: str
    topic: str = text_column()
    category: str
    suffix: str
    secret: str = text_column()
    lease_until: datetime | None = None
    pending: str
    wanted_secret: str = text_column()
    wanted_seconds: int
    next_try: datetime | None = None
    failures: int


class FollowerRow(SQLModel, table=True):
    """How far someone has been told of events: a webhook, a subscriber at our hub, another hub.

    ``position`` is the number of the last event that they have; ``failing_since`` is when what they are owed now was
    first tried in vain.
    """

    __tablename__: ClassVar[str] = "follower"
    id: str = Field(primary_key=True)
    position: int
    next_try: datetime | None = None
    failures: int
    failing_since: datetime | None = None
    failure: str = text_column()
    delivered: datetime | None = None


class DeadLetterRow(SQLModel, table=True):
    """An event that a follower could not be told of; ``again`` where it is to be tried once more."""

    __tablename__: ClassVar[str] = "dead_letter"
    __table_args__ = (KEY_ORDERED,)
    follower: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    info_code: str
    died: datetime
    failure: str = text_column()
    again: bool
