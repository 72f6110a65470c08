"""The search index: which tokens stand in which entry, kept beside the entries and a little behind them.

What a token is, is for the caller. The index says which entries *can* be meant; whether they are is seen in the entries
themselves. It keeps no texts, so nothing is ever taken out of it: an entry with other tokens is another document, and
once too many are stale all is indexed anew.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlalchemy import Text, bindparam, delete, func, select, text, tuple_, update

from storage.bulk import adding
from storage.category import ALL
from storage.database import batches, last_change
from storage.entry import InfoCode
from storage.tables import EntryRow, MembershipRow, SearchDocumentRow, SearchMarkRow, table_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from storage.entry import Entry

_STALE: Final = 1_000
"""So many stale documents are borne with, and as many again as there are others."""

_ENTRY = table_of(EntryRow)
_MEMBERSHIP = table_of(MembershipRow)
_DOCUMENT = table_of(SearchDocumentRow)
_MARK = table_of(SearchMarkRow)

_ADD = adding(_DOCUMENT)
_ADD_WORDS = "INSERT INTO search_words (rowid, tokens) VALUES (?, ?)"
_EMPTY_WORDS = "INSERT INTO search_words (search_words) VALUES ('delete-all')"
_BEHIND = (
    select(_ENTRY.c.info_code)
    .join(_DOCUMENT, _DOCUMENT.c.info_code == _ENTRY.c.info_code, isouter=True)
    .where(_ENTRY.c.change > bindparam("after"))
    .where(_DOCUMENT.c.change.is_(None) | (_DOCUMENT.c.change < _ENTRY.c.change))
    .order_by(_ENTRY.c.change.desc(), _ENTRY.c.info_code.desc())
)
_KNOWN = select(_DOCUMENT).where(_DOCUMENT.c.info_code.in_(bindparam("codes", expanding=True)))
_FORGET = delete(_DOCUMENT).where(_DOCUMENT.c.info_code.in_(bindparam("codes", expanding=True)))
# CROSS: the words first, in whatever order the planner would like it.
_CANDIDATES = text(
    "SELECT d.info_code FROM search_words CROSS JOIN search_document AS d ON d.number = search_words.rowid "
    "WHERE search_words MATCH :wanted ORDER BY d.published DESC, d.info_code DESC LIMIT :most"
).columns(info_code=Text)
_IN_ALL = select(_MEMBERSHIP.c.info_code).where(
    _MEMBERSHIP.c.category == ALL,
    tuple_(_MEMBERSHIP.c.published, _MEMBERSHIP.c.info_code).in_(bindparam("places", expanding=True)),
)


class Term(NamedTuple):
    """A token to be found; *begins* if any that begins with it will do."""

    token: str
    begins: bool = False


class Mark(NamedTuple):
    """How far the index is: complete up to *change*, with *numbers* given to documents, *emptied* of as many."""

    change: int
    numbers: int
    emptied: int


@dataclass(frozen=True, slots=True)
class Document:
    """An entry as it is to be found: at its *change*, by *tokens* of letters and digits."""

    info_code: InfoCode
    change: int
    published: datetime
    tokens: frozenset[str]


def mark(connection: Connection) -> Mark:
    """How far the index is."""
    return Mark(*connection.execute(select(_MARK.c.change, _MARK.c.numbers, _MARK.c.emptied)).one())


def version(connection: Connection) -> int:
    """A number that is higher whenever a query can have another answer."""
    return last_change(connection) + mark(connection).numbers  # neither ever gets lower


def behind(connection: Connection, since: Mark) -> list[InfoCode]:
    """The entries, withdrawn ones too, that were touched *since* and are not indexed as they are now; newest first."""
    return [InfoCode(code) for code in connection.execute(_BEHIND, {"after": since.change}).scalars()]


def put(connection: Connection, documents: Sequence[Document], gone: Collection[InfoCode] = ()) -> None:
    """Let *documents* be found, and the entries *gone* no more; what another process put at a later change stays."""
    known = {
        row.info_code: row
        for batch in batches([one.info_code for one in documents])
        for row in connection.execute(_KNOWN, {"codes": batch})
    }
    number = mark(connection).numbers
    rows, words = [], []
    for one in documents:
        before, digest = known.get(one.info_code), _digest(one)
        if before is not None and before.change >= one.change:
            continue
        own = before.number if before is not None and before.digest == digest else None
        if own is None:
            number += 1
            own = number
            words.append((own, " ".join(sorted(one.tokens))))
        row = {"number": own, "info_code": one.info_code, "change": one.change}
        rows.append({**row, "published": one.published, "digest": digest})
    for batch in batches([*(row["info_code"] for row in rows), *gone]):
        connection.execute(_FORGET, {"codes": batch})
    _ADD.run(connection, rows)
    if words:
        connection.exec_driver_sql(_ADD_WORDS, words)
        connection.execute(update(_MARK).values(numbers=number))


def caught_up(connection: Connection, since: Mark, change: int) -> None:
    """All that was :func:`behind` *since* then is put: the index is complete up to *change*, unless it was emptied."""
    still = (_MARK.c.emptied == since.emptied) & (_MARK.c.change == since.change)
    connection.execute(update(_MARK).where(still).values(change=change))


def empty_if_stale(connection: Connection) -> bool:
    """Empty the index, which is then built anew, if most of it is stale; returns whether it was."""
    now = mark(connection)
    there = connection.execute(select(func.count()).select_from(_DOCUMENT)).scalar_one()
    if now.numbers - now.emptied - there <= there + _STALE:
        return False
    connection.exec_driver_sql(_EMPTY_WORDS)
    connection.execute(delete(_DOCUMENT))
    connection.execute(update(_MARK).values(change=0, emptied=now.numbers))
    return True


def candidates(connection: Connection, wanted: Sequence[Sequence[Term]], most: int) -> list[InfoCode]:
    """The newest *most* entries that have, of each of the groups *wanted*, any term: by ``published``, then infoCode,
    both descending.
    """
    groups = (" OR ".join(map(_said, group)) for group in wanted)
    known = {"wanted": " AND ".join(f"({group})" for group in groups), "most": most}
    return [InfoCode(code) for code in connection.execute(_CANDIDATES, known).scalars()]


def in_all(connection: Connection, entries: Iterable[Entry]) -> set[InfoCode]:
    """Those of *entries* that have a place in everything."""
    found: set[InfoCode] = set()
    for batch in batches([(entry.published, entry.info_code) for entry in entries]):
        found |= {InfoCode(code) for code in connection.execute(_IN_ALL, {"places": batch}).scalars()}
    return found


def _said(term: Term) -> str:
    # FTS5's syntax; a token of letters and digits has no quote in it.
    return f'"{term.token}"*' if term.begins else f'"{term.token}"'


def _digest(document: Document) -> bytes:
    # With the date, which decides what is found first.
    said = " ".join([document.published.isoformat(), *sorted(document.tokens)])
    return hashlib.blake2b(said.encode(), digest_size=8).digest()
