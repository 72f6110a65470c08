"""The same story from several media is found in whatever order its tellings come, and shown as is wished."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from aggregator import stories as telling
from feeds.publishing.documents import Documents
from feeds.publishing.rendering import Renderer
from feeds.site import Site
from storage import categories, entries, listing, stories
from storage.category import ALL
from storage.database import last_change
from storage.entries import EntryChange
from storage.entry import Origin, WithdrawnBy
from storage.story import Stories
from tests.aggregator.store import item, rss
from tests.aggregator.test_likeness import HAFEN, PORT, TUNNEL
from tests.storage.held import NOON, code, dump, entry

if TYPE_CHECKING:
    from storage.database import Database
    from storage.entry import Entry, InfoCode
    from tests.aggregator.conftest import NewStore
    from tests.aggregator.store import Store

ATOM = "{http://www.w3.org/2005/Atom}"
HEADED = f"<p>Coast, Monday. (Wire)</p><p>{PORT}</p>"
TEXTS = (PORT, HEADED, PORT.replace("modest", "humble"), HAFEN, f"<p>（记者 陈一）</p>{HAFEN}", TUNNEL, "<p>Short.</p>")


def told(number: int, text: str = PORT, medium: str = "Harbour Post", *slugs: str, hour: int = 0) -> Entry:
    link = f"https://news.example.org/{number}"
    return entry(number, *slugs, hour=hour, content=text, origin=Origin(medium), link=link)


def keep(database: Database, *wanted: Entry, shown: Stories = Stories.ALL) -> int:
    with database.writing() as connection:
        known = entries.find(connection, [one.info_code for one in wanted])
        kept = [replace(one, change=known[one.info_code].change) if one.info_code in known else one for one in wanted]
        changes = [EntryChange(known.get(one.info_code), one) for one in kept]
        return telling.save(connection, [c for c in changes if c.before != c.after], NOON, shown=shown)


def withdrawn(one: Entry) -> Entry:
    return replace(one, withdrawn=NOON + timedelta(days=9), withdrawn_by=WithdrawnBy.OPERATOR)


def shared(database: Database, *numbers: int) -> dict[InfoCode, InfoCode]:
    with database.reading() as connection:
        return {one.info_code: one.story for one in stories.places(connection, map(code, numbers)).values()}


@pytest.fixture
def database(store: Store) -> Database:
    return store.database


def test_the_first_telling_names_the_story(database: Database) -> None:
    keep(database, told(1, medium="Coast", hour=5), told(2, HEADED, hour=3), told(3, TUNNEL, "Coast"))
    assert shared(database, 1, 2, 3) == {code(1): code(2), code(2): code(2)}
    keep(database, told(9, medium="Island", hour=1))
    assert shared(database, 1) == dict.fromkeys((code(1), code(2), code(9)), code(9))


def test_one_medium_repeats_itself_and_tells_no_story_of_several(database: Database) -> None:
    keep(database, told(1), told(2, HEADED))
    assert shared(database, 1, 2) == {}
    keep(database, replace(told(3), scope="other"))
    assert set(shared(database, 3)) == {code(1), code(2), code(3)}


@pytest.mark.parametrize(("hours", "together"), [(72, True), (73, False), (-72, True), (-73, False)])
def test_three_days_apart_is_near_enough(database: Database, hours: int, *, together: bool) -> None:
    keep(database, told(1))
    keep(database, told(2, medium="Coast", hour=hours))
    assert bool(shared(database, 1)) is together


def test_a_telling_between_two_joins_them_and_parts_them_when_it_goes(database: Database) -> None:
    early, late, between = told(1), told(2, medium="Coast", hour=100), told(3, medium="Island", hour=50)
    keep(database, early, late)
    assert shared(database, 1, 2) == {}
    keep(database, between)
    assert set(shared(database, 2).values()) == {code(1)}
    keep(database, withdrawn(between))
    assert shared(database, 1, 2, 3) == {}
    keep(database, between)
    assert set(shared(database, 2)) == {code(1), code(2), code(3)}


def test_a_correction_to_another_text_leaves_the_story(database: Database) -> None:
    keep(database, told(1), told(2, medium="Coast", hour=1), told(3, medium="Island", hour=2))
    keep(database, replace(told(1, TUNNEL), revision=2))
    assert shared(database, 1, 2, 3) == {code(2): code(2), code(3): code(2)}


def test_only_those_who_tell_the_story_are_touched(database: Database) -> None:
    keep(database, told(1, PORT, "Harbour Post", "gangkou"), told(2, TUNNEL, "Coast", "daolu"))
    number = keep(database, told(3, HEADED, "Island", "haidao", hour=1), shown=Stories.FIRST)
    with database.reading() as connection:
        found = entries.find(connection, map(code, (1, 2, 3)))
        versions = {slug: one.version for slug, one in categories.find(connection, ["gangkou", "daolu"]).items()}
    assert [found[code(n)].change == number for n in (1, 2, 3)] == [True, False, True]
    assert [versions["gangkou"] == number, versions["daolu"] == number] == [True, False]
    assert found[code(1)].revision == 1


def test_where_every_telling_is_shown_no_other_feed_is_touched(database: Database) -> None:
    first = keep(database, told(1, PORT, "Harbour Post", "gangkou"))
    keep(database, told(3, HEADED, "Island", "haidao", hour=1))
    with database.reading() as connection:
        assert categories.find(connection, ["gangkou"])["gangkou"].version == first


def test_a_new_title_is_shown_with_the_others(database: Database) -> None:
    keep(database, told(1), told(2, medium="Coast"))
    number = keep(database, replace(told(1), title="Another"))
    with database.reading() as connection:
        assert entries.find(connection, [code(2)])[code(2)].change == number
        assert [other.title for other in stories.others(connection, [code(2)])[code(2)]] == ["Another"]


def test_what_did_not_change_changes_no_row(database: Database) -> None:
    keep(database, told(1), told(2, medium="Coast"))
    with database.reading() as connection:
        before, number = dump(connection), last_change(connection)
    with database.writing() as connection:
        assert telling.save(connection, [], NOON) == 0
    with database.reading() as connection:
        assert (dump(connection), last_change(connection)) == (before, number)


_TELLING = st.tuples(st.sampled_from(TEXTS), st.sampled_from(["Coast", "Island", "Post"]), st.integers(0, 150))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), drawn=st.lists(_TELLING, min_size=2, max_size=8))
def test_stories_are_the_same_whatever_the_order(
    new_store: NewStore, data: st.DataObject, drawn: list[tuple[str, str, int]]
) -> None:
    """Also with tellings that were once something else, or withdrawn and restored, or withdrawn for good."""
    final = [told(n, text, medium, "gangkou", hour=hour) for n, (text, medium, hour) in enumerate(drawn)]
    gone = data.draw(st.sets(st.sampled_from(final)))
    with new_store() as once, new_store() as piecemeal:
        keep(once.database, *(one for one in final if one not in gone))
        for one in data.draw(st.permutations(final)):
            was = replace(one, content=data.draw(st.sampled_from(TEXTS)))
            keep(piecemeal.database, data.draw(st.sampled_from([one, was, withdrawn(one)])))
        for one in data.draw(st.permutations(final)):
            keep(piecemeal.database, withdrawn(one) if one in gone else one)
        held = []
        for store in (once, piecemeal):
            with store.database.reading() as connection:
                rows = dump(connection)
                first = [one.info_code for one in listing.listed(connection, ALL, 99, stories=Stories.FIRST)]
                alone = len(listing.listed(connection, ALL, 99)) - stories.repeated(connection).get(ALL, 0)
                assert len(first) == alone
                held.append((rows["band"], rows["story"], first))
        assert held[0] == held[1]


# What is published.


def documents(store: Store, shown: Stories) -> Documents:
    zone = ZoneInfo("UTC")
    return Documents(store.database, Renderer(Site("Mill", "https://mill.example.org", zone, stories=shown)))


def body(published: Documents, path: str) -> bytes:
    found = published.find(path)
    assert found is not None
    assert hasattr(found, "body"), path
    return found.body


def ids(published: Documents, path: str) -> list[str]:
    """The infoCodes that a category's three feeds show, which must agree."""
    dc = "{http://purl.org/dc/elements/1.1/}identifier"
    found = [[e.text or "" for e in etree.fromstring(body(published, f"{path}.{x}")).iter(dc)] for x in ("rss", "atom")]
    feed = json.loads(body(published, f"{path}.json"))
    found.append([one["_feedmill"]["infoCode"] for one in feed.get("items", [])])
    assert found[0] == found[1] == found[2]
    return found[0]


