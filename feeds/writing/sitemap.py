"""Sitemaps (https://www.sitemaps.org/protocol.html): where search engines find all pages, and what is new.

Of entries the first has only the pages that list them all: what is new does not change what is long.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from html import escape
from typing import TYPE_CHECKING, Final

from feeds.site import category_path, entry_path, page_path
from feeds.writing.common import LANGUAGE
from feeds.writing.kept_lines import KeptLines
from feeds.writing.page_parts import title_of
from feeds.writing.page_words import words_for
from feeds.writing.text import clean, rfc3339
from storage.category import ALL

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from feeds.site import Site
    from storage.category import Category
    from storage.head import Head

SITEMAP_PATH: Final = "sitemap.xml"
"""Where search engines look for :func:`document`."""
NEWS_PATH: Final = "news-sitemap.xml"
"""Where :func:`news` stands."""
NEWS_SPAN: Final = timedelta(days=2)
"""How long before the newest entry another is news (https://developers.google.com/search/docs/crawling-indexing/
sitemaps/news-sitemap).
"""
MOST_NEWS: Final = 1_000
"""How many entries such a sitemap may have, by the same rules."""

_MOST = 50_000
_BEGIN = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_NEWS = ' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
# The one language that the rules divide by region.
_TRADITIONAL = frozenset({"tw", "hk", "mo", "hant"})


def document(
    site: Site, categories: Sequence[Category], number: int, updated: datetime | None, lines: KeptLines | None = None
) -> bytes:
    """The first page, last *updated* then, the *number* of pages that list all entries, and the pages of *categories*
    in the order given, as far as they fit. *lines* keep what :func:`line` gives.
    """
    front = [("", updated), (category_path(ALL, "html"), updated)]
    paged = [(page_path(ALL, one), None) for one in range(number, 0, -1)]
    urls = [_url(site, path, _changed(site, moment)) for path, moment in [*front, *paged][:_MOST]]
    kept = lines or KeptLines(partial(line, site))
    return _whole("", [*urls, *kept.of(categories[: _MOST - len(urls)])])


def line(site: Site, category: Category) -> str:
    """The page of a *category*."""
    return _url(site, category_path(category.slug, "html"), _changed(site, category.updated))


def news(site: Site, entries: Iterable[Head]) -> bytes:
    """The pages of *entries*, as search engines for news want them."""
    return _whole(_NEWS, (_url(site, entry_path(one.info_code), _told(site, one)) for one in entries))


def _whole(names: str, urls: Iterable[str]) -> bytes:
    return "\n".join((f"{_BEGIN}{names}>", *urls, "</urlset>\n")).encode()


def _url(site: Site, path: str, more: str) -> str:
    return f"<url><loc>{_text(site.address(path))}</loc>{more}</url>"


def _changed(site: Site, moment: datetime | None) -> str:
    return f"<lastmod>{rfc3339(moment, site)}</lastmod>" if moment else ""


def _told(site: Site, entry: Head) -> str:
    publication = f"<news:name>{_text(site.title)}</news:name><news:language>{_language(entry, site)}</news:language>"
    return (
        f"<news:news><news:publication>{publication}</news:publication>"
        f"<news:publication_date>{rfc3339(entry.published, site)}</news:publication_date>"
        f"<news:title>{_text(title_of(entry, words_for(site.language)))}</news:title></news:news>"
    )


def _language(entry: Head, site: Site) -> str:
    """As ISO 639 has it, or ``zh-cn`` or ``zh-tw``."""
    tag = entry.language if LANGUAGE.fullmatch(entry.language) else site.language
    language, *rest = tag.lower().replace("_", "-").split("-")
    if language != "zh":
        return _text(language)
    return "zh-cn" if _TRADITIONAL.isdisjoint(rest) else "zh-tw"


def _text(text: str) -> str:
    return escape(clean(text), quote=False)
