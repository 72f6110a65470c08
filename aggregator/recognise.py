"""Which entries of a document are which entries of before: a pure decision from what a scope remembers.

An entry is known in several ways, the strongest first: by its id; by its own address; by the page of that address,
where only one of two carries a fragment; by title and date; by date and text. A weaker one is asked only where no
stronger one says anything, but for one case: an id that nobody knows may be a new id for an address that somebody does.
What several entries have in common says nothing, now and for ever.

    names_of(entries) ─► what the scope knows of wanted(names) ─► recognise(…) ─► infoCodes, and what to remember
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from aggregator.identity import Way, claimed, derive, ways
from aggregator.links import Place, place_of
from storage.entry import InfoCode

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from feeds.document import SourceEntry

SAYS_NOTHING = ""
"""Where a key leads that several entries had."""

# Characters. A shorter text ("Read more …") may be that of many entries.
_TELLING_TEXT = 40


@dataclass(frozen=True, slots=True)
class Names:
    """The keys of one entry, as digests; ``whole`` is the key of its page as a whole, where its link has a fragment."""

    keys: Mapping[Way, bytes]
    whole: bytes | None = None


@dataclass(frozen=True, slots=True)
class Recognised:
    """The infoCode of each entry, None for one that has nothing to be known by, and where keys lead from now on."""

    codes: tuple[InfoCode | None, ...]
    aliases: Mapping[bytes, str]


def names_of(entries: Iterable[SourceEntry], home: Collection[str] = ()) -> list[Names]:
    """What each of a document's *entries* can be known by; links to *home*, the feed's own pages, are no names."""
    homes = {place_of(link) for link in home if link}
    return [_names_of(entry, homes) for entry in entries]


def wanted(names: Iterable[Names]) -> set[bytes]:
    """The keys to look up."""
    return {key for name in names for key in (*name.keys.values(), name.whole) if key}


def recognise(
    entries: Sequence[SourceEntry], names: Sequence[Names], scope: str, known: Mapping[bytes, str], *, trusted: bool
) -> Recognised:
    """Decide which infoCode each of a document's *entries* has, from where the *known* keys of its *scope* lead.

    An entry that may bring an infoCode of its own (*trusted*), and does, needs no keys.
    """
    return _Decision(entries, names, scope, known).made(trusted=trusted)


class _Decision:
    def __init__(
        self, entries: Sequence[SourceEntry], names: Sequence[Names], scope: str, known: Mapping[bytes, str]
    ) -> None:
        self._entries = entries
        self._names = names
        self._scope = scope
        self._known = known
        self._shared = _shared(entries, names)
        self._taken: set[InfoCode] = set()
        self._here: dict[bytes, InfoCode] = {}  # by the strongest key that says something

    def made(self, *, trusted: bool) -> Recognised:
        codes = [claimed(entry) if trusted else None for entry in self._entries]
        self._taken.update(code for code in codes if code)
        unnamed = [index for index, code in enumerate(codes) if code is None]
        for way in Way:
            for index in unnamed:
                codes[index] = codes[index] or self._found(way, index)
        for index in unnamed:
            codes[index] = codes[index] or self._new(index)
        there = [(self._names[i], codes[i]) for i in unnamed if not self._entries[i].withdrawn]
        return Recognised(tuple(codes), self._aliases([(name, code) for name, code in there if code]))

    def _says(self, key: bytes | None) -> bool:
        return key is not None and key not in self._shared and self._known.get(key) != SAYS_NOTHING

    def _found(self, way: Way, index: int) -> InfoCode | None:
        """The entry that is known in this *way*, unless another one of the document is it: two are never one.

        An id decides alone: two ids that lead to one entry are two that it had.
        """
        name = self._names[index]
        key = name.keys.get(way)
        if not self._says(key) or (way > Way.PAGE and self._has_better(name)):
            return None
        if way is Way.PAGE and name.whole:
            key = name.whole
        code = self._known.get(key) if key and self._says(key) else None
        return self._take(index, InfoCode(code)) if code and (way is Way.ID or code not in self._taken) else None

    def _has_better(self, name: Names) -> bool:
        return self._says(name.keys.get(Way.ID)) or self._says(name.keys.get(Way.LINK))

    def _new(self, index: int) -> InfoCode | None:
        """The infoCode of an entry that was not known, derived from the strongest of its names that says something."""
        entry, name = self._entries[index], self._names[index]
        own = ways(entry)
        if not own or (entry.withdrawn and not self._says(name.keys.get(Way.ID))):
            return None
        best = self._best(name)
        if best is not None and (same := self._here.get(name.keys[best])):
            return same  # it stands twice in the document
        code = derive(self._scope, *own[best]) if best is not None else None
        if code is None or code in self._taken:
            # Nothing that it has is its own, or what is was another entry's first.
            code = derive(self._scope, "all", *(part for way in own.values() for part in way))
        return self._take(index, code)

    def _take(self, index: int, code: InfoCode) -> InfoCode:
        self._taken.add(code)
        if (best := self._best(self._names[index])) is not None:
            self._here[self._names[index].keys[best]] = code
        return code

    def _best(self, name: Names) -> Way | None:
        return next((way for way, key in name.keys.items() if way is not Way.PAGE and self._says(key)), None)

    def _aliases(self, there: Iterable[tuple[Names, InfoCode]]) -> dict[bytes, str]:
        """What is new: keys that were met first, and keys that turn out to be those of several entries."""
        fresh: dict[bytes, str] = {}
        for name, code in there:
            for way, key in name.keys.items():
                before = fresh.get(key, self._known.get(key))
                if key in self._shared or before not in (None, code, SAYS_NOTHING):
                    fresh[key] = SAYS_NOTHING
                elif before is None and (way is not Way.PAGE or name.whole):
                    fresh[key] = code
        return {key: code for key, code in fresh.items() if self._known.get(key) != code}


def _names_of(entry: SourceEntry, homes: Collection[Place]) -> Names:
    keys: dict[Way, bytes] = {}
    link = place_of(entry.link)
    own = link if entry.id == entry.link else place_of(entry.id)
    if entry.id and own not in homes:
        keys[Way.ID] = _key("id", *own)
    if entry.withdrawn:
        return Names(keys)
    whole = None
    if entry.link and link not in homes:
        keys[Way.LINK] = _key("link", *link)
        page = Place(link.page, "")
        if page not in homes:
            keys[Way.PAGE] = _key("page", link.page)
            whole = _key("link", *page) if link.fragment else None
    title = entry.title.value.strip() if entry.title else ""
    date = _date(entry)
    if title or date:
        keys[Way.TITLE] = _key("title", title, date)
    text = _text(entry)
    if text and (len(text) >= _TELLING_TEXT or not (title or date)):
        keys[Way.TEXT] = _key("text", text, date)
    return Names(keys, whole)


def _key(*parts: str) -> bytes:
    return hashlib.blake2b("\0".join(parts).encode(errors="surrogatepass"), digest_size=16).digest()


def _date(entry: SourceEntry) -> str:
    moment = entry.published
    if moment is None:
        return ""
    try:
        return (moment.astimezone(UTC) if moment.tzinfo else moment).isoformat()
    except OverflowError:  # at the ends of the calendar
        return moment.isoformat()


def _text(entry: SourceEntry) -> str:
    body = entry.content or entry.summary
    return " ".join(body.value.split()) if body else ""


def _shared(entries: Sequence[SourceEntry], names: Sequence[Names]) -> frozenset[bytes]:
    """The keys that several articles of a document have."""
    there = [(entry, name) for entry, name in zip(entries, names, strict=True) if not entry.withdrawn]
    shared = set(_shared_ids(there))
    marks: dict[bytes, set[object]] = defaultdict(set)

    def says(name: Names, way: Way) -> bytes | None:
        key = name.keys.get(way)
        return key if key not in shared else None

    for way in (Way.LINK, Way.PAGE, Way.TITLE, Way.TEXT):
        for entry, name in there:
            if (key := name.keys.get(way)) is None:
                continue
            article: object = says(name, Way.ID) or (entry.id, name.keys.get(Way.TITLE))
            if way is Way.PAGE:
                article = (article, name.keys[Way.LINK])
            elif way is Way.TITLE:
                article = (says(name, Way.ID), says(name, Way.LINK))
                article = article if any(article) else _text(entry)
            marks[key].add(article)
        shared |= {key for key, articles in marks.items() if len(articles) > 1}
    return frozenset(shared)


def _shared_ids(there: Iterable[tuple[SourceEntry, Names]]) -> Iterator[bytes]:
    """An id says nothing where its entries have other links, or each its own title and date (RFC 4287, 4.1.1, lets one
    entry stand several times in a document).
    """
    found: dict[bytes, list[tuple[SourceEntry, Names]]] = defaultdict(list)
    for entry, name in there:
        if Way.ID in name.keys:
            found[name.keys[Way.ID]].append((entry, name))
    for key, these in found.items():
        if len(these) > 1:
            links = {name.keys.get(Way.LINK) for _, name in these} - {None}
            titles = {entry.title.value for entry, _ in these if entry.title}
            dates = {entry.published for entry, _ in these if entry.published}
            if len(links) > 1 or len(these) == len(titles) == len(dates):
                yield key
