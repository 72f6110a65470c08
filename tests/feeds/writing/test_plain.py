"""What is written of plain entries without feedgen is what feedgen writes of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.query import Query
from feeds.writing import atom, rss
from feeds.writing.common import Found, has_extras
from feeds.writing.fragments import join
from storage.category import ALL, Category
from storage.entry import Author, Entry, Link, Origin
from tests.feeds.writing.test_properties import entries, sites, texts

if TYPE_CHECKING:
    from feeds.site import Site

FORMATS = [atom, rss]


def plain(entry: Entry) -> Entry:
    """*entry* with nothing but what every entry has."""
    bare = replace(entry, enclosures=(), links=(), contributors=(), episode=None)
    return replace(bare, comments="", image="", licence="")


plain_entries = entries().map(plain)


@settings(max_examples=100, deadline=None)
@given(entry=plain_entries, site=sites, name=texts)
def test_plain_entries_are_written_as_feedgen_writes_them(entry: Entry, site: Site, name: str) -> None:
    assert not has_extras(entry)
    titles = dict.fromkeys(entry.categories, name)
    for form in FORMATS:
        assert form.fragment(entry, site, titles) == form.by_feedgen(entry, site, titles)


@settings(max_examples=25, deadline=None)
@given(entry=plain_entries, site=sites, link=st.just(Link("https://other.example/")))
def test_what_few_entries_have_is_left_to_feedgen(entry: Entry, site: Site, link: Link) -> None:
    linked = replace(entry, links=(link,))
    for form in FORMATS:
        fragment = form.fragment(linked, site, {})
        assert link.href.encode() in fragment
        assert fragment == form.by_feedgen(linked, site, {})


AWKWARD = "\t\n\r\"'<>&]]>\x0b汉😀 "


@pytest.mark.parametrize("field", ["title", "summary", "content", "link", "guid", "atom_id", "language", "origin"])
@pytest.mark.parametrize("text", ["", " ", "\r", AWKWARD])
def test_every_field_can_hold_anything(entry: Entry, site: Site, field: str, text: str) -> None:
    if field in ("guid", "atom_id"):
        text += "tag:site.example,2022:1"
    value = Origin(text, text, text) if field == "origin" else text
    held = replace(plain(entry), authors=(Author(text or "a", f"{text}@b", text),))
    held = replace(held, **{field: value})  # type: ignore[arg-type]
    for form in FORMATS:
        assert form.fragment(held, site, {}) == form.by_feedgen(held, site, {})


@pytest.mark.parametrize("name", ["", "a", AWKWARD])
@pytest.mark.parametrize("earlier", ["", "https://site.example/archive/1.atom?a&b"])
@pytest.mark.parametrize("hub", ["", "https://hub.example/?a&b"])
def test_a_head_is_what_feedgen_writes(site: Site, name: str, earlier: str, hub: str) -> None:
    site = replace(site, title=f"{name}.", url="https://site.example/a&b", hub=hub)
    for subject in (Category(name or ALL, name), Found(Query(f"{name}x", (), (), ()), name)):
        told = atom._texts(subject, site)
        feed = atom._head(told, site)
        if earlier:
            feed.link(href=earlier, rel="prev-archive", type=atom.MEDIA_TYPE)
        assert atom.document(subject, site, [], earlier) == join(feed.atom_str(), atom.TAIL, [])
        channel = rss._channel(rss._texts(subject, site, earlier), site)
        assert rss.document(subject, site, [], earlier) == join(channel.rss_str(), b"</channel></rss>", [])
