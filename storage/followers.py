"""Followers: how far each has been told of events, and their dead letters. Events themselves are in ``events``."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, func, select, update

from storage.bulk import adding, upsert
from storage.database import batches
from storage.entry import InfoCode
from storage.follower import DeadLetter, Follower
from storage.tables import DeadLetterRow, FollowerRow, table_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection, RowMapping

    from storage.event import Event

_FOLLOWER = table_of(FollowerRow)
_LETTER = table_of(DeadLetterRow)
# A follower or a letter and its row call everything by the same name.
_NAMES = tuple(field.name for field in fields(Follower))
_LETTER_NAMES = tuple(field.name for field in fields(DeadLetter))

_ALL = select(_FOLLOWER).order_by(_FOLLOWER.c.id)
_NAMED = select(_FOLLOWER).where(_FOLLOWER.c.id == bindparam("named"))
_BEGIN = adding(_FOLLOWER)
_SAVE = upsert(_FOLLOWER)
_BURY = upsert(_LETTER)
_OF = _LETTER.c.follower == bindparam("of")
_DEAD = select(_LETTER).order_by(_LETTER.c.follower, _LETTER.c.number)
_AGAIN = select(_LETTER).where(_OF, _LETTER.c.again).order_by(_LETTER.c.number).limit(bindparam("most"))
_RETRIED = select(_LETTER.c.follower).where(_LETTER.c.again).distinct()
_COUNTS = select(_LETTER.c.follower, func.count()).group_by(_LETTER.c.follower)


def all(connection: Connection) -> list[Follower]:  # noqa: A001  as it is called: followers.all
    """Every follower, by id."""
    return [_value(row) for row in connection.execute(_ALL).mappings()]


def find(connection: Connection, name: str) -> Follower | None:
    """The follower with this id."""
    row = connection.execute(_NAMED, {"named": name}).mappings().first()
    return None if row is None else _value(row)


def begin(connection: Connection, name: str, position: int) -> None:
    """Let there be a follower of this id that has all up to *position*; one that is there stays where it is."""
    _BEGIN.run(connection, [asdict(Follower(name, position))])


def save(connection: Connection, follower: Follower) -> None:
    """Keep *follower* as it is now."""
    _SAVE.run(connection, [asdict(follower)])


def forget(connection: Connection, names: Iterable[str]) -> None:
    """Forget followers, and what they could not be told."""
    for batch in batches(sorted(names)):
        connection.execute(delete(_FOLLOWER).where(_FOLLOWER.c.id.in_(batch)))
        connection.execute(delete(_LETTER).where(_LETTER.c.follower.in_(batch)))


def bury(connection: Connection, follower: Follower, told: Iterable[Event], now: datetime) -> None:
    """Note, *now* (aware), that *follower* could not be told of those events, for the reason of its last failure."""
    letters = (DeadLetter(follower.id, one.number, one.info_code, now, follower.failure) for one in told)
    _BURY.run(connection, [asdict(letter) for letter in letters])


def settle(connection: Connection, name: str, numbers: Iterable[int]) -> None:
    """A follower does know of the events with these *numbers* by now, or is not to."""
    for batch in batches(sorted(numbers)):
        connection.execute(delete(_LETTER).where(_LETTER.c.follower == name, _LETTER.c.number.in_(batch)))


def dead(connection: Connection, name: str = "") -> list[DeadLetter]:
    """The dead letters, of one follower or of all: by follower, then in the order of the events."""
    statement = _DEAD.where(_LETTER.c.follower == name) if name else _DEAD
    return [_letter(row) for row in connection.execute(statement).mappings()]


def dead_counts(connection: Connection) -> dict[str, int]:
    """How many dead letters each follower has that has any."""
    return {name: number for name, number in connection.execute(_COUNTS)}  # noqa: C416


def again(connection: Connection, name: str, most: int) -> list[DeadLetter]:
    """The first *most* dead letters of a follower that are to be tried once more, in the order of the events."""
    return [_letter(row) for row in connection.execute(_AGAIN, {"of": name, "most": most}).mappings()]


def retried(connection: Connection) -> frozenset[str]:
    """The ids of followers with dead letters that are to be tried once more."""
    return frozenset(connection.execute(_RETRIED).scalars())


def replay(connection: Connection, name: str) -> int:
    """Let all dead letters of a follower be tried once more, at once and as patiently as the first time.

    Returns:
        How many there are.
    """
    number = connection.execute(update(_LETTER).where(_LETTER.c.follower == name).values(again=True)).rowcount
    anew = {"next_try": None, "failures": 0, "failing_since": None, "failure": ""}
    if number:
        connection.execute(update(_FOLLOWER).where(_FOLLOWER.c.id == name).values(anew))
    return number


def drop(connection: Connection, name: str) -> int:
    """Forget the dead letters of a follower, and say how many there were."""
    return connection.execute(delete(_LETTER).where(_LETTER.c.follower == name)).rowcount


def _value(row: RowMapping) -> Follower:
    return Follower(**{name: row[name] for name in _NAMES})


def _letter(row: RowMapping) -> DeadLetter:
    values = {name: row[name] for name in _LETTER_NAMES}
    return DeadLetter(**values | {"info_code": InfoCode(values["info_code"])})
