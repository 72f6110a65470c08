"""What an operator's rules make of what a source said: a pure decision, before it is normalised.

An entry's identity is decided before, from its own words, so that no rule can make it another entry. Rules look at an
entry's own words, too: its categories before they are mapped, its link before it is rewritten. Patterns are the
operator's own, but what they are searched in is not, so only so much of a text is searched.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from feeds.document import SourceEntry, Text, TextKind
from feeds.plain_text import plain_text, plain_title

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import tzinfo

LONGEST_SEARCHED = 20_000
"""Characters of each text that patterns are searched in: more than nearly every article has."""

_LATEST = datetime.max.replace(tzinfo=UTC)
_ADDRESS = re.compile(r"https?://[^\s/]", re.IGNORECASE)
_SHOWS = re.compile(r"<(?:img|picture|video|audio|iframe|svg|object|embed)\b", re.IGNORECASE)


class RuleField(StrEnum):
    """What a pattern can be searched in."""

    TITLE = "title"
    TEXT = "text"
    LINK = "link"
    AUTHOR = "author"
    CATEGORY = "category"
    ANY = "any"


class Body(StrEnum):
    """Which text is published, where an entry has both."""

    CONTENT = "content"
    SUMMARY = "summary"


Condition = tuple[tuple[RuleField, re.Pattern[str]], ...]
"""Fits an entry in which every one of its patterns is found."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one source.

    An entry stays if a condition of ``keep`` fits it, or there is none, and none of ``drop`` does. ``links`` are
    patterns and what takes their place, one after the other. ``categories`` says in which slugs an entry is instead of
    one. ``most`` is how many entries of one document are read: the newest.
    """

    keep: tuple[Condition, ...] = ()
    drop: tuple[Condition, ...] = ()
    links: tuple[tuple[re.Pattern[str], str], ...] = ()
    categories: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    body: Body | None = None
    most: int | None = None

    def slugs(self, slug: str, other: str) -> tuple[str, ...]:
        """The slugs in place of a category's own; *other* is one that it is known by as well, as that of its label."""
        if not self.categories:
            return (slug,)
        found = self.categories.get(slug)
        return self.categories.get(other, (slug,)) if found is None else found


NO_RULES = Rules()
"""What a source without rules has: every entry stays as it is."""


def select(said: Sequence[SourceEntry], rules: Rules, timezone: tzinfo) -> list[SourceEntry | None]:
    """A document's entries as :func:`apply` leaves them; only the newest, where there is a limit.

    *timezone* is for dates without a zone. An entry without a date is as new as can be.
    """
    read = [apply(entry, rules) for entry in said]
    if rules.most is not None:
        counted = [number for number, entry in enumerate(read) if entry is not None and not entry.withdrawn]
        counted.sort(key=lambda number: _age(said[number], timezone))
        for number in counted[rules.most :]:
            read[number] = None
    return read


def apply(said: SourceEntry, rules: Rules) -> SourceEntry | None:
    """*said* as *rules* want it; None for an entry that is left out.

    A withdrawal is not an entry to choose: it always goes through as it is.
    """
    if said.withdrawn:
        return said
    if rules.keep and not any(_fits(said, condition) for condition in rules.keep):
        return None
    if any(_fits(said, condition) for condition in rules.drop):
        return None
    if rules.links and said.link:
        said = replace(said, link=_rewritten(said.link, rules))
    if rules.body is Body.SUMMARY and _says_something(said.summary):
        return replace(said, content=None)
    if rules.body is Body.CONTENT and _says_something(said.content):
        return replace(said, summary=None)
    return said


def _fits(said: SourceEntry, condition: Condition) -> bool:
    return all(any(pattern.search(text) for text in _texts(said, what)) for what, pattern in condition)


def _texts(said: SourceEntry, what: RuleField) -> Iterator[str]:
    """The texts of a field: at least one, empty where the entry has none, so that ``^$`` finds what is missing."""
    for one in _FIELDS if what is RuleField.ANY else (what,):
        found = False
        for text in _FIELDS[one](said):
            found = True
            yield text[:LONGEST_SEARCHED]
        if not found:
            yield ""


def _title(said: SourceEntry) -> Iterator[str]:
    if said.title:
        yield plain_title(said.title.value, said.title.kind)


def _text(said: SourceEntry) -> Iterator[str]:
    words = " ".join(map(_words, filter(None, (said.content, said.summary))))
    if words:
        yield words


def _link(said: SourceEntry) -> Iterator[str]:
    if said.link:
        yield said.link


def _author(said: SourceEntry) -> Iterator[str]:
    for author in said.authors:
        yield plain_text(author.name)


def _category(said: SourceEntry) -> Iterator[str]:
    for term in said.categories:
        yield plain_text(term.term)
        if term.label:
            yield plain_text(term.label)
    yield from map(plain_text, said.tags)


_FIELDS = {
    RuleField.TITLE: _title,
    RuleField.TEXT: _text,
    RuleField.LINK: _link,
    RuleField.AUTHOR: _author,
    RuleField.CATEGORY: _category,
}


def _words(text: Text) -> str:
    return plain_title(text.value, text.kind)


def _says_something(text: Text | None) -> bool:
    """Whether a text has words, or shows a picture or a film."""
    if text is None:
        return False
    return bool(_words(text) or (text.kind is TextKind.HTML and _SHOWS.search(text.value)))


def _rewritten(link: str, rules: Rules) -> str:
    """*link* rewritten; as it was where what comes out is no address."""
    if len(link) > LONGEST_SEARCHED:
        return link
    new = link
    for pattern, replacement in rules.links:
        new = pattern.sub(replacement, new)[:LONGEST_SEARCHED]
    return new if _ADDRESS.match(new) else link


def _age(said: SourceEntry, timezone: tzinfo) -> timedelta:
    """How far back an entry is dated; one without a date less far than any other."""
    moment = said.published or said.updated
    if moment is None:
        return timedelta.min
    return _LATEST - (moment if moment.tzinfo else moment.replace(tzinfo=timezone))
