"""What a search is called, and what its page shows of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from feeds.query import MOST_CHARACTERS, search_address, search_path
from feeds.writing.page_lines import in_list
from feeds.writing.page_parts import FORMATS, Feed, beginning_of, line
from feeds.writing.page_words import words_for
from storage.category import ALL, Category

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from feeds.query import Query
    from feeds.site import Site
    from storage.entry import Entry


class Chosen(NamedTuple):
    """A value that narrows the search: the form's *field* and *value* of it, and what people read."""

    field: str
    value: str
    kind: str
    name: str


def title_of_query(query: Query, titles: Mapping[str, str], site: Site) -> str:
    """What people call *query*; *titles* gives slugs their names."""
    words = words_for(site.language)
    parts = [words.quoted.format(query.words)] if query.words else []
    kinds: dict[str, list[str]] = {}
    for one in chosen_of(query, titles, site):
        kinds.setdefault(one.kind, []).append(one.name)
    parts += [f"{kind}{words.colon}{words.either.join(names)}" for kind, names in kinds.items()]
    return f"{words.search}{words.colon}{words.comma.join(parts)}" if parts else words.search


def chosen_of(query: Query, titles: Mapping[str, str], site: Site) -> list[Chosen]:
    """What *query* narrows by, beside its words."""
    words = words_for(site.language)
    found = [Chosen("category", slug, words.one_category, titles.get(slug) or slug) for slug in query.categories]
    found += [Chosen("tag", tag, words.one_tag, tag) for tag in query.tags]
    return found + [Chosen("medium", medium, words.one_medium, medium) for medium in query.media]


def form_of(query: Query, titles: Mapping[str, str], site: Site) -> dict[str, Any]:
    """The form, filled in as *query* was asked."""
    return {"said": query.words, "chosen": chosen_of(query, titles, site), "most": MOST_CHARACTERS}


def lines_of(entries: Sequence[Entry], titles: Mapping[str, str], site: Site) -> dict[str, Any]:
    """What was found: how much, and each of *entries* in a line with an excerpt."""
    total = words_for(site.language).count(len(entries)) if entries else ""
    everything = Category(ALL, "")
    found = (line(site, one, titles, "", everything, beginning=beginning_of(one)) for one in entries)
    return {"total": total, "entries": in_list(found)}


def feeds_of_query(query: Query, title: str, site: Site) -> list[Feed]:
    """The feeds of *query*, which people call *title*, in every format."""
    return [
        Feed(
            label,
            media_type,
            f"{search_path(suffix)}?{query.parameters}",
            search_address(query, site, suffix),
            f"{title} · {site.title} ({label})",
        )
        for label, suffix, media_type in FORMATS
    ]
