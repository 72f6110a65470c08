"""An entry that says too much of anything: so much of it is held, the first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aggregator.bounds import (
    LONGEST_ADDRESS,
    LONGEST_NAME,
    LONGEST_SLUG,
    LONGEST_TEXT,
    MOST_PARTS,
    MOST_WORDS,
)
from aggregator.normalise import normalise
from feeds.document import Format, SourceEntry, SourceFeed, Term, Text
from storage.entry import Author, Enclosure, Entry, Episode, Link, Transcript
from tests.aggregator.contexts import CODE, FEED, POSTS, SEEN

if TYPE_CHECKING:
    from collections.abc import Callable, Sized

    from aggregator.normalise import Context

MANY = range(1_000)
LONG = "n" * 100_000
LONG_ADDRESS = f"https://a.example/{LONG}"
LONGEST_THAT_IS_ONE = "https://a.example/".ljust(LONGEST_ADDRESS, "n")


def made(said: SourceEntry, context: Context = FEED) -> Entry:
    return normalise(said, CODE, SourceFeed(Format.ATOM_10), context, SEEN, SEEN)


@pytest.mark.parametrize(
    ("said", "part", "most"),
    [
        (SourceEntry(tags=tuple(f"tag {n}" for n in MANY)), lambda one: one.tags, MOST_WORDS),
        (SourceEntry(categories=tuple(Term(f"kind {n}") for n in MANY)), lambda one: one.tags, MOST_WORDS),
        (SourceEntry(authors=tuple(Author(f"Person {n}") for n in MANY)), lambda one: one.authors, MOST_PARTS),
        (SourceEntry(contributors=tuple(Author(f"P {n}") for n in MANY)), lambda one: one.contributors, MOST_PARTS),
        (
            SourceEntry(enclosures=tuple(Enclosure(f"https://a.example/{n}") for n in MANY)),
            lambda one: one.enclosures,
            MOST_PARTS,
        ),
        (
            SourceEntry(links=tuple(Link(f"https://a.example/{n}", "related") for n in MANY)),
            lambda one: one.links,
            MOST_PARTS,
        ),
        (
            SourceEntry(
                episode=Episode(transcripts=tuple(Transcript(f"https://a.example/{n}", "text/vtt") for n in MANY))
            ),
            lambda one: one.episode.transcripts,
            MOST_PARTS,
        ),
    ],
    ids=["tags", "terms", "authors", "contributors", "enclosures", "links", "transcripts"],
)
def test_there_are_so_many_of_each_part(said: SourceEntry, part: Callable[[Entry], Sized], most: int) -> None:
    assert len(part(made(said))) == most


@pytest.mark.parametrize(
    ("said", "text", "longest"),
    [
        (SourceEntry(title=Text(LONG)), lambda one: one.title, LONGEST_TEXT),
        (SourceEntry(licence=LONG), lambda one: one.licence, LONGEST_TEXT),
        (SourceEntry(tags=(LONG,)), lambda one: one.tags[0], LONGEST_NAME),
        (SourceEntry(authors=(Author(LONG),)), lambda one: one.authors[0].name, LONGEST_NAME),
        (SourceEntry(authors=(Author("Lin", LONG),)), lambda one: one.authors[0].email, LONGEST_NAME),
        (SourceEntry(categories=(Term(LONG),)), lambda one: one.categories[0], LONGEST_SLUG),
        (SourceEntry(categories=(Term("a", LONG),)), lambda one: one.category_names[0].name, LONGEST_NAME),
    ],
    ids=["title", "licence", "tag", "author", "email", "slug", "category"],
)
def test_a_text_is_so_long(said: SourceEntry, text: Callable[[Entry], str], longest: int) -> None:
    assert len(text(made(said))) == longest


def test_a_posts_slug_is_a_name() -> None:
    assert len(made(SourceEntry(categories=(Term(LONG),)), POSTS).categories[0]) == LONGEST_NAME


@pytest.mark.parametrize(
    ("said", "address"),
    [
        (lambda url: SourceEntry(id=url), lambda one: one.own_id),
        (lambda url: SourceEntry(link=url), lambda one: one.link),
        (lambda url: SourceEntry(image=url), lambda one: one.image),
        (lambda url: SourceEntry(comments=url), lambda one: one.comments),
        (lambda url: SourceEntry(authors=(Author("Lin", "", url),)), lambda one: one.authors[0].uri),
        (
            lambda url: SourceEntry(enclosures=(Enclosure(url),)),
            lambda one: one.enclosures[0].url if one.enclosures else "",
        ),
    ],
    ids=["id", "link", "image", "comments", "author", "enclosure"],
)
def test_an_address_that_is_too_long_is_none(
    said: Callable[[str], SourceEntry], address: Callable[[Entry], str]
) -> None:
    assert address(made(said(LONGEST_THAT_IS_ONE))) == LONGEST_THAT_IS_ONE
    assert address(made(said(f"{LONGEST_THAT_IS_ONE}n"))) == ""
    assert address(made(said(LONG_ADDRESS))) == ""


def test_a_language_has_so_many_parts() -> None:
    assert made(SourceEntry(language="sl-Latn-IT-rozaj-nedis-1994")).language == "sl-Latn-IT-rozaj-nedis-1994"
    assert made(SourceEntry(language="en" + "-latn" * 1_000)).language == ""
