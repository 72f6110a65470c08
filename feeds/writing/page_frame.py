"""What every page is made with: the templates, the style and the script, and what stands around a page's own part."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from feeds.writing.page_parts import feeds_of
from feeds.writing.page_words import words_for

if TYPE_CHECKING:
    from feeds.site import Site

_TEMPLATES = Path(__file__).parent / "templates"
# HTML has no way to write these; no character's UTF-8 holds such a byte inside.
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r")) + b"\x7f"


@cache
def stylesheet() -> bytes:
    """The style of every page, for ``pages.STYLESHEET_PATH``."""
    return (_TEMPLATES / "style.css").read_bytes()


@cache
def script() -> bytes:
    """The one script there is, for ``pages.SCRIPT_PATH``."""
    return (_TEMPLATES / "find.js").read_bytes()


def integrity() -> str:
    """The script's digest, as the element that loads it names it."""
    return f"sha256-{b64encode(hashlib.sha256(script()).digest()).decode()}"


POLICY = (
    f"default-src 'none'; style-src 'self'; script-src '{integrity()}'; img-src data:; media-src http: https:; "
    "base-uri 'none'; form-action 'self'"
)
"""The Content-Security-Policy of every page (CSP 3): nothing is loaded from elsewhere but sound and film, when they are
played. A server's header adds ``frame-ancestors``, which counts nowhere else.
"""


class _Frame(NamedTuple):
    """What is the same on all pages of one depth, as HTML."""

    masthead: str
    foot: str


def page(
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
    canonical = None if path is None else site.address(path)
    return encoded(
        text(
            template,
            site,
            root,
            canonical=canonical,
            heading=heading,
            autodiscovery=autodiscovery,
            description=description,
            **values,
        )
    )


def text(template: str, site: Site, root: str, **values: object) -> str:
    """What *template* makes of *values*, and of what all pages have."""
    return template_of(template).render(
        values, site=site, words=words_for(site.language), root=root, frame=_frame(site, root), policy=POLICY
    )


def encoded(text: str) -> bytes:
    """The *text* of a page in UTF-8, without what HTML cannot write."""
    return text.encode(errors="replace").translate(None, _CONTROLS)


def escaped(text: str) -> str:
    """*text* as a template writes it; jinja's own function takes twice the time."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace('"', "&#34;").replace("'", "&#39;")


@cache
def template_of(name: str) -> Template:
    """The template of that *name*."""
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


@lru_cache(maxsize=64)
def _frame(site: Site, root: str) -> _Frame:
    # A third of an entry page's time, if every page made it anew.
    parts = (template_of(f"{part}.html") for part in _Frame._fields)
    return _Frame(*(part.render(site=site, words=words_for(site.language), root=root) for part in parts))


@lru_cache(maxsize=4096)
def autodiscovery(site: Site, slug: str, name: str) -> str:
    """The links to the feeds of a category that people see as *name*, for a page's head."""
    # The same for all entries of a category; a fifth of an entry page's time.
    return template_of("autodiscovery.html").render(feeds=feeds_of(site, slug, name, ""))
