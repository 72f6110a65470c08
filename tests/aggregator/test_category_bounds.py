"""A feed begins so many categories and no more, and its entries have so many each."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from aggregator import category_bounds
from aggregator.bounds import MOST_BEGUN, MOST_CATEGORIES, MOST_WORDS
from aggregator.category_bounds import within_bounds
from aggregator.settings import SourceSettings
from storage import categories
from storage.copy import Copy
from storage.entry import InfoCode, WithdrawnBy
from storage.source import SourceKind
from tests.aggregator.store import MORNING, item, rss

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.aggregator.conftest import NewStore
    from tests.aggregator.store import Store

FEW = 3
"""What is played with, in place of the real bound."""
FULL = f"the source brings more categories than the {FEW} that one source may begin; "
HARBOUR = SourceSettings(name="harbour", kind=SourceKind.FEED, url="https://harbour.example.org/feed")


@pytest.fixture
def few() -> Iterator[None]:
    with patch.object(category_bounds, "MOST_BEGUN", FEW):
        yield


def told(guid: str, *terms: str, title: str = "Harbour opens") -> str:
    """An item in the categories *terms*."""
    return item(guid, title).replace("</item>", "".join(f"<category>{term}</category>" for term in terms) + "</item>")


def held(store: Store) -> dict[str, tuple[str, ...]]:
    """The categories of each entry, by its title."""
    return {entry.title: entry.categories for entry in store.entries().values()}


def begun(store: Store, source: str = "harbour") -> set[str]:
    with store.database.reading() as connection:
        return categories.begun_by(connection, source)


def numbered(word: str, numbers: Iterable[int]) -> tuple[str, ...]:
    return tuple(f"{word}-{number}" for number in numbers)


# So many for one entry


def test_an_entry_has_its_first_categories_and_all_tags(store: Store) -> None:
    store.source("harbour")
    terms = numbered("kind", range(MOST_WORDS))
    taken = store.take("harbour", rss(told("1", *terms), told("2", *terms[:MOST_CATEGORIES], title="Just enough")))

    [most, just] = sorted(store.entries().values(), key=lambda entry: entry.title)
    assert most.categories == just.categories == terms[:MOST_CATEGORIES]
    assert {name.slug for name in most.category_names} == set(most.categories)
    assert most.tags == terms
    assert taken.state.warning == "entries with more categories than 30: 1; only the first of each count"


def test_what_is_configured_is_not_counted(store: Store) -> None:
    configured = numbered("shelf", range(40))
    store.source("harbour", categories=configured, entry_categories="add", map_categories={"kind-0": "shelf-40"})
    store.take("harbour", rss(told("1", *numbered("kind", range(MOST_WORDS)))))

    assert held(store)["Harbour opens"] == (*configured, "shelf-40", *numbered("kind", range(1, MOST_CATEGORIES + 1)))


# So many that nobody had before


def test_a_source_begins_so_many_ever(store: Store) -> None:
    store.source("harbour")
    pulls = [[told(f"{pull}-{n}", *numbered(f"k{pull}-{n}", range(30))) for n in range(12)] for pull in range(3)]
    warnings = [store.take("harbour", rss(*items)).state.warning for items in pulls]

    assert warnings == [
        "",
        "the source brings more categories than the 500 that one source may begin; 220 were left out: "
        "use map_categories or categories",
        "the source brings more categories than the 500 that one source may begin; 360 were left out: "
        "use map_categories or categories",
    ]
    assert len(begun(store) - {"harbour"}) == MOST_BEGUN


@pytest.mark.usefixtures("few")
def test_the_first_of_a_document_are_begun_and_the_words_of_the_rest_are_tags(store: Store) -> None:
    store.source("harbour")
    taken = store.take("harbour", rss(told("1", "b", "a"), told("2", "d", "c", "b", title="Two"), told("3", "c", "e")))

    entries = sorted(store.entries().values(), key=lambda entry: entry.link or entry.categories)
    assert [(entry.categories, entry.tags) for entry in entries] == [
        (("b", "a"), ("b", "a")),
        (("d", "b"), ("d", "c", "b")),
        (("harbour",), ("c", "e")),
    ]
    assert [{name.slug for name in entry.category_names} for entry in entries] == [{"a", "b"}, {"b", "d"}, set()]
    assert begun(store) == {"a", "b", "d", "harbour"}
    assert taken.state.warning == f"{FULL}2 were left out: use map_categories or categories"
    assert store.listed("c") == store.listed("e") == []


@pytest.mark.usefixtures("few")
def test_what_is_there_already_is_for_everyone(store: Store) -> None:
    store.source("harbour")
    store.source("observatory")
    store.page("piers", "Piers")
    store.scan()
    store.take("harbour", rss(told("1", "a", "b", "c")))
    store.take("observatory", rss(told("1", "x", title="Comet")))
    taken = store.take("harbour", rss(told("2", "y", "x", "piers", "a", title="Two")))

    assert held(store)["Two"] == ("x", "piers", "a")
    assert taken.state.warning.startswith(f"{FULL}1 were left out")
    assert (begun(store), begun(store, "observatory"), begun(store, "")) == (set("abc"), {"x"}, {"", "piers"})


@pytest.mark.usefixtures("few")
def test_the_advice_helps(store: Store) -> None:
    store.source("harbour")
    store.take("harbour", rss(told("1", "a", "b", "c")))
    store.source("harbour", map_categories={"ships": ["boats", "sea"]})
    assert store.take("harbour", rss(told("2", "Ships", title="Two"))).state.warning == ""
    store.source("harbour", categories=["shelf"], entry_categories="add")
    assert store.take("harbour", rss(told("3", "Ships", title="Three"))).state.warning == ""

    assert (held(store)["Two"], held(store)["Three"]) == (("boats", "sea"), ("shelf", "boats", "sea"))


@pytest.mark.usefixtures("few")
def test_what_was_left_out_comes_with_the_next_change_of_the_entry_only(store: Store) -> None:
    store.source("harbour")
    store.source("observatory")
    document = rss(told("1", "a", "b", "c"), told("2", "d", title="Two"))
    store.take("harbour", document)
    store.take("observatory", rss(told("1", "d", title="Comet")))
    store.take("harbour", document.replace("Harbour opens", "Harbour closes"))
    assert held(store)["Two"] == ("harbour",)

    store.take("harbour", document.replace("Two", "Two ships"))
    assert held(store)["Two ships"] == ("d",)


@pytest.mark.usefixtures("few")
def test_what_it_brings_to_another_sources_entry_counts_for_itself(store: Store) -> None:
    store.source("harbour", scope="port")
    store.source("observatory", scope="port")
    store.take("harbour", rss(told("1", "a")))
    for number in range(4):
        store.take("observatory", rss(told("1", *numbered(f"comet-{number}", range(2)))))

    [entry] = store.entries().values()
    assert entry.source == "harbour"
    assert begun(store) == {"a"}
    assert len(begun(store, "observatory") - {"observatory"}) == FEW


@pytest.mark.usefixtures("few")
def test_an_entry_that_is_withdrawn_begins_no_more(store: Store) -> None:
    store.source("harbour")
    store.take("harbour", rss(told("1", "a")))
    [code] = store.entries()
    store.withdraw(code, WithdrawnBy.SOURCE)
    for number in range(4):
        store.take("harbour", rss(told("1", *numbered(f"kind-{number}", range(2)))))

    assert store.entry(code).withdrawn
    assert len(begun(store) - {"harbour"}) == FEW


@pytest.mark.usefixtures("few")
def test_the_operators_own_begin_as_many_as_they_like(store: Store) -> None:
    store.post("2022-03-14-NW202203142308379872.md", categories="a b c d e")
    settings: dict[str, Any] = {"fields": {"id": "id", "title": "title", "medium": "medium"}, "as_posts": True}
    store.source("list", kind=SourceKind.JSON, url="https://list.example.org/", json=settings)
    media = [{"id": medium, "title": f"From {medium}", "medium": medium} for medium in "vwxyz"]
    taken = [store.scan(), store.take("list", json.dumps(media))]

    assert [one.state.warning for one in taken] == ["", ""]
    assert (begun(store, "posts"), begun(store, "list")) == (set("abcde"), set("vwxyz"))


def test_a_document_without_new_categories_costs_one_statement_and_one_without_news_none(store: Store) -> None:
    store.source("harbour")
    store.take("harbour", rss(told("1", "a", "b")))
    statements = []
    codes = [InfoCode(f"NW20261123{n:010}") for n in range(9)]
    copies = [Copy("harbour", code, b"", MORNING, info_code=code, categories=("a", "b")) for code in codes]
    with store.database.reading() as connection:
        event.listen(connection, "before_cursor_execute", lambda *told: statements.append(told[2]))
        assert within_bounds(connection, HARBOUR, copies) == (copies, ())
        assert len(statements) == 1
        assert within_bounds(connection, HARBOUR, []) == ([], ())
        assert len(statements) == 1


# Whatever comes in whatever order

_terms = st.lists(st.sampled_from("abcdefghij"), max_size=5)
_items = st.lists(st.tuples(st.sampled_from("123"), _terms), min_size=1, max_size=4)
_pulls = st.lists(st.tuples(st.sampled_from(["harbour", "observatory", "lighthouse"]), _items), max_size=8)


@pytest.mark.usefixtures("few")
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pulls=_pulls)
def test_no_source_ever_begins_more(new_store: NewStore, pulls: list[tuple[str, list[tuple[str, list[str]]]]]) -> None:
    with new_store() as store:
        store.source("harbour", scope="port")
        store.source("lighthouse", scope="port")
        store.source("observatory", categories=["shelf"], entry_categories="add", map_categories={"a": "shelf-a"})
        free = {"harbour", "lighthouse", "observatory", "shelf", "shelf-a"}
        for source, items in pulls:
            store.later()
            store.take(source, rss(*(told(guid, *terms, title=f"{source} {guid}") for guid, terms in items)))
            with store.database.reading() as connection:
                every = {category.slug for category in categories.listed(connection)}
            known = {name: begun(store, name) for name in ("harbour", "observatory", "lighthouse")}
            assert set().union(*known.values()) == every
            for name, slugs in known.items():
                assert len(slugs - free) <= FEW, name
            for entry in store.entries().values():
                assert entry.categories
                assert set(entry.categories) <= every
