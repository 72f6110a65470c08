"""What differs between databases: ``sqlite`` and ``postgresql`` are the two that there are.

How each says things in SQL is in ``dialects``; all else of this room is the same for both.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

import orjson
from sqlalchemy import create_engine, event

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from sqlalchemy import URL, Connection

    Stamp = int | str
    """Says whether two moments of a store are one: compared for equality, and nothing else."""

WRITES = "feedmill_writes"
"""The execution option of a connection whose next transaction writes."""
NOTES = "feedmill_notes"
"""That of one whose next transaction only notes what is to be done, or came of it: nothing that anybody follows."""


class Backend(ABC):
    """A database, not yet known to be a store. ``name`` is what people are told that it is called."""

    name: str
    noting: ClassVar[str]
    """The SQL that begins a transaction that only notes what is to be done, or what came of it."""

    def __init__(self, url: URL, **options: Any) -> None:
        self.engine = create_engine(url, json_serializer=_to_json, json_deserializer=orjson.loads, **options)
        event.listen(self.engine, "begin", self._on_begin)

    @abstractmethod
    def beginning(self, *, writes: bool) -> str:
        """The SQL that begins a transaction: one that reads a single snapshot, or the only one that writes."""

    @abstractmethod
    def revision(self) -> str | None:
        """The revision of the schema that the database has; None where it is new and empty.

        Raises:
            StorageError: it is another program's, or damaged.
        """

    @abstractmethod
    def prepare(self) -> None:
        """Make a database that is to be migrated ready for that: what may not stand in a transaction."""

    @abstractmethod
    def mark(self, connection: Connection) -> None:
        """Mark the database as Feedmill's, in the transaction that migrates it."""

    def changed(self, connection: Connection, first: int) -> None:  # noqa: B027  most need nothing of it
        """Note what the changes from number *first* on make necessary, in the transaction that makes them."""

    @abstractmethod
    def stamp(self) -> Stamp:
        """What is another after every change that anybody made; to be asked by one thread."""

    @abstractmethod
    def maintain(self) -> None:
        """Let the database tidy up."""

    @abstractmethod
    def told(self) -> AbstractContextManager[None]:
        """A block in which what the driver says of the database, and not of this program, becomes a sentence."""

    @abstractmethod
    def damage(self, said: str) -> str:
        """The sentence for a store that is damaged, as *said*."""

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def _on_begin(self, connection: Connection) -> None:
        options = connection.get_execution_options()
        notes, writes = bool(options.get(NOTES)), bool(options.get(WRITES))
        connection.exec_driver_sql(self.noting if notes else self.beginning(writes=writes))


def _to_json(value: Any) -> str:
    return orjson.dumps(value).decode()
