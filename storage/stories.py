"""Stories: where near-duplicates are looked for, which entries tell one story, and what is shown of it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, func, select, update

from storage import categories
from storage.bulk import Removal, adding, upsert
from storage.category import ALL
from storage.database import batches
from storage.dialects import among
from storage.entry import InfoCode
from storage.story import Other, Place, Stories, Telling
from storage.tables import BandRow, EntryRow, MembershipRow, StoryRow, table_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sqlalchemy import Connection

MOST_OTHERS = 20
"""How many other tellings are shown beside an entry."""

_BAND = table_of(BandRow)
_STORY = table_of(StoryRow)
_ENTRY = table_of(EntryRow)
_MEMBERSHIP = table_of(MembershipRow)
_MATE = _STORY.alias("mate")

_LOOK = select(_BAND.c.key, _BAND.c.info_code).where(among(_BAND.c.key, "keys"))
_INDEX = adding(_BAND)
_UNINDEX = Removal(_BAND)
_ARRANGE = upsert(_STORY)
_NAMES = select(_STORY.c.story).where(_STORY.c.info_code.in_(bindparam("codes", expanding=True)))
_PLACES = select(_STORY.c.info_code, _STORY.c.story, _STORY.c.published).where(_STORY.c.story.in_(_NAMES))
_TELLINGS = select(_ENTRY.c.info_code, _ENTRY.c.published, _ENTRY.c.scope, _ENTRY.c.origin, _ENTRY.c.content).where(
    _ENTRY.c.info_code.in_(bindparam("codes", expanding=True)), _ENTRY.c.withdrawn.is_(None)
)
_OTHERS = (
    select(_STORY.c.info_code, _MATE.c.info_code, _ENTRY.c.title, _ENTRY.c.link, _ENTRY.c.origin, _ENTRY.c.language)
    .join(_MATE, (_MATE.c.story == _STORY.c.story) & (_MATE.c.info_code != _STORY.c.info_code))
    .join(_ENTRY, _ENTRY.c.info_code == _MATE.c.info_code)
    .join(
        _MEMBERSHIP,  # what only partners see is told to nobody else
        (_MEMBERSHIP.c.category == ALL)
        & (_MEMBERSHIP.c.published == _MATE.c.published)
        & (_MEMBERSHIP.c.info_code == _MATE.c.info_code),
    )
    .where(_STORY.c.info_code.in_(bindparam("codes", expanding=True)))
    .order_by(_MATE.c.published, _MATE.c.info_code)
)
_TOLD_IN = (
    select(_MEMBERSHIP.c.category, func.count() - func.count(_STORY.c.story.distinct()))
    .join(_STORY, _STORY.c.info_code == _MEMBERSHIP.c.info_code)
    .group_by(_MEMBERSHIP.c.category)
)


def look(connection: Connection, keys: Collection[int]) -> dict[int, list[InfoCode]]:
    """The entries below each of *keys*, by infoCode."""
    found: dict[int, list[InfoCode]] = defaultdict(list)
    for key, code in connection.execute(_LOOK, {"keys": sorted(keys)}):
        found[key].append(InfoCode(code))
    return found


def index(connection: Connection, gone: Iterable[tuple[int, InfoCode]], new: Iterable[tuple[int, InfoCode]]) -> None:
    """Take the entries below the keys of *gone* away from there, and put those of *new* there."""
    _UNINDEX.run(connection, sorted(gone))
    _INDEX.put(connection, sorted(new))


def places(connection: Connection, codes: Iterable[str]) -> dict[InfoCode, Place]:
    """The places of all tellings of the stories that *codes* tell."""
    found: dict[InfoCode, Place] = {}
    for batch in batches(sorted(set(codes))):
        for code, story, published in connection.execute(_PLACES, {"codes": batch}):
            found[InfoCode(code)] = Place(InfoCode(code), InfoCode(story), published)
    return found


def tellings(connection: Connection, codes: Iterable[str]) -> list[Telling]:
    """Those of *codes* that are not withdrawn."""
    found = []
    for batch in batches(sorted(set(codes))):
        for code, published, scope, origin, content in connection.execute(_TELLINGS, {"codes": batch}):
            found.append(Telling(InfoCode(code), published, scope, origin[0], content))
    return found


def arrange(connection: Connection, gone: Iterable[InfoCode], new: Sequence[Place]) -> None:
    """Take *gone* out of their stories, and give those of *new* their places."""
    for batch in batches(sorted(gone)):
        connection.execute(delete(_STORY).where(_STORY.c.info_code.in_(batch)))
    rows = [{"info_code": one.info_code, "story": one.story, "published": one.published} for one in new]
    _ARRANGE.run(connection, rows)


def touch(connection: Connection, codes: Iterable[InfoCode], number: int, stories: Stories) -> None:
    """Let *codes* be rendered again, since others tell their story now; their feeds too, where those show that."""
    slugs: set[str] = set()
    for batch in batches(sorted(codes)):
        here = _ENTRY.c.info_code.in_(batch)
        connection.execute(update(_ENTRY).where(here).values(change=number))
        if stories is Stories.FIRST:
            slugs.update((ALL,), *connection.execute(select(_ENTRY.c.categories).where(here)).scalars())
    categories.move(connection, slugs, number)


def others(connection: Connection, codes: Iterable[str]) -> dict[InfoCode, list[Other]]:
    """The other tellings of the stories that *codes* tell, first ones first; :data:`MOST_OTHERS` of each at most."""
    found: dict[InfoCode, list[Other]] = defaultdict(list)
    for batch in batches(sorted(set(codes))):
        for code, mate, title, link, origin, language in connection.execute(_OTHERS, {"codes": batch}):
            if len(found[InfoCode(code)]) < MOST_OTHERS:
                found[InfoCode(code)].append(Other(InfoCode(mate), title, link, origin[0], language))
    return found


def repeated(connection: Connection, category: str | None = None) -> dict[str, int]:
    """How many entries of each category, or of one, tell a story that an earlier one there tells."""
    statement = _TOLD_IN if category is None else _TOLD_IN.where(_MEMBERSHIP.c.category == category)
    return {slug: number for slug, number in connection.execute(statement) if number}
