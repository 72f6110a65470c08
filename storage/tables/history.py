"""What happened: the order in which entries arrived, full pages of archives, and the log of events."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlmodel import Field, SQLModel

from storage.tables.columns import KEY_ORDERED, json_column


class EventRow(SQLModel, table=True):
    """What happened to an entry, for one of the categories that held it then (``was``) or holds it since (``now``).

    An entry's event has one ``number`` in all of them; ``moment`` is when it was stored (Unix time, seconds).
    """

    __tablename__: ClassVar[str] = "event"
    __table_args__ = (KEY_ORDERED,)
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
    __table_args__ = (KEY_ORDERED,)
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
    __table_args__ = (KEY_ORDERED,)
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
    payload: dict[str, Any] = json_column()
