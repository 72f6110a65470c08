"""Categories: their versions, their names, how many entries they hold."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert

from storage.bulk import Bulk
from storage.category import ALL, Category, choose_title
from storage.database import batches, next_change
from storage.tables import CategoryNameRow, CategoryRow, EntryRow, MembershipRow, table_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection, RowMapping

    from storage.entries import EntryChange
    from storage.entry import Entry

_CATEGORY = table_of(CategoryRow)
_NAME = table_of(CategoryNameRow)
_MEMBERSHIP = table_of(MembershipRow)
_ENTRY = table_of(EntryRow)
# Statements that are run again and again are made once: making one costs more than running it.
_FIND = select(_CATEGORY).where(_CATEGORY.c.slug.in_(bindparam("slugs", expanding=True)))
_MEMBERS = select(_MEMBERSHIP.c.info_code).where(_MEMBERSHIP.c.category == bindparam("of"))
_SHOWING = select(_ENTRY.c.categories).where(_ENTRY.c.info_code.in_(_MEMBERS))
_TOUCH_ENTRIES = update(_ENTRY).where(_ENTRY.c.info_code.in_(_MEMBERS)).values(change=bindparam("number"))
_TOUCH = (
    update(_CATEGORY)
    .where(_CATEGORY.c.slug.in_(bindparam("slugs", expanding=True)))
    .values(version=bindparam("number"))
)
_NAMES = select(_NAME).where(_NAME.c.slug.in_(bindparam("slugs", expanding=True)))
_UNNAMED = (
    update(_CATEGORY)
    .where((_CATEGORY.c.version == bindparam("number")) & (_CATEGORY.c.title == ""))
    .values(title=_CATEGORY.c.slug)
)
_MORE = insert(_CATEGORY)
_COUNT = Bulk(
    _MORE.on_conflict_do_update(
        index_elements=["slug"],
        set_={"version": _MORE.excluded.version, "entries": _CATEGORY.c.entries + _MORE.excluded.entries},
    )
)
_VOTES = insert(_NAME)
_VOTE = Bulk(
    _VOTES.on_conflict_do_update(
        index_elements=["slug", "name"], set_={"entries": _NAME.c.entries + _VOTES.excluded.entries}
    )
)
_BEGUN = select(_CATEGORY.c.slug).where(_CATEGORY.c.source == bindparam("of"))
_TITLES = select(_CATEGORY.c.slug, _CATEGORY.c.title).where(_CATEGORY.c.slug.in_(bindparam("slugs", expanding=True)))


def find(connection: Connection, slugs: Iterable[str]) -> dict[str, Category]:
    """Those of the categories with these *slugs* that there are; ``updated`` is left to who renders them."""
    found: dict[str, Category] = {}
    for batch in batches(sorted(set(slugs))):
        for row in connection.execute(_FIND, {"slugs": batch}).mappings():
            found[row["slug"]] = _value(row)
    return found


def listed(connection: Connection) -> list[Category]:
    """Every category but the one of everything, by slug; ``updated`` is its newest entry's ``published``."""
    newest = (
        select(_MEMBERSHIP.c.category, func.max(_MEMBERSHIP.c.published).label("newest"))
        .group_by(_MEMBERSHIP.c.category)
        .subquery()
    )
    statement = (
        select(_CATEGORY, newest.c.newest)
        .join(newest, newest.c.category == _CATEGORY.c.slug, isouter=True)
        .where(_CATEGORY.c.slug != ALL)
        .order_by(_CATEGORY.c.slug)
    )
    return [
        Category(row["slug"], row["title"], row["version"], row["newest"], row["entries"], row["arrivals"])
        for row in connection.execute(statement).mappings()
    ]


def titles(connection: Connection, slugs: Iterable[str]) -> dict[str, str]:
    """The names of the categories with these *slugs*."""
    found: dict[str, str] = {}
    for batch in batches(sorted(set(slugs))):
        found |= {slug: title for slug, title in connection.execute(_TITLES, {"slugs": batch})}  # noqa: C416
    return found


def begun_by(connection: Connection, source: str) -> set[str]:
    """The slugs of the categories that *source* brought the first entry of, whoever is in them by now."""
    return set(connection.execute(_BEGUN, {"of": source}).scalars())


def changed_since(connection: Connection, change: int) -> list[Category]:
    """The categories that a later change than *change* touched."""
    rows = connection.execute(select(_CATEGORY).where(_CATEGORY.c.version > change).order_by(_CATEGORY.c.slug))
    return [_value(row) for row in rows.mappings()]


