"""A partner that polls the API holds exactly what the store holds for it, whatever happens in whatever order."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregator import categorising
from aggregator.categorising import CategoryError
from storage import categories, category_moves, entries, listing
from storage.category import ALL
from storage.entry import WithdrawnBy
from tests import stores
from tests.feeds.publishing.shelf import NOON, Shelf, code, made
from tests.feeds.web.visitors import House

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SLUGS = ("a", "b", "c")
OTHER = ("x", "y")
GRANTS = ((ALL,), ("a",), ("b",), ("a", "b"), (ALL, "c"), ("x",))
MOST = 10_000
Step = tuple[str, int, tuple[str, ...]]
"""What is done, to which entry or mirror, with which slugs."""

KINDS = (
    "put",
    "put",
    "put",
    "correct",
    "withdraw",
    "restore",
    "rename",
    "merge",
    "close",
    "open",
    "hide",
    "show",
    "poll",
    "start",
)
a_step = st.tuples(
    st.sampled_from(KINDS), st.integers(1, 6), st.lists(st.sampled_from((*SLUGS, *OTHER)), max_size=2).map(tuple)
)


class Mirror:
    """Does what the guide for partners says: new or corrected is kept, nothing is let go, doubles are dropped."""

    def __init__(self, house: House, grant: tuple[str, ...]) -> None:
        self.grant = grant
        self.now = set(grant)  # what those are called by now
        self.key = house.admit("-".join(("mirror", *grant)), *grant, per_minute=100_000)
        self.begin()

    def begin(self) -> None:
        self.after = ""
        self.ids: set[str] = set()
        self.held: dict[str, tuple[int, str, list[str]]] = {}

    def poll(self, house: House, size: int, pages: int = MOST) -> None:
        for _ in range(pages):
            answer = house.get(f"/api/v1/entries?limit={size}{self.after}", self.key)
            assert answer.status_code == 200, answer.text
            page = answer.json()
            assert len(page["events"]) <= size
            for event in page["events"]:
                assert event["id"] not in self.ids
                self.ids.add(event["id"])
                self._take(event["infoCode"], event)
            self.after = f"&after={page['next']}"
            if not page["more"]:
                return

    def _take(self, code: str, event: dict[str, object]) -> None:
        item = event["item"]
        if not isinstance(item, dict):
            self.held.pop(code, None)
            return
        slugs = event["categories"]
        assert isinstance(slugs, list)
        self.held[code] = (item["_feedmill"]["revision"], item["title"], slugs)

    def agrees(self, house: House) -> None:
        with house.shelf.database.reading() as connection:
            known = categories.listed(connection, everyone=True)
            hidden = {one.slug for one in known if one.hidden or (one.private and one.slug not in self.now)}
            there = {one.info_code for slug in self.now for one in listing.listed(connection, slug, MOST)}
            held = entries.find(connection, there)
        assert self.held == {
            one: (entry.revision, entry.title, [slug for slug in entry.categories if slug not in hidden])
            for one, entry in held.items()
        }, self.grant


class World:
    """A store that things happen to, and its mirrors."""

    def __init__(self, shelf: Shelf, sizes: Iterator[int]) -> None:
        self.house = House(shelf)
        self.shelf = shelf
        self.sizes = sizes
        self.numbers = count(1)
        self.mirrors = [Mirror(self.house, grant) for grant in GRANTS]

    def do(self, step: Step) -> None:
        kind, number, slugs = step
        self.house.later(1)
        if kind == "poll":
            self.mirrors[number % len(self.mirrors)].poll(self.house, next(self.sizes), pages=2)
        elif kind == "start":
            self.house.open()
        elif kind in {"put", "correct", "withdraw", "restore"}:
            self._change(kind, number, tuple(dict.fromkeys(slugs)))
        elif len(slugs) == 2:
            self._arrange(kind, *slugs)

    def _change(self, kind: str, number: int, slugs: tuple[str, ...]) -> None:
        with self.shelf.database.reading() as connection:
            there = entries.find(connection, [code(number)]).get(code(number))
            moved = categories.moved(connection)
        if kind == "put" and there is None:
            self.shelf.put(category_moves.settled(made(number, *slugs), moved))
        elif there is None:
            return
        elif kind in {"put", "correct"}:
            new = replace(there, categories=slugs or there.categories, title=f"Title {next(self.numbers)}")
            self.shelf.put(category_moves.settled(replace(new, revision=there.revision + 1), moved))
        elif kind == "withdraw" and not there.withdrawn:
            self.shelf.put(replace(there, withdrawn=NOON, withdrawn_by=WithdrawnBy.OPERATOR))
        elif kind == "restore" and there.withdrawn:
            self.shelf.put(replace(there, withdrawn=None, withdrawn_by=None))

    def _arrange(self, kind: str, old: str, new: str) -> None:
        with self.shelf.database.writing() as connection:
            do: Callable[[], object] = {
                "rename": lambda: categorising.rename(connection, old, new, self.house.now),
                "merge": lambda: categorising.merge(connection, old, new, self.house.now),
                "close": lambda: categorising.close(connection, old, self.house.now),
                "open": lambda: categorising.open_up(connection, old, self.house.now),
                "hide": lambda: categorising.hide(connection, old, self.house.now),
                "show": lambda: categorising.show(connection, old, self.house.now),
            }[kind]
            try:
                do()
            except CategoryError:
                return
        if kind in {"rename", "merge"}:
            for mirror in self.mirrors:
                mirror.now = {new if slug == old else slug for slug in mirror.now}

    def settle(self) -> None:
        """Let everybody catch up, and then once more from the beginning."""
        for mirror in self.mirrors:
            mirror.poll(self.house, next(self.sizes))
            mirror.agrees(self.house)
            mirror.begin()
            mirror.poll(self.house, next(self.sizes))
            mirror.agrees(self.house)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(a_step, min_size=1, max_size=12), sizes=st.lists(st.integers(1, 5), min_size=1, max_size=3))
def test_a_mirror_holds_what_the_store_holds(tmp_path: Path, steps: list[Step], sizes: list[int]) -> None:
    path = tmp_path / "world.db"
    for left in tmp_path.glob("world.db*"):
        left.unlink()
    stores.drop(path)
    world = World(Shelf(path), (size for _ in count() for size in sizes))
    try:
        for step in steps:
            world.do(step)
        world.settle()
    finally:
        world.shelf.database.close()


def test_a_mirror_holds_what_comes_by_a_merge(empty: Shelf) -> None:
    world = World(empty, iter(lambda: 2, 0))
    for step in (("put", 1, ("a",)), ("put", 2, ("b",)), ("put", 3, ("b", "c")), ("put", 4, ("a", "b"))):
        world.do(step)
    world.settle()
    world.do(("merge", 1, ("b", "a")))
    world.do(("correct", 2, ()))
    world.settle()
    world.do(("merge", 1, ("c", "a")))
    world.do(("rename", 1, ("a", "x")))
    world.settle()
    held = {mirror.grant: set(mirror.held) for mirror in world.mirrors}
    assert held[("b",)] == held[("a",)] == held[(ALL, "c")] == {code(number) for number in (1, 2, 3, 4)}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_a_thousand_changes_later_too(empty: Shelf, seed: int) -> None:
    chance = random.Random(seed)
    world = World(empty, iter(lambda: chance.randint(1, 500), 0))
    for number in range(1000):
        slugs = tuple(chance.sample((*SLUGS, *OTHER), chance.randint(0, 2)))
        weights = [20] * 6 + [1, 1, 2, 2, 2, 2, 5, 1]
        [kind] = chance.choices(KINDS, weights)
        world.do((kind, chance.randint(1, 60), slugs))
        if number % 100 == 99:
            world.settle()
    world.settle()
