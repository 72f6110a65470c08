"""No query that a request or a pull makes reads a whole table that grows: an index serves each, in both databases."""

from __future__ import annotations

import json
import os
import re
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, text

from storage import (
    aliases,
    archive,
    categories,
    copies,
    days,
    entries,
    events,
    followers,
    listing,
    paging,
    partners,
    search,
    sources,
    stories,
    subscriptions,
    topic_subscriptions,
)
from storage.category import ALL
from storage.copy import Copy
from storage.database import Database, open_database
from storage.entries import EntryChange
from storage.search import Document
from storage.source import PullState, SourceKind
from storage.story import Place, Stories
from storage.words import Term
from tests import stores
from tests.storage.held import NOON, code, entry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

    Query = Callable[[Connection], object]

_MANY = 1_200
_GROWING = {
    *("entry", "membership", "tombstone", "revision", "copy", "alias", "band", "story", "arrival", "archive_page"),
    *("archived", "event", "dead_letter", "search_document", "search_words", "category_name", "source_day"),
    *("partner_day", "partner", "subscription"),
}
"""Tables that grow with entries, sources or partners. A list of all categories, or followers, is read as a whole."""
_ALIASES = {"mate": "story", "earlier": "story", "there": "membership", "d": "search_document", "w": "search_words"}
_CODES = [code(number) for number in range(1, 9)]
_STORIES = (Stories.ALL, Stories.FIRST)


def _saved(connection: Connection) -> None:
    """A new entry, a corrected one, one that leaves a category, and one that is withdrawn."""
    found = entries.find(connection, _CODES)
    first, second, third = (found[one] for one in _CODES[:3])
    later = NOON + timedelta(days=9)
    changes = [
        EntryChange(None, entry(_MANY + 1, "a0", "new", votes={"a0": "A"})),
        EntryChange(first, replace(first, title="B", revision=first.revision + 1, updated=later)),
        EntryChange(second, replace(second, categories=("a1",))),
        EntryChange(third, replace(third, withdrawn=later)),
    ]
    entries.save(connection, changes, later)


