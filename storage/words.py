"""Which tokens stand in which document of the search index, as each database keeps them: what is wanted of a document
is, of each of some groups, any term.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlalchemy import Text, text

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import Connection


class Term(NamedTuple):
    """A token to be found; *begins* if any that begins with it will do."""

    token: str
    begins: bool = False


class Words(ABC):
    """The tokens of documents. A document is known by its number, and its tokens never change."""

    @abstractmethod
    def add(self, connection: Connection, documents: Sequence[tuple[int, Collection[str]]]) -> None:
        """Note the tokens, of letters and digits, of new documents."""

    @abstractmethod
    def empty(self, connection: Connection) -> None:
        """Forget all documents."""

    @abstractmethod
    def candidates(self, connection: Connection, wanted: Sequence[Sequence[Term]], most: int) -> Sequence[str]:
        """The infoCodes of the newest *most* documents that have what is *wanted*: by ``published``, then infoCode,
        both descending.
        """


class _Fts5(Words):
    """SQLite's FTS5, which is told to keep no text, no positions and no counts."""

    _ADD: Final = "INSERT INTO search_words (rowid, tokens) VALUES (?, ?)"
    _EMPTY: Final = "INSERT INTO search_words (search_words) VALUES ('delete-all')"
    # CROSS: the words first, in whatever order the planner would like it.
    _CANDIDATES = text(
        "SELECT d.info_code FROM search_words CROSS JOIN search_document AS d ON d.number = search_words.rowid "
        "WHERE search_words MATCH :wanted ORDER BY d.published DESC, d.info_code DESC LIMIT :most"
    ).columns(info_code=Text)

    def add(self, connection: Connection, documents: Sequence[tuple[int, Collection[str]]]) -> None:
        connection.exec_driver_sql(self._ADD, [(number, " ".join(sorted(tokens))) for number, tokens in documents])

    def empty(self, connection: Connection) -> None:
        connection.exec_driver_sql(self._EMPTY)

    def candidates(self, connection: Connection, wanted: Sequence[Sequence[Term]], most: int) -> Sequence[str]:
        groups = (" OR ".join(map(self._said, group)) for group in wanted)
        known = {"wanted": " AND ".join(f"({group})" for group in groups), "most": most}
        return connection.execute(self._CANDIDATES, known).scalars().all()

    @staticmethod
    def _said(term: Term) -> str:
        # A token of letters and digits has no quote in it.
        return f'"{term.token}"*' if term.begins else f'"{term.token}"'


class _Tsvector(Words):
    """PostgreSQL's tsvector, made of the tokens as they are: no dictionary of a language has a say in it."""

    # A document that is too large for a tsvector may have any token; whether it has is seen in the entry. No token is
    # a space.
    _ANY: Final = " "
    # https://www.postgresql.org/docs/current/textsearch-limits.html
    _MOST_BYTES: Final = 2**20
    _ADD: Final = "INSERT INTO search_words (number, tokens) VALUES (%s, array_to_tsvector(%s))"
    _EMPTY: Final = "DELETE FROM search_words"
    _CANDIDATES = text(
        "SELECT d.info_code FROM search_words AS w JOIN search_document AS d ON d.number = w.number "
        "WHERE w.tokens @@ CAST(:wanted AS tsquery) ORDER BY d.published DESC, d.info_code DESC LIMIT :most"
    ).columns(info_code=Text)

    def add(self, connection: Connection, documents: Sequence[tuple[int, Collection[str]]]) -> None:
        connection.exec_driver_sql(self._ADD, [(number, self._fitting(tokens)) for number, tokens in documents])

    def empty(self, connection: Connection) -> None:
        connection.exec_driver_sql(self._EMPTY)

    def candidates(self, connection: Connection, wanted: Sequence[Sequence[Term]], most: int) -> Sequence[str]:
        groups = (" | ".join(map(self._said, group)) for group in wanted)
        all_groups = " & ".join(f"({group})" for group in groups)
        known = {"wanted": f"({all_groups}) | '{self._ANY}'", "most": most}
        return connection.execute(self._CANDIDATES, known).scalars().all()

    def _fitting(self, tokens: Collection[str]) -> list[str]:
        fits = sum(len(token.encode()) for token in tokens) < self._MOST_BYTES
        return sorted(tokens) if fits else [self._ANY]

    @staticmethod
    def _said(term: Term) -> str:
        # A token of letters and digits has no quote in it, and no backslash.
        return f"'{term.token}':*" if term.begins else f"'{term.token}'"


_WORDS: Final = {"sqlite": _Fts5(), "postgresql": _Tsvector()}


def words_of(connection: Connection) -> Words:
    """The words of the store that *connection* is to."""
    return _WORDS[connection.dialect.name]
