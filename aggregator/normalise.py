"""What a source said becomes what is held: the only place where a ``SourceEntry`` becomes an ``Entry``."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from aggregator import entry_parts
from aggregator.bounds import LONGEST_NAME, LONGEST_TEXT, MOST_WORDS
from aggregator.clean_html import clean_html
from aggregator.entry_parts import name_of, web_address
from aggregator.identity import native_day, own_iri
from aggregator.rules import NO_RULES, Rules
from aggregator.slugs import slug
from feeds.document import Format, SourceEntry, SourceFeed, Term, Text, TextKind
from feeds.plain_text import clean_text, first_sentence, plain_text, plain_title
from storage.category import without_news
from storage.entry import CategoryName, Entry, InfoCode, Origin

if TYPE_CHECKING:
    from feeds.site import Site

VERSION = 1
"""Moved whenever the same words would become another entry, so that every source is read again."""

_PARAGRAPH = re.compile(r"\n\s*\n")
# Software that knows no date writes the beginning of its calendar (1970 for Unix, in any zone; 1900, 1601, year 1 for
# others) or the end of it; a date a little in the future is a clock or a zone that is wrong.
_EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
_TOO_FAR = timedelta(days=5 * 365)


@dataclass(frozen=True, slots=True)
class Context:
    """What normalising needs to know beside the entry: its source's settings, the site, the document's head.

    ``timezone`` is for dates without a zone. ``categories`` are the configured slugs, ``own_categories`` tells whether
    the entry's own count as well, ``literal_categories`` that its terms are slugs already. Of the ``rules``, only those
    that map categories are still to be applied.
    """

    source: str
    scope: str
    site: Site
    timezone: tzinfo
    categories: tuple[str, ...] = ()
    own_categories: bool = True
    literal_categories: bool = False
    address: str = ""
    rules: Rules = NO_RULES


def normalise(
    said: SourceEntry, code: InfoCode, feed: SourceFeed, context: Context, seen: datetime, now: datetime
) -> Entry:
    """The entry that *said* tells, known as *code*.

    *seen* is when this copy was first seen (aware): a missing date is that, and a date to come is no later. *now* is
    when it is read (aware): it was not updated later.
    """
    content, summary = _body(said)
    link = web_address(said.link) or _original_page(said, context)
    published, updated = _dates(said, context, seen, now)
    categories, names = _categories(said, context)
    comments, links = entry_parts.comments(said.comments, said.links)
    return Entry(
        info_code=code,
        title=(_title(said, content) or link or code)[:LONGEST_TEXT].rstrip(),
        content=content,
        published=published,
        updated=updated,
        first_seen=seen,
        scope=context.scope,
        source=context.source,
        origin=_origin(said, feed, context),
        summary=summary,
        link=link,
        own_id=_own_id(said, feed, context),
        authors=entry_parts.people(said.authors or feed.authors),
        categories=categories,
        category_names=names,
        tags=_tags(said, context),
        enclosures=entry_parts.enclosures(said.enclosures),
        language=entry_parts.language(said.language or feed.language),
        contributors=entry_parts.people(said.contributors),
        links=links,
        comments=comments,
        image=web_address(said.image),
        licence=entry_parts.licence(said.licence or feed.licence),
        episode=entry_parts.episode(said.episode),
        guid=context.site.tag_uri(code, native_day(code) or _day(published, context.site)),
    )


def _title(said: SourceEntry, content: str) -> str:
    title = plain_title(said.title.value, said.title.kind) if said.title else ""
    return title or first_sentence(plain_text(content))


def _dates(said: SourceEntry, context: Context, seen: datetime, now: datetime) -> tuple[datetime, datetime]:
    """When it was published and updated; one stands in for the other."""
    moments = (_moment(when, context.timezone, seen) for when in (said.published, said.updated))
    published = next(filter(None, moments), seen)
    return published, max(_moment(said.updated, context.timezone, now) or published, published)


def _own_id(said: SourceEntry, feed: SourceFeed, context: Context) -> str:
    """The id that an Atom feed gave; never one in this site's own name, which may be another entry's one day."""
    if feed.format not in {Format.ATOM_03, Format.ATOM_10} or said.id.startswith(f"tag:{context.site.host},"):
        return ""
    return own_iri(said.id)


def _day(published: datetime, site: Site) -> date:
    try:
        return site.local(published).date()
    except OverflowError:  # the first day of the calendar has none before it
        return published.date()


def _original_page(said: SourceEntry, context: Context) -> str:
    """A post's page on a Jekyll site elsewhere. On the site that is published, the entry's own page takes its place."""
    page = web_address(said.base) if context.literal_categories else ""
    return "" if page.startswith(f"{context.site.url}/") or page == context.site.url else page


def _body(said: SourceEntry) -> tuple[str, str]:
    """Content as safe HTML and summary as plain text; a summary that stands alone is the content."""
    content = clean_html(_markup(said.content), said.base) if said.content else ""
    if said.summary is None:
        return content, ""
    if not content:
        return clean_html(_markup(said.summary), said.base), ""
    return content, plain_text(_markup(said.summary))


def _markup(text: Text) -> str:
    if text.kind is TextKind.HTML:
        return text.value
    paragraphs = (html.escape(part.strip(), quote=False) for part in _PARAGRAPH.split(text.value))
    return "".join(f"<p>{part}</p>".replace("\n", "<br>") for part in paragraphs if part)


def _moment(said: datetime | None, timezone: tzinfo, seen: datetime) -> datetime | None:
    """*said* in UTC, in *timezone* where it names no zone, and not after *seen*; None where it cannot be true."""
    if said is None:
        return None
    try:
        moment = (said if said.tzinfo else said.replace(tzinfo=timezone)).astimezone(UTC)
    except (OverflowError, ValueError):  # at the ends of the calendar, or in a zone that skips the moment
        return None
    return min(moment, seen) if _EARLIEST <= moment <= seen + _TOO_FAR else None


def _categories(said: SourceEntry, context: Context) -> tuple[tuple[str, ...], tuple[CategoryName, ...]]:
    found = dict.fromkeys(context.categories)
    most = len(found) + MOST_WORDS
    votes: dict[CategoryName, None] = {}
    tags = [without_news(tag) for tag in _tags(said, context)] if context.literal_categories and said.tags else []
    for term in said.categories if context.own_categories else ():
        own, name = _category(term, context)
        for mapped in _mapped(own, name, context):
            if len(found) < most:
                found[mapped] = None
                names = (tags if context.literal_categories else [name]) if mapped == own else []
                votes.update(dict.fromkeys(CategoryName(own, name) for name in names if name))
    if said.category_names is not None:
        told = (CategoryName(name_of(one.slug), name_of(one.name)) for one in said.category_names)
        votes = dict.fromkeys(one for one in told if one.slug in found and one.name)
    return tuple(found or (context.source,)), tuple(votes)


def _category(term: Term, context: Context) -> tuple[str, str]:
    name = name_of(term.label or term.term)
    own = clean_text(term.term).strip()[:LONGEST_NAME].rstrip()
    return (own if context.literal_categories else slug(own)), name


def _mapped(own: str, name: str, context: Context) -> tuple[str, ...]:
    """The slugs that the rules put in place of a category's own."""
    if not own or not context.rules.categories:
        return (own,) if own else ()
    return context.rules.slugs(own, name if context.literal_categories else slug(name))


def _tags(said: SourceEntry, context: Context) -> tuple[str, ...]:
    """Words for people: a post's own, or a feed's categories, but for those that a rule ignores, and keywords."""
    words = said.tags
    if said.category_names is None and not (words and context.literal_categories):
        words = (*(t.label or t.term for t in said.categories if not _is_ignored(t, context)), *words)
    tags = map(name_of, words)
    return tuple(dict.fromkeys(tag for tag in tags if tag))[:MOST_WORDS]


def _is_ignored(term: Term, context: Context) -> bool:
    own, name = _category(term, context)
    return bool(own) and not _mapped(own, name, context)


def _origin(said: SourceEntry, feed: SourceFeed, context: Context) -> Origin:
    """Every entry names where it came from: what it says itself, else its document, else its source."""
    origin = said.origin or Origin("")
    if said.origin is None:
        origin = Origin(feed.title, feed.link, context.address)
    title = name_of(origin.title) or name_of(feed.title) or context.source
    return Origin(title, web_address(origin.link), web_address(origin.feed))
