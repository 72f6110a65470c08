"""Search follows the store: what was touched since is indexed, a little at a time, never in an entry's transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from feeds.publishing.searching import spelling_of
from feeds.search_words import exact, fold, tokens
from storage import entries, search
from storage.database import last_change
from storage.search import Document, Mark

if TYPE_CHECKING:
    from storage.database import Database
    from storage.entry import Entry, InfoCode


class SearchIndex:
    """Brings the index up to date by steps, so that other work has its turn in between.

    Several processes may do so at once: what one has indexed already, another leaves.
    """

    AT_ONCE: Final = 5
    """Entries in a step: some 0.02 s of work for long ones, of which others cannot write during the last half."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._todo: list[InfoCode] = []
        self._since = Mark(0, 0, 0)
        self._until = 0

    def step(self) -> bool:
        """Index some entries; returns whether there were any to see to.

        Raises:
            StorageError: the store cannot be read or written.
        """
        if not self._todo and not self._look():
            return False
        batch, rest = self._todo[: self.AT_ONCE], self._todo[self.AT_ONCE :]
        with self._database.reading() as connection:
            found = entries.find(connection, batch)
        documents = [document_of(entry) for entry in found.values() if not entry.withdrawn]
        gone = [entry.info_code for entry in found.values() if entry.withdrawn]
        with self._database.writing() as connection:
            search.put(connection, documents, gone)
            if not rest:
                search.caught_up(connection, self._since, self._until)
        self._todo = rest
        return True

    def _look(self) -> bool:
        """See what there is to index; returns whether there is anything that :meth:`step` has to do."""
        with self._database.reading() as connection:
            self._since, self._until = search.mark(connection), last_change(connection)
            if self._since.change >= self._until:
                return False
            self._todo = search.behind(connection, self._since)
        return True


def document_of(entry: Entry) -> Document:
    """*entry* as it is found: by its words, and by its categories, tags and medium as a whole."""
    found = tokens(spelling_of(entry))
    found.update(exact("category", slug) for slug in entry.categories)
    found.update(exact("tag", fold(tag)) for tag in entry.tags)
    found.add(exact("medium", fold(entry.origin.title)))
    return Document(entry.info_code, entry.change, entry.published, frozenset(found))
