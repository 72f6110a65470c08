"""The tables. ``rows`` turns a row into a value and back; neither rows nor models leave this room.

Table models do not validate, so values are made sure of before they come here. Rows are written and read with
SQLAlchemy Core (a list of mappings, no session), which costs a quarter of a session's ``add_all``.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar, cast

from sqlalchemy import JSON, BigInteger, Column, LargeBinary, Table, Text
from sqlmodel import Field, SQLModel

# An order key and what it leads to lie in one tree: a page of a category is one run of neighbouring keys.
_KEY_ORDERED = {"sqlite_with_rowid": False}


def _json() -> Any:
    return Field(sa_column=Column(JSON, nullable=False))


def _text() -> Any:
    return Field(sa_column=Column(Text, nullable=False))


class StoreRow(SQLModel, table=True):
    """One row: who this store is, the number of the last change, when that was (Unix time, seconds), and the number of
    the last event.
    """

    __tablename__: ClassVar[str] = "store"
    id: int = Field(primary_key=True)
    identity: str
    change: int
    changed: int
    events: int


class EntryRow(SQLModel, table=True):
    """An entry as it is published now; ``extras`` holds what few entries have."""

    __tablename__: ClassVar[str] = "entry"
    info_code: str = Field(primary_key=True)
    change: int = Field(index=True)
    scope: str
    source: str
    title: str = _text()
    summary: str = _text()
    content: str = _text()
    link: str = _text()
    published: datetime
    updated: datetime
    first_seen: datetime
    origin: list[str] = _json()
    authors: list[list[str]] = _json()
    categories: list[str] = _json()
    category_names: list[list[str]] = _json()
    tags: list[str] = _json()
    enclosures: list[list[Any]] = _json()
    language: str
    extras: dict[str, Any] = _json()
    guid: str = _text()
    atom_id: str = Field(sa_column=Column(Text, nullable=False, unique=True))
    revision: int
    withdrawn: datetime | None = None
    withdrawn_by: str = ""


class RevisionRow(SQLModel, table=True):
    """What an entry said before a correction."""

    __tablename__: ClassVar[str] = "revision"
    info_code: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    title: str = _text()
    summary: str = _text()
    content: str = _text()
    link: str = _text()
    published: datetime
    updated: datetime
    enclosures: list[list[Any]] = _json()


class MembershipRow(SQLModel, table=True):
    """An entry's place in a category, and the source that it is from; the category ``""`` holds everything."""

    __tablename__: ClassVar[str] = "membership"
    __table_args__ = (_KEY_ORDERED,)
    category: str = Field(primary_key=True)
    published: datetime = Field(primary_key=True)
    info_code: str = Field(primary_key=True)
    source: str


class TombstoneRow(SQLModel, table=True):
    """A withdrawn entry's place in a category that once held it."""

    __tablename__: ClassVar[str] = "tombstone"
    __table_args__ = (_KEY_ORDERED,)
    category: str = Field(primary_key=True)
    withdrawn: datetime = Field(primary_key=True)
    info_code: str = Field(primary_key=True)


class EventRow(SQLModel, table=True):
    """What happened to an entry, for one of the categories that held it then (``was``) or holds it since (``now``).

    An entry's event has one ``number`` in all of them; ``moment`` is when it was stored (Unix time, seconds).
    """

    __tablename__: ClassVar[str] = "event"
    __table_args__ = (_KEY_ORDERED,)
    category: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    info_code: str
    revision: int
    moment: int
    was: bool
    now: bool


class ArrivalRow(SQLModel, table=True):
    """A place in a category's history, by the order in which entries arrived there; numbers begin with 1, without gaps.

    An entry that is corrected, or leaves, when its place lies on a full page takes one more place (``again``).
    ``gone`` is when it was withdrawn or left the category: a tombstone stands there then.
    """

    __tablename__: ClassVar[str] = "arrival"
    __table_args__ = (_KEY_ORDERED,)
    category: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    info_code: str = Field(index=True)
    again: bool
    gone: datetime | None = None


