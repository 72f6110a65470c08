"""Columns and keys that tables have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import JSON, BigInteger, Column, Integer, String, Text
from sqlmodel import AutoString, Field

if TYPE_CHECKING:
    from sqlalchemy import MetaData, Table
    from sqlmodel import SQLModel

# SQLite compares texts byte by byte, and a whole number of it has 64 bits.
TEXT: Final = Text().with_variant(Text(collation="C"), "postgresql")
WHOLE: Final = Integer().with_variant(BigInteger(), "postgresql")
# An order key and what it leads to lie in one tree: a page of a category is one run of neighbouring keys.
KEY_ORDERED: Final = {"sqlite_with_rowid": False}

# A number that the database is not to give.
NOT_COUNTED: Final = {"autoincrement": False}


def json_column() -> Any:
    """A column of what JSON can say."""
    return Field(sa_column=Column(JSON, nullable=False))


def text_column() -> Any:
    """A column of a text of any length."""
    return Field(sa_column=Column(TEXT, nullable=False))


def same_in_both(metadata: MetaData) -> None:
    """Let every text and whole number be the same, and be compared alike, in both databases."""
    for table in metadata.tables.values():
        for column in table.columns:
            if isinstance(column.type, (String, AutoString)):
                column.type = TEXT
            elif isinstance(column.type, Integer):
                column.type = WHOLE


def table_of(model: type[SQLModel]) -> Table:
    """The Core table behind a model."""
    return cast("Table", model.__table__)  # type: ignore[attr-defined]
