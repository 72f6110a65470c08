"""RSS 2.0 documents against the RSS Advisory Board's specification and its Best Practices Profile.

Written from their rules, with lxml alone: nothing of it comes from what writes or reads feeds here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from tests.feeds.validators import modules
from tests.feeds.validators.words import (
    Rules,
    attributes,
    elements,
    is_absolute,
    is_language,
    is_mail,
    is_media_type,
    is_positive,
    is_rfc_822,
    is_web,
    relative_links,
    twice,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lxml.etree import _Element

    from tests.feeds.validators.words import Problem

_ATOM_LINK = "{http://www.w3.org/2005/Atom}link"
_ENCODED = "{http://purl.org/rss/1.0/modules/content/}encoded"
_CREATOR = f"{modules.DC}creator"

RULES = Rules({
    "xml": "specification: RSS is XML 1.0",
    "root": "specification: an rss element with version 2.0, and one channel in it",
    "channel-required": "specification, required channel elements: title, link, description",
    "unknown": "specification, extending RSS: elements that it does not define are in a namespace",
    "leaf": "specification: this element has text, and no elements",
    "once": "profile: this element comes once in its parent",
    "misplaced": "profile, item: what is of the channel stands before its items",
    "url": "specification, comments: an address begins with a scheme that IANA has registered",
    "date": "specification, pubDate: RFC 822, with a year of four digits and the right day of the week",
    "language": "specification, language: one of its list, or of the W3C's",
    "mail": "specification, author: an e-mail address, and a name in brackets",
    "ttl": "specification, ttl: a number of minutes",
    "skip": "specification, skipHours and skipDays: 24 hours from 0 to 23 and seven English days, each once",
    "cloud": "specification, cloud: domain, port, path, registerProcedure and protocol",
    "image": "specification, image: url, title and link; at most 144 wide and 400 high; profile: the channel's title",
    "text-input": "specification, textInput: title, description, name and link",
    "self": "profile, atom:link: one rel=self, whose type is application/rss+xml",
    "atom-link": "profile, atom:link: href is an address, and an item has none rel=self",
    "item-empty": "specification, item: a title or a description",
    "guid": "specification, guid: some text, and an address unless isPermaLink is false",
    "guid-twice": "specification, guid: it identifies the item",
    "enclosure": "specification, enclosure: an address in http, a length in bytes, a media type; profile: one",
    "source": "specification, source: the url of a feed, and its name",
    "category": "specification, category: some text",
    "author-twice": "profile, dc:creator: an author or a creator, not both",
    "encoded": "profile, content:encoded: a description stands before it",
    "relative": "profile, description and content:encoded: addresses in markup are absolute",
})  # fmt: skip

_SUB = {"image", "textInput", "cloud", "skipHours", "skipDays"}
_CHANNEL = {
    "title", "link", "description", "language", "copyright", "managingEditor", "webMaster", "pubDate", "lastBuildDate",
    "category", "generator", "docs", "ttl", "rating", "item",
} | _SUB  # fmt: skip
_ITEM = {"title", "link", "description", "author", "category", "comments", "enclosure", "guid", "pubDate", "source"}
_MANY = {"item", "category"}
_DAYS = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}
_CLOUD = ("domain", "port", "path", "registerProcedure", "protocol")


def _is_text(text: str) -> bool:
    return bool(text.strip("\n"))


_TEXTS: tuple[tuple[str, Callable[[str], bool], tuple[str, ...]], ...] = (
    ("date", is_rfc_822, ("pubDate", "lastBuildDate")),
    ("url", is_absolute, ("link", "comments", "docs")),
    ("mail", is_mail, ("managingEditor", "webMaster", "author")),
    ("category", _is_text, ("category",)),
)


def check(document: bytes) -> list[Problem]:
    """What is wrong with an RSS document, in the order in which it was looked for."""
    try:
        root = etree.fromstring(document)
    except etree.XMLSyntaxError as error:
        return [RULES.broken("xml", error)]
    children = [child.tag for child in elements(root)]
    if root.tag != "rss" or root.get("version") != "2.0" or children.count("channel") != 1:
        return [RULES.broken("root", f"{root.tag} {root.get('version')} {children}")]
    return list(_problems(root, root.find("channel")))


def _problems(root: _Element, channel: _Element | None) -> Iterator[Problem]:
    assert channel is not None
    for child in elements(root):
        if child is not channel and not str(child.tag).startswith("{"):
            yield RULES.broken("unknown", child.tag)
    yield from _channel(channel)
    items = channel.findall("item")
    for item in items:
        yield from _item(item)
    for guid in twice(item.findtext("guid", "") for item in items if item.find("guid") is not None):
        yield RULES.broken("guid-twice", guid)
    for rule, is_right, names in _TEXTS:
        for one in channel.iter(*names):
            if not is_right(one.text or ""):
                yield RULES.broken(rule, f"{one.tag} {one.text}")


def _known(parent: _Element, known: set[str]) -> Iterator[Problem]:
    """What RSS itself says of the children of a channel or an item."""
    tags = [str(child.tag) for child in elements(parent)]
    for child in elements(parent):
        if str(child.tag).startswith("{"):
            continue
        if child.tag not in known:
            yield RULES.broken("unknown", child.tag)
        elif len(child) and child.tag not in _SUB | {"item"}:
            yield RULES.broken("leaf", child.tag)
    for tag in twice(tag for tag in tags if tag in (known | {_ENCODED}) - _MANY and tag != "enclosure"):
        yield RULES.broken("once", tag)


def _channel(channel: _Element) -> Iterator[Problem]:
    yield from _known(channel, _CHANNEL)
    for name in ("title", "link", "description"):
        if not (channel.findtext(name) or "").strip():
            yield RULES.broken("channel-required", name)
    tags = [str(child.tag) for child in elements(channel)]
    if "item" in tags and set(tags[tags.index("item") :]) != {"item"}:
        yield RULES.broken("misplaced", tags[-1])
    if not is_language(channel.findtext("language", "en")):
        yield RULES.broken("language", channel.findtext("language"))
    links = list(channel.iterchildren(_ATOM_LINK))
    own = [link for link in links if link.get("rel") == "self"]
    if [link.get("type") for link in own] != ["application/rss+xml"]:
        yield RULES.broken("self", [attributes(link) for link in own])
    for link in links:
        if not is_absolute(link.get("href")):
            yield RULES.broken("atom-link", link.get("href"))
    yield from _pace(channel)
    yield from _parts(channel)


def _pace(channel: _Element) -> Iterator[Problem]:
    if channel.find("ttl") is not None and not is_positive(channel.findtext("ttl")):
        yield RULES.broken("ttl", channel.findtext("ttl"))
    hours = [hour.text or "" for hour in channel.iterfind("skipHours/hour")]
    days = [day.text or "" for day in channel.iterfind("skipDays/day")]
    if twice(hours + days) or not (set(hours) <= {str(hour) for hour in range(24)} and set(days) <= _DAYS):
        yield RULES.broken("skip", hours + days)


def _parts(channel: _Element) -> Iterator[Problem]:
    for cloud in channel.iterchildren("cloud"):
        if not all(cloud.get(name) for name in _CLOUD):
            yield RULES.broken("cloud", attributes(cloud))
    for image in channel.iterchildren("image"):
        sizes = (int(image.findtext("width", "88")), int(image.findtext("height", "31")))
        named = image.findtext("title") == channel.findtext("title")
        whole = named and is_absolute(image.findtext("url")) and image.find("link") is not None
        if not whole or sizes[0] > 144 or sizes[1] > 400:
            yield RULES.broken("image", sizes)
    for form in channel.iterchildren("textInput"):
        if not all(form.findtext(name) for name in ("title", "description", "name", "link")):
            yield RULES.broken("text-input", [child.tag for child in form])


def _item(item: _Element) -> Iterator[Problem]:
    yield from _known(item, _ITEM)
    tags = [str(child.tag) for child in elements(item)]
    if not {"title", "description"} & set(tags):
        yield RULES.broken("item-empty", tags)
    if _ENCODED in tags and "description" not in tags[: tags.index(_ENCODED)]:
        yield RULES.broken("encoded", tags)
    if "author" in tags and _CREATOR in tags:
        yield RULES.broken("author-twice", tags)
    for link in item.iterchildren(_ATOM_LINK):
        if not is_absolute(link.get("href")) or link.get("rel") == "self":
            yield RULES.broken("atom-link", attributes(link))
    yield from _whence(item)
    yield from _files(item)
    for tag in ("description", _ENCODED):
        for address in relative_links(item.findtext(tag) or ""):
            yield RULES.broken("relative", address)
    yield from modules.check(item)


def _whence(item: _Element) -> Iterator[Problem]:
    for guid in item.iterchildren("guid"):
        permanent = guid.get("isPermaLink", "true")
        if permanent not in {"true", "false"} or not guid.text or (permanent == "true" and not is_web(guid.text)):
            yield RULES.broken("guid", guid.text)
    for source in item.iterchildren("source"):
        if not is_absolute(source.get("url")) or not (source.text or "").strip("\n"):
            yield RULES.broken("source", source.get("url"))


def _files(item: _Element) -> Iterator[Problem]:
    files = item.findall("enclosure")
    if len(files) > 1:
        yield RULES.broken("enclosure", f"{len(files)} of them")
    for file in files:
        length = file.get("length", "")
        if not (
            is_web(file.get("url")) and length.isdecimal() and length.isascii() and is_media_type(file.get("type"))
        ):
            yield RULES.broken("enclosure", attributes(file))
