"""What rules make of entries: ``tests/data/rules/<case>.json``, where None stands for an entry that is left out."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.normalise import Context, normalise
from aggregator.rules import LONGEST_SEARCHED, NO_RULES, Rules, apply, select
from aggregator.settings import SourceSettings
from feeds.document import Format, SourceEntry, SourceFeed, Term, Text, TextKind
from feeds.site import Site
from storage.entry import Author, CategoryName, Entry, InfoCode
from storage.source import SourceKind

_CASES = sorted((Path(__file__).parents[1] / "data" / "rules").glob("*.json"))
SHANGHAI = ZoneInfo("Asia/Shanghai")
SEEN = datetime.fromisoformat("2026-11-23T12:00:00+00:00")


def rules(kind: SourceKind = SourceKind.FEED, **settings: Any) -> Rules:
    place = {"url": "https://a.example/feed"} if kind is SourceKind.FEED else {"path": "."}
    return SourceSettings.model_validate({"name": "a", "kind": kind, **place, **settings}).rules


def entry(values: dict[str, Any] | None) -> SourceEntry | None:
    if values is None:
        return None
    return SourceEntry(
        id=values["id"],
        link=values.get("link", ""),
        published=datetime.fromisoformat(values["published"]) if "published" in values else None,
        authors=tuple(map(Author, values.get("authors", ()))),
        categories=tuple(Term(*term) for term in values.get("categories", ())),
        tags=tuple(values.get("tags", ())),
        withdrawn=values.get("withdrawn", False),
        title=Text(values["title"], TextKind(values.get("title_kind", "text"))) if "title" in values else None,
        content=Text(values["content"], TextKind.HTML) if "content" in values else None,
        summary=Text(values["summary"], TextKind.HTML) if "summary" in values else None,
    )


@pytest.mark.parametrize("path", _CASES, ids=lambda path: path.stem)
def test_cases(path: Path) -> None:
    case = json.loads(path.read_text(encoding="utf-8"))
    said = [found for found in map(entry, case["entries"]) if found]
    assert select(said, rules(**case["rules"]), SHANGHAI) == list(map(entry, case["expected"]))


def test_no_more_than_so_much_of_a_text_is_searched() -> None:
    inside, beyond = (SourceEntry(content=Text("x" * (LONGEST_SEARCHED - 4 + more) + "tide")) for more in (0, 1))
    drop = rules(drop=[{"text": "tide"}])
    assert apply(inside, drop) is None
    assert apply(beyond, drop) == beyond


def test_an_endless_link_is_left_alone() -> None:
    said = SourceEntry(link="https://a.example/" + "x" * LONGEST_SEARCHED)
    assert apply(said, rules(rewrite_links=[{"pattern": "x", "replace": "y"}])) == said


# Categories


def made(said: SourceEntry, mapping: dict[str, Any], kind: SourceKind = SourceKind.FEED) -> Entry:
    context = Context(
        "harbour",
        "harbour",
        Site("Mill", "https://mill.example.org", SHANGHAI),
        SHANGHAI,
        literal_categories=kind is SourceKind.POSTS,
        rules=rules(kind, map_categories=mapping),
    )
    return normalise(said, InfoCode("NW202203142308379872"), SourceFeed(Format.RSS_20), context, SEEN, SEEN)


@pytest.mark.parametrize(
    ("mapping", "categories", "voted"),
    [
        ({}, ("yejie", "open-data"), {"yejie": "业界", "open-data": "Open Data"}),
        ({"业界": "keji"}, ("keji", "open-data"), {"open-data": "Open Data"}),
        ({"yejie": "TechWeb"}, ("TechWeb", "open-data"), {"open-data": "Open Data"}),
        (
            {"OPEN data": ["open-data", "data"]},
            ("yejie", "open-data", "data"),
            {"yejie": "业界", "open-data": "Open Data"},
        ),
        ({"业界": "open-data"}, ("open-data",), {"open-data": "Open Data"}),
        ({"业界": "open-data", "open-data": "x"}, ("open-data", "x"), {}),
        ({"业界": []}, ("open-data",), {"open-data": "Open Data"}),
        ({"业界": [], "Open Data": []}, ("harbour",), {}),
        ({"Ports": "gangkou"}, ("yejie", "open-data"), {"yejie": "业界", "open-data": "Open Data"}),
    ],
)
def test_categories_are_mapped(mapping: dict[str, Any], categories: tuple[str, ...], voted: dict[str, str]) -> None:
    held = made(SourceEntry(categories=(Term("业界"), Term("Open Data"))), mapping)
    assert held.categories == categories
    assert held.category_names == tuple(CategoryName(*vote) for vote in voted.items())


def test_a_category_is_known_by_its_label_too() -> None:
    said = SourceEntry(categories=(Term("cat-1", "Open Data"),))
    assert made(said, {"open data": "data"}).categories == ("data",)


def test_what_is_ignored_is_no_tag_and_what_is_renamed_is_one() -> None:
    said = SourceEntry(categories=(Term("Ads"), Term("Ports")))
    assert made(said, {"Ads": [], "Ports": "gangkou"}).tags == ("Ports",)


def test_the_categories_of_posts_are_slugs() -> None:
    said = SourceEntry(categories=(Term("TechWeb"), Term("yejie")), tags=("网报新闻",))
    held = made(said, {"techweb": "x", "业界": "y", "yejie": ["yejie", "all-of-it"]}, SourceKind.POSTS)
    assert held.categories == ("TechWeb", "yejie", "all-of-it")
    assert {vote.slug for vote in held.category_names} == {"TechWeb", "yejie"}
    assert held.tags == ("网报新闻",)


# Laws

_TEXTS = st.none() | st.builds(Text, st.text(max_size=30), st.sampled_from(TextKind))
_WORDS = st.text(max_size=8) | st.sampled_from(["tide", "Harbour", "https://tide.example/x"])
_MOMENTS = st.none() | st.datetimes() | st.datetimes(timezones=st.timezones())
_ENTRIES = st.builds(
    SourceEntry,
    id=_WORDS,
    link=_WORDS,
    title=_TEXTS | st.builds(Text, _WORDS),
    content=_TEXTS,
    summary=_TEXTS,
    published=_MOMENTS,
    authors=st.lists(st.builds(Author, _WORDS), max_size=2).map(tuple),
    categories=st.lists(st.builds(Term, _WORDS, _WORDS), max_size=2).map(tuple),
    tags=st.lists(_WORDS, max_size=2).map(tuple),
    withdrawn=st.booleans(),
)
_CONDITIONS = st.lists(
    st.dictionaries(
        st.sampled_from(["title", "text", "link", "author", "category", "any"]),
        st.sampled_from(["tide", "^$", "[aeiou]", r"^(?!.*tide)", r"(\w)\1", "."]),
        min_size=1,
        max_size=2,
    ),
    max_size=2,
    unique_by=lambda condition: tuple(sorted(condition.items())),
)


@given(said=st.lists(_ENTRIES, max_size=4))
def test_without_rules_everything_stays_as_it_is(said: list[SourceEntry]) -> None:
    assert select(said, NO_RULES, SHANGHAI) == said
    assert rules() == NO_RULES


@given(said=_ENTRIES, conditions=_CONDITIONS)
def test_what_a_rule_keeps_the_same_rule_drops(said: SourceEntry, conditions: list[dict[str, str]]) -> None:
    said = replace(said, withdrawn=False)
    kept, dropped = apply(said, rules(keep=conditions)), apply(said, rules(drop=conditions))
    if conditions:
        assert {kept, dropped} == {said, None}
    else:
        assert kept == dropped == said


@given(said=_ENTRIES, one=_CONDITIONS, other=_CONDITIONS)
def test_drop_is_keep_first_and_drop_then(said: SourceEntry, one: list[Any], other: list[Any]) -> None:
    other = [condition for condition in other if condition not in one]
    kept = apply(said, rules(keep=one))
    both = apply(said, rules(keep=one, drop=other))
    assert both == (apply(kept, rules(drop=other)) if kept else None)


@given(
    said=st.lists(_ENTRIES, max_size=6),
    drop=_CONDITIONS,
    body=st.sampled_from([None, "content", "summary"]),
    most=st.none() | st.integers(1, 4),
    zone=st.timezones(),
)
def test_rules_never_fail_and_never_touch_identity(
    said: list[SourceEntry], drop: list[Any], body: str | None, most: int | None, zone: ZoneInfo
) -> None:
    rewrite = [{"pattern": "(tide)(x)?", "replace": r"\1\2\g<0>"}]
    ruled = rules(drop=drop, body=body, most=most, rewrite_links=rewrite)
    found = select(said, ruled, zone)
    assert len(found) == len(said)
    assert most is None or sum(one is not None and not one.withdrawn for one in found) <= most
    for before, after in zip(said, found, strict=True):
        if before.withdrawn:
            assert after == before
        elif after is not None:
            assert (after.id, after.info_code, after.title) == (before.id, before.info_code, before.title)
            assert bool(after.content or after.summary) == bool(before.content or before.summary)


def test_rules_can_be_given_to_another_process() -> None:
    ruled = rules(keep=[{"title": "a"}], rewrite_links=[{"pattern": "a", "replace": "b"}], map_categories={"a": "b"})
    assert pickle.loads(pickle.dumps(ruled)) == ruled
