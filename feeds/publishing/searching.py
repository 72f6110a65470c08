"""Which entries a query finds: those that the index names, as far as they are what was asked for now."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from feeds.plain_text import plain_text
from feeds.publishing.view import without_private
from feeds.search_words import exact, fold, spell, terms
from storage import categories, entries, search
from storage.words import Term

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

    from feeds.query import Query
    from storage.entry import Entry, InfoCode

MOST_LOOKED_AT: Final = 1_000
"""Candidates whose texts are read in vain for one answer, at the most. Each has all pairs of characters that the query
has, and nearly always the query itself, so that an answer is full long before.
"""
_AT_ONCE = 50


class _Wanted(NamedTuple):
    """What an entry is to be: *words* are runs of a spelling, of the others one is enough."""

    words: Sequence[str]
    categories: frozenset[str]
    tags: frozenset[str]
    media: frozenset[str]


def find(connection: Connection, query: Query, most: int) -> list[Entry]:
    """The newest *most* entries that *query* asks for, by ``published``, then infoCode, both descending.

    None is withdrawn, none is outside of everything; a category that is hidden holds nothing here.
    """
    moved, hidden = categories.moved(connection), categories.unseen(connection)
    slugs = frozenset(moved.get(slug, slug) for slug in query.categories) - hidden
    wanted = _Wanted(spell(query.words).split(), slugs, _folded(query.tags), _folded(query.media))
    if query.is_empty or (query.words and not wanted.words) or (query.categories and not slugs):
        return []
    codes = search.candidates(connection, _groups(wanted), MOST_LOOKED_AT + most)
    private = categories.private(connection)
    shown = (without_private(entry, private) for entry in _shown(connection, codes))
    asked_for = (entry for entry in shown if _is(entry, wanted))
    return sorted(islice(asked_for, most), key=lambda entry: (entry.published, entry.info_code), reverse=True)


def _shown(connection: Connection, codes: Sequence[InfoCode]) -> Iterator[Entry]:
    """The entries of *codes* that have a place in everything, in that order, read as they are needed."""
    for start in range(0, len(codes), _AT_ONCE):
        there = entries.find(connection, codes[start : start + _AT_ONCE])
        shown = search.in_all(connection, there.values())
        yield from (there[code] for code in codes[start : start + _AT_ONCE] if code in shown)


def titles(connection: Connection, query: Query) -> dict[str, str]:
    """What people call those of the categories of *query* that are published, by the slugs that it names."""
    moved = categories.moved(connection)
    now = {slug: moved.get(slug, slug) for slug in query.categories}
    known = categories.find(connection, now.values())
    return {slug: known[there].title for slug, there in now.items() if there in known and known[there].is_published}


def spelling_of(entry: Entry) -> str:
    """The text of *entry* as search compares it; no phrase reaches from one part into another."""
    return " ".join(spell(part) for part in (entry.title, entry.summary, plain_text(entry.content)))


def _groups(wanted: _Wanted) -> list[list[Term]]:
    """What the index is asked for: of each group, any."""
    words = dict.fromkeys(term for run in wanted.words for term in terms(run))
    values = (("category", wanted.categories), ("tag", wanted.tags), ("medium", wanted.media))
    groups = [[Term(exact(kind, value)) for value in sorted(those)] for kind, those in values if those]
    return groups + [[term] for term in words]


def _is(entry: Entry, wanted: _Wanted) -> bool:
    """Whether *entry* is what was asked for, whatever the index says of it."""
    if entry.withdrawn:
        return False
    held = (entry.categories, _folded(entry.tags), (fold(entry.origin.title),))
    if any(asked and asked.isdisjoint(those) for asked, those in zip(wanted[1:], held, strict=True)):
        return False
    if not wanted.words:
        return True
    text = spelling_of(entry)
    return all(run in text for run in wanted.words)


def _folded(values: Sequence[str]) -> frozenset[str]:
    return frozenset(map(fold, values))