def set_page_titles(connection: Connection, page_titles: Mapping[str, str]) -> int:
    """Take over what the categories' own pages call them; a category without a page loses the name it had.

    Returns:
        The number of this change; 0 when nothing was different.
    """
    known = {row["slug"]: row for row in connection.execute(select(_CATEGORY)).mappings()}
    wanted = {slug: page_titles.get(slug, "") for slug in {*known, *page_titles} - {ALL}}
    different = {
        slug: title for slug, title in wanted.items() if title != (known[slug]["page_title"] if slug in known else "")
    }
    if not different:
        return 0
    number = next_change(connection)
    _upsert(connection, dict.fromkeys(different, 0), number)
    rows = [{"of": slug, "page": title} for slug, title in different.items()]
    here = update(_CATEGORY).where(_CATEGORY.c.slug == bindparam("of"))
    connection.execute(here.values(page_title=bindparam("page")), rows)
    _rename(connection, different, number)
    return number


def touch(connection: Connection, changes: Sequence[EntryChange], number: int) -> None:
    """Move the version of every category that *changes* touch, with its count and its name."""
    counts: defaultdict[str, int] = defaultdict(int)
    begun: dict[str, str] = {ALL: ""}
    votes: defaultdict[tuple[str, str], int] = defaultdict(int)
    for change in changes:
        for slug in change.touches:
            counts[slug] += 0
            begun.setdefault(slug, change.brought_by or change.after.source)
        for entry, sign in ((change.before, -1), (change.after, 1)):
            if entry is not None and not entry.withdrawn:
                for slug in (ALL, *entry.categories):
                    counts[slug] += sign
                for vote in _votes(entry):
                    votes[vote] += sign
    _upsert(connection, counts, number, begun)
    moved = {vote: by for vote, by in votes.items() if by}
    if moved:
        _count_votes(connection, moved)
        _rename(connection, {slug for slug, _ in moved}, number)
    # A category that begins with entries that give it no name.
    connection.execute(_UNNAMED, {"number": number})


def move(connection: Connection, slugs: Iterable[str], number: int) -> None:
    """Let the categories with these *slugs* be rendered again."""
    for batch in batches(sorted(slugs)):
        connection.execute(_TOUCH, {"slugs": batch, "number": number})


def _votes(entry: Entry) -> set[tuple[str, str]]:
    return {(vote.slug, vote.name) for vote in entry.category_names}


def _count_votes(connection: Connection, moved: Mapping[tuple[str, str], int]) -> None:
    rows = [{"slug": slug, "name": name, "entries": by} for (slug, name), by in sorted(moved.items())]
    _VOTE.run(connection, rows)
    if any(by < 0 for by in moved.values()):
        connection.execute(delete(_NAME).where(_NAME.c.entries <= 0))


def _upsert(
    connection: Connection, counts: Mapping[str, int], number: int, sources: Mapping[str, str] | None = None
) -> None:
    """Count entries in and out of categories and move their versions; a category begins at its first mention, by one
    of *sources*.
    """
    begun = sources or {}
    rows = [
        {
            "slug": slug,
            "title": "",
            "page_title": "",
            "version": number,
            "entries": by,
            "arrivals": 0,
            "source": begun.get(slug, ""),
        }
        for slug, by in sorted(counts.items())
    ]
    _COUNT.run(connection, rows)


def _rename(connection: Connection, slugs: Iterable[str], number: int) -> None:
    """Choose the names of *slugs* anew. A new name is shown in every feed that shares an entry with the category."""
    wanted = sorted(set(slugs))
    votes: dict[str, dict[str, int]] = defaultdict(dict)
    known: list[RowMapping] = []
    for batch in batches(wanted):
        for slug, name, entries in connection.execute(_NAMES, {"slugs": batch}):
            votes[slug][name] = entries
        known += connection.execute(_FIND, {"slugs": batch}).mappings()
    titles = {row["slug"]: choose_title(row["slug"], row["page_title"], votes[row["slug"]]) for row in known}
    renamed = [row for row in known if titles[row["slug"]] != row["title"]]
    if not renamed:
        return
    rows = [{"of": row["slug"], "name": titles[row["slug"]]} for row in renamed]
    here = update(_CATEGORY).where(_CATEGORY.c.slug == bindparam("of"))
    connection.execute(here.values(title=bindparam("name")), rows)
    # A category that begins with this change is shown by no entry that the change does not hold.
    for row in renamed:
        if row["title"]:
            _show_name(connection, row["slug"], number)


def _show_name(connection: Connection, slug: str, number: int) -> None:
    """Let the entries of a category, and the categories that they are in, be rendered again."""
    shown = connection.execute(_SHOWING, {"of": slug}).scalars()
    sharing = {slug, ALL}.union(*shown)
    connection.execute(_TOUCH_ENTRIES, {"of": slug, "number": number})
    move(connection, sharing, number)


def _value(row: RowMapping) -> Category:
    return Category(row["slug"], row["title"], row["version"], None, row["entries"], row["arrivals"])
