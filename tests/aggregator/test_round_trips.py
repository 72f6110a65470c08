"""Any entry, written in any format and read again by the same site, is the same entry, field by field."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings

from aggregator.identity import identify
from aggregator.normalise import normalise
from aggregator.slugs import slug
from feeds.plain_text import first_sentence, plain_text, plain_title
from feeds.reading import read
from feeds.reading.texts import guess_text
from feeds.writing import atom, json_feed, rss
from feeds.writing.common import entry_language, entry_link, publisher
from storage.category import Category
from storage.entry import Author, CategoryName, Entry, Origin
from tests.aggregator.saying import CONTEXT, NOW, SITE, entries

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Loss = Callable[[Entry, Sequence[str]], dict[str, Any]]

FORMATS = {"rss": rss, "atom": atom, "json": json_feed}


def _categories_from(names: Sequence[str], *tags: str) -> dict[str, Any]:
    terms = dict.fromkeys([*names, *tags])
    votes = dict.fromkeys(CategoryName(slug(term), term) for term in terms)
    return {
        "categories": tuple(dict.fromkeys(vote.slug for vote in votes)),
        "category_names": tuple(votes),
        "tags": tuple(terms),
    }


def _of_its_feed(entry: Entry) -> tuple[Author, ...]:
    return entry.authors or (Author(publisher(SITE), uri=SITE.address("")),)


# What a format cannot say of an entry, and what is read in its place. Nothing else may differ.
LOSSES: Mapping[str, Mapping[str, Loss]] = {
    "every format": {
        "an entry without a language has its feed's": lambda e, _: {
            "language": entry_language(e, SITE) or SITE.language
        },
        "an entry without a page has its page on the site": lambda e, _: {"link": entry_link(e, SITE)},
    },
    "rss": {
        "a title is text or HTML, whichever it looks like": lambda e, _: {"title": _guessed_title(e)},
        "a category is a name": lambda _, names: _categories_from(names),
        "dc:creator is a name": lambda e, _: {"authors": tuple(dict.fromkeys(Author(a.name) for a in e.authors))},
        "source has no page": lambda e, _: {"origin": Origin(e.origin.title, feed=e.origin.feed)},
        "there is one id, and it is the site's": lambda _, __: {"own_id": ""},
    },
    "atom": {
        "tags are the categories' names": lambda e, names: {
            "tags": tuple(dict.fromkeys(names)),
            "category_names": tuple(map(CategoryName, e.categories, names)),
        },
        "an entry without authors has its feed's": lambda e, _: {"authors": _of_its_feed(e)},
    },
    "json": {
        "categories and tags are one list": lambda e, names: _categories_from(names, *e.tags),
        "an author has no address of mail, and is the feed's where there is none": lambda e, _: {
            "authors": tuple(dict.fromkeys(replace(author, email="") for author in _of_its_feed(e)))
        },
        "an id is text": lambda _, __: {"own_id": ""},
    },
}


def _guessed_title(entry: Entry) -> str:
    guessed = guess_text(entry.title)
    title = plain_title(guessed.value, guessed.kind) or first_sentence(plain_text(entry.content))
    return title or entry_link(entry, SITE)


def expected(entry: Entry, suffix: str, names: Sequence[str]) -> Entry:
    for losses in (LOSSES["every format"], LOSSES[suffix]):
        for loss in losses.values():
            entry = replace(entry, **loss(entry, names))
    return replace(entry, atom_id="")


@pytest.mark.parametrize("suffix", FORMATS)
@settings(max_examples=60, deadline=None)
@given(entry=entries())
def test_an_entry_that_is_written_and_read_again_is_the_same(suffix: str, entry: Entry) -> None:
    votes = {vote.slug: vote.name for vote in reversed(entry.category_names)}
    titles = {own: votes.get(own, own) for own in entry.categories}
    fragment = FORMATS[suffix].fragment(entry, SITE, titles)
    document = FORMATS[suffix].document(Category("c", "C"), SITE, [fragment])

    feed = read(document)
    [said] = feed.entries
    code = identify(said, CONTEXT.scope)
    assert code == entry.info_code
    again = normalise(said, code, feed, CONTEXT, entry.first_seen, NOW)

    wanted = expected(entry, suffix, [titles[own] for own in entry.categories])
    differing = {field.name for field in fields(Entry) if getattr(again, field.name) != getattr(wanted, field.name)}
    assert {name: (getattr(again, name), getattr(wanted, name)) for name in differing} == {}
