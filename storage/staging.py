"""Many rows into PostgreSQL: copied into a table of the connection's own, and put from there into theirs.

It takes a third of the time, here and in the server, of a statement for each row, and less than arrays of columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import table as named

if TYPE_CHECKING:
    from collections.abc import Sequence

    import psycopg
    from sqlalchemy import Connection, Table, TableClause


@dataclass(frozen=True, slots=True)
class Staged:
    """The way of rows into *table*: their *columns* in order, and the statement that moves them there."""

    table: str
    columns: Sequence[str]
    moving: str

    @staticmethod
    def name_of(table: Table) -> TableClause:
        """The table that rows of *table* are copied into; it is empty at the beginning of every transaction."""
        return named(f"staged_{table.name}")

    def put(self, connection: Connection, values: Sequence[tuple[Any, ...]]) -> None:
        """Put rows in, which are distinct by the key of the table."""
        staged, columns = f"staged_{self.table}", ", ".join(f'"{name}"' for name in self.columns)
        make = f"CREATE TEMPORARY TABLE IF NOT EXISTS {staged} (LIKE {self.table}) ON COMMIT DELETE ROWS"
        connection.exec_driver_sql(make)
        driver = cast("psycopg.Connection", connection.connection.driver_connection)
        with driver.cursor() as cursor, cursor.copy(f"COPY {staged} ({columns}) FROM STDIN") as copy:
            for row in values:
                copy.write_row(row)
        connection.exec_driver_sql(self.moving)
        connection.exec_driver_sql(f"DELETE FROM {staged}")  # noqa: S608  a table's name
