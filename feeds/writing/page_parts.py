"""What the pages show of entries, categories and feeds: names, addresses and times, ready for a template."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from feeds.site import category_path, entry_path
from feeds.writing.excerpt import cut, excerpt
from feeds.writing.page_words import words_for
from feeds.writing.text import clean, local
from storage.category import ALL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from feeds.site import Site
    from feeds.writing.page_words import Words
    from storage.category import Category
    from storage.entry import Enclosure, Entry, Episode
    from storage.head import Head
    from storage.story import Other

FORMATS = (
    ("RSS", "rss", "application/rss+xml"),
    ("Atom", "atom", "application/atom+xml"),
    ("JSON", "json", "application/feed+json"),
)
"""The feeds that there are: what people call a format, its ending, its media type."""
_LINE_CATEGORIES = 3
_PLAYED = frozenset({"audio", "video"})
# Only the web is linked to, whatever an entry says; the group is the host that people see.
_WEB_ADDRESS = re.compile(r"https?://(?:[^/?#\s]*@)?([^/?#\s@]+)", re.IGNORECASE)


class Time(NamedTuple):
    """A moment in the site's time zone: for machines and for people."""

    machine: str
    people: str


class Link(NamedTuple):
    """A name and where it leads; *href* is empty where there is nothing to lead to."""

    name: str
    href: str


class Line(NamedTuple):
    """An entry in a list."""

    title: str
    href: str
    language: str
    published: Time
    source: str
    categories: Sequence[Link]
    excerpt: str


class Told(NamedTuple):
    """An entry's title, as where another telling of a story is named."""

    title: str
    href: str
    language: str
    medium: str


class Shelf(NamedTuple):
    """A category with its latest titles."""

    name: str
    href: str
    number: str
    lines: Sequence[Told]


class File(NamedTuple):
    """An enclosure; *element* is ``audio``, ``video`` or empty."""

    href: str
    name: str
    element: str
    about: str


class Feed(NamedTuple):
    """One of a category's feeds: its relative and its absolute address; *title* is for autodiscovery."""

    format: str
    media_type: str
    href: str
    address: str
    title: str


def relative(site: Site, path: str, root: str) -> str:
    """The address of *path* from a page that *root* leads up from: encoded exactly as the absolute one is."""
    return root + site.address(path)[len(site.url) + 1 :]


def category_link(site: Site, slug: str, titles: Mapping[str, str], root: str) -> Link:
    """A category's page, under the name that *titles* has for it."""
    return Link(titles.get(slug) or slug, _category_address(site, slug, root))


@lru_cache(4_096)
def _category_address(site: Site, slug: str, root: str) -> str:
    return relative(site, category_path(slug, "html"), root)


def feeds_of(site: Site, slug: str, name: str, root: str) -> tuple[Feed, ...]:
    """The feeds in every format of the category that people see as *name*."""
    title = site.title if slug == ALL else f"{name} · {site.title}"
    feeds = []
    for label, suffix, media_type in FORMATS:
        address = site.address(category_path(slug, suffix))
        feeds.append(Feed(label, media_type, root + address[len(site.url) + 1 :], address, f"{title} ({label})"))
    return tuple(feeds)


def line(
    site: Site,
    entry: Entry | Head,
    titles: Mapping[str, str],
    root: str,
    within: Category | None = None,
    here: str = ALL,
    beginning: str = "",
) -> Line:
    """An entry as a list shows it, with the *beginning* of its text: *within* a category, or *here* in that of a slug.

    What the reader sees anyhow is not told again: the category itself, and a source of the same name as one.
    """
    here = within.slug if within else here
    slugs = [slug for slug in entry.categories if slug != here][:_LINE_CATEGORIES]
    categories = [category_link(site, slug, titles, root) for slug in slugs]
    told = {one.name for one in categories} | {within.title if within else titles.get(here, "")}
    source = entry.origin.title.strip()
    return Line(
        title=title_of(entry, words_for(site.language)),
        href=relative(site, entry_path(entry.info_code), root),
        language=own_language(site, entry),
        published=local_time(site, entry.published),
        source="" if source in told else source,
        categories=categories,
        excerpt=beginning,
    )


def beginning_of(entry: Entry) -> str:
    """How the entry's text begins, for a list."""
    return cut(entry.summary) or excerpt(entry.content)


def title_of(entry: Entry | Head, words: Words) -> str:
    """The title, or a word that can be clicked where there is none."""
    return clean(entry.title).strip() or words.untitled


