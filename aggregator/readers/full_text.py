"""An article out of its own page, by trafilatura, which is an optional extra."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final

from aggregator.readers.errors import TextError
from feeds.document import Text, TextKind
from feeds.plain_text import plain_text
from feeds.reading.draft import Problems
from feeds.reading.errors import FeedSyntaxError
from feeds.reading.web_page import parse_page

INSTALL: Final = "pip install 'feedmill[full-text]'"
# What trafilatura cannot be imported without; it takes a third of a second to import, and is only looked for here.
_MODULES: Final = ("trafilatura", "lxml_html_clean")
LARGEST_PAGE: Final = 4 * 2**20
"""Bytes of an article's page."""


def is_installed() -> bool:
    """Whether the extra is there."""
    return all(find_spec(name) is not None for name in _MODULES)


def extract(data: bytes, own: str, *, content_type: str = "", location: str = "") -> Text:
    """The article in the page *data*, as HTML with absolute links; *own* is the markup of the text that the feed has.

    Raises:
        TextError: no article is found in it, or a shorter one than the feed has.
    """
    from trafilatura import extract as article_of

    try:
        root = parse_page(data, content_type, Problems())
    except FeedSyntaxError as error:
        raise TextError(f"is no article: {error}", again=False) from error
    found = article_of(
        root,
        url=location or None,
        output_format="html",
        include_comments=False,
        include_formatting=True,
        include_images=True,
        include_links=True,
    )
    words = plain_text(found or "")
    if not words:
        raise TextError("has no article that can be told from what is around it", again=False)
    if len(words) < len(plain_text(own)):
        raise TextError("has less text than the feed itself", again=False)
    return Text(found or "", TextKind.HTML)