@pytest.fixture
def twice(store: Store) -> tuple[Store, str, str]:
    """Two feeds that tell one story, and another entry of the second."""
    for name in ("coast", "island"):
        store.source(name, categories=(name, "both"))
    dated = {"pubDate": "Sun, 22 Nov 2026 10:00:00 GMT", "link": "https://coast.example.org/1"}
    store.take("coast", rss(item("1", "Terminal to open", body=PORT, **dated), title="Coast"))
    dated = {"pubDate": "Sun, 22 Nov 2026 12:00:00 GMT", "link": "https://island.example.org/1"}
    other = item("2", "Tunnel", body=TUNNEL, pubDate="Sun, 22 Nov 2026 13:00:00 GMT")
    store.take(
        "island", rss(item("1", "New terminal", body=HEADED.replace("<", "&lt;"), **dated), other, title="Island")
    )
    by_title = {one.title: one.info_code for one in store.entries().values()}
    return store, by_title["Terminal to open"], by_title["New terminal"]


def test_all_shows_every_telling_and_links_none(twice: tuple[Store, str, str]) -> None:
    store, first, later = twice
    published = documents(store, Stories.ALL)
    assert ids(published, "category/both")[1:] == [later, first]
    for suffix in ("rss", "atom", "json"):
        assert b"related" not in body(published, f"category/both.{suffix}")