_PER_REQUEST: dict[str, Query] = {
    "categories.find": lambda c: categories.find(c, ["a0", ALL]),
    "categories.titles": lambda c: categories.titles(c, ["a0"]),
    "categories.followed": lambda c: categories.followed(c, ["a0"]),
    "categories.private": categories.private,
    "listing.listed": lambda c: [listing.listed(c, "a0", 50, one) for one in _STORIES],
    "listing.listed until": lambda c: [listing.listed(c, ALL, 50, one, NOON) for one in _STORIES],
    "listing.listed_of": lambda c: [listing.listed_of(c, "a0", _CODES, one) for one in _STORIES],
    "paging.page": lambda c: [paging.page(c, "a0", 2, 100, one) for one in _STORIES],
    "paging.latest": lambda c: [paging.latest(c, ALL, 1000, timedelta(days=2), one) for one in _STORIES],
    "paging.heads": lambda c: paging.heads(c, _CODES),
    "entries.find": lambda c: entries.find(c, _CODES),
    "entries.tombstones": lambda c: entries.tombstones(c, "a0", 50),
    "entries.revisions": lambda c: entries.revisions(c, _CODES[0]),
    "entries.changed_since": lambda c: list(entries.changed_since(c, 10)),
    "archive.page": lambda c: archive.page(c, categories.find(c, [ALL])[ALL], 1),
    "archive.version": lambda c: archive.version(c, categories.find(c, [ALL])[ALL], 1),
    "archive.tail": lambda c: archive.tail(c, categories.find(c, [ALL])[ALL]),
    "archive.filled_since": lambda c: archive.filled_since(c, 10),
    "stories.others": lambda c: stories.others(c, _CODES),
    "stories.repeated": lambda c: stories.repeated(c, "a0"),
    "events.after": lambda c: events.after(c, 100, ["a0", "a1"], 50),
    "events.named": lambda c: events.named(c, [5, 6], ["a0"]),
    "events.newest": lambda c: events.newest(c, "a0"),
    "events.count": lambda c: events.count(c, 100, ["a0", "a1"]),
    "partners.with_key": lambda c: partners.with_key(c, b"x" * 32, NOON),
    "partners.find": lambda c: partners.find(c, "acme"),
    "search.candidates": lambda c: search.candidates(c, [[Term("t7"), Term("t80", begins=True)], [Term("c")]], 50),
    "search.in_all": lambda c: search.in_all(c, entries.find(c, _CODES).values()),
    "search.version": search.version,
    "followers.find": lambda c: followers.find(c, "webhook:acme"),
    "followers.again": lambda c: followers.again(c, "webhook:acme", 5),
    "subscriptions.find": lambda c: subscriptions.find(c, "token"),
    "topic_subscriptions.find": lambda c: topic_subscriptions.find(c, "token"),
}
_PER_PULL: dict[str, Query] = {
    "sources.states": lambda c: sources.states(c, ["tides"]),
    "sources.record": lambda c: sources.record(c, [PullState("tides", SourceKind.FEED)]),
    "copies.at": lambda c: copies.at(c, "posts", ["1", "2"]),
    "copies.of": lambda c: copies.of(c, _CODES),
    "copies.save": lambda c: copies.save(c, [_copy(1)]),
    "copies.seen": lambda c: copies.seen(c, "tides"),
    "aliases.find": lambda c: aliases.find(c, "site", [b"1", b"2"]),
    "aliases.save": lambda c: aliases.save(c, {("site", b"1"): _CODES[0]}),
    "entries.named": lambda c: entries.named(c, ["tag:1", "tag:2"]),
    "entries.save": _saved,
    "categories.begun_by": lambda c: categories.begun_by(c, "tides"),
    "stories.look": lambda c: stories.look(c, range(40)),
    "stories.index": lambda c: stories.index(c, [(1, _CODES[0])], [(2, _CODES[0])]),
    "stories.places": lambda c: stories.places(c, _CODES),
    "stories.tellings": lambda c: stories.tellings(c, _CODES),
    "stories.arrange": lambda c: stories.arrange(c, _CODES[:1], [Place(_CODES[0], _CODES[0], NOON)]),
    "days.add": lambda c: days.add(c, {("tides", NOON.date()): 1}),
    "days.rhythms": lambda c: days.rhythms(c, ["tides"], NOON),
    "subscriptions.of": lambda c: subscriptions.of(c, ["tides"]),
    "subscriptions.missed": lambda c: subscriptions.missed(c, "tides", NOON),
    "search.behind": lambda c: search.behind(c, search.mark(c)),
    "search.put": lambda c: search.put(c, [Document(_CODES[0], 10_000, NOON, frozenset({"z"}))]),
}


def _copy(number: int) -> Copy:
    return Copy("posts", f"{number}", bytes([number % 250]), NOON, info_code=code(number), published=NOON)


def _fill(database: Database) -> None:
    with database.writing() as connection:
        for start in range(1, _MANY, 200):
            numbers = range(start, start + 200)
            new = [entry(n, "a0", f"a{n % 40}", hour=n, votes={"a0": "A"}, source=f"s{n % 30}") for n in numbers]
            entries.save(connection, [EntryChange(None, one) for one in new], NOON)
            copies.save(connection, [_copy(n) for n in numbers])
            aliases.save(connection, {("site", f"{n}".encode()): code(n) for n in numbers})
            stories.index(connection, [], [(n, code(n)) for n in numbers])
            stories.arrange(connection, [], [Place(code(n), code(n - n % 2), NOON) for n in numbers])
            had = frozenset({"a", "b", "c"})
            search.put(connection, [Document(code(n), 1, NOON, had | {f"t{n}"}) for n in numbers])
            for n in numbers[::5]:
                days.add(connection, {(f"s{n}", NOON.date()): n})
                sources.record(connection, [PullState(f"s{n}", SourceKind.FEED)])
        connection.execute(text("UPDATE search_mark SET change = 5"))
    if database.url.startswith("postgresql"):  # what it does by itself
        with database.writing() as connection:
            connection.execute(text("SELECT gin_clean_pending_list('ix_search_words_tokens')"))
            connection.execute(text("ANALYZE"))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    path = tmp_path_factory.mktemp(request.param) / "filled.db"
    if request.param == "sqlite":
        url = f"sqlite:///{path}"
    else:
        try:
            url = stores.postgresql_at(path)
        except Exception as error:
            if os.environ.get("CI"):
                raise
            pytest.skip(f"no PostgreSQL could be started: {error}")
    with closing(open_database(url)) as database:
        _fill(database)
        yield database


