"""What has been read so far of a feed or of one of its entries; frozen into a ``SourceEntry`` when its element ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from feeds.document import Problem, SourceEntry
from feeds.reading.links import is_absolute, resolve

if TYPE_CHECKING:
    from datetime import datetime

    from feeds.document import Term, Text
    from storage.entry import Author, Enclosure, Origin

_MOST_PROBLEMS: Final = 20
# Of one kind in one entry; more are a mistake or an attack, and each is compared with those before it.
_MOST: Final = 1_000


class Problems:
    """What is wrong in one document, each thing once, and no more than a person reads."""

    def __init__(self) -> None:
        self._messages: dict[str, None] = {}

    def note(self, message: str) -> None:
        """Remember *message*, a sentence for people, unless there are enough already."""
        if message and len(self._messages) < _MOST_PROBLEMS:
            self._messages[message] = None

    def all(self) -> tuple[Problem, ...]:
        """Everything that was noted, in order."""
        return tuple(Problem(message) for message in self._messages)


class Draft:
    """The fields of one feed or entry while its children are walked.

    The class attributes are what a field is where nothing sets it. Names that begin with ``other_`` are last resorts:
    they count where the field that they stand for stays empty. ``body_base`` is the base of what
    is inside the body, where it has one of its own.
    """

    id = ""
    link = ""
    other_link = ""
    preferred_link = ""
    self_link = ""
    title: Text | None = None
    other_title: Text | None = None
    content: Text | None = None
    summary: Text | None = None
    other_summary: Text | None = None
    published: datetime | None = None
    other_published: datetime | None = None
    updated: datetime | None = None
    authors: tuple[Author, ...] = ()
    other_authors: tuple[Author, ...] = ()
    categories: tuple[Term, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    origin: Origin | None = None
    info_code = ""
    body_base = ""

    def __init__(self, base: str, language: str, problems: Problems) -> None:
        self.base = base
        self.language = language
        self.problems = problems

    def add_category(self, term: Term) -> None:
        """Take *term* unless it is empty or there already."""
        if term.term and len(self.categories) < _MOST and term not in self.categories:
            self.categories += (term,)

    def add_enclosure(self, enclosure: Enclosure) -> None:
        """Take *enclosure* unless its file is there already."""
        if (
            enclosure.url
            and len(self.enclosures) < _MOST
            and all(known.url != enclosure.url for known in self.enclosures)
        ):
            self.enclosures += (enclosure,)

    def add_author(self, author: Author | None) -> None:
        """Take *author* unless it is nobody or there already."""
        if author is not None and len(self.authors) < _MOST and author not in self.authors:
            self.authors += (author,)

    def best_link(self) -> str:
        """The address of the page, absolute where ``base`` allows it."""
        return resolve(self.base, self.preferred_link or self.link or self.other_link)

    def entry(self) -> SourceEntry:
        """The draft as it is now, frozen."""
        return SourceEntry(
            id=self.id,
            link=self.best_link(),
            title=self.title or self.other_title,
            content=self.content,
            summary=self.summary or self.other_summary,
            published=self.published or self.other_published,
            updated=self.updated,
            authors=self.authors or self.other_authors,
            categories=self.categories,
            enclosures=self.enclosures,
            origin=self.origin,
            base=self.body_base or self.base,
            language=self.language,
            info_code=self.info_code,
        )


def document_base(location: str, link: str) -> str:
    """What relative addresses are relative to where no ``xml:base`` says it: the document, or else its page."""
    return location or (link if is_absolute(link) else "")