def test_first_shows_the_first_of_each_category_with_the_others_as_links(twice: tuple[Store, str, str]) -> None:
    store, first, later = twice
    published = documents(store, Stories.FIRST)
    assert ids(published, "category/both")[1:] == [first]
    assert ids(published, "all")[1:] == [first]
    assert ids(published, "category/coast") == [first]
    assert ids(published, "category/island")[1:] == [later], "a category loses no story"
    assert b"2 entries" in body(published, "category/both.html")

    for suffix in ("rss", "atom"):
        root = etree.fromstring(body(published, f"category/coast.{suffix}"))
        [link] = [one for one in root.iter(f"{ATOM}link") if one.get("rel") == "related"]
        assert (link.get("href"), link.get("title")) == ("https://island.example.org/1", "Island: New terminal")
    [one] = json.loads(body(published, "category/coast.json"))["items"]
    assert one["_feedmill"]["links"] == [
        {"url": "https://island.example.org/1", "rel": "related", "title": "Island: New terminal"}
    ]


@pytest.mark.parametrize("shown", Stories)
def test_pages_name_the_other_media(twice: tuple[Store, str, str], shown: Stories) -> None:
    store, first, later = twice
    page = body(documents(store, shown), f"entry/{first}.html").decode()
    assert "Also told by" in page
    assert f'Island: <a href="../entry/{later}.html" dir="auto">New terminal</a>' in page


def test_when_the_first_is_withdrawn_the_next_takes_its_place(twice: tuple[Store, str, str]) -> None:
    store, first, later = twice
    published = documents(store, Stories.FIRST)
    assert ids(published, "category/both")[1:] == [first]
    gone = withdrawn(store.entry(first))
    keep(store.database, gone, shown=Stories.FIRST)
    assert ids(published, "category/both")[1:] == [later]
    assert b"related" not in body(published, "category/both.atom")
    assert b"Also told by" not in body(published, f"entry/{later}.html")
