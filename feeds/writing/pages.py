"""Pages for people: home, a category, an entry, and what stands in place of a page that is not there.

Pure: the same values give the same bytes. Links within the site and to its stylesheet are relative, so that a
page works on any host, mirror or mounted folder; what other machines read (canonical, autodiscovery, Open Graph)
is absolute. A page asks no other host for anything by itself. One small script of ours finds categories as one types;
everything works without it, and :data:`POLICY` lets no other run.

Interface texts follow the site's language (``page_words``), an entry keeps its own.
"""

from __future__ import annotations

from functools import partial
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import unquote

from feeds.site import category_path, page_path
from feeds.writing.entry_page import entry as entry
from feeds.writing.kept_lines import KeptLines
from feeds.writing.page_frame import POLICY as POLICY
from feeds.writing.page_frame import autodiscovery, integrity, page, template_of
from feeds.writing.page_frame import script as script
from feeds.writing.page_frame import stylesheet as stylesheet
from feeds.writing.page_lines import in_list, in_wire
from feeds.writing.page_parts import Link, beginning_of, feeds_of, line, local_time, relative, shelf
from feeds.writing.page_words import words_for
from feeds.writing.search_parts import feeds_of_query, form_of, lines_of
from storage.category import ALL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from feeds.site import Site
    from feeds.writing.common import Found
    from storage.category import Category
    from storage.entry import Entry, InfoCode
    from storage.head import Head

STYLESHEET_PATH = "style.css"
"""Where every page looks for :func:`stylesheet`."""
SCRIPT_PATH = "find.js"
"""Where the pages with a list to search look for :func:`script`."""
SUBSCRIBE_PATH = "subscribe.html"
PAGE_SIZE = 100
"""Entries on one of the pages of all that a category holds."""
SHELVES, SHELF_SIZE = 12, 3
"""So many categories stand on the first page with so many of their latest titles."""
# A missing page's address is anyone's invention: it shall not make the answer many times its own length.
_DEEPEST, _LONGEST_PATH = 16, 200


def by_size(categories: Iterable[Category]) -> list[Category]:
    """*categories* as pages list them: those that hold most first."""
    return sorted((one for one in categories if one.slug != ALL), key=lambda one: (-one.entries, one.slug))


def home(
    site: Site,
    categories: Sequence[Category],
    latest: Sequence[Entry],
    titles: Mapping[str, str],
    shelves: Sequence[tuple[Category, Sequence[Entry]]] = (),
    lines: KeptLines | None = None,
) -> bytes:
    """The first page: the feeds of everything, the *latest* entries in the order given, some categories with their
    latest entries (*shelves*), then all categories by size.

    *titles* gives slugs the names that people see; a slug without one is its own name. *lines* keep what
    :func:`index_line` gives.
    """
    listed = by_size(categories)
    kept = lines or KeptLines(partial(index_line, site))
    return page(
        "home.html",
        site,
        "",
        path="",
        heading=site.title,
        autodiscovery=autodiscovery(site, ALL, ""),
        feeds=feeds_of(site, ALL, "", ""),
        entries=in_wire((line(site, one, titles, "") for one in latest), "h3"),
        index="\n".join(kept.of(listed)),
        number=f"{len(listed):,}",
        shelves=[shelf(site, category, its) for category, its in shelves],
        integrity=integrity(),
    )


def subscribe(site: Site, categories: Sequence[Category], lines: KeptLines | None = None) -> bytes:
    """Where feeds are found: those of everything, and an OPML file of a choice. *categories* are all there are;
    *lines* keep what :func:`choice_line` gives.
    """
    listed = by_size(categories)
    words = words_for(site.language)
    kept = lines or KeptLines(choice_line)
    return page(
        "subscribe.html",
        site,
        "",
        path=SUBSCRIBE_PATH,
        heading=words.subscribe,
        autodiscovery=autodiscovery(site, ALL, ""),
        feeds=feeds_of(site, ALL, "", ""),
        choices="\n".join((_choice("", words.everything, ""), *kept.of(listed))),
        number=f"{len(listed):,}",
        integrity=integrity(),
    )


