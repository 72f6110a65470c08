"""Categories: their versions, their names, how many entries they hold."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, case, delete, literal_column, select, update

from storage.bulk import Bulk
from storage.category import ALL, Category, choose_title
from storage.database import batches, next_change
from storage.dialects import greatest
from storage.tables import CategoryNameRow, CategoryRow, EntryRow, MembershipRow, StoreRow, table_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence, Set

    from sqlalchemy import ColumnElement, Connection, RowMapping

    from storage.entry import Entry
    from storage.places import Placed

_CATEGORY = table_of(CategoryRow)
_NAME = table_of(CategoryNameRow)
_MEMBERSHIP = table_of(MembershipRow)
_ENTRY = table_of(EntryRow)
_STORE = table_of(StoreRow)
_SECOND: ColumnElement[int] = literal_column("1")


def _later(version: ColumnElement[int], moment: ColumnElement[int]) -> ColumnElement[int]:
    """When a category changed that is moved to *version* at *moment*: later than at any other version, for a date that
    stands for two documents is no validator (RFC 9110, 8.8.2.2).
    """
    later = greatest(moment, _CATEGORY.c.changed + _SECOND)
    return case((_CATEGORY.c.version == version, _CATEGORY.c.changed), else_=later)


# Statements that are run again and again are made once: making one costs more than running it.
_FIND = select(_CATEGORY).where(_CATEGORY.c.slug.in_(bindparam("slugs", expanding=True)))
_MEMBERS = select(_MEMBERSHIP.c.info_code).where(_MEMBERSHIP.c.category == bindparam("of"))
_SHOWING = select(_ENTRY.c.categories).where(_ENTRY.c.info_code.in_(_MEMBERS))
_TOUCH_ENTRIES = update(_ENTRY).where(_ENTRY.c.info_code.in_(_MEMBERS)).values(change=bindparam("number"))
_TOUCH = (
    update(_CATEGORY)
    .where(_CATEGORY.c.slug.in_(bindparam("slugs", expanding=True)))
    .values(
        version=bindparam("number"),
        changed=_later(bindparam("number"), select(_STORE.c.changed).scalar_subquery()),
    )
)
_NAMES = select(_NAME).where(_NAME.c.slug.in_(bindparam("slugs", expanding=True)))
_UNNAMED = (
    update(_CATEGORY)
    .where((_CATEGORY.c.version == bindparam("number")) & (_CATEGORY.c.title == ""))
    .values(title=_CATEGORY.c.slug)
)
_COUNT = Bulk(
    _CATEGORY,
    lambda more: {
        "version": more.version,
        "changed": _later(more.version, more.changed),
        "entries": _CATEGORY.c.entries + more.entries,
    },
)
_VOTE = Bulk(_NAME, lambda more: {"entries": _NAME.c.entries + more.entries})
# One look for each category: they are in this order.
_NEWEST = (
    select(_MEMBERSHIP.c.published)
    .where(_MEMBERSHIP.c.category == _CATEGORY.c.slug)
    .order_by(_MEMBERSHIP.c.published.desc())
    .limit(1)
    .correlate(_CATEGORY)
    .scalar_subquery()
    .label("newest")
)
_CHANGED = select(_STORE.c.changed)
_UNSEEN = select(_CATEGORY.c.slug, _CATEGORY.c.hidden).where(_CATEGORY.c.hidden | _CATEGORY.c.private)
_PRIVATE = select(_CATEGORY.c.slug).where(_CATEGORY.c.private)
# What has not moved has no slug there, which is that of everything.
_FORMER = select(_CATEGORY.c.slug).where(
    _CATEGORY.c.moved_to > "", _CATEGORY.c.moved_to.in_(bindparam("slugs", expanding=True))
)
_MOVED = select(_CATEGORY.c.slug, _CATEGORY.c.moved_to).where(_CATEGORY.c.moved_to > "")
_BEGUN = select(_CATEGORY.c.slug).where(_CATEGORY.c.source == bindparam("of"))
_TITLES = select(_CATEGORY.c.slug, _CATEGORY.c.title).where(_CATEGORY.c.slug.in_(bindparam("slugs", expanding=True)))


def find(connection: Connection, slugs: Iterable[str]) -> dict[str, Category]:
    """Those of the categories with these *slugs* that there are; ``updated`` is left to who renders them."""
    found: dict[str, Category] = {}
    for batch in batches(sorted(set(slugs))):
        for row in connection.execute(_FIND, {"slugs": batch}).mappings():
            found[row["slug"]] = _value(row)
    return found


def listed(connection: Connection, *, everyone: bool = False, since: int = -1) -> list[Category]:
    """Every category that is published but the one of everything, by slug, which a later change than *since* touched;
    ``updated`` is its newest entry's ``published``. With *everyone*, those too that are hidden, private or have moved.
    """
    statement = select(_CATEGORY, _NEWEST).where(_CATEGORY.c.slug != ALL, _CATEGORY.c.version > since)
    statement = statement.order_by(_CATEGORY.c.slug)
    if not everyone:
        statement = statement.where(~_CATEGORY.c.hidden, ~_CATEGORY.c.private, _CATEGORY.c.moved_to == "")
    return [_value(row, row["newest"]) for row in connection.execute(statement).mappings()]


def slugs(connection: Connection) -> list[str]:
    """Every slug that there is or was, but the one of everything."""
    return list(connection.execute(select(_CATEGORY.c.slug).where(_CATEGORY.c.slug != ALL)).scalars())


def unseen(connection: Connection, granted: Set[str] = frozenset()) -> frozenset[str]:
    """The slugs of the categories that are not named to one who was *granted* some: hidden ones, and private ones."""
    return frozenset(slug for slug, hidden in connection.execute(_UNSEEN) if hidden or slug not in granted)


def private(connection: Connection) -> frozenset[str]:
    """The slugs of the categories that only partners see."""
    return frozenset(connection.execute(_PRIVATE).scalars())


def followed(connection: Connection, slugs: Iterable[str]) -> frozenset[str]:
    """What someone follows who was granted *slugs*: what those are by now, and all that those were called before."""
    there = moved(connection)
    now = {there.get(slug, slug) for slug in slugs}
    former = (connection.execute(_FORMER, {"slugs": batch}).scalars() for batch in batches(sorted(now)))
    return frozenset(now).union(*former)


def moved(connection: Connection) -> dict[str, str]:
    """The slugs that are another now, and which."""
    return {slug: now for slug, now in connection.execute(_MOVED)}  # noqa: C416


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


def set_page_titles(connection: Connection, page_titles: Mapping[str, str], now: datetime) -> int:
    """Take over, *now*, what the categories' own pages call them; a category without a page loses the name it had.

    The page of a slug that has moved speaks for the one that it is now, unless that has a page too.

    Returns:
        The number of this change; 0 when nothing was different.
    """
    known = {row["slug"]: row for row in connection.execute(select(_CATEGORY)).mappings()}
    there = moved(connection)
    of_old = {there[slug]: page_titles[slug] for slug in sorted(page_titles.keys() & there)}
    page_titles = of_old | {slug: title for slug, title in page_titles.items() if slug not in there}
    wanted = {slug: page_titles.get(slug, "") for slug in {*known, *page_titles} - {ALL}}
    different = {
        slug: title for slug, title in wanted.items() if title != (known[slug]["page_title"] if slug in known else "")
    }
    if not different:
        return 0
    number = next_change(connection, now)
    _upsert(connection, dict.fromkeys((ALL, *different), 0), number)  # the first page, which is of all, shows them
    rows = [{"of": slug, "page": title} for slug, title in different.items()]
    here = update(_CATEGORY).where(_CATEGORY.c.slug == bindparam("of"))
    connection.execute(here.values(page_title=bindparam("page")), rows)
    name_anew(connection, different, number)
    return number


def touch(connection: Connection, placed: Sequence[Placed], number: int) -> None:
    """Move the version of every category that changes touch, with its count and its name."""
    counts: defaultdict[str, int] = defaultdict(int)
    begun: dict[str, str] = {ALL: ""}
    votes: defaultdict[tuple[str, str], int] = defaultdict(int)
    for one in placed:
        was, now = one.was, one.now
        for slug in one.touches:
            counts[slug] += (slug in now) - (slug in was)
            begun.setdefault(slug, one.brought_by or one.after.source)
        for entry, sign in ((one.before, -1), (one.after, 1)):
            if entry is not None and not entry.withdrawn:
                for vote in _votes(entry):
                    votes[vote] += sign
    _upsert(connection, counts, number, begun)
    moved = {vote: by for vote, by in votes.items() if by}
    if moved:
        _count_votes(connection, moved)
        name_anew(connection, {slug for slug, _ in moved}, number)
    # A category that begins with entries that give it no name.
    connection.execute(_UNNAMED, {"number": number})


def begin(connection: Connection, slugs: Iterable[str], number: int) -> None:
    """Let there be categories with these *slugs*, and let those that there are be rendered again."""
    _upsert(connection, dict.fromkeys(slugs, 0), number)
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
    changed = connection.execute(_CHANGED).scalar_one()
    new = {"title": "", "page_title": "", "given_title": "", "hidden": False, "moved_to": "", "arrivals": 0}
    new |= {"private": False, "version": number, "changed": changed}
    rows = [{**new, "slug": slug, "entries": by, "source": begun.get(slug, "")} for slug, by in sorted(counts.items())]
    _COUNT.run(connection, rows)


def name_anew(connection: Connection, slugs: Iterable[str], number: int) -> None:
    """Choose the names of *slugs* anew. A new name is shown in every feed that shares an entry with the category."""
    wanted = sorted(set(slugs))
    votes: dict[str, dict[str, int]] = defaultdict(dict)
    known: list[RowMapping] = []
    for batch in batches(wanted):
        for slug, name, entries in connection.execute(_NAMES, {"slugs": batch}):
            votes[slug][name] = entries
        known += connection.execute(_FIND, {"slugs": batch}).mappings()
    titles = {
        row["slug"]: choose_title(row["slug"], row["page_title"], votes[row["slug"]], row["given_title"])
        for row in known
    }
    renamed = [row for row in known if titles[row["slug"]] != row["title"]]
    if not renamed:
        return
    rows = [{"of": row["slug"], "name": titles[row["slug"]]} for row in renamed]
    here = update(_CATEGORY).where(_CATEGORY.c.slug == bindparam("of"))
    connection.execute(here.values(title=bindparam("name")), rows)
    # A category that begins with this change is shown by no entry that the change does not hold.
    for row in renamed:
        if row["title"]:
            show_again(connection, row["slug"], number)


def show_again(connection: Connection, slug: str, number: int) -> None:
    """Let the entries of a category, and the categories that they are in, be rendered again."""
    shown = connection.execute(_SHOWING, {"of": slug}).scalars()
    sharing = {slug, ALL}.union(*shown)
    connection.execute(_TOUCH_ENTRIES, {"of": slug, "number": number})
    move(connection, sharing, number)


def _value(row: RowMapping, updated: datetime | None = None) -> Category:
    return Category(
        slug=row["slug"],
        title=row["title"],
        version=row["version"],
        updated=updated,
        entries=row["entries"],
        arrivals=row["arrivals"],
        changed=datetime.fromtimestamp(row["changed"], UTC),
        hidden=row["hidden"],
        private=row["private"],
        moved_to=row["moved_to"],
        given_title=row["given_title"],
    )
