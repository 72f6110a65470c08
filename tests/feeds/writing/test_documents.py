"""What each format makes of one and the same entries: pairs of ``entries.json`` and ``expected.<format>``."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from lxml import etree

from feeds.site import Site
from feeds.writing import atom, json_feed, rss
from storage.category import Category
from storage.entry import Author, Enclosure, Entry, Episode, Link, Origin, Tombstone, Transcript, as_info_code

if TYPE_CHECKING:
    from collections.abc import Callable

CASES = sorted(Path(__file__).parents[2].glob("data/writing/*/entries.json"))
FORMATS = {"rss": rss, "atom": atom, "json": json_feed}


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def build_entry(fields: dict[str, Any]) -> Entry:
    info_code = as_info_code(fields.pop("info_code"))
    origin = Origin(**fields.pop("origin"))
    times = {name: moment(fields.pop(name)) for name in ("published", "updated")}
    people = {name: tuple(Author(**one) for one in fields.pop(name, ())) for name in ("authors", "contributors")}
    enclosures = tuple(Enclosure(**enclosure) for enclosure in fields.pop("enclosures", ()))
    links = tuple(Link(**link) for link in fields.pop("links", ()))
    episode = None
    if told := fields.pop("episode", None):
        transcripts = tuple(Transcript(**one) for one in told.pop("transcripts", ()))
        episode = Episode(**told, transcripts=transcripts)
    lists = {name: tuple(fields.pop(name, ())) for name in ("categories", "tags")}
    fields |= {"scope": "site", "source": "test", "first_seen": times["published"]} | times | lists | people
    fields |= {"enclosures": enclosures, "links": links, "episode": episode}
    return Entry(info_code=info_code, origin=origin, **fields)


def render(case: dict[str, Any], suffix: str) -> bytes:
    settings = case["site"]
    site = Site(**settings | {"timezone": ZoneInfo(settings["timezone"])})
    updated = case["category"].get("updated")
    category = Category(**case["category"] | {"updated": moment(updated) if updated else None})
    entries = [build_entry(fields) for fields in case["entries"]]
    fragments = [FORMATS[suffix].fragment(entry, site, case["titles"]) for entry in entries]
    if suffix == "atom":
        for fields in case["tombstones"]:
            withdrawn = moment(fields["withdrawn"])
            stone = Tombstone(as_info_code(fields["info_code"]), fields["atom_id"], withdrawn)
            fragments.append(atom.tombstone(stone, site))
    document: bytes = FORMATS[suffix].document(category, site, fragments)
    return document


def test_there_are_cases() -> None:
    assert len(CASES) >= 5


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("path", CASES, ids=lambda path: path.parent.name)
def test_entries_become_the_expected_document(
    path: Path, suffix: str, checks: dict[str, Callable[[bytes], list[str]]]
) -> None:
    document = render(json.loads(path.read_bytes()), suffix)
    assert checks[suffix](document) == []
    assert document.decode() == path.with_name(f"expected.{suffix}").read_bytes().decode()


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_clock_changes_nothing(
    suffix: str, entry: Entry, category: Category, site: Site, titles: dict[str, str]
) -> None:
    def document() -> bytes:
        joined: bytes = FORMATS[suffix].document(category, site, [FORMATS[suffix].fragment(entry, site, titles)])
        return joined

    with time_machine.travel("2001-01-01T00:00:00Z"):
        before = document()
    with time_machine.travel("2037-07-07T07:07:07Z"):
        assert document() == before
    assert b"2001" not in before


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_locale_is_neither_read_nor_touched(
    suffix: str, entry: Entry, category: Category, site: Site, titles: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the locale belongs to the whole process")

    monkeypatch.setattr("locale.setlocale", refuse)
    fragment = FORMATS[suffix].fragment(entry, site, titles)
    document = FORMATS[suffix].document(category, site, [fragment])
    if suffix == "rss":
        assert b"<pubDate>Mon, 14 Mar 2022 18:35:49 +0800</pubDate>" in document
        assert b"<lastBuildDate>Tue, 15 Mar 2022 09:02:03 +0800</lastBuildDate>" in document


@pytest.mark.parametrize("suffix", ["rss", "atom"])
def test_a_fragment_declares_no_namespace(suffix: str, entry: Entry, site: Site, titles: dict[str, str]) -> None:
    assert b"xmlns" not in FORMATS[suffix].fragment(entry, site, titles)


def in_one_piece(suffix: str, category: Category, site: Site, entries: list[Entry], titles: dict[str, str]) -> bytes:
    """The document as feedgen itself writes it, with the entries inside."""
    if suffix == "rss":
        generator = rss._channel(rss._texts(category, site, ""), site)
        for entry in entries:
            generator.add_entry(rss._item(entry, site, titles), order="append")
        return bytes(generator.rss_str())
    generator = atom.head(category, site)
    for entry in entries:
        generator.add_entry(atom._entry(entry, site, titles), order="append")
    return bytes(generator.atom_str())


@pytest.mark.parametrize("suffix", ["rss", "atom"])
def test_joined_fragments_equal_the_document_in_one_piece(
    suffix: str, entry: Entry, category: Category, site: Site, titles: dict[str, str]
) -> None:
    entries = [entry, replace(entry, title="又一篇 ]]>", guid="tag:finews.example,2022-03-15:x", atom_id="urn:x")]
    fragments = [FORMATS[suffix].fragment(one, site, titles) for one in entries]
    joined = FORMATS[suffix].document(category, site, fragments)
    whole = in_one_piece(suffix, category, site, entries, titles)
    assert etree.tostring(etree.fromstring(joined.replace(b"\n", b"")), method="c14n") == etree.tostring(
        etree.fromstring(whole.replace(b"\n", b"")), method="c14n"
    )


@pytest.mark.parametrize("suffix", FORMATS)
def test_an_entry_without_identity_is_refused(suffix: str, entry: Entry, site: Site) -> None:
    with pytest.raises(ValueError, match=r"NW202203142308379872 has no (guid|atom_id): save it first"):
        FORMATS[suffix].fragment(replace(entry, guid="", atom_id=""), site, {})
