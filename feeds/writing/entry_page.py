"""An entry's page. Most entries have nothing but what every entry has, and there are many: their pages are cast in a
mould of the template that all are made with.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from feeds.site import entry_path
from feeds.writing.excerpt import cut, excerpt
from feeds.writing.mould import Mould
from feeds.writing.page_frame import autodiscovery, encoded, escaped, text
from feeds.writing.page_parts import (
    Link,
    Time,
    authors_of,
    beside,
    category_link,
    contributors_of,
    file_of,
    image_of,
    licence_of,
    local_time,
    original_of,
    own_language,
    title_of,
    told_by,
    web_address,
)
from feeds.writing.page_words import words_for
from feeds.writing.pictures import picture, waiting
from feeds.writing.revisions import corrections_of
from storage.category import ALL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from feeds.site import Site
    from storage.entry import Entry, Revision
    from storage.story import Other

_ROOT = "../"


class _Texts(NamedTuple):
    """What every entry's page can show, as texts; empty where an entry lacks it."""

    canonical: str
    heading: str
    description: str
    language: str
    machine_time: str
    people_time: str
    medium: str
    medium_link: str
    authors: str
    summary: str
    original: str
    original_link: str
    back: str
    back_link: str


class _Markup(NamedTuple):
    """The same, as HTML."""

    autodiscovery: str
    content: str


# What few entries have.
_NOTHING: Mapping[str, object] = {
    "updated": None,
    "contributors": "",
    "image": "",
    "corrections": None,
    "files": (),
    "beside": (),
    "licence": None,
    "others": (),
}


def entry(
    site: Site,
    entry: Entry,
    titles: Mapping[str, str],
    others: Sequence[Other] = (),
    earlier: Sequence[Revision] = (),
) -> bytes:
    """An entry's page. Its content was made safe when the entry was; its pictures wait until they are asked for.

    *others* tell the same story; *earlier* is what it said before, oldest first.
    """
    words = words_for(site.language)
    categories = [category_link(site, slug, titles, _ROOT) for slug in entry.categories]
    back = categories[0] if categories else Link(words.everything, _ROOT + "all.html")
    time = local_time(site, entry.published)
    original = original_of(entry) or Link("", "")
    texts = _Texts(
        canonical=site.address(entry_path(entry.info_code)),
        heading=title_of(entry, words),
        description=excerpt(entry.content) or cut(entry.summary),
        language=own_language(site, entry),
        machine_time=time.machine,
        people_time=time.people,
        medium=entry.origin.title.strip(),
        medium_link=web_address(entry.origin.link),
        authors=authors_of(entry, words),
        summary=entry.summary,
        original=original.name,
        original_link=original.href,
        back=back.name,
        back_link=back.href,
    )
    slug = entry.categories[0] if entry.categories else ALL
    markup = _Markup(autodiscovery(site, slug, back.name), waiting(entry.content, words))
    more = _more(site, entry, others, earlier)
    if more or texts.heading == site.title:  # which the template asks about
        return encoded(_text(site, texts, markup, categories, {**_NOTHING, **more}))
    links = (one for link in categories for one in link)
    return encoded(_mould(site).fill([*map(escaped, texts), *markup, *map(escaped, links)]))


def _more(site: Site, entry: Entry, others: Sequence[Other], earlier: Sequence[Revision]) -> dict[str, object]:
    """What few entries have, of what *entry* has."""
    words = words_for(site.language)
    image = image_of(entry) if entry.image else ""
    found = {
        "updated": local_time(site, entry.updated) if entry.revision > 1 else None,
        "contributors": contributors_of(entry, words) if entry.contributors else "",
        "image": picture(image, words) if image else "",
        "corrections": corrections_of(site, [*earlier, entry.said]) if earlier else None,
        "files": [file_of(one, entry.episode) for one in entry.enclosures if web_address(one.url)],
        "beside": beside(entry, words),
        "licence": licence_of(entry, words),
        "others": [told_by(site, one, _ROOT) for one in others],
    }
    return {name: value for name, value in found.items() if value}


def _text(site: Site, texts: _Texts, markup: _Markup, categories: Sequence[Link], more: Mapping[str, object]) -> str:
    return text(
        "entry.html",
        site,
        _ROOT,
        **{name: getattr(texts, name) for name in ("canonical", "heading", "description", "language", "authors")},
        published=Time(texts.machine_time, texts.people_time),
        origin=Link(texts.medium, texts.medium_link),
        summary=texts.summary,
        original=Link(texts.original, texts.original_link) if texts.original_link else None,
        back=Link(texts.back, texts.back_link),
        autodiscovery=markup.autodiscovery,
        content=markup.content,
        categories=categories,
        **more,
    )


@lru_cache(maxsize=64)
def _mould(site: Site) -> Mould:
    """Of the pages of entries that have nothing but what every entry has."""
    written, safe = len(_Texts._fields), len(_Markup._fields)

    def render(marks: Sequence[str]) -> str:
        texts, markup = _Texts(*marks[:written]), _Markup(*marks[written : written + safe])
        links = marks[written + safe :]
        return _text(site, texts, markup, list(map(Link, links[::2], links[1::2])), _NOTHING)

    return Mould(render)
