"""Entries that are read in bulk are those that SQLAlchemy's rows make."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from storage import entries
from storage.entries import EntryChange
from storage.entry import WithdrawnBy
from storage.rows import entry_of
from storage.tables import EntryRow, table_of
from tests.feeds.writing.test_properties import entries as any_entries

if TYPE_CHECKING:
    from storage.database import Database
    from storage.entry import Entry

_NOW = datetime(2022, 3, 15, tzinfo=UTC)
_FATES = st.sampled_from(
    [(None, None), (_NOW, WithdrawnBy.AUTHOR), (_NOW + timedelta(microseconds=1), WithdrawnBy.SOURCE)]
)


def _storable(value: Any) -> Any:
    """*value* without what no entry has that is stored: halves of characters, and NUL."""
    if type(value) is str:
        return value.encode(errors="ignore").decode().replace("\0", "")
    if type(value) is tuple:
        return tuple(map(_storable, value))
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: _storable(getattr(value, field.name)) for field in fields(value)})
    return value


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(entry=any_entries().map(_storable), fate=_FATES)
def test_an_entry_read_in_bulk(
    database: Database, entry: Entry, fate: tuple[datetime | None, WithdrawnBy | None]
) -> None:
    entry = replace(entry, withdrawn=fate[0], withdrawn_by=fate[1])
    with database.writing() as connection:
        before = entries.find(connection, [entry.info_code]).get(entry.info_code)
        entries.save(connection, [EntryChange(before, entry)], _NOW)
        read = entries.find(connection, [entry.info_code, "NW0"])
        row = connection.execute(
            select(table_of(EntryRow)).where(table_of(EntryRow).c.info_code == entry.info_code)
        ).mappings()
        assert read == {entry.info_code: entry_of(row.one())}
        assert read[entry.info_code].title == entry.title
