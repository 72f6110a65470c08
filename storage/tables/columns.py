"""Columns and keys that tables have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import JSON, Column, Text
from sqlmodel import Field

if TYPE_CHECKING:
    from sqlalchemy import Table
    from sqlmodel import SQLModel

# An order key and what it leads to lie in one tree: a page of a category is one run of neighbouring keys.
KEY_ORDERED: Final = {"sqlite_with_rowid": False}


def json_column() -> Any:
    """A column of what JSON can say."""
    return Field(sa_column=Column(JSON, nullable=False))


def text_column() -> Any:
    """A column of a text of any length."""
    return Field(sa_column=Column(Text, nullable=False))


def table_of(model: type[SQLModel]) -> Table:
    """The Core table behind a model."""
    return cast("Table", model.__table__)  # type: ignore[attr-defined]
