"""The search index: which tokens stand in which entry, kept beside the entries and a little behind them.

What a token is, is for the caller. The index says which entries *can* be meant; whether they are is seen in the entries
themselves. It keeps no texts, so nothing is ever taken out of it: an entry with other tokens is another document, and
once too many are stale all is indexed anew.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from sqlalchemy import bindparam, delete, func, select, tuple_, update

from storage.bulk import adding
from storage.category import ALL
from storage.database import batches, last_change
from storage.entry import InfoCode
from storage.tables import EntryRow, MembershipRow, SearchDocumentRow, SearchMarkRow, table_of
from storage.words import Term, words_of

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
_BEHIND = (
    select(_ENTRY.c.info_code)
    .join(_DOCUMENT, _DOCUMENT.c.info_code == _ENTRY.c.info_code, isouter=True)
    .where(_ENTRY.c.change > bindparam("after"))
    .where(_DOCUMENT.c.change.is_(None) | (_DOCUMENT.c.change < _ENTRY.c.change))
    .order_by(_ENTRY.c.change.desc(), _ENTRY.c.info_code.desc())
)
_KNOWN = select(_DOCUMENT).where(_DOCUMENT.c.info_code.in_(bindparam("codes", expanding=True)))
_FORGET = delete(_DOCUMENT).where(_DOCUMENT.c.info_code.in_(bindparam("codes", expanding=True)))
_IN_ALL = select(_MEMBERSHIP.c.info_code).where(
    _MEMBERSHIP.c.category == ALL,
    tuple_(_MEMBERSHIP.c.published, _MEMBERSHIP.c.info_code).in_(bindparam("places", expanding=True)),
)


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
            words.append((own, one.tokens))
        row = {"number": own, "info_code": one.info_code, "change": one.change}
        rows.append({**row, "published": one.published, "digest": digest})
    for batch in batches([*(row["info_code"] for row in rows), *gone]):
        connection.execute(_FORGET, {"codes": batch})
    _ADD.run(connection, rows)
    if words:
        words_of(connection).add(connection, words)
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
    words_of(connection).empty(connection)
    connection.execute(delete(_DOCUMENT))
    connection.execute(update(_MARK).values(change=0, emptied=now.numbers))
    return True


def candidates(connection: Connection, wanted: Sequence[Sequence[Term]], most: int) -> list[InfoCode]:
    """The newest *most* entries that have, of each of the groups *wanted*, any term: by ``published``, then infoCode,
    both descending.
    """
    return [InfoCode(code) for code in words_of(connection).candidates(connection, wanted, most)]


def in_all(connection: Connection, entries: Iterable[Entry]) -> set[InfoCode]:
    """Those of *entries* that have a place in everything."""
    found: set[InfoCode] = set()
    for batch in batches([(entry.published, entry.info_code) for entry in entries]):
        found |= {InfoCode(code) for code in connection.execute(_IN_ALL, {"places": batch}).scalars()}
    return found


def _digest(document: Document) -> bytes:
    # With the date, which decides what is found first.
    said = " ".join([document.published.isoformat(), *sorted(document.tokens)])
    return hashlib.blake2b(said.encode(), digest_size=8).digest()
