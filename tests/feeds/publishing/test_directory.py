"""The lists of all categories that a running process keeps are those that one gets who begins anew."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from feeds.publishing.directory import Directory
from feeds.publishing.rendering import Renderer
from feeds.publishing.view import PUBLIC, View
from storage import categories, category_moves
from storage.category import ALL
from tests.feeds.publishing.shelf import NOON, SITE, Shelf, made

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SLUGS = ("harbour", "guance", "Guance", "证券时报", "a&b\"'<", "e\u0301", "\U0001f30a", "\uffee")
VIEWS = [PUBLIC, View(granted=frozenset({"harbour", "guance"}))]


def _put(shelf: Shelf, chance: random.Random) -> None:
    shelf.put(made(chance.randrange(12), *chance.sample(SLUGS, chance.randrange(3))))


def _withdraw(shelf: Shelf, chance: random.Random) -> None:
    number = chance.randrange(12)
    shelf.put(made(number, "harbour"))
    shelf.withdraw(number)


def _name(shelf: Shelf, chance: random.Random) -> None:
    shelf.name(**{slug: f"Page {chance.randrange(3)} of {slug}" for slug in chance.sample(SLUGS, 2)})


def _there(shelf: Shelf, chance: random.Random) -> str:
    with shelf.database.reading() as connection:
        return chance.choice([one.slug for one in categories.listed(connection, everyone=True) if not one.moved_to])


def _hide(shelf: Shelf, chance: random.Random) -> None:
    slug = _there(shelf, chance)
    with shelf.database.writing() as connection:
        category_moves.hide(connection, slug, NOON, hidden=chance.random() < 0.5)


def _keep_private(shelf: Shelf, chance: random.Random) -> None:
    slug = _there(shelf, chance)
    with shelf.database.writing() as connection:
        category_moves.keep_private(connection, slug, NOON, private=chance.random() < 0.5)


def _give_title(shelf: Shelf, chance: random.Random) -> None:
    slug = _there(shelf, chance)
    with shelf.database.writing() as connection:
        category_moves.give_title(connection, slug, chance.choice(["", "Given <&> title"]), NOON)


def _move(shelf: Shelf, chance: random.Random) -> None:
    old, new = _there(shelf, chance), chance.choice(SLUGS)
    if old != new:
        with shelf.database.writing() as connection:
            category_moves.move(connection, old, new, NOON)


STEPS: Sequence[Callable[[Shelf, random.Random], None]] = (
    *(_put, _put, _put, _put, _withdraw, _name, _hide, _keep_private, _give_title, _move),
)


def lists(renderer: Renderer, shelf: Shelf) -> list[bytes]:
    """Every document that lists all categories."""
    with shelf.database.reading() as connection:
        every = (renderer.home, renderer.subscribe, renderer.opml, renderer.sitemap)
        return [render(connection).body for render in every]


@pytest.mark.parametrize("view", VIEWS, ids=["public", "granted"])
@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_the_lists_are_those_of_who_begins_anew(shelf: Shelf, view: View, seed: int) -> None:
    chance = random.Random(seed)
    directory, renderer = Directory(view), Renderer(SITE).seeing(view)
    for _ in range(25):
        chance.choice(STEPS)(shelf, chance)
        if chance.random() < 0.7:
            with shelf.database.reading() as connection:
                seen, anew = directory.at(connection), Directory(view).at(connection)
                expected = [one for one in categories.listed(connection, everyone=True) if view.shows(one)]
            assert seen == anew
            assert list(seen.by_slug) == expected
            assert lists(renderer, shelf) == lists(Renderer(SITE).seeing(view), shelf)


def test_a_category_that_did_not_change_is_the_same_object(shelf: Shelf) -> None:
    directory = Directory(PUBLIC)
    with shelf.database.reading() as connection:
        before = {one.slug: one for one in directory.at(connection).by_slug}
    shelf.put(made(9, "harbour"))
    with shelf.database.reading() as connection:
        after = {one.slug: one for one in directory.at(connection).by_slug}
    assert {slug for slug in after if after[slug] is not before.get(slug)} == {"harbour"}
    assert ALL not in after


def test_who_looks_at_an_earlier_moment_sees_that(shelf: Shelf) -> None:
    directory = Directory(PUBLIC)
    with shelf.database.reading() as earlier:
        categories.find(earlier, [ALL])  # its snapshot is taken with its first look
        shelf.put(made(9, "inland"))
        with shelf.database.reading() as now:
            assert "inland" in {one.slug for one in directory.at(now).by_slug}
            assert "inland" not in {one.slug for one in directory.at(earlier).by_slug}
            assert "inland" in {one.slug for one in directory.at(now).by_slug}