class ArchivePageRow(SQLModel, table=True):
    """A full page of a category's history: it shows what was stored at the change ``filled``.

    ``version`` is the number of the change that last touched it, ``title`` what the category was called when it filled.
    """

    __tablename__: ClassVar[str] = "archive_page"
    __table_args__ = (_KEY_ORDERED,)
    category: str = Field(primary_key=True)
    page: int = Field(primary_key=True)
    filled: int
    version: int = Field(index=True)
    title: str


class ArchivedRow(SQLModel, table=True):
    """An entry as a full page still shows it, though the change ``until`` made another of it."""

    __tablename__: ClassVar[str] = "archived"
    info_code: str = Field(primary_key=True)
    until: int = Field(primary_key=True)
    payload: dict[str, Any] = _json()


class CategoryRow(SQLModel, table=True):
    """A category that has, or had, entries or a page of its own; ``arrivals`` counts its places in ``arrival``.

    ``source`` is the one whose entries were the first in it, for ever; empty where a page came before them.
    ``changed`` is when the version last moved (Unix time, seconds), later at every move; ``given_title`` is the
    operator's; of a ``private`` one only partners know; ``moved_to`` is the slug that it was renamed to or merged into,
    never itself one that moved on.
    """

    __tablename__: ClassVar[str] = "category"
    slug: str = Field(primary_key=True)
    title: str
    page_title: str
    given_title: str
    version: int = Field(index=True)
    changed: int
    entries: int
    arrivals: int
    source: str = Field(index=True)
    hidden: bool = Field(index=True)
    private: bool = Field(index=True)
    moved_to: str = Field(index=True)


class CategoryNameRow(SQLModel, table=True):
    """How many entries call a category by a name."""

    __tablename__: ClassVar[str] = "category_name"
    __table_args__ = (_KEY_ORDERED,)
    slug: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    entries: int


class BandRow(SQLModel, table=True):
    """Where an entry is found by those that say nearly the same: a few days and a part of its text's sketch."""

    __tablename__: ClassVar[str] = "band"
    __table_args__ = (_KEY_ORDERED,)
    key: int = Field(primary_key=True, sa_type=BigInteger)
    info_code: str = Field(primary_key=True)


class StoryRow(SQLModel, table=True):
    """An entry that tells a story which others tell as well; ``story`` is the infoCode of the first of them."""

    __tablename__: ClassVar[str] = "story"
    info_code: str = Field(primary_key=True)
    story: str = Field(index=True)
    published: datetime


class CopyRow(SQLModel, table=True):
    """One place where an entry was found: a post's file, or an item of a feed.

    ``payload`` holds the entry as this copy tells it, and is null for the copy that stands in ``entry``.
    """

    __tablename__: ClassVar[str] = "copy"
    source: str = Field(primary_key=True)
    place: str = Field(primary_key=True)
    info_code: str = Field(index=True)
    size: int
    modified_ns: int = Field(sa_type=BigInteger)
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    first_seen: datetime
    gone: bool
    withdrawn: bool
    problem: str = _text()
    owner: str = _text()
    published: datetime | None = None
    length: int
    categories: list[str] = _json()
    category_names: list[list[str]] = _json()
    tags: list[str] = _json()
    payload: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))


class AliasRow(SQLModel, table=True):
    """A key that an entry was known by; ``info_code`` is empty where several entries had it."""

    __tablename__: ClassVar[str] = "alias"
    __table_args__ = (_KEY_ORDERED,)
    scope: str = Field(primary_key=True)
    key: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    info_code: str


class SourceRow(SQLModel, table=True):
    """A source's pulls: what came of the last one, and when the next is due."""

    __tablename__: ClassVar[str] = "source"
    name: str = Field(primary_key=True)
    kind: str
    settings: str
    etag: str = _text()
    modified: str = _text()
    digest: str
    last_pull: datetime | None = None
    last_success: datetime | None = None
    next_pull: datetime | None = None
    failures: int
    failure: str = _text()
    trouble: str
    warning: str = _text()
    alerted: datetime | None = None
    outcome: str
    seconds: float
    why: str = _text()
    address: str = _text()
    moved_to: str = _text()
    moved_pulls: int
    proposal: str = _text()
    site: str = _text()
    hub: str = _text()
    topic: str = _text()
    rhythm: float
    last_new: datetime | None = None
    pace: dict[str, Any] = _json()
    fresh_until: datetime | None = None
    retry_until: datetime | None = None


