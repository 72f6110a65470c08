"""What has been read so far of a feed or of one of its entries; frozen when its element ends."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Final

from feeds.document import Paging, Problem, SourceEntry, SourceFeed
from feeds.reading.links import is_absolute, resolve
from feeds.reading.texts import plain
from storage.entry import UNKNOWN_MEDIA_TYPE, Enclosure
from storage.source import Pace

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from feeds.document import Format, Term, Text
    from storage.entry import Author, Episode, Link, Origin

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
    """The fields of one entry while its children are walked, named as in ``SourceEntry``.

    The class attributes are what a field is where nothing sets it. Names that begin with ``other_`` are last resorts:
    they count where the field that they stand for stays empty; ``preferred_link`` counts before any other link.
    ``body_base`` and ``body_language`` are the body's own, where it has any.
    """

    id = ""
    link = ""
    title: Text | None = None
    content: Text | None = None
    summary: Text | None = None
    published: datetime | None = None
    updated: datetime | None = None
    authors: tuple[Author, ...] = ()
    contributors: tuple[Author, ...] = ()
    categories: tuple[Term, ...] = ()
    tags: tuple[str, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    links: tuple[Link, ...] = ()
    comments = ""
    image = ""
    licence = ""
    episode: Episode | None = None
    origin: Origin | None = None
    info_code = ""
    withdrawn = False

    preferred_link = ""
    other_link = ""
    other_title: Text | None = None
    other_summary: Text | None = None
    other_published: datetime | None = None
    other_authors: tuple[Author, ...] = ()
    other_image = ""
    other_licence = ""
    other_origin: Origin | None = None
    body_base = ""
    body_language: str | None = None

    def __init__(self, base: str, language: str, problems: Problems) -> None:
        self.base = base
        self.language = language
        self.problems = problems

    def add_category(self, term: Term) -> None:
        """Take *term* unless it is empty or there already."""
        if not term.term or len(self.categories) >= _MOST:
            return
        for known in self.categories:  # comparing two strings first is many times faster than two values
            if known.term == term.term and known == term:
                return
        self.categories += (term,)

    def add_enclosure(self, enclosure: Enclosure) -> None:
        """Take *enclosure*; where its file is there already, what is not known of that yet."""
        if not enclosure.url or len(self.enclosures) >= _MOST:
            return
        for index, known in enumerate(self.enclosures):
            if known.url == enclosure.url:
                self.enclosures = (*self.enclosures[:index], _both(known, enclosure), *self.enclosures[index + 1 :])
                return
        self.enclosures += (enclosure,)

    def add_link(self, link: Link) -> None:
        """Take *link* unless it is there already."""
        if link.href and len(self.links) < _MOST and link not in self.links:
            self.links += (link,)

    def add_author(self, author: Author | None) -> None:
        """Take *author* unless it is nobody or there already."""
        if author is not None and len(self.authors) < _MOST and author not in self.authors:
            self.authors += (author,)

    def add_contributor(self, author: Author | None) -> None:
        """Take *author* as a contributor unless it is nobody or there already."""
        if author is not None and len(self.contributors) < _MOST and author not in self.contributors:
            self.contributors += (author,)

    def best_link(self) -> str:
        """The address of the page, absolute where ``base`` allows it."""
        return resolve(self.base, self.preferred_link or self.link or self.other_link)

    def settle(self) -> None:
        """Let the last resorts count where there is nothing better, and forget them."""
        found = vars(self)
        if found.keys().isdisjoint(_SPARE):
            if not self.link.startswith(("http://", "https://")):
                self.link = resolve(self.base, self.link)
            return
        self.link = self.best_link()
        for name in _SPARE.intersection(found):
            value, field = found.pop(name), _STANDS_FOR.get(name)
            if field and value and not found.get(field):
                found[field] = value
            elif name == "body_base" or (name == "body_language" and value is not None):
                found[name.removeprefix("body_")] = value

    def entry(self) -> SourceEntry:
        """The draft as it is now, frozen: it becomes the entry, and is no draft any more."""
        self.settle()
        del self.problems
        # A frozen class sets its fields one by one, and all of them: that alone would take half as long as parsing.
        self.__class__ = SourceEntry  # type: ignore[assignment]
        return self  # type: ignore[return-value]


_SPARE: Final = frozenset(name for name in vars(Draft) if name.startswith(("other_", "preferred_", "body_")))
_STANDS_FOR: Final = {name: name.removeprefix("other_") for name in _SPARE if name.startswith("other_")}
del _STANDS_FOR["other_link"]  # best_link() knows more


class Head(Draft):
    """The fields of a feed while its children are walked, named as in ``SourceFeed``.

    ``update_period`` and ``update_frequency`` are of the syndication module; together they make a period.
    """

    subtitle: Text | None = None
    other_subtitle: Text | None = None
    self_link = ""
    hubs: tuple[str, ...] = ()
    paging: Paging = Paging()
    archive = False
    complete = False
    pace: Pace = Pace()
    update_period: timedelta | None = None
    update_frequency = 1

    def feed(self, format_: Format, entries: tuple[SourceEntry, ...]) -> SourceFeed:
        """The head as it is now, and *entries*, frozen; every address absolute where ``base`` allows it."""
        self.settle()
        paging, pace = self.paging, self.pace
        if paging is not Head.paging:
            paging = Paging(*(resolve(self.base, getattr(paging, field.name)) for field in fields(Paging)))
        if self.update_period is not None:
            pace = replace(pace, period=self.update_period / self.update_frequency)
        return SourceFeed(
            format=format_,
            id=self.id,
            title=plain(self.title),
            subtitle=self.subtitle or self.other_subtitle,
            link=self.link,
            self_link=resolve(self.base, self.self_link),
            hubs=tuple(resolve(self.base, hub) for hub in self.hubs),
            language=self.language,
            updated=self.updated or self.published,
            authors=self.authors,
            contributors=self.contributors,
            categories=self.categories,
            image=resolve(self.base, self.image),
            licence=self.licence,
            paging=paging,
            archive=self.archive,
            complete=self.complete,
            pace=pace,
            entries=entries,
            problems=self.problems.all(),
        )


def _both(one: Enclosure, other: Enclosure) -> Enclosure:
    """What two elements say of one file, as RSS's ``enclosure`` and ``media:content`` do; the first counts."""
    unknown = one.media_type == UNKNOWN_MEDIA_TYPE
    return Enclosure(
        one.url,
        other.media_type if unknown else one.media_type,
        other.length if one.length is None else one.length,
        one.title or other.title,
        other.duration if one.duration is None else one.duration,
        other.width if one.width is None else one.width,
        other.height if one.height is None else one.height,
    )


def document_base(location: str, link: str) -> str:
    """What relative addresses are relative to where no ``xml:base`` says it: the document, or else its page."""
    return location or (link if is_absolute(link) else "")
