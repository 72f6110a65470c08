"""Pages for people: home, a category, an entry, and what stands in place of a page that is not there.

Pure: the same values give the same bytes. Links within the site and to its stylesheet are relative, so that a
page works on any host, mirror or mounted folder; what other machines read (canonical, autodiscovery, Open Graph)
is absolute. A page asks no other host for anything by itself. One small script of ours finds categories as one types;
everything works without it, and :data:`POLICY` lets no other run.

Interface texts follow the site's language (``page_words``), an entry keeps its own.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from functools import cache, lru_cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from feeds.site import category_path, entry_path, page_path
from feeds.writing.excerpt import cut, excerpt
from feeds.writing.page_parts import (
    Link,
    authors_of,
    beginning_of,
    beside,
    category_link,
    contributors_of,
    feeds_of,
    file_of,
    image_of,
    licence_of,
    line,
    local_time,
    original_of,
    own_language,
    relative,
    shelf,
    title_of,
    told_by,
    web_address,
)
from feeds.writing.page_words import words_for
from feeds.writing.pictures import picture, waiting
from feeds.writing.revisions import corrections_of
from feeds.writing.search_parts import feeds_of_query, form_of, lines_of
from storage.category import ALL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from feeds.site import Site
    from feeds.writing.common import Found
    from storage.category import Category
    from storage.entry import Entry, InfoCode, Revision
    from storage.head import Head
    from storage.story import Other

_TEMPLATES = Path(__file__).parent / "templates"

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
# HTML has no way to write these; no character's UTF-8 holds such a byte inside.
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r")) + b"\x7f"


@cache
def stylesheet() -> bytes:
    """The style of every page, for :data:`STYLESHEET_PATH`."""
    return (_TEMPLATES / "style.css").read_bytes()


@cache
def script() -> bytes:
    """The one script there is, for :data:`SCRIPT_PATH`."""
    return (_TEMPLATES / "find.js").read_bytes()


def _integrity() -> str:
    return f"sha256-{b64encode(hashlib.sha256(script()).digest()).decode()}"


POLICY = (
    f"default-src 'none'; style-src 'self'; script-src '{_integrity()}'; img-src data:; media-src http: https:; "
    "base-uri 'none'; form-action 'self'"
)
"""The Content-Security-Policy of every page (CSP 3): nothing is loaded from elsewhere but sound and film, when they are
played. A server's header adds ``frame-ancestors``, which counts nowhere else.
"""


class _Frame(NamedTuple):
    """What is the same on all pages of one depth, as HTML."""

    masthead: str
    foot: str


def by_size(categories: Iterable[Category]) -> list[Category]:
    """*categories* as pages list them: those that hold most first."""
    return sorted((one for one in categories if one.slug != ALL), key=lambda one: (-one.entries, one.slug))


def home(
    site: Site,
    categories: Sequence[Category],
    latest: Sequence[Entry],
    titles: Mapping[str, str],
    shelves: Sequence[tuple[Category, Sequence[Entry]]] = (),
) -> bytes:
    """The first page: the feeds of everything, the *latest* entries in the order given, some categories with their
    latest entries (*shelves*), then all categories by size.

    *titles* gives slugs the names that people see; a slug without one is its own name.
    """
    listed = by_size(categories)
    return _page(
        "home.html",
        site,
        "",
        path="",
        heading=site.title,
        autodiscovery=_autodiscovery(site, ALL, ""),
        feeds=feeds_of(site, ALL, "", ""),
        entries=[line(site, one, titles, "") for one in latest],
        index=_index(site, listed),
        number=f"{len(listed):,}",
        shelves=[shelf(site, category, its) for category, its in shelves],
        integrity=_integrity(),
    )


def subscribe(site: Site, categories: Sequence[Category]) -> bytes:
    """Where feeds are found: those of everything, and an OPML file of a choice. *categories* are all there are."""
    listed = by_size(categories)
    words = words_for(site.language)
    return _page(
        "subscribe.html",
        site,
        "",
        path=SUBSCRIBE_PATH,
        heading=words.subscribe,
        autodiscovery=_autodiscovery(site, ALL, ""),
        feeds=feeds_of(site, ALL, "", ""),
        choices=_choices(site, listed),
        number=f"{len(listed):,}",
        integrity=_integrity(),
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
    return _page(
        "category.html",
        site,
        root,
        path=category_path(category.slug, "html"),
        heading=name,
        autodiscovery=_autodiscovery(site, category.slug, name),
        feeds=feeds_of(site, category.slug, name, root),
        entries=[line(site, one, titles, root, category, beginning=beginning_of(one)) for one in entries],
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
    return _page(
        "paged.html",
        site,
        root,
        path=page_path(category.slug, number),
        heading=f"{name} · {words.page.format(number)}",
        name=name,
        front=front,
        autodiscovery=_autodiscovery(site, category.slug, "" if category.slug == ALL else name),
        entries=[line(site, one, titles, root, here=category.slug) for one in entries],
        span=(local_time(site, entries[-1].published), local_time(site, entries[0].published)),
        turns=turns,
        number=number,
    )


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
    root = "../"
    words = words_for(site.language)
    categories = [category_link(site, slug, titles, root) for slug in entry.categories]
    slug = entry.categories[0] if entry.categories else ALL
    back = categories[0] if categories else Link(words.everything, root + "all.html")
    return _page(
        "entry.html",
        site,
        root,
        path=entry_path(entry.info_code),
        heading=title_of(entry, words),
        autodiscovery=_autodiscovery(site, slug, back.name),
        description=excerpt(entry.content) or cut(entry.summary),
        entry=entry,
        language=own_language(site, entry),
        published=local_time(site, entry.published),
        updated=local_time(site, entry.updated) if entry.revision > 1 else None,
        origin=Link(entry.origin.title.strip(), web_address(entry.origin.link)),
        authors=authors_of(entry, words),
        categories=categories,
        contributors=contributors_of(entry, words),
        content=waiting(entry.content, words),
        image=picture(image, words) if (image := image_of(entry)) else "",
        corrections=corrections_of(site, [*earlier, entry.said]) if earlier else None,
        files=[file_of(one, entry.episode) for one in entry.enclosures if web_address(one.url)],
        beside=beside(entry, words),
        licence=licence_of(entry, words),
        others=[told_by(site, one, root) for one in others],
        original=original_of(entry),
        back=back,
    )


def search(site: Site, found: Found, entries: Sequence[Entry], titles: Mapping[str, str], problem: str = "") -> bytes:
    """Where entries are searched for: a form, and *entries* that were *found*, in the order given.

    It is empty where nothing was asked for, and says the *problem* where a query cannot be answered.
    """
    feeds = [] if problem or found.query.is_empty else feeds_of_query(found.query, found.title, site)
    return _page(
        "search.html",
        site,
        "",
        path=None,
        heading=found.title,
        autodiscovery=_template("autodiscovery.html").render(feeds=feeds),
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
    return _page(
        "missing.html",
        site,
        "../" * min(below.count("/"), _DEEPEST),
        path=None,
        heading=words_for(site.language).missing,
        requested=shown,
    )


def gone(site: Site, info_code: InfoCode, withdrawn: datetime) -> bytes:
    """What is said (410) where an entry stood that its publisher took back at *withdrawn* (aware)."""
    return _page(
        "gone.html",
        site,
        "../",
        path=None,
        heading=words_for(site.language).gone,
        info_code=info_code,
        withdrawn=local_time(site, withdrawn),
    )


@cache
def _template(name: str) -> Template:
    # auto_reload would look at the file's date for every page.
    return _environment().get_template(name)


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def _page(
    template: str,
    site: Site,
    root: str,
    *,
    path: str | None,
    heading: str,
    autodiscovery: str = "",
    description: str = "",
    **values: object,
) -> bytes:
    """A whole page. *root* leads from it to the site's root; *path* is its own, None if it has none to keep."""
    text = _template(template).render(
        values,
        site=site,
        words=words_for(site.language),
        root=root,
        frame=_frame(site, root),
        canonical=None if path is None else site.address(path),
        heading=heading,
        autodiscovery=autodiscovery,
        description=description,
        policy=POLICY,
    )
    return text.encode(errors="replace").translate(None, _CONTROLS)