class SourceDayRow(SQLModel, table=True):
    """How many entries a source brought that were published on a day, in UTC."""

    __tablename__: ClassVar[str] = "source_day"
    __table_args__ = (_KEY_ORDERED,)
    source: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    entries: int


class SubscriptionRow(SQLModel, table=True):
    """A source's subscription at its hub, or one that was dropped."""

    __tablename__: ClassVar[str] = "subscription"
    token: str = Field(primary_key=True)
    source: str = Field(index=True)
    hub: str = _text()
    topic: str = _text()
    secret: str
    private: bool
    asked: datetime | None = None
    next_ask: datetime | None = None
    lease_until: datetime | None = None
    failures: int
    failure: str = _text()
    pushed: datetime | None = None
    missed: datetime | None = None
    dropped: datetime | None = None


class PartnerRow(SQLModel, table=True):
    """A partner; ``embargo`` is in seconds."""

    __tablename__: ClassVar[str] = "partner"
    name: str = Field(primary_key=True)
    categories: list[str] = _json()
    key: bytes = Field(sa_column=Column(LargeBinary, nullable=False, index=True))
    created: datetime
    excerpt: int | None = None
    embargo: int
    per_minute: int
    expires: datetime | None = None
    revoked: datetime | None = None
    former_key: bytes = Field(sa_column=Column(LargeBinary, nullable=False, index=True))
    former_until: datetime | None = None
    webhook: str = _text()
    webhook_secret: str


class PartnerDayRow(SQLModel, table=True):
    """How often a partner asked on a day, in UTC, and how often that was too much; ``entries`` is how many it got."""

    __tablename__: ClassVar[str] = "partner_day"
    __table_args__ = (_KEY_ORDERED,)
    partner: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    requests: int
    refused: int
    entries: int


class TopicSubscriptionRow(SQLModel, table=True):
    """Somebody's subscription, at our own hub, to one of our feeds; ``pending`` is what it is still to be asked."""

    __tablename__: ClassVar[str] = "topic_subscription"
    token: str = Field(primary_key=True)
    callback: str = _text()
    host: str
    topic: str = _text()
    category: str
    suffix: str
    secret: str = _text()
    lease_until: datetime | None = None
    pending: str
    wanted_secret: str = _text()
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
    failure: str = _text()
    delivered: datetime | None = None


class DeadLetterRow(SQLModel, table=True):
    """An event that a follower could not be told of; ``again`` where it is to be tried once more."""

    __tablename__: ClassVar[str] = "dead_letter"
    __table_args__ = (_KEY_ORDERED,)
    follower: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    info_code: str
    died: datetime
    failure: str = _text()
    again: bool


class SearchDocumentRow(SQLModel, table=True):
    """An entry in the search index as it was at its ``change``: the document ``number`` of ``search_words``.

    An entry whose ``digest`` of what it is found by differs gets a new number; a document that no row names is stale.
    """

    __tablename__: ClassVar[str] = "search_document"
    number: int = Field(primary_key=True)
    info_code: str = Field(unique=True)
    change: int
    published: datetime
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class SearchMarkRow(SQLModel, table=True):
    """One row: up to which ``change`` the search index is complete, the last of the ``numbers`` that were given to
    documents, and the last of those when the index was ``emptied``.
    """

    __tablename__: ClassVar[str] = "search_mark"
    id: int = Field(primary_key=True)
    change: int
    numbers: int
    emptied: int


def table_of(model: type[SQLModel]) -> Table:
    """The Core table behind a model."""
    return cast("Table", model.__table__)  # type: ignore[attr-defined]
