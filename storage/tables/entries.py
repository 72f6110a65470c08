"""What is published: entries, their places in categories, their tellings, and where they were found."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Column, Index, LargeBinary, text
from sqlmodel import Field, SQLModel

from storage.tables.columns import KEY_ORDERED, NOT_COUNTED, TEXT, json_column, text_column

_HAS_PROBLEM = text("problem <> ''")


class StoreRow(SQLModel, table=True):
    """One row: who this store is, the number of the last change, when that was (Unix time, seconds), and the number of
    the last event.
    """

    __tablename__: ClassVar[str] = "store"
    id: int = Field(primary_key=True, sa_column_kwargs=NOT_COUNTED)
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
    title: str = text_column()
    link: str = text_column()
    published: datetime
    updated: datetime
    first_seen: datetime
    origin: list[str] = json_column()
    authors: list[list[str]] = json_column()
    categories: list[str] = json_column()
    category_names: list[list[str]] = json_column()
    tags: list[str] = json_column()
    enclosures: list[list[Any]] = json_column()
    language: str
    extras: dict[str, Any] = json_column()
    guid: str = text_column()
    atom_id: str = Field(sa_column=Column(TEXT, nullable=False, unique=True))
    revision: int
    withdrawn: datetime | None = None
    withdrawn_by: str = ""
    # Last, since SQLite passes through all that lies before a column to read it.
    summary: str = text_column()
    content: str = text_column()


class RevisionRow(SQLModel, table=True):
    """What an entry said before a correction."""

    __tablename__: ClassVar[str] = "revision"
    info_code: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    title: str = text_column()
    summary: str = text_column()
    content: str = text_column()
    link: str = text_column()
    published: datetime
    updated: datetime
    enclosures: list[list[Any]] = json_column()


class MembershipRow(SQLModel, table=True):
    """An entry's place in a category, and the source that it is from; the category ``""`` holds everything."""

    __tablename__: ClassVar[str] = "membership"
    __table_args__ = (KEY_ORDERED,)
    category: str = Field(primary_key=True)
    published: datetime = Field(primary_key=True)
    info_code: str = Field(primary_key=True)
    source: str


class TombstoneRow(SQLModel, table=True):
    """A withdrawn entry's place in a category that once held it."""

    __tablename__: ClassVar[str] = "tombstone"
    __table_args__ = (KEY_ORDERED,)
    category: str = Field(primary_key=True)
    withdrawn: datetime = Field(primary_key=True)
    info_code: str = Field(primary_key=True)


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
    __table_args__ = (KEY_ORDERED,)
    slug: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    entries: int


class BandRow(SQLModel, table=True):
    """Where an entry is found by those that say nearly the same: a few days and a part of its text's sketch."""

    __tablename__: ClassVar[str] = "band"
    __table_args__ = (KEY_ORDERED,)
    key: int = Field(primary_key=True)
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
    # Of those that cannot be read, which are few, so that no scan looks at all for them.
    __table_args__ = (
        Index("ix_copy_problem", "source", "place", sqlite_where=_HAS_PROBLEM, postgresql_where=_HAS_PROBLEM),
    )
    source: str = Field(primary_key=True)
    place: str = Field(primary_key=True)
    info_code: str = Field(index=True)
    size: int
    modified_ns: int
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    first_seen: datetime
    gone: bool
    withdrawn: bool
    problem: str = text_column()
    owner: str = text_column()
    published: datetime | None = None
    length: int
    categories: list[str] = json_column()
    category_names: list[list[str]] = json_column()
    tags: list[str] = json_column()
    payload: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))


class AliasRow(SQLModel, table=True):
    """A key that an entry was known by; ``info_code`` is empty where several entries had it."""

    __tablename__: ClassVar[str] = "alias"
    __table_args__ = (KEY_ORDERED,)
    scope: str = Field(primary_key=True)
    key: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    info_code: str