@lru_cache(maxsize=64)
def _frame(site: Site, root: str) -> _Frame:
    # A third of an entry page's time, if every page made it anew.
    parts = (_template(f"{part}.html") for part in _Frame._fields)
    return _Frame(*(part.render(site=site, words=words_for(site.language), root=root) for part in parts))


@lru_cache(maxsize=4096)
def _autodiscovery(site: Site, slug: str, name: str) -> str:
    # The same for all entries of a category; a fifth of an entry page's time.
    return _template("autodiscovery.html").render(feeds=feeds_of(site, slug, name, ""))


def _index(site: Site, categories: Sequence[Category]) -> str:
    """The lines of all categories, as HTML. There can be 20,000: a template takes twice the time for them."""
    start = len(site.url) + 1
    return "\n".join(
        f'<li><a href="{escape(site.address(category_path(one.slug, "html"))[start:])}">'
        f"{escape(one.title or one.slug)}</a> <span>{one.entries:,}</span></li>"
        for one in categories
    )


def _choices(site: Site, categories: Sequence[Category]) -> str:
    """A box to tick for each category, as HTML."""
    everything = words_for(site.language).everything
    named = [("", everything, ""), *((one.slug, one.title or one.slug, f"{one.entries:,}") for one in categories)]
    return "\n".join(
        f'<li><label><input type="checkbox" name="category" value="{escape(slug)}"> {escape(name)}</label>'
        f" <span>{number}</span></li>"
        for slug, name, number in named
    )
