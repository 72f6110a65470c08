"""What is found: the documents of the search index."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import Column, LargeBinary
from sqlmodel import Field, SQLModel

from storage.tables.columns import NOT_COUNTED


class SearchDocumentRow(SQLModel, table=True):
    """An entry in the search index as it was at its ``change``: the document ``number`` of ``search_words``.

    An entry whose ``digest`` of what it is found by differs gets a new number; a document that no row names is stale.
    """

    __tablename__: ClassVar[str] = "search_document"
    number: int = Field(primary_key=True, sa_column_kwargs=NOT_COUNTED)
    info_code: str = Field(unique=True)
    change: int
    published: datetime
    digest: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class SearchMarkRow(SQLModel, table=True):
    """One row: up to which ``change`` the search index is complete, the last of the ``numbers`` that were given to
    documents, and the last of those when the index was ``emptied``.
    """

    __tablename__: ClassVar[str] = "search_mark"
    id: int = Field(primary_key=True, sa_column_kwargs=NOT_COUNTED)
    change: int
    numbers: int
    emptied: int
