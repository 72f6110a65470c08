"""What a feed's entries may have of categories: so many each, and so many that nobody had before.

A category is four files and a place in every list, for good: a source that brought new ones without end would fill the
disk and the first page of all. What is left out stays among the tags.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from aggregator.bounds import MOST_BEGUN, MOST_CATEGORIES
from storage import categories
from storage.source import SourceKind

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import Connection

    from aggregator.settings import SourceSettings
    from storage.copy import Copy


def within_bounds(
    connection: Connection, source: SourceSettings, read: Sequence[Copy]
) -> tuple[list[Copy], tuple[str, ...]]:
    """The copies of a document of *source*, in its order, less the categories that are too many; and what is to be
    told of that, as sentences for people.

    What the configuration names is never too many. Another process that reads the same source at the same moment does
    not see what this one begins: together they may begin a few more.
    """
    if source.kind is SourceKind.POSTS or source.as_posts:
        return list(read), ()
    free = _configured(source)
    capped = [_capped(copy, free) for copy in read]
    own = dict.fromkeys(slug for copy in capped for slug in copy.categories if slug not in free)
    beyond = _beyond(connection, source.name, list(own), free)
    found = [_within(copy, beyond, source) for copy in capped]
    problems = []
    if beyond:
        problems.append(
            f"the source brings more categories than the {MOST_BEGUN} that one source may begin; {len(beyond):,} were "
            "left out: use map_categories or categories"
        )
    if cut := sum(one is not copy for one, copy in zip(capped, read, strict=True)):
        problems.append(f"entries with more categories than {MOST_CATEGORIES}: {cut:,}; only the first of each count")
    return found, tuple(problems)


def _configured(source: SourceSettings) -> frozenset[str]:
    """The slugs that the configuration names: the source's own among them, for an entry that has no other."""
    mapped = (slug for slugs in source.rules.categories.values() for slug in slugs)
    return frozenset((source.name, *source.categories, *mapped))


def _capped(copy: Copy, free: Collection[str]) -> Copy:
    own = [slug for slug in copy.categories if slug not in free]
    if len(own) <= MOST_CATEGORIES:
        return copy
    dropped = frozenset(own[MOST_CATEGORIES:])
    return _with(copy, tuple(slug for slug in copy.categories if slug not in dropped))


def _beyond(connection: Connection, source: str, own: Sequence[str], free: Collection[str]) -> frozenset[str]:
    """Those of a document's *own* categories that are new, and that its source may not begin any more."""
    if not own:
        return frozenset()
    there = categories.titles(connection, own)
    new = [slug for slug in own if slug not in there]
    if not new:
        return frozenset()
    begun = categories.begun_by(connection, source) - frozenset(free)
    return frozenset(new[max(MOST_BEGUN - len(begun), 0) :])


def _within(copy: Copy, beyond: Collection[str], source: SourceSettings) -> Copy:
    slugs = tuple(slug for slug in copy.categories if slug not in beyond)
    return copy if len(slugs) == len(copy.categories) else _with(copy, slugs or (source.name,))


def _with(copy: Copy, slugs: tuple[str, ...]) -> Copy:
    """*copy* in the categories *slugs*, and in no other."""
    names = tuple(name for name in copy.category_names if name.slug in slugs)
    entry = replace(copy.entry, categories=slugs, category_names=names) if copy.entry else None
    return replace(copy, categories=slugs, category_names=names, entry=entry)
