"""OPML documents against the rules of OPML 2.0, and what it says of lists of subscriptions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from tests.feeds.validators.words import Rules, attributes, elements, is_absolute, is_mail, is_rfc_822, twice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

    from tests.feeds.validators.words import Problem

RULES = Rules({
    "xml": "OPML 2.0: OPML is XML 1.0",
    "root": "OPML 2.0: an opml element with version 2.0, one head, and one body after it",
    "head": "OPML 2.0, head: its optional elements, each once, and others in namespaces",
    "date": "OPML 2.0, head: a date is as RFC 822 has it, with a year of four digits",
    "mail": "OPML 2.0, head: ownerEmail is an e-mail address",
    "number": "OPML 2.0, head: expansionState and the window are whole numbers",
    "body": "OPML 2.0, body: one outline or more, and nothing else",
    "text": "OPML 2.0, outline: a text",
    "outline": "OPML 2.0, outline: outlines in it, and nothing else; isComment and isBreakpoint are true or false",
    "subscription": "OPML 2.0, subscription lists: an outline of type rss has the xmlUrl of a feed",
    "html": "OPML 2.0, subscription lists: htmlUrl is an address",
    "version": "OPML 2.0, subscription lists: version is RSS, RSS1, RSS2 or scriptingNews",
    "twice": "a list of subscriptions has each feed once in a folder",
})  # fmt: skip

_DATES = ("dateCreated", "dateModified")
_NUMBERS = ("vertScrollState", "windowTop", "windowLeft", "windowBottom", "windowRight")
_HEAD = {"title", "ownerName", "ownerEmail", "ownerId", "docs", "expansionState", *_DATES, *_NUMBERS}
_VERSIONS = {"RSS", "RSS1", "RSS2", "scriptingNews"}


def check(document: bytes) -> list[Problem]:
    """What is wrong with an OPML document."""
    try:
        root = etree.fromstring(document)
    except etree.XMLSyntaxError as error:
        return [RULES.broken("xml", error)]
    children = [child.tag for child in elements(root)]
    if root.tag != "opml" or root.get("version") != "2.0" or children != ["head", "body"]:
        return [RULES.broken("root", f"{root.tag} {root.get('version')} {children}")]
    return [*_head(root[0]), *_body(root[1])]


def _head(head: _Element) -> Iterator[Problem]:
    own = [str(child.tag) for child in elements(head) if not str(child.tag).startswith("{")]
    for tag in [*twice(own), *(set(own) - _HEAD)]:
        yield RULES.broken("head", tag)
    for child in elements(head):
        text = child.text or ""
        if child.tag in _DATES and not is_rfc_822(text):
            yield RULES.broken("date", text)
        if child.tag == "ownerEmail" and not is_mail(text):
            yield RULES.broken("mail", text)
        numbers = text.split(",") if child.tag == "expansionState" else [text] if child.tag in _NUMBERS else []
        if not all(number.strip().isdecimal() for number in numbers):
            yield RULES.broken("number", text)


def _body(body: _Element) -> Iterator[Problem]:
    if not len(body) or any(child.tag != "outline" for child in elements(body)):
        yield RULES.broken("body", [child.tag for child in body])
    for outline in body.iter("outline"):
        yield from _outline(outline)
    for folder in (body, *body.iter("outline")):
        for address in twice(child.get("xmlUrl", "") for child in elements(folder) if child.get("xmlUrl")):
            yield RULES.broken("twice", address)


def _outline(outline: _Element) -> Iterator[Problem]:
    told = attributes(outline)
    if not outline.get("text"):
        yield RULES.broken("text", told)
    flags = {outline.get(name, "true") for name in ("isComment", "isBreakpoint")}
    if not flags <= {"true", "false"} or any(child.tag != "outline" for child in elements(outline)):
        yield RULES.broken("outline", told)
    if outline.get("type", "").lower() == "rss" and not is_absolute(outline.get("xmlUrl")):
        yield RULES.broken("subscription", told)
    if outline.get("htmlUrl") is not None and not is_absolute(outline.get("htmlUrl")):
        yield RULES.broken("html", told)
    if outline.get("version", "RSS") not in _VERSIONS:
        yield RULES.broken("version", told)
