"""Whoever follows holds exactly what the store holds, whatever happens to entries, receivers and this process."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from aggregator.deliver.deliverer import Deliverer
from storage.category import ALL
from tests.aggregator.deliver.desk import TICK, Desk, posted
from tests.aggregator.deliver.receiver import Receiver

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.aggregator.deliver.receiver import Came

_ATOM = "{http://www.w3.org/2005/Atom}"
_GRAVE = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"
_SLUGS = ("a", "b", "c")
_HOOKS = {"/all": (ALL,), "/a": ("a",), "/bc": ("b", "c"), "/vault": ("vault",)}
_TOPICS = {"/all.atom": ALL, "/category/a.atom": "a", "/category/b.atom": "b"}
_NUMBERS = range(1, 9)

a_step = st.one_of(
    st.tuples(st.just("put"), st.sampled_from(_NUMBERS), st.sets(st.sampled_from((*_SLUGS, "vault")), max_size=2)),
    st.tuples(st.just("correct"), st.sampled_from(_NUMBERS), st.just(frozenset[str]())),
    st.tuples(st.just("withdraw"), st.sampled_from(_NUMBERS), st.just(frozenset[str]())),
    st.tuples(st.just("restore"), st.sampled_from(_NUMBERS), st.just(frozenset[str]())),
    st.tuples(st.just("rename"), st.sampled_from(_NUMBERS), st.sets(st.sampled_from(_SLUGS), min_size=1, max_size=1)),
    st.tuples(st.sampled_from(["deliver", "restart"]), st.sampled_from(_NUMBERS), st.just(frozenset[str]())),
)
Step = tuple[str, int, "set[str] | frozenset[str]"]


class World:
    """A desk whose receivers fail at random, with what each of them would hold."""

    def __init__(self, desk: Desk, receiver: Receiver, seed: int) -> None:
        self.desk = desk
        self.receiver = receiver
        self.random = Random(seed)
        self.renamed = 0

    async def begin(self) -> None:
        """Let everybody follow; later on, their receivers are as bad as they like."""
        self.desk.close("vault")
        for slug in _SLUGS:
            self.desk.put(posted(100 + _SLUGS.index(slug), slug))
            self.desk.withdraw(100 + _SLUGS.index(slug))
        for path, granted in _HOOKS.items():
            self.desk.partner(self.receiver.url(path), *granted, name=path)
        for topic in _TOPICS:
            await self.desk.subscribe(self.receiver.url(topic), topic[1:], lease_seconds="9999999")
        self.receiver.choose = lambda _: self.random.choice([200, 200, 202, 400, 500, 503])

    async def do(self, step: Step) -> None:
        what, number, slugs = step
        desk, there = self.desk, self.desk.has(number)
        self.desk.now += TICK
        if what == "put":
            # As entries come: under the slugs that their categories have by now.
            new = posted(number, *sorted(map(desk.slug_of, slugs)), title=f"Tide {number}")
            if there:
                new = replace(desk.get(number), categories=new.categories, category_names=new.category_names)
            desk.put(new)
        elif what == "correct" and there and not desk.get(number).withdrawn:
            desk.correct(number, title=f"Tide {number}, revision {desk.get(number).revision + 1}")
        elif what == "withdraw" and there and not desk.get(number).withdrawn:
            desk.withdraw(number)
        elif what == "restore" and there and desk.get(number).withdrawn:
            desk.restore(number)
        elif what == "rename":
            self.renamed += 1
            [slug] = slugs
            if now := desk.slug_of(slug):
                desk.rename(now, f"{slug}{self.renamed}")
        elif what == "deliver":
            await desk.later(minutes=number * 5)

    @asynccontextmanager
    async def process(self) -> AsyncIterator[None]:
        """A process of our own, which ends in the middle of what it does."""
        desk = self.desk
        desk.deliverer = Deliverer(desk.config, desk.database, desk.renderer, clock=lambda: desk.now)
        async with desk.deliverer.running():
            yield
            await desk.deliverer.begin_due()
            await asyncio.sleep(0.02 * self.random.random())

    async def agrees(self) -> None:
        """In the end everybody holds what the store does."""
        self.receiver.choose = None
        for _ in range(3):
            await self.desk.later(hours=6)
        for path, granted in _HOOKS.items():
            assert _by_webhook(self.receiver.taken[path]) == self._held(*granted), path
        for topic, slug in _TOPICS.items():
            assert _by_atom(self.receiver.taken[topic]) == self._held(slug), topic
        assert self.desk.dead() == []
        assert max(self.receiver.busiest.values(), default=1) == 1

    def _held(self, *slugs: str) -> dict[str, str]:
        return {name: self.desk.get(int(name[2:])).title for name in self.desk.holding(*slugs)}


def _by_webhook(came: list[Came]) -> dict[str, str]:
    """The titles that a receiver holds, by infoCode: it drops doubles by their ids, and never sees an older event."""
    held: dict[str, str] = {}
    seen: list[int] = []
    for one in came:
        said = orjson.loads(one.body)
        number = int(said["id"].rpartition("-")[2])
        if number in seen:
            continue
        assert not seen or number > seen[-1]
        seen.append(number)
        if said["item"] is None:
            held.pop(said["infoCode"], None)
        else:
            held[said["infoCode"]] = said["item"]["title"]
    return held


def _by_atom(came: list[Came]) -> dict[str, str]:
    held: dict[str, tuple[str, str]] = {}
    for one in came:
        feed = etree.fromstring(one.body)
        for entry in feed.iter(f"{_ATOM}entry"):
            name = str(entry.findtext("{http://purl.org/dc/elements/1.1/}identifier"))
            held[str(entry.findtext(f"{_ATOM}id"))] = name, str(entry.findtext(f"{_ATOM}title"))
        for grave in feed.iter(_GRAVE):
            held.pop(str(grave.get("ref")), None)
    return dict(held.values())


async def _lived(folder: Path, steps: list[Step], seed: int) -> None:
    async with Receiver() as receiver:
        desk = Desk(folder)
        world = World(desk, receiver, seed)
        try:
            async with world.process():
                await world.begin()
            for part in _parts(steps):
                async with world.process():
                    for step in part:
                        await world.do(step)
            async with world.process():
                await world.agrees()
        finally:
            desk.web.close()
            desk.database.close()


def _parts(steps: list[Step]) -> list[list[Step]]:
    """*steps* cut after each restart."""
    parts: list[list[Step]] = [[]]
    for step in steps:
        parts[-1].append(step)
        if step[0] == "restart":
            parts.append([])
    return [part for part in parts if part]


@settings(max_examples=6, deadline=None)
@given(steps=st.lists(a_step, min_size=1, max_size=25), seed=st.integers(0, 9))
def test_everybody_holds_what_the_store_holds(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Step], seed: int
) -> None:
    asyncio.run(_lived(tmp_path_factory.mktemp("world"), steps, seed))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_thousand_changes(tmp_path: Path) -> None:
    random = Random(1000)
    kinds = (
        ["put"] * 8 + ["correct"] * 8 + ["withdraw"] * 4 + ["restore"] * 3 + ["rename"] + ["deliver"] * 3 + ["restart"]
    )
    steps: list[Step] = []
    for _ in range(1_200):
        kind = random.choice(kinds)
        slugs = random.sample((*_SLUGS, "vault"), random.randrange(3)) if kind == "put" else [random.choice(_SLUGS)]
        steps.append((kind, random.randrange(1, 60), frozenset(slugs)))
    asyncio.run(_lived(tmp_path, steps, 7))
