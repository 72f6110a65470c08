"""The same story from several media: entries that say nearly the same share one, in the caller's transaction.

Two entries are a pair if they come from different media (another scope, or another origin), were published at most
three days apart, share a band of their sketches and are alike. A story is all that pairs hold together, so that it is
the same in whatever order its tellings came, and again what it was when one of them is withdrawn.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from aggregator.likeness import Likeness, alike, bands, likeness
from storage import entries, stories
from storage.story import Place, Stories

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from storage.copy import Copy
    from storage.entries import EntryChange
    from storage.entry import Entry, InfoCode
    from storage.story import Telling

_APART = timedelta(days=3)
_PERIOD_SECONDS = round(_APART.total_seconds())
_BAND_BITS = 32
# Entries that one is compared with for each of its bands and days: a text that hundreds share is a form, and no news.
_MOST = 50


def save(
    connection: Connection,
    changes: Sequence[EntryChange],
    now: datetime,
    read: Iterable[Copy] = (),
    shown: Stories = Stories.ALL,
) -> int:
    """Store *changes* as :func:`storage.entries.save` does, and see which stories are told now.

    The copies that were *read* just now know the bands of their texts. Entries that are told by others as well than
    before are rendered again, and where *shown* is the first telling, their categories too.
    """
    number = entries.save(connection, changes, now)
    sketched = {copy.entry.content: copy.bands for copy in read if copy.entry}
    moved = [change for change in changes if _told(change.before) != _told(change.after)]
    near = _find(connection, moved, sketched)
    old = [change for change in changes if change.before]
    reshown = {change.after.info_code for change in old if _shown(change.before) != _shown(change.after)}
    held = {change.after.info_code for change in old if _told(change.before) != _told(change.after)} | reshown
    before = stories.places(connection, held.union(*near.values()))
    loose = {before[change.after.info_code].story for change in moved if change.after.info_code in before}
    firm = [place for place in before.values() if place.story not in loose]
    wanted = {place.info_code for place in before.values() if place.story in loose}
    wanted |= {code for code, codes in near.items() if codes}.union(*near.values())
    after = grouped(stories.tellings(connection, wanted), firm)
    gone = [code for code in before if code not in after]
    stories.arrange(connection, gone, [place for code, place in after.items() if before.get(code) != place])
    touched = _retold(before, after, reshown)
    if touched:
        stories.touch(connection, touched, number, shown)
    return number


def grouped(tellings: Sequence[Telling], firm: Iterable[Place] = ()) -> dict[InfoCode, Place]:
    """The stories of *tellings* that have more than one; those whose places are *firm* stay together."""
    parents: dict[InfoCode, InfoCode] = {}
    dates: dict[InfoCode, datetime] = {telling.info_code: telling.published for telling in tellings}
    for place in firm:
        dates[place.info_code] = place.published
        _unite(parents, place.info_code, place.story)
    for one, other in _pairs(tellings):
        _unite(parents, one, other)
    groups: dict[InfoCode, list[InfoCode]] = defaultdict(list)
    for code in dates:
        groups[_root(parents, code)].append(code)
    found = {}
    for group in groups.values():
        if len(group) > 1:
            first = min(group, key=lambda code: (dates[code], code))
            found.update({code: Place(code, first, dates[code]) for code in group})
    return found


def _told(entry: Entry | None) -> tuple[object, ...] | None:
    """What decides which story an entry tells; None if it tells none."""
    if entry is None or entry.withdrawn:
        return None
    return entry.scope, entry.origin.title, entry.published, entry.content


def _shown(entry: Entry | None) -> tuple[object, ...] | None:
    """What others that tell its story show of an entry; None if it is not to be seen."""
    if entry is None or entry.withdrawn:
        return None
    return entry.title, entry.link, entry.language, entry.origin.title, entry.published


def _find(
    connection: Connection, moved: Sequence[EntryChange], sketched: Mapping[str, Sequence[int]]
) -> dict[InfoCode, set[InfoCode]]:
    """File the entries that *moved* below their bands, and look for others there."""
    gone: set[tuple[int, InfoCode]] = set()
    filed: list[tuple[Entry, Sequence[int]]] = []
    for change in moved:
        if change.before is not None and not change.before.withdrawn:
            gone.update(_keys(change.before, bands(change.before.content)))
        if not change.after.withdrawn:
            known = sketched.get(change.after.content)
            filed.append((change.after, bands(change.after.content) if known is None else known))
    new = {key for entry, its in filed for key in _keys(entry, its)}
    stories.index(connection, gone, ())
    around = {entry.info_code: set(_around(entry.published, its)) for entry, its in filed}
    asked: set[int] = set().union(*around.values())
    shelves = stories.look(connection, asked) if asked else {}
    stories.index(connection, (), new)
    for key, code in new:
        shelves.setdefault(key, []).append(code)
    crowded = [key for key, codes in shelves.items() if len(codes) > _MOST]
    shelves |= {key: sorted(shelves[key])[:_MOST] for key in crowded}
    return {
        code: {other for key in keys & shelves.keys() for other in shelves[key]} - {code}
        for code, keys in around.items()
    }


def _keys(entry: Entry, its: Sequence[int]) -> Iterator[tuple[int, InfoCode]]:
    period, code = _period(entry.published) << _BAND_BITS, entry.info_code
    return ((period | band, code) for band in its)


def _around(published: datetime, its: Sequence[int]) -> Iterator[int]:
    """The keys of all that was published within three days of *published*, and of some more."""
    period = _period(published)
    near = [one << _BAND_BITS for one in (period - 1, period, period + 1)]
    return (one | band for band in its for one in near)


def _period(published: datetime) -> int:
    return int(published.timestamp()) // _PERIOD_SECONDS


def _pairs(tellings: Sequence[Telling]) -> Iterator[tuple[InfoCode, InfoCode]]:
    """Every two of *tellings* that tell one story, as far as is needed to know what belongs together."""
    texts = {telling.info_code: likeness(telling.content) for telling in tellings}
    shelves: dict[int, list[tuple[Telling, Likeness]]] = defaultdict(list)
    for telling in sorted(tellings, key=lambda telling: telling.info_code):
        if text := texts[telling.info_code]:
            for band in text.bands:
                shelves[_period(telling.published) << _BAND_BITS | band].append((telling, text))
    asked: set[tuple[InfoCode, InfoCode]] = set()
    for telling in tellings:
        text = texts[telling.info_code]
        for key in _around(telling.published, text.bands) if text else ():
            for other, said in shelves.get(key, ())[:_MOST]:
                pair = (telling.info_code, other.info_code)
                if pair not in asked and pair[::-1] not in asked:
                    asked.add(pair)
                    if text and _may_be_one(telling, other) and alike(text, said):
                        yield pair


def _may_be_one(one: Telling, other: Telling) -> bool:
    apart = abs(one.published - other.published)
    return apart <= _APART and (one.scope, one.medium) != (other.scope, other.medium)


def _unite(parents: dict[InfoCode, InfoCode], one: InfoCode, other: InfoCode) -> None:
    parents[_root(parents, one)] = _root(parents, other)


def _root(parents: dict[InfoCode, InfoCode], code: InfoCode) -> InfoCode:
    while (parent := parents.get(code, code)) != code:
        parents[code] = parents.get(parent, parent)
        code = parent
    return code


def _retold(
    before: Mapping[InfoCode, Place], after: Mapping[InfoCode, Place], reshown: Collection[InfoCode]
) -> set[InfoCode]:
    """The tellings that stand with others than before, or with one of those that are to be shown differently."""
    was, now = _members(before), _members(after)
    stale = {code for code in {*before, *after} if was.get(code) != now.get(code)}
    return stale.union(*(now[code] for code in reshown if code in now))


def _members(places: Mapping[InfoCode, Place]) -> dict[InfoCode, frozenset[InfoCode]]:
    """All who tell the story that each one tells."""
    found: dict[InfoCode, set[InfoCode]] = defaultdict(set)
    for place in places.values():
        found[place.story].add(place.info_code)
    groups = {story: frozenset(codes) for story, codes in found.items()}
    return {code: groups[place.story] for code, place in places.items()}
