"""What a list tells of entries is what is stored of them."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from storage import entries, paging
from storage.entries import EntryChange
from storage.entry import Origin
from storage.head import Head
from tests.storage.held import NOON, code, entry

if TYPE_CHECKING:
    from storage.database import Database


def test_a_head_is_part_of_its_entry(database: Database) -> None:
    held = [
        entry(1, "a", "b", title="One", language="en", origin=Origin("Medium", "https://medium.example/")),
        entry(2, title="Two", withdrawn=NOON),
    ]
    with database.writing() as connection:
        entries.save(connection, [EntryChange(None, one) for one in held], NOON)
    with database.reading() as connection:
        heads = paging.heads(connection, [code(2), code(1), code(3)])
        whole = entries.find(connection, [code(1), code(2)])
    assert heads.keys() == whole.keys()
    for one, head in heads.items():
        assert [getattr(head, part.name) for part in fields(Head)] == [
            getattr(whole[one], part.name) for part in fields(Head)
        ]
