"""What was read just now is kept: ownership, the copies of one entry, withdrawals, all in the caller's transaction."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC
from itertools import chain
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


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of a source, which is of a scope, just *now* (aware, UTC): copies; those with a ``problem`` carry
    no entry. ``gone`` are the places of the source where nothing was found this time: a file that was moved stands in
    for itself.
    """

    source: str
    scope: str
    copies: Sequence[Copy]
    now: datetime
    gone: Collection[str] = frozenset()


def keep(connection: Connection, reads: Sequence[Read], *, shown: Stories = Stories.ALL) -> list[Kept]:
    """Keep what was read of sources, no two of which may be of one scope or tell one entry.

    *shown* is what feeds show of a story.
    """
    if not reads:
        return []
    known = [copies.at(connection, one.source, [copy.place for copy in one.copies]) for one in reads]
    reads = [_without_unchanged(one, there) for one, there in zip(reads, known, strict=True)]
    concerned = [_codes(one, there) for one, there in zip(reads, known, strict=True)]
    codes = frozenset(chain(*concerned))
    there = _Held(entries.find(connection, codes), copies.of(connection, codes), categories.moved(connection))
    weighed = [_weighed(*one, there) for one in zip(reads, known, concerned, strict=True)]
    copies.forget(connection, (copy for one in weighed for copy in one.moved))
    changes = [change for one in weighed for change in one.changes]
    stories.save(connection, changes, max(one.now for one in reads), chain(*(one.copies for one in reads)), shown)
    copies.save(connection, [copy for one in weighed for copy in one.save])
    new: defaultdict[tuple[str, date], int] = defaultdict(int)
    for read, one in zip(reads, weighed, strict=True):
        for change in one.changes:
            if change.before is None:
                new[read.source, _day(change.after, read.now)] += 1
    days.add(connection, new)
    return [_count(one.changes, one.rejected) for one in weighed]


@dataclass(frozen=True, slots=True)
class _Held:
    """What is stored of all that was read: entries, every copy of them, and the slugs that have moved."""

    entries: Mapping[InfoCode, Entry]
    copies: Mapping[InfoCode, Sequence[Copy]]
    slugs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Weighed:
    """What is to become of what was read of one source: changes, copies to remember, and those to forget."""

    changes: list[EntryChange]
    save: list[Copy]
    moved: list[Copy]
    rejected: int


def _without_unchanged(read: Read, known: Mapping[str, Copy]) -> Read:
    """*read* without what is, to the byte, what was read last in the same place."""
    if not known:
        return read
    return replace(read, copies=[copy for copy in read.copies if not _is_unchanged(copy, known.get(copy.place))])


def _is_unchanged(copy: Copy, known: Copy | None) -> bool:
    if known is None or known.gone or copy.info_code is None or copy.problem or known.problem:
        return False
    return copy.digest == known.digest and copy.info_code == known.info_code


def _codes(read: Read, known: Mapping[str, Copy]) -> set[InfoCode]:
    """The entries that are told where *read* was, or were before."""
    codes = {copy.info_code for copy in read.copies if copy.info_code}
    if known:
        named = {copy.place for copy in read.copies if copy.info_code}
        codes |= {old.info_code for place, old in known.items() if old.info_code and place in named}
    return codes


def _weighed(read: Read, known: Mapping[str, Copy], codes: Collection[InfoCode], held: _Held) -> _Weighed:
    source, stored = read.source, held.entries
    unread = {copy.place: _unread(copy, known.get(copy.place)) for copy in read.copies if copy.info_code is None}
    fresh = _by_code(read.copies)
    now_there = {copy.place: copy.info_code for copy in read.copies if copy.info_code}
    owned = {code for code in fresh if code in stored and stored[code].scope != read.scope}
    save = list(unread.values())
    save += [_rejected(copy, stored[code].scope) for code in sorted(owned) for copy in fresh.pop(code)]
    changes: list[EntryChange] = []
    moved: list[Copy] = []
    for code in sorted(set(codes) - owned):
        others = held.copies.get(code, ())
        there = [copy for copy in others if copy.source != source]
        own = (unread.get(copy.place, copy) for copy in others if copy.source == source)
        own = (copy for copy in own if now_there.get(copy.place, code) == code)
        there += (replace(copy, gone=True) if copy.place in read.gone else copy for copy in own)
        resolution = _resolved(stored.get(code), there, fresh.get(code, ()), read.now)
        save += resolution.copies
        moved += resolution.moved
        changes += _changes(stored.get(code), resolution.entry, source, held.slugs)
    return _Weighed(changes, save, moved, len(owned))


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
