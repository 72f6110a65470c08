"""What was read just now is kept: ownership, the copies of one entry, withdrawals, all in the caller's transaction."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import UTC
from types import MappingProxyType
from typing import TYPE_CHECKING

from aggregator import stories
from aggregator.resolve import Resolution, resolve
from storage import categories, copies, days, entries
from storage.category_moves import settled
from storage.entries import EntryChange
from storage.entry import WithdrawnBy
from storage.story import Stories

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection

    from storage.copy import Copy
    from storage.entry import Entry, InfoCode


@dataclass(frozen=True, slots=True)
class Kept:
    """How many entries were created, corrected (a new revision) or withdrawn, and how many claims were rejected."""

    created: int = 0
    corrected: int = 0
    withdrawn: int = 0
    rejected: int = 0

    def __add__(self, other: Kept) -> Kept:
        return Kept(
            self.created + other.created,
            self.corrected + other.corrected,
            self.withdrawn + other.withdrawn,
            self.rejected + other.rejected,
        )


def keep(
    connection: Connection,
    source: str,
    scope: str,
    read: Sequence[Copy],
    now: datetime,
    *,
    gone: Collection[str] = frozenset(),
    shown: Stories = Stories.ALL,
) -> Kept:
    """Keep the copies of *source* that were *read*; those with a ``problem`` carry no entry.

    *gone* are the places of *source* where nothing was found this time: a file that was moved stands in for itself.
    *shown* is what feeds show of a story.
    """
    known = copies.at(connection, source, (copy.place for copy in read))
    unread = {copy.place: _unread(copy, known.get(copy.place)) for copy in read if copy.info_code is None}
    fresh = _by_code(read)
    now_there = {copy.place: copy.info_code for copy in read if copy.info_code}
    left = {old.info_code for place, old in known.items() if old.info_code and place in now_there}
    stored = entries.find(connection, {*fresh, *left})
    owned = {code for code in fresh if code in stored and stored[code].scope != scope}
    save = list(unread.values())
    save += [_rejected(copy, stored[code].scope) for code in sorted(owned) for copy in fresh.pop(code)]
    others = copies.of(connection, {*fresh, *left})
    moved = categories.moved(connection)
    changes: list[EntryChange] = []
    for code in sorted({*fresh, *left} - owned):
        there = [copy for copy in others.get(code, ()) if copy.source != source]
        own = (unread.get(copy.place, copy) for copy in others.get(code, ()) if copy.source == source)
        own = (copy for copy in own if now_there.get(copy.place, code) == code)
        there += (replace(copy, gone=True) if copy.place in gone else copy for copy in own)
        resolution = _resolved(stored.get(code), there, fresh.get(code, ()), now)
        save += resolution.copies
        copies.forget(connection, resolution.moved)
        changes += _changes(stored.get(code), resolution.entry, source, moved)
    stories.save(connection, changes, now, read, shown)
    copies.save(connection, save)
    days.add(connection, source, Counter(_day(change.after, now) for change in changes if change.before is None))
    return _count(changes, len(owned))


def withdraw(
    connection: Connection,
    scope: str,
    retracted: Mapping[InfoCode, datetime | None],
    now: datetime,
    *,
    shown: Stories = Stories.ALL,
) -> Kept:
    """Withdraw those of the *retracted* entries that *scope* owns, as their source says (RFC 6721).

    The source says when it retracted each of them (None: it does not). An entry that the operator restored later than
    that stays.
    """
    stored = entries.find(connection, retracted)
    own = (entry for entry in stored.values() if entry.scope == scope)
    these = [entry for entry in own if not _is_settled(entry, retracted[entry.info_code])]
    return _withdraw_all(connection, these, now, WithdrawnBy.SOURCE, shown)


def vanish(
    connection: Connection,
    source: str,
    places: Sequence[str],
    now: datetime,
    *,
    withdrawing: bool,
    shown: Stories = Stories.ALL,
) -> Kept:
    """Note that the files at *places* are gone; *withdrawing*, so are the entries that no other file holds."""
    known = copies.at(connection, source, places)
    copies.save(connection, [replace(copy, gone=True) for copy in known.values()])
    if not withdrawing:
        return Kept()
    held = copies.of(connection, {copy.info_code for copy in known.values() if copy.info_code})
    orphans = [code for code, there in held.items() if all(copy.gone for copy in there)]
    return _withdraw_all(connection, entries.find(connection, orphans).values(), now, WithdrawnBy.AUTHOR, shown)


def _withdraw_all(
    connection: Connection, stored: Iterable[Entry], now: datetime, by: WithdrawnBy, shown: Stories
) -> Kept:
    changes = [change for before in stored for change in _changes(before, _withdraw(before, now, by))]
    stories.save(connection, changes, now, shown=shown)
    return _count(changes, 0)


def _resolved(stored: Entry | None, there: Sequence[Copy], fresh: Sequence[Copy], now: datetime) -> Resolution:
    if there or fresh:
        return resolve(stored, there, fresh, now)
    return Resolution(_withdraw(stored, now, WithdrawnBy.AUTHOR), ())  # its one file calls itself something else now


def _changes(
    before: Entry | None, after: Entry | None, source: str = "", moved: Mapping[str, str] = MappingProxyType({})
) -> list[EntryChange]:
    """What is to be stored, with the slugs that have *moved* as they are now."""
    if after is not None:
        after = settled(after, moved)
    return [EntryChange(before, after, source)] if after is not None and after != before else []


def _day(entry: Entry, now: datetime) -> date:
    """The day that a new entry counts for, in UTC; the future is not known yet."""
    return min(entry.published, now).astimezone(UTC).date()


def _is_settled(entry: Entry, retracted: datetime | None) -> bool:
    return entry.restored is not None and (retracted is None or retracted <= entry.restored)


def _withdraw(entry: Entry | None, now: datetime, by: WithdrawnBy) -> Entry | None:
    return entry if entry is None or entry.withdrawn else replace(entry, withdrawn=now, withdrawn_by=by)


def _by_code(read: Iterable[Copy]) -> dict[InfoCode, list[Copy]]:
    found: dict[InfoCode, list[Copy]] = defaultdict(list)
    for copy in read:
        if copy.info_code is not None:
            found[copy.info_code].append(copy)
    return found


def _unread(copy: Copy, known: Copy | None) -> Copy:
    """A place that cannot be read now keeps what was read of it before."""
    if known is None:
        return copy
    mark = {"digest": copy.digest, "size": copy.size, "modified_ns": copy.modified_ns, "gone": False, "owner": ""}
    return replace(known, problem=copy.problem, **mark)  # type: ignore[arg-type]


def _rejected(copy: Copy, owner: str) -> Copy:
    problem = f"the infoCode {copy.info_code} belongs to {owner!r}, which brought it first"
    return replace(copy, info_code=None, entry=None, problem=problem, owner=owner)


def _count(changes: Sequence[EntryChange], rejected: int) -> Kept:
    return Kept(
        created=sum(change.before is None for change in changes),
        corrected=sum(c.before is not None and c.after.revision > c.before.revision for c in changes),
        withdrawn=sum(c.after.withdrawn is not None and (c.before is None or not c.before.withdrawn) for c in changes),
        rejected=rejected,
    )
