"""Aliases: everything that an entry was ever known by, within its scope.

A key is a digest of an id, a link, or whatever else an entry was recognised by; see ``aggregator.recognise``. One that
several entries had says nothing, and leads nowhere (``""``) for ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, func, select

from storage.bulk import Lookup, adding, upsert
from storage.database import batches
from storage.tables import AliasRow, table_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from sqlalchemy import Connection

_ALIAS = table_of(AliasRow)
_FIND = Lookup(select(_ALIAS.c.key, _ALIAS.c.info_code), _ALIAS.c.key, _ALIAS.c.scope)
_COUNT = (
    select(_ALIAS.c.info_code, func.count())
    .where(_ALIAS.c.scope == bindparam("scope"), _ALIAS.c.info_code.in_(bindparam("codes", expanding=True)))
    .group_by(_ALIAS.c.info_code)
)
_SAVE = upsert(_ALIAS)
_ADD = adding(_ALIAS)


def find(connection: Connection, scope: str, keys: Iterable[bytes]) -> dict[bytes, str]:
    """Where those of *keys* lead that are known in *scope*: an infoCode, or nothing for one that says nothing."""
    return {bytes(key): code for key, code in _FIND.rows(connection, keys, scope)}


def counts(connection: Connection, scope: str, codes: Collection[str]) -> dict[str, int]:
    """How many keys lead to each of *codes* in *scope*. Every key of the scope is looked at: ask for entries that have
    got a new one, which few have.
    """
    found: dict[str, int] = {}
    for batch in batches(sorted(codes)):
        found |= {code: keys for code, keys in connection.execute(_COUNT, {"scope": scope, "codes": batch})}  # noqa: C416
    return found


def save(connection: Connection, aliases: Mapping[tuple[str, bytes], str]) -> None:
    """Remember where keys, each with its scope, lead from now on."""
    _SAVE.put(connection, [(scope, key, code) for (scope, key), code in sorted(aliases.items())])


def move(connection: Connection, codes: Collection[str], old: str, new: str) -> None:
    """Let what leads to *codes* in the scope *old* do so in *new*, but for keys that lead somewhere there already."""
    for batch in batches(sorted(codes)):
        these = (_ALIAS.c.scope == old) & _ALIAS.c.info_code.in_(batch)
        rows = connection.execute(select(_ALIAS.c.key, _ALIAS.c.info_code).where(these)).all()
        if rows:
            _ADD.run(connection, [{"scope": new, "key": key, "info_code": code} for key, code in rows])
            connection.execute(delete(_ALIAS).where(these))
