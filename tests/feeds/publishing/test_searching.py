"""What queries find: always what the entries themselves say now, whatever the index says."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from feeds.publishing import searching
from feeds.publishing.documents import Documents
from feeds.publishing.rendering import Renderer
from feeds.publishing.search_index import SearchIndex
from feeds.query import Query
from storage import category_moves, entries, search
from storage.entry import Enclosure, Origin
from storage.story import Stories
from tests import stores
from tests.feeds.publishing.shelf import NOON, SITE, Shelf, catch_up, code, made

if TYPE_CHECKING:
    from pathlib import Path

    from storage.entry import Entry


def index(shelf: Shelf) -> None:
    catch_up(SearchIndex(shelf.database))


def found(shelf: Shelf, words: str = "", most: int = 50, **values: Any) -> list[int]:
    with shelf.database.reading() as connection:
        told = searching.find(connection, Query(words, **values), most)
    return [int(entry.info_code[-10:]) for entry in told]


@pytest.fixture
def library(empty: Shelf) -> Shelf:
    """Entries that differ in what is looked for."""
    empty.put(
        made(1, "gushi", title="A股市场震荡", tags=("股市", "TechWeb")),
        made(2, "gushi", "gangkou", title="港口", content="<p>集装<b>箱</b>吞吐量<br>上升</p>", tags=("Tide  watch",)),
        made(3, "gangkou", title="Harbour & sea", summary="A second pier", origin=Origin("证券时报")),
        made(4, "haiyun", title="退潮", content="", origin=Origin("证券时报")),
    )
    index(empty)
    return empty


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("A股", [1]),
        ("股市", [1]),
        ("荡", [1]),
        ("潮水", [3, 1]),
        ("潮", [4, 3, 1]),
        ("集装箱", [2]),
        ("吞吐量上升", []),
        ("HARBOUR pier", [3]),
        ("harbour 港口", []),
        ("sea B", []),
        ("b", []),
        ("br", []),
        ("!!!", []),
        ('" OR title:*', []),
        ("NOT 退潮", []),
    ],
)
def test_words(library: Shelf, words: str, numbers: list[int]) -> None:
    assert found(library, words) == numbers


def test_values_widen_and_parameters_narrow(library: Shelf) -> None:
    assert found(library, categories=("gushi",)) == [2, 1]
    assert found(library, categories=("gushi", "haiyun")) == [4, 2, 1]
    assert found(library, categories=("gushi", "haiyun"), media=("证券时报",)) == [4]
    assert found(library, tags=("techweb",)) == [1]
    assert found(library, tags=("tide watch", "股市")) == [2, 1]
    assert found(library, "震荡", tags=("tide watch", "股市")) == [1]
    assert found(library, media=("证券时报", "潮汐日报")) == [4, 3, 2, 1]
    assert found(library, media=("证券",)) == []
    assert found(library, categories=("GUSHI",)) == []
    assert found(library, categories=("techweb",)) == []
    assert found(library) == []


def test_no_more_than_were_asked_for(library: Shelf) -> None:
    assert found(library, media=("潮汐日报", "证券时报"), most=2) == [4, 3]


def test_dates_decide_and_then_infocodes(library: Shelf) -> None:
    library.put(made(8, title="夜航", published=NOON), made(9, title="夜航", published=NOON), made(7, title="夜航"))
    index(library)
    assert found(library, "夜航") == [7, 9, 8]


def test_what_is_not_indexed_yet_is_not_found(library: Shelf) -> None:
    library.put(made(5, title="新码头"))
    assert found(library, "新码头") == []
    index(library)
    assert found(library, "新码头") == [5]


def test_the_entry_decides_while_the_index_is_behind(library: Shelf) -> None:
    library.correct(1, title="B股", content="", tags=("other",), categories=("haiyun",))
    library.withdraw(4)
    assert found(library, "A股") == []
    assert found(library, tags=("股市",)) == []
    assert found(library, categories=("gushi",)) == [2]
    assert found(library, media=("证券时报",)) == [3]
    index(library)
    assert found(library, "B股", categories=("haiyun",), tags=("other",)) == [1]
    assert found(library, media=("证券时报",)) == [3]


def test_a_withdrawn_entry_that_comes_back_is_found_again(library: Shelf) -> None:
    library.withdraw(4)
    index(library)
    assert found(library, "退潮") == []
    library.put(replace(library.get(4), withdrawn=None, withdrawn_by=None))
    index(library)
    assert found(library, "退潮") == [4]


def test_what_has_no_place_in_everything_is_never_found(library: Shelf) -> None:
    with library.database.writing() as connection:
        connection.execute(text("DELETE FROM membership WHERE category = '' AND info_code = :code"), {"code": code(3)})
    index(library)
    assert found(library, "harbour") == []
    assert found(library, categories=("gangkou",)) == [2]


def test_a_hidden_category_holds_nothing(library: Shelf) -> None:
    with library.database.writing() as connection:
        category_moves.hide(connection, "gushi", library.now, hidden=True)
    assert found(library, categories=("gushi",)) == []
    assert found(library, categories=("gushi", "haiyun")) == [4]
    assert found(library, "A股") == [1]  # as in everything
    answer = Documents(library.database, Renderer(SITE)).search(Query("港口"), "atom").body
    assert b"gangkou" in answer
    assert b"gushi" not in answer
    named = Documents(library.database, Renderer(SITE)).search(Query(categories=("gushi",)), "atom").body
    assert b"Name of gushi" not in named


def test_a_slug_that_has_moved_is_the_one_that_it_is_now(library: Shelf) -> None:
    with library.database.writing() as connection:
        category_moves.move(connection, "gushi", "shichang", library.now)
    assert found(library, categories=("gushi",)) == []  # not indexed yet under its name
    index(library)
    assert found(library, categories=("gushi",)) == [2, 1]
    assert found(library, categories=("shichang",)) == [2, 1]


def test_few_texts_are_read_for_a_query_that_fits_none(library: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    library.put(*(made(number, title="证券时，券时报") for number in range(10, 40)))
    index(library)
    read: list[int] = []
    find = entries.find

    def counted(connection: Any, codes: list[str]) -> Any:
        read.append(len(codes))
        return find(connection, codes)

    monkeypatch.setattr(searching, "MOST_LOOKED_AT", 20)
    monkeypatch.setattr(entries, "find", counted)
    assert found(library, "证券时报", most=5) == []
    assert sum(read) == 25


def test_steps_are_small_and_leave_nothing(empty: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feeds.publishing.search_index.SearchIndex.AT_ONCE", 3)
    empty.put(*(made(number) for number in range(1, 9)))
    empty.withdraw(2)
    steps = SearchIndex(empty.database)
    assert [steps.step() for _ in range(4)] == [True, True, True, False]
    assert found(empty, "潮水") == [8, 7, 6, 5, 4, 3, 1]


def test_what_was_begun_elsewhere_is_gone_on_with(empty: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feeds.publishing.search_index.SearchIndex.AT_ONCE", 3)
    empty.put(*(made(number) for number in range(1, 9)))
    first, second = SearchIndex(empty.database), SearchIndex(empty.database)
    assert first.step()
    assert second.step()  # the next three; the first process ends here
    empty.put(made(9))
    catch_up(second)
    assert found(empty, "潮水") == [9, 8, 7, 6, 5, 4, 3, 2, 1]
    catch_up(first)
    with empty.database.reading() as connection:
        assert search.mark(connection).numbers == 9
        assert search.behind(connection, search.mark(connection)) == []


def test_an_emptied_index_is_filled_again(library: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "_STALE", -9)
    with library.database.writing() as connection:
        assert search.empty_if_stale(connection)
    assert found(library, "潮") == []
    index(library)
    assert found(library, "潮") == [4, 3, 1]


def test_what_was_found_is_rendered_once(library: Shelf) -> None:
    documents = Documents(library.database, Renderer(SITE))
    once = documents.search(Query("潮"), "atom")
    assert documents.search(Query("潮"), "atom") is once
    library.put(made(6, title="涨潮"))
    behind = documents.search(Query("潮"), "atom")
    assert behind.etag == once.etag
    index(library)
    assert documents.search(Query("潮"), "atom").etag != once.etag


def test_what_many_ask_for_at_once_is_rendered_once(library: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    renderer = Renderer(SITE)
    documents = Documents(library.database, renderer)
    search_once, begun, asked = renderer.search, threading.Event(), []

    def slowly(connection: Any, query: Query, suffix: str) -> Any:
        asked.append(query)
        begun.set()
        assert others.wait(10)  # until the others have asked too
        return search_once(connection, query, suffix)

    monkeypatch.setattr(renderer, "search", slowly)
    others = threading.Event()
    with ThreadPoolExecutor(5) as pool:
        first = pool.submit(documents.search, Query("潮"), "atom")
        assert begun.wait(10)
        later = [pool.submit(documents.search, Query("潮"), "atom") for _ in range(4)]
        others.set()
        assert all(one.result() is first.result() for one in later)
    assert asked == [Query("潮")]


def test_entries_are_the_same_bytes_as_in_their_categories(library: Shelf) -> None:
    library.put(made(6, "gushi", title="涨潮", enclosures=(Enclosure("https://tide.example/a.mp3", "audio/mpeg"),)))
    index(library)
    for stories in Stories:
        documents = Documents(library.database, Renderer(replace(SITE, stories=stories)))
        for suffix, ends in (("rss", "</item>"), ("atom", "</entry>")):
            searched = documents.search(Query(categories=("gushi",)), suffix).body.decode()
            other = documents.find(f"category/gushi.{suffix}")
            whole = getattr(other, "body", b"").decode()
            assert searched.count(ends) == 3
            begins = ends.replace("/", "").rstrip(">")
            assert searched[searched.index(begins) :] == whole[whole.index(begins) :]


_WORDS = st.sampled_from(["A股", "股市", "市场", "场", "潮水", "水潮", "tide", "Tide2", "B"])
_SLUGS = st.sets(st.sampled_from(["a", "b", "c"]), max_size=2).map(sorted).map(tuple)
_ENTRIES: st.SearchStrategy[dict[str, Any]] = st.builds(
    dict,
    title=st.lists(_WORDS, max_size=3).map("".join),
    content=st.lists(_WORDS, max_size=3).map(" ".join),
    tags=_SLUGS,
    origin=st.sampled_from([Origin("a"), Origin("b")]),
    categories=_SLUGS,
)
_QUERIES = st.builds(Query, st.just("") | st.lists(_WORDS, max_size=2).map(" ".join), _SLUGS, _SLUGS, _SLUGS)


def _asked_for(entry: Entry, query: Query) -> bool:
    """The same question, without an index or a word of what answers it."""
    parts = [entry.title.lower(), *entry.content.lower().split()]

    def has(word: str) -> bool:
        for part in parts:
            at = part.find(word)
            while at >= 0:
                before, after = part[at - 1 : at], part[at + len(word) : at + len(word) + 1]
                latin = str.isascii
                if not ((before and latin(before) and latin(word[0])) or (after and latin(after) and latin(word[-1]))):
                    return True
                at = part.find(word, at + 1)
        return False

    return (
        not query.is_empty
        and entry.withdrawn is None
        and all(map(has, query.words.lower().split()))
        and (not query.categories or bool(set(query.categories) & set(entry.categories)))
        and (not query.tags or bool(set(query.tags) & set(entry.tags)))
        and (not query.media or entry.origin.title in query.media)
    )


_CHANGES = st.lists(st.tuples(st.integers(1, 6), _ENTRIES, st.booleans(), st.booleans()), min_size=1, max_size=12)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=_CHANGES, queries=st.lists(_QUERIES, min_size=1, max_size=6), caught_up=st.booleans())
def test_what_is_found_is_what_a_look_at_every_entry_finds(
    tmp_path: Path, changes: Any, queries: list[Query], caught_up: bool
) -> None:
    """After creations, corrections and withdrawals, with an index that came along now and then."""
    stores.drop(tmp_path / "any.db")
    shelf = Shelf(tmp_path / "any.db")
    with contextlib.closing(shelf.database):
        there: dict[int, Entry] = {}
        for number, values, leaves, indexed in changes:
            if number not in there:
                categories = values["categories"]
                shelf.put(made(number, *categories, **{k: v for k, v in values.items() if k != "categories"}))
            elif leaves and there[number].withdrawn is None:
                shelf.withdraw(number)
            else:
                shelf.correct(number, **values, withdrawn=None, withdrawn_by=None)
            there[number] = shelf.get(number)
            if indexed:
                index(shelf)
        if caught_up:
            index(shelf)
        for query in queries:
            expected = [number for number in sorted(there, reverse=True) if _asked_for(there[number], query)]
            answer = found(shelf, query.words, categories=query.categories, tags=query.tags, media=query.media)
            assert answer == expected if caught_up else set(answer) <= set(expected)
