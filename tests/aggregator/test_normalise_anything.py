"""Whatever a source says becomes an entry that can be held and written."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from aggregator.normalise import Context, normalise
from feeds.document import Format, SourceEntry, SourceFeed, Term, Text, TextKind
from storage.entry import Author, Enclosure, Episode, InfoCode, Link, Origin, Transcript
from storage.rows import entry_of, entry_row
from tests.aggregator.contexts import CODE, DERIVED, FEED, HOUR, POSTS, SEEN, SHANGHAI

if TYPE_CHECKING:
    from collections.abc import Iterator

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NASTY = st.sampled_from(
    ["\x00", "\ud800", "\udfff", "\ufffe", "<b>", "</", "&#0;", "&#55296;", "&lt;", "http://", "新闻", " ", "\n\n", '"']
)
anything = st.lists(st.text(max_size=8) | _NASTY, max_size=4).map("".join)
addresses = anything.map("https://a.example/".__add__) | anything
texts = st.none() | st.builds(Text, anything, st.sampled_from(TextKind))
zones = st.sampled_from([UTC, SHANGHAI, ZoneInfo("America/New_York"), timezone(timedelta(hours=-23, minutes=-59))])
_FIRST, _LAST = datetime.fromisoformat("0001-01-01"), datetime.fromisoformat("9998-12-31")
moments = st.none() | st.datetimes(_FIRST, _LAST) | st.datetimes(_FIRST, _LAST, timezones=zones)
people = st.lists(st.builds(Author, anything, anything, addresses), max_size=2).map(tuple)
origins = st.none() | st.builds(Origin, anything, addresses, addresses)
numbers = st.none() | st.integers()
files = st.builds(Enclosure, addresses, anything, numbers, anything, numbers, numbers, numbers)
transcripts = st.lists(st.builds(Transcript, addresses, anything, anything), max_size=2).map(tuple)
episodes = st.none() | st.builds(
    Episode, numbers, numbers, numbers, anything, st.none() | st.booleans(), transcripts, addresses
)
whole_entries = st.builds(
    SourceEntry,
    id=addresses,
    link=addresses,
    title=texts,
    content=texts,
    summary=texts,
    published=moments,
    updated=moments,
    authors=people,
    categories=st.lists(st.builds(Term, anything, anything), max_size=3).map(tuple),
    tags=st.lists(anything, max_size=3).map(tuple),
    enclosures=st.lists(files, max_size=2).map(tuple),
    contributors=people,
    links=st.lists(st.builds(Link, addresses, anything, anything, anything, anything), max_size=2).map(tuple),
    comments=addresses,
    image=addresses,
    licence=addresses,
    episode=episodes,
    origin=origins,
    base=addresses,
    language=anything,
)
heads = st.builds(
    SourceFeed,
    format=st.sampled_from(Format),
    title=anything,
    link=addresses,
    language=anything,
    authors=people,
)
contexts = st.sampled_from([FEED, POSTS, replace(FEED, categories=("world",), own_categories=False)])


def texts_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from texts_in(one)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from texts_in(getattr(value, field.name))


@settings(max_examples=100, deadline=None)
@given(whole_entries, heads, contexts, st.sampled_from([CODE, DERIVED]))
@example(SourceEntry(tags=("\x07",), categories=(Term("a"),)), SourceFeed(Format.POST), POSTS, CODE)
def test_whatever_is_said_can_be_held_and_written(
    said: SourceEntry, feed: SourceFeed, context: Context, code: InfoCode
) -> None:
    entry = normalise(said, code, feed, context, SEEN, SEEN + HOUR)

    for text in texts_in(entry):
        assert not _FORBIDDEN.search(text), ascii(text)
    assert entry.published <= entry.first_seen == SEEN
    assert entry.published <= entry.updated <= SEEN + HOUR
    assert entry.published.tzinfo is entry.updated.tzinfo is UTC
    assert entry.title
    assert entry.origin.title
    assert entry.categories
    assert all(entry.categories)
    assert all(vote.slug in entry.categories and vote.name for vote in entry.category_names)
    row = entry_row(entry)
    atom_id = row["atom_id"] or entry.guid
    assert entry_of(row | {"atom_id": atom_id}) == replace(entry, atom_id=atom_id)
