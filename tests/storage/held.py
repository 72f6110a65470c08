"""Entries to hold, databases to hold them, and everything that a database holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlmodel import SQLModel

from storage.entry import CategoryName, Entry, InfoCode, Origin

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def dump(connection: Connection, leave_out: Iterable[str] = ()) -> dict[str, list[str]]:
    """Every row of every table but those to *leave_out*, in an order of their own."""
    tables = [table for table in SQLModel.metadata.sorted_tables if table.name not in leave_out]
    return {table.name: sorted(map(repr, connection.execute(select(table)).all())) for table in tables}


def code(number: int) -> InfoCode:
    return InfoCode(f"NW{number:018}")


def entry(number: int, *categories: str, hour: int = 0, votes: dict[str, str] | None = None, **parts: Any) -> Entry:
    """An entry that was published *hour* hours after noon; *votes* say what it calls its categories."""
    published = NOON + timedelta(hours=hour)
    whole = Entry(
        info_code=code(number),
        title=f"Title {number}",
        content=f"<p>Text {number}</p>",
        published=published,
        updated=published,
        first_seen=published,
        scope="site",
        source="posts",
        origin=Origin("Harbour Post"),
        categories=categories,
        category_names=tuple(CategoryName(slug, name) for slug, name in (votes or {}).items()),
        guid=f"tag:mill.example.org,2026-11-23:{code(number)}",
    )
    return replace(whole, **parts)