def told_by(site: Site, other: Other, root: str) -> Told:
    """Another telling of an entry's story: its page here, and the medium."""
    words = words_for(site.language)
    return Told(
        title=clean(other.title).strip() or words.untitled,
        href=relative(site, entry_path(other.info_code), root),
        language="" if other.language.lower() == site.language.lower() else other.language,
        medium=other.medium.strip(),
    )


def own_language(site: Site, entry: Entry | Head) -> str:
    """The entry's language where it is not the site's, else nothing."""
    return "" if entry.language.lower() == site.language.lower() else entry.language


# An entry's moment stands on its page, and in the lists of all its categories.
@lru_cache(4_096)
def local_time(site: Site, moment: datetime) -> Time:
    """*moment* (aware) as every page writes it: ``14 Mar 2022, 18:35``, or ``2022年3月14日 18:35``."""
    when = local(moment, site)
    return Time(when.isoformat(), words_for(site.language).moment(when))


def authors_of(entry: Entry, words: Words) -> str:
    """The authors' names, without the medium where it is its own author."""
    return words.comma.join(one.name for one in entry.authors if one.name and one.name != entry.origin.title)


def contributors_of(entry: Entry, words: Words) -> str:
    """Who contributed, in words of the page's language; nothing where nobody did."""
    names = words.comma.join(one.name for one in entry.contributors if one.name)
    return words.contributors.format(names) if names else ""


def image_of(entry: Entry) -> str:
    """The address of the picture that stands for the entry, unless its content or a file shows it."""
    shown = entry.image in entry.content or escape(entry.image) in entry.content
    return "" if shown or any(one.url == entry.image for one in entry.enclosures) else web_address(entry.image)


def shelf(site: Site, category: Category, latest: Sequence[Entry]) -> Shelf:
    """A category on the first page, with its *latest* entries in the order given."""
    return Shelf(
        name=category.title or category.slug,
        href=relative(site, category_path(category.slug, "html"), ""),
        number=f"{category.entries:,}",
        lines=[
            Told(
                title_of(one, words_for(site.language)),
                relative(site, entry_path(one.info_code), ""),
                own_language(site, one),
                "",
            )
            for one in latest
        ],
    )


def licence_of(entry: Entry, words: Words) -> Link | None:
    """The licence: its address under the word for it, or its own words."""
    address = web_address(entry.licence)
    return Link(words.licence if address else entry.licence, address) if entry.licence else None


def beside(entry: Entry, words: Words) -> list[Link]:
    """What an episode brings with it, and the page of comments."""
    found: list[Link] = []
    if entry.episode is not None:
        for transcript in entry.episode.transcripts:
            about = transcript.language or transcript.media_type
            found.append(Link(f"{words.transcript} ({about})", web_address(transcript.url)))
        found.append(Link(words.chapters, web_address(entry.episode.chapters)))
    found.append(Link(words.comments, web_address(entry.comments)))
    return [link for link in found if link.href]


def original_of(entry: Entry) -> Link | None:
    """The original and the host it is on, if it is on the web."""
    found = _WEB_ADDRESS.match(entry.link)
    return Link(found[1], entry.link) if found else None


def web_address(address: str) -> str:
    """*address* if it is one of the web, else nothing."""
    return address if _WEB_ADDRESS.match(address) else ""


def file_of(enclosure: Enclosure, episode: Episode | None = None) -> File:
    """An enclosure as a page shows it; an *episode* lasts as long as the sound or film of it."""
    path = re.split(r"[?#]", enclosure.url, maxsplit=1)[0]
    kind = enclosure.media_type.partition("/")[0].lower()
    size = [] if enclosure.length is None else [_size(enclosure.length)]
    duration = enclosure.duration or (episode.duration if episode and kind in _PLAYED else None)
    lasting = [_clock(duration)] if duration else []
    return File(
        href=enclosure.url,
        name=enclosure.title or unquote(path.rpartition("/")[2]) or enclosure.url,
        element=kind if kind in _PLAYED else "",
        about=", ".join([enclosure.media_type, *size, *lasting]),
    )


def _clock(seconds: int) -> str:
    """*seconds* as ``1:02:03`` or ``2:03``."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _size(length: int) -> str:
    """*length* bytes for people, in powers of 1000."""
    if length < 1000:
        return f"{length} B"
    size = float(length)
    for unit in ("kB", "MB", "GB"):
        size /= 1000
        if size < 999.95:
            return f"{size:.1f} {unit}"
    return f"{size / 1000:,.1f} TB"
