"""Sitemaps against the rules of sitemaps.org, and of Google's for news."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from lxml import etree

from tests.feeds.validators.words import Rules, elements, is_absolute, is_rfc_3339, twice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element

    from tests.feeds.validators.words import Problem

RULES = Rules({
    "xml": "Sitemaps protocol: a sitemap is XML in UTF-8",
    "root": "Sitemaps protocol: urlset, in its namespace",
    "many": "Sitemaps protocol: at most 50,000 addresses and 52,428,800 bytes; of news, 1,000",
    "url": "Sitemaps protocol: each url has one loc, and at most one lastmod after it",
    "loc": "Sitemaps protocol, loc: an address of fewer than 2,048 characters, escaped",
    "host": "Sitemaps protocol, location: all addresses of one host",
    "lastmod": "Sitemaps protocol, lastmod: a date and time of W3C",
    "twice": "an address stands once in it",
    "news": "Google's news sitemaps: publication with name and language, then publication_date and title",
    "language": "Google's news sitemaps, language: two or three letters, zh-cn or zh-tw",
})  # fmt: skip

_NS = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
_NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"
_MOST, _MOST_NEWS, _LARGEST = 50_000, 1_000, 52_428_800


def check(document: bytes) -> list[Problem]:
    """What is wrong with a sitemap."""
    try:
        root = etree.fromstring(document)
    except etree.XMLSyntaxError as error:
        return [RULES.broken("xml", error)]
    if root.tag != f"{_NS}urlset":
        return [RULES.broken("root", root.tag)]
    return list(_problems(root, len(document)))


def _problems(root: _Element, size: int) -> Iterator[Problem]:
    urls = list(elements(root))
    most = _MOST_NEWS if root.findall(f".//{_NEWS}news") else _MOST
    if len(urls) > most or size > _LARGEST:
        yield RULES.broken("many", f"{len(urls)} addresses, {size} bytes")
    for url in urls:
        yield from _url(url)
    addresses = [url.findtext(f"{_NS}loc") or "" for url in urls]
    for address in twice(addresses):
        yield RULES.broken("twice", address)
    hosts = {urlsplit(address).netloc for address in addresses if is_absolute(address)}
    if len(hosts) > 1:
        yield RULES.broken("host", sorted(hosts))


def _url(url: _Element) -> Iterator[Problem]:
    tags = [str(child.tag) for child in elements(url)]
    own = [tag.removeprefix(_NS) for tag in tags if tag != f"{_NEWS}news"]
    if url.tag != f"{_NS}url" or own not in (["loc"], ["loc", "lastmod"]):
        yield RULES.broken("url", tags)
    address = url.findtext(f"{_NS}loc") or ""
    if not is_absolute(address) or len(address) >= 2_048 or not address.isascii():
        yield RULES.broken("loc", address)
    lastmod = url.findtext(f"{_NS}lastmod")
    if lastmod is not None and not is_rfc_3339(lastmod):
        yield RULES.broken("lastmod", lastmod)
    for news in url.findall(f"{_NEWS}news"):
        yield from _news(news)


def _news(news: _Element) -> Iterator[Problem]:
    tags = [str(child.tag).removeprefix(_NEWS) for child in news.iter()]
    texts = [(child.text or "").strip() for child in news.iter() if not len(child)]
    if tags != ["news", "publication", "name", "language", "publication_date", "title"] or not all(texts):
        yield RULES.broken("news", tags)
        return
    _, language, date, _ = texts
    if language not in {"zh-cn", "zh-tw"} and not (language.isascii() and language.isalpha() and len(language) < 4):
        yield RULES.broken("language", language)
    if not is_rfc_3339(date):
        yield RULES.broken("lastmod", date)
