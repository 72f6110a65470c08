"""Categories that are renamed, merged, hidden and titled by hand, and what comes in for them afterwards."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregator import categorising
from aggregator.categorising import CategoryError
from storage import categories, entries, listing
from tests.aggregator.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.category import Category

_SLUGS = ("harbour", "quay", "tides", "moon")


def _feed(*items: tuple[int, str]) -> str:
    """Items by number, each in the categories that are named with spaces between them."""
    said = "".join(
        f"<item><title>Tide {number}</title><guid>g{number}</guid><link>https://tides.example.org/{number}</link>"
        f"<description>Water at mark {number}, seen from the quay.</description>"
        f"{''.join(f'<category>{slug}</category>' for slug in slugs.split())}</item>"
        for number, slugs in items
    )
    return f'<rss version="2.0"><channel><title>Tides</title>{said}</channel></rss>'


def _take(store: Store, *items: tuple[int, str]) -> None:
    store.later()
    store.take("tides", _feed(*items))


def _do(store: Store, work: Callable[..., object], *words: str) -> None:
    store.later()
    with store.database.writing() as connection:
        work(connection, *words, store.now)


def _refused(store: Store, work: Callable[..., object], *words: str) -> str:
    with pytest.raises(CategoryError) as refused:
        _do(store, work, *words)
    return str(refused.value)


def _there(store: Store) -> dict[str, Category]:
    with store.database.reading() as connection:
        return {one.slug: one for one in categories.listed(connection)}


def _held(store: Store) -> dict[str, set[str]]:
    """The titles of the entries of each published category, as its feeds list them."""
    with store.database.reading() as connection:
        found = {}
        for one in categories.listed(connection):
            codes = [listed.info_code for listed in listing.listed(connection, one.slug, 100)]
            found[one.slug] = {entry.title for entry in entries.find(connection, codes).values()}
            assert one.entries == len(found[one.slug]), one
    return {slug: titles for slug, titles in found.items() if titles}


@pytest.fixture
def tides(store: Store) -> Store:
    store.source("tides", entry_categories="add")
    _take(store, (1, "Harbour"), (2, "Harbour Moon"), (3, "Moon"))
    return store


def test_all_of_a_renamed_category_is_under_its_new_slug_and_all_that_comes_later(tides: Store) -> None:
    _do(tides, categorising.rename, "harbour", "port")
    assert _held(tides) == {"port": {"Tide 1", "Tide 2"}, "moon": {"Tide 2", "Tide 3"}}
    assert _there(tides)["port"].title == "Harbour"
    _take(tides, (1, "Harbour"), (2, "Harbour Moon"), (3, "Moon"), (4, "Harbour"))
    assert _held(tides)["port"] == {"Tide 1", "Tide 2", "Tide 4"}
    assert "harbour" not in _there(tides)


def test_what_is_read_again_moves_nothing(tides: Store) -> None:
    _do(tides, categorising.rename, "harbour", "port")
    before = {slug: one.version for slug, one in _there(tides).items()}
    tides.source("tides", entry_categories="add", timezone="UTC")  # so that the same document is looked at again
    _take(tides, (1, "Harbour"), (2, "Harbour Moon"), (3, "Moon"))
    assert {slug: one.version for slug, one in _there(tides).items()} == before


def test_slugs_that_moved_twice_lead_to_the_last_and_a_slug_can_come_back(tides: Store) -> None:
    for old, new in (("harbour", "port"), ("port", "docks")):
        _do(tides, categorising.rename, old, new)
    with tides.database.reading() as connection:
        assert categories.moved(connection) == {"harbour": "docks", "port": "docks"}
    _do(tides, categorising.rename, "docks", "harbour")
    with tides.database.reading() as connection:
        assert categories.moved(connection) == {"docks": "harbour", "port": "harbour"}
    _take(tides, (5, "Docks"), (6, "Port"), (7, "Harbour"))
    assert _held(tides)["harbour"] == {"Tide 1", "Tide 2", "Tide 5", "Tide 6", "Tide 7"}


def test_a_merged_category_is_part_of_the_other_which_keeps_its_title(tides: Store) -> None:
    _do(tides, categorising.merge, "harbour", "moon")
    assert _held(tides) == {"moon": {"Tide 1", "Tide 2", "Tide 3"}}
    assert _there(tides)["moon"].title == "Moon"
    _take(tides, *((number, "Harbour") for number in range(10, 20)))
    assert len(_held(tides)["moon"]) == 13
    assert _there(tides)["moon"].title == "Moon"


def test_withdrawn_entries_move_too(tides: Store) -> None:
    with tides.database.reading() as connection:
        [code] = [listed.info_code for listed in listing.listed(connection, "harbour", 9)][:1]
    tides.withdraw(code)
    _do(tides, categorising.rename, "harbour", "port")
    with tides.database.reading() as connection:
        assert [stone.info_code for stone in entries.tombstones(connection, "port", 9)] == [code]
        assert entries.tombstones(connection, "harbour", 9) == []


def test_a_hidden_category_is_listed_nowhere_and_its_entries_are(tides: Store) -> None:
    _do(tides, categorising.hide, "harbour")
    _take(tides, (8, "Harbour"))
    assert _held(tides) == {"moon": {"Tide 2", "Tide 3"}}
    with tides.database.reading() as connection:
        assert len(listing.listed(connection, "", 100)) == 4
    _do(tides, categorising.show, "harbour")
    assert _held(tides)["harbour"] == {"Tide 1", "Tide 2", "Tide 8"}


def test_a_given_title_goes_before_pages_and_votes(tides: Store) -> None:
    _do(tides, categorising.give_title, "harbour", "  The\nHarbour ")
    with tides.database.writing() as connection:
        categories.set_page_titles(connection, {"harbour": "Port"}, tides.now)
    assert _there(tides)["harbour"].title == "The Harbour"
    _do(tides, categorising.rename, "harbour", "port")
    assert _there(tides)["port"].title == "The Harbour"
    _do(tides, categorising.give_title, "port", "")
    assert _there(tides)["port"].title == "Harbour"  # as all of its entries call it


def test_the_page_of_an_old_slug_speaks_for_the_new_one(tides: Store) -> None:
    _do(tides, categorising.rename, "harbour", "port")
    with tides.database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM category_name")
        categories.set_page_titles(connection, {"harbour": "码头"}, tides.now)
    assert _there(tides)["port"].title == "码头"


def test_what_cannot_be_is_refused_and_nothing_is_done(tides: Store) -> None:
    _do(tides, categorising.rename, "harbour", "port")
    before = tides.dump()
    for said, work, words in (
        ("harbour is port now", categorising.rename, ("harbour", "x")),
        ("there is no category", categorising.rename, ("nobody", "x")),
        ("there is no category", categorising.hide, ("",)),
        ("merge port moon", categorising.rename, ("port", "moon")),
        ("harbour is port now", categorising.rename, ("moon", "harbour")),
        ("merge port port", categorising.rename, ("port", "port")),
        ("cannot be a slug", categorising.rename, ("port", "")),
        ("cannot be a slug", categorising.rename, ("port", " x")),
        ("cannot be a slug", categorising.rename, ("port", "x\0")),
        ("cannot be a slug", categorising.rename, ("port", "x" * 201)),
        ("the same category", categorising.merge, ("port", "port")),
        ("harbour is port now", categorising.merge, ("moon", "harbour")),
        ("is not hidden", categorising.show, ("moon",)),
        ("nothing that can be read", categorising.give_title, ("moon", " \n")),
    ):
        assert said in _refused(tides, work, *words), (said, words)
    assert tides.dump() == before
    _do(tides, categorising.hide, "moon")
    assert "hidden already" in _refused(tides, categorising.hide, "moon")


_pairs = st.tuples(st.sampled_from(_SLUGS), st.sampled_from(_SLUGS))
_steps = st.one_of(
    st.tuples(st.just("take"), st.lists(st.tuples(st.integers(1, 6), st.sets(st.sampled_from(_SLUGS), min_size=1)))),
    st.tuples(st.sampled_from(["rename", "merge"]), _pairs),
    st.tuples(st.sampled_from(["hide", "show"]), st.sampled_from(_SLUGS).map(lambda slug: (slug,))),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(_steps, max_size=10))
def test_whatever_is_done_each_entry_is_where_its_slugs_are_now(steps: list[tuple[str, object]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        store.source("tides", entry_categories="add")
        said: dict[int, set[str]] = {}
        now: dict[str, str] = {}
        for kind, what in steps:
            if kind == "take":
                new = {number: slugs for number, slugs in what if number not in said}  # type: ignore[attr-defined]
                said |= new
                _take(store, *((number, " ".join(sorted(slugs))) for number, slugs in said.items()))
                continue
            try:
                _do(store, getattr(categorising, kind), *what)  # type: ignore[misc]
            except CategoryError:
                continue
            if kind in {"rename", "merge"}:
                old, new_slug = cast("tuple[str, str]", what)
                now.pop(new_slug, None)
                now = {slug: new_slug if to == old else to for slug, to in now.items()} | {old: new_slug}
        with store.database.reading() as connection:
            assert categories.moved(connection) == now
            hidden = categories.unseen(connection)
        expected: dict[str, set[str]] = {}
        for number, slugs in said.items():
            for slug in {now.get(slug, slug) for slug in slugs} - hidden:
                expected.setdefault(slug, set()).add(f"Tide {number}")
        assert _held(store) == expected
        store.database.close()