class _UndoneError(Exception):
    pass


def _undo() -> None:
    raise _UndoneError


def _plans(database: Database, query: Query) -> list[tuple[str, list[str]]]:
    """Each statement of *query*, and the tables of which it reads all."""
    said: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, statement: str, parameters: Any, _context: object, many: bool) -> None:
        said.append((statement, parameters[0] if many else parameters))

    found: list[tuple[str, list[str]]] = []
    try:
        with database.writing() as connection:
            event.listen(connection, "before_cursor_execute", note)
            query(connection)
            event.remove(connection, "before_cursor_execute", note)
            read_whole = _WHOLE[connection.dialect.name]
            found = [(one, read_whole(connection, one, values)) for one, values in said if _KNOWN.match(one)]
            _undo()
    except _UndoneError:
        pass
    return found


_KNOWN = re.compile(r"SELECT|UPDATE|DELETE FROM (?!staged)|INSERT", re.ASCII)


def _read_by_sqlite(connection: Connection, statement: str, values: Any) -> list[str]:
    plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
    scanned = [found[1] for row in plan if (found := re.match(r"SCAN (\w+)(?! VIRTUAL)", row.detail))]
    return [_ALIASES.get(name, name) for name in scanned]


def _read_by_postgresql(connection: Connection, statement: str, values: Any) -> list[str]:
    """The tables that it cannot but read as a whole: for so few rows it does so, index or no index, where it may."""
    found = []
    for without in (("seqscan", "hashjoin", "mergejoin"), ("indexscan", "indexonlyscan", "material")):
        for way in without:
            connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
        said = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values).scalar_one()
        [plan] = json.loads(said) if isinstance(said, str) else said
        found.append({node["Relation Name"] for node in _nodes(plan["Plan"]) if _reads_all(node)})
    for way in ("seqscan", "hashjoin", "mergejoin", "indexscan", "indexonlyscan", "material"):
        connection.exec_driver_sql(f"SET LOCAL enable_{way} = on")
    return sorted(set.intersection(*found))


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for one in node.get("Plans", ()):
        yield from _nodes(one)


def _reads_all(node: dict[str, Any]) -> bool:
    conditions = {"Index Cond", "Recheck Cond", "Order By"}
    return "Relation Name" in node and node["Node Type"].endswith("Scan") and not conditions & node.keys()


_WHOLE = {"sqlite": _read_by_sqlite, "postgresql": _read_by_postgresql}


@pytest.mark.parametrize("name", sorted(_PER_REQUEST | _PER_PULL))
def test_an_index_serves_it(filled: Database, name: str) -> None:
    plans = _plans(filled, (_PER_REQUEST | _PER_PULL)[name])

    assert plans, "it asked for nothing"
    for statement, tables in plans:
        assert not _GROWING & set(tables), statement


def test_a_query_without_an_index_would_be_seen(filled: Database) -> None:
    [(_, tables)] = _plans(filled, lambda c: c.execute(text("SELECT * FROM copy WHERE owner = 'nobody'")))
    assert tables == ["copy"]