def category(
    site: Site, category: Category, entries: Sequence[Entry], titles: Mapping[str, str], earlier: int = 0
) -> bytes:
    """A category's page, or that of everything for ``ALL``: its feeds, and *entries* in the order given.

    *earlier* is the :func:`paged` page that holds the rest; 0 where all is here.
    """
    words = words_for(site.language)
    root = "" if category.slug == ALL else "../"
    name = words.everything if category.slug == ALL else category.title or category.slug
    total = max(category.entries, len(entries))
    return page(
        "category.html",
        site,
        root,
        path=category_path(category.slug, "html"),
        heading=name,
        autodiscovery=autodiscovery(site, category.slug, name),
        feeds=feeds_of(site, category.slug, name, root),
        entries=in_list(line(site, one, titles, root, category, beginning=beginning_of(one)) for one in entries),
        total=words.count(total),
        shown=words.newest.format(f"{len(entries):,}") if 0 < len(entries) < total else "",
        earlier=relative(site, page_path(category.slug, earlier), root) if earlier else "",
    )


def paged(
    site: Site,
    category: Category,
    number: int,
    entries: Sequence[Entry | Head],
    titles: Mapping[str, str],
    *,
    last: bool,
) -> bytes:
    """One of the pages of all that a category holds: *number* 1 has the oldest, the *last* one the newest *entries*.

    It says nothing of how many there are, so that a page that is full stays as it is.
    """
    words = words_for(site.language)
    root = "../" if category.slug == ALL else "../../"
    name = words.everything if category.slug == ALL else category.title or category.slug
    front = relative(site, category_path(category.slug, "html"), root)
    turns = [Link(words.newest_page, front)]
    turns += [] if last else [Link(words.later, f"{number + 1}.html")]
    turns += [Link(words.earlier, f"{number - 1}.html")] if number > 1 else []
    turns += [Link(words.oldest_page, "1.html")] if number > 2 else []
    return page(
        "paged.html",
        site,
        root,
        path=page_path(category.slug, number),
        heading=f"{name} · {words.page.format(number)}",
        name=name,
        front=front,
        autodiscovery=autodiscovery(site, category.slug, "" if category.slug == ALL else name),
        entries=in_wire((line(site, one, titles, root, here=category.slug) for one in entries), "h2"),
        span=(local_time(site, entries[-1].published), local_time(site, entries[0].published)),
        turns=turns,
        number=number,
    )


def search(site: Site, found: Found, entries: Sequence[Entry], titles: Mapping[str, str], problem: str = "") -> bytes:
    """Where entries are searched for: a form, and *entries* that were *found*, in the order given.

    It is empty where nothing was asked for, and says the *problem* where a query cannot be answered.
    """
    feeds = [] if problem or found.query.is_empty else feeds_of_query(found.query, found.title, site)
    return page(
        "search.html",
        site,
        "",
        path=None,
        heading=found.title,
        autodiscovery=template_of("autodiscovery.html").render(feeds=feeds),
        feeds=feeds,
        problem=problem,
        **form_of(found.query, titles, site),
        **lines_of(entries, titles, site),
    )


def missing(site: Site, path: str) -> bytes:
    """What is said (404) where nothing stands. *path* is as it was requested, still percent-encoded."""
    below = path.removeprefix("/")
    shown = unquote(below)
    if len(shown) > _LONGEST_PATH:
        shown = shown[:_LONGEST_PATH] + "…"
    return page(
        "missing.html",
        site,
        "../" * min(below.count("/"), _DEEPEST),
        path=None,
        heading=words_for(site.language).missing,
        requested=shown,
    )


def gone(site: Site, info_code: InfoCode, withdrawn: datetime) -> bytes:
    """What is said (410) where an entry stood that its publisher took back at *withdrawn* (aware)."""
    return page(
        "gone.html",
        site,
        "../",
        path=None,
        heading=words_for(site.language).gone,
        info_code=info_code,
        withdrawn=local_time(site, withdrawn),
    )


# There can be 20,000 of the following: a template takes twice the time for them.
def index_line(site: Site, category: Category) -> str:
    """A category in the list of all on the first page, as HTML."""
    address = site.address(category_path(category.slug, "html"))[len(site.url) + 1 :]
    name = escape(category.title or category.slug)
    return f'<li><a href="{escape(address)}">{name}</a> <span>{category.entries:,}</span></li>'


def choice_line(category: Category) -> str:
    """A box to tick for a category, as HTML."""
    return _choice(category.slug, category.title or category.slug, f"{category.entries:,}")


def _choice(slug: str, name: str, number: str) -> str:
    return (
        f'<li><label><input type="checkbox" name="category" value="{escape(slug)}"> {escape(name)}</label>'
        f" <span>{number}</span></li>"
    )
