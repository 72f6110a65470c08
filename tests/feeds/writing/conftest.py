"""The rules of each format, checked on whole documents by nothing that wrote them; and values to write."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from lxml import etree

from feeds.site import Site
from storage.category import Category
from storage.entry import Author, Enclosure, Entry, Episode, InfoCode, Link, Origin, Transcript

if TYPE_CHECKING:
    from collections.abc import Iterable

Check = Callable[[bytes], list[str]]

DC = "{http://purl.org/dc/elements/1.1/}"
ATOM = "{http://www.w3.org/2005/Atom}"
ENCODED = "{http://purl.org/rss/1.0/modules/content/}encoded"
MEDIA = "{http://search.yahoo.com/mrss/}"
ITUNES = "{http://www.itunes.com/dtds/podcast-1.0.dtd}"
PODCAST = "{https://podcastindex.org/namespace/1.0}"
LICENSE = "{http://backend.userland.com/creativeCommonsRssModule}license"
DELETED = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"

_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")
_DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_RFC_822 = re.compile(r"(\w{3}), (\d\d) (\w{3}) (\d{4}) \d\d:\d\d:\d\d [+-]\d{4}")
_MIME = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+")
_CHANNEL_ONCE = {"title", "link", "description", "docs", "generator", "language", "lastBuildDate"}
_ITEM_ONCE = {"title", "link", "description", "guid", "pubDate", "source", "enclosure", ENCODED}
_ITEM_ONCE |= {f"{DC}identifier", f"{DC}language", f"{DC}source", f"{DC}rights", LICENSE, f"{ATOM}updated", "comments"}
_EXTRAS_ONCE = {f"{MEDIA}thumbnail", f"{ITUNES}image", f"{PODCAST}chapters"}
_EXTRAS_ONCE |= {f"{ITUNES}{name}" for name in ("duration", "season", "episode", "episodeType", "explicit")}
_EXTRAS_MANY = {f"{MEDIA}content", f"{PODCAST}transcript"}
_ITEM_MANY = {"category", f"{DC}creator", f"{ATOM}contributor", f"{ATOM}link"} | _EXTRAS_MANY
_NEVER_EMPTY = {"category", f"{DC}creator"}
_JSON_ITEM = {
    "id", "url", "title", "content_html", "summary", "date_published", "date_modified", "authors", "tags", "language",
    "attachments", "_feedmill", "image",
}  # fmt: skip


def _absolute(url: str | None) -> bool:
    parts = urlsplit(url or "")
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def _twice(values: Iterable[object]) -> set[object]:
    values = list(values)
    return {value for value in values if values.count(value) > 1}


def _rfc_822_problems(text: str | None) -> list[str]:
    written = _RFC_822.fullmatch(text or "")
    if not written or written[3] not in _MONTHS:
        return [f"no RFC 822 date: {text}"]
    day = date(int(written[4]), _MONTHS.index(written[3]) + 1, int(written[2]))
    return [] if written[1] == _DAYS[day.weekday()] else [f"wrong day of the week: {text}"]


def check_rss(data: bytes) -> list[str]:
    """What the RSS 2.0 specification, its Best Practices Profile and the W3C's validator object to."""
    root = etree.fromstring(data)
    if root.tag != "rss" or root.get("version") != "2.0" or [child.tag for child in root] != ["channel"]:
        return ["not an RSS 2.0 document"]
    channel = root[0]
    tags = [str(child.tag) for child in channel]
    problems = [f"channel has no {name}" for name in sorted(_CHANNEL_ONCE) if not channel.findtext(name)]
    problems += [
        f"channel has {name} twice" for name in _twice(tag for tag in tags if tag not in {"item", f"{ATOM}link"})
    ]
    problems += [f"unknown {tag}" for tag in set(tags) - _CHANNEL_ONCE - {"item", f"{ATOM}link"}]
    if "item" in tags and set(tags[tags.index("item") :]) != {"item"}:
        problems.append("metadata after an item")
    selves = [link for link in channel.iter(f"{ATOM}link") if link.get("rel") == "self"]
    if [link.get("type") for link in selves] != ["application/rss+xml"] or not _absolute(selves[0].get("href")):
        problems.append("no link to itself")
    if not _absolute(channel.findtext("link")):
        problems.append("channel's link is not absolute")
    problems += _rfc_822_problems(channel.findtext("lastBuildDate"))
    problems += [f"guid twice: {guid}" for guid in _twice(item.findtext("guid") for item in channel.iter("item"))]
    for item in channel.iter("item"):
        problems += _item_problems(item)
    return problems


def _module_problems(item: etree._Element) -> list[str]:
    """What is wrong with an item's elements of Atom and of licences."""
    links = [(link.get("href"), link.get("rel")) for link in item.iter(f"{ATOM}link")]
    problems = [f"atom:link {rel} to {href}" for href, rel in links if not _absolute(href) or rel in {None, "self"}]
    if any(not person.findtext(f"{ATOM}name") for person in item.iter(f"{ATOM}contributor")):
        problems.append("contributor without name")
    for tag in ("comments", LICENSE):
        problems += [f"{tag} is not absolute" for one in item.iter(tag) if not _absolute(one.text)]
    updated = item.findtext(f"{ATOM}updated")
    if updated is not None and not _RFC_3339.fullmatch(updated):
        problems.append(f"no RFC 3339 date: {updated}")
    return problems


def _item_problems(item: etree._Element) -> list[str]:
    tags = [str(child.tag) for child in item]
    problems = [f"item has {tag} twice" for tag in _twice(tag for tag in tags if tag in _ITEM_ONCE)]
    problems += [f"unknown {tag}" for tag in set(tags) - _ITEM_ONCE - _ITEM_MANY - _EXTRAS_ONCE]
    problems += _extras_problems(item)
    problems += _module_problems(item)
    if not {"title", "description"} & set(tags):
        problems.append("item has neither title nor description")
    if ENCODED in tags and "description" not in tags[: tags.index(ENCODED)]:
        problems.append("content:encoded without a description before it")
    if not _absolute(item.findtext("link")):
        problems.append("item's link is not absolute")
    guid = item.find("guid")
    if guid is None or not guid.text or guid.get("isPermaLink") != "false":
        problems.append("item has no guid")
    problems += _rfc_822_problems(item.findtext("pubDate"))
    for source in item.iter("source"):
        if not _absolute(source.get("url")) or not source.text:
            problems.append("source without url or title")
    for enclosure in item.iter("enclosure"):
        length, media_type = enclosure.get("length", ""), enclosure.get("type", "")
        if not (_absolute(enclosure.get("url")) and length.isdigit() and _MIME.match(media_type)):
            problems.append("enclosure without url, length or type")
    return problems + [f"empty {child.tag}" for child in item if child.tag in _NEVER_EMPTY and not child.text]


def _extras_problems(entry: etree._Element) -> list[str]:
    """What the W3C's validator objects to in Media RSS and Apple's elements, and Podcasting 2.0's own rules."""
    tags = [str(child.tag) for child in entry]
    problems = [f"{tag} twice" for tag in _twice(tag for tag in tags if tag in _EXTRAS_ONCE)]
    for content in entry.iter(f"{MEDIA}content"):
        numbers = [content.get(name, "1") for name in ("fileSize", "duration", "width", "height")]
        if not (_absolute(content.get("url")) and _MIME.match(content.get("type", ""))):
            problems.append("media:content without url or type")
        if content.get("medium") not in {"image", "audio", "video", "document", "executable"}:
            problems.append("media:content of no medium")
        if not all(number.isdigit() and int(number) for number in numbers):
            problems.append("media:content with a number that is none")
    addresses = [
        one.get("url") for one in entry.iter(f"{MEDIA}thumbnail", f"{PODCAST}chapters", f"{PODCAST}transcript")
    ]
    addresses += [one.get("href") for one in entry.iter(f"{ITUNES}image")]
    problems += [f"not absolute: {address}" for address in addresses if not _absolute(address)]
    for file in entry.iter(f"{PODCAST}chapters", f"{PODCAST}transcript"):
        problems += [] if _MIME.match(file.get("type", "")) else [f"{file.tag} has no type"]
    for name in ("duration", "season", "episode"):
        text = entry.findtext(f"{ITUNES}{name}", "1")
        problems += [] if text.isdigit() and int(text) else [f"itunes:{name} is {text}"]
    if entry.findtext(f"{ITUNES}episodeType", "full") not in {"full", "trailer", "bonus"}:
        problems.append("itunes:episodeType")
    if entry.findtext(f"{ITUNES}explicit", "true") not in {"true", "false"}:
        problems.append("itunes:explicit")
    return problems


def check_atom(data: bytes) -> list[str]:
    """What the schema of RFC 4287, its rules beside the schema, and the W3C's validator object to."""
    root = etree.fromstring(data)
    schema = _atom_schema()
    problems = [] if schema.validate(root) else [str(schema.error_log)]
    # To the schema these are foreign markup; to a reader they are nothing.
    problems += [f"{child.tag} in no namespace" for child in root.iter() if not str(child.tag).startswith("{")]
    children = [child.tag for child in root]
    entries = root.findall(f"{ATOM}entry")
    if root.find(f"{ATOM}author") is None:
        problems.append("feed has no author")
    if entries and set(children[children.index(f"{ATOM}entry") :]) - {f"{ATOM}entry", DELETED}:
        problems.append("metadata after an entry")
    problems += [f"id twice: {name}" for name in _twice(entry.findtext(f"{ATOM}id") for entry in entries)]
    times = [*root.iter(f"{ATOM}updated"), *root.iter(f"{ATOM}published")]
    whens = [time.text for time in times] + [stone.get("when") for stone in root.iter(DELETED)]
    problems += [f"no RFC 3339 date: {when}" for when in whens if not _RFC_3339.fullmatch(when or "")]
    addresses = [link.get("href", "") for link in root.iter(f"{ATOM}link")]
    problems += [f"relative: {address}" for address in addresses if not urlsplit(address).scheme]
    for parent in [root, *entries]:
        links = [(link.get("rel"), link.get("type"), link.get("hreflang")) for link in parent.findall(f"{ATOM}link")]
        if ("alternate", "text/html", None) not in links:
            problems.append(f"{parent.tag} has no page")
        # RFC 4287, 4.1.2: an entry's page in one type is one; of other relations there may be many.
        problems += [
            f"link twice: {link}" for link in _twice(link for link in links if link[0] in {"alternate", "self"})
        ]
        if not parent.findtext(f"{ATOM}id"):
            problems.append(f"{parent.tag} has an empty id")
        problems += _extras_problems(parent)
    if [link.get("type") for link in root.findall(f"{ATOM}link[@rel='self']")] != ["application/atom+xml"]:
        problems.append("no link to itself")
    return problems + ["tombstone without ref" for stone in root.iter(DELETED) if not stone.get("ref")]


def check_json(data: bytes) -> list[str]:
    """What JSON Feed 1.1 objects to."""
    feed: dict[str, Any] = json.loads(data)
    problems = [] if feed["version"] == "https://jsonfeed.org/version/1.1" else ["wrong version"]
    problems += [f"no {name}" for name in ("title", "language", "authors") if not feed[name]]
    problems += [f"relative {name}" for name in ("home_page_url", "feed_url") if not _absolute(feed[name])]
    problems += [f"id twice: {name}" for name in _twice(item["id"] for item in feed["items"])]
    for item in feed["items"]:
        problems += [f"unknown {name}" for name in item.keys() - _JSON_ITEM]
        problems += [f"empty {name}" for name in item if not item[name] and name != "content_html"]
        if not item["id"] or not isinstance(item["content_html"], str) or not _absolute(item["url"]):
            problems.append("item without id, content or url")
        whens = item["date_published"], item["date_modified"]
        problems += [f"no RFC 3339 date: {when}" for when in whens if not _RFC_3339.fullmatch(when)]
        problems += ["author without name" for author in item.get("authors", []) if not author["name"]]
        problems += [f"tag twice: {tag}" for tag in _twice(item.get("tags", []))]
        for file in item.get("attachments", []):
            if not file["url"] or not _MIME.match(file["mime_type"]) or file.get("size_in_bytes", 0) < 0:
                problems.append("attachment without url or type")
            problems += [
                f"empty {name}" for name in ("title", "duration_in_seconds", "_feedmill") if file.get(name) == ""
            ]
    return problems


@pytest.fixture(scope="session")
def checks() -> dict[str, Check]:
    """By a document's suffix, what is wrong with it, as sentences."""
    return {"rss": check_rss, "atom": check_atom, "json": check_json}


@pytest.fixture(scope="session")
def site() -> Site:
    return Site(
        title="金融消息",
        url="https://finews.example",
        timezone=ZoneInfo("Asia/Shanghai"),
        language="zh-CN",
        author="编辑部",
    )


@pytest.fixture(scope="session")
def category() -> Category:
    return Category("zhengquanshibao", "证券时报", 7, datetime(2022, 3, 15, 1, 2, 3, tzinfo=UTC), 1)


@pytest.fixture(scope="session")
def entry() -> Entry:
    """An entry with everything that an entry can have."""
    return Entry(
        info_code=InfoCode("NW202203142308379872"),
        title="数据要素市场 & 交易所",
        content="<p>数据交易场所今日揭牌。</p>",
        published=datetime(2022, 3, 14, 10, 35, 49, tzinfo=UTC),
        updated=datetime(2022, 3, 15, 1, 2, 3, tzinfo=UTC),
        first_seen=datetime(2022, 3, 14, 10, 40, tzinfo=UTC),
        scope="site",
        source="posts",
        origin=Origin("证券时报", "https://stcn.example/", "https://stcn.example/feed.xml"),
        summary="市场 < 交易所",
        link="https://stcn.example/2022/a.html",
        authors=(Author("张三", "zhang@stcn.example", "https://stcn.example/zhang"), Author("李四")),
        categories=("zhengquanshibao", "gundongxinwen"),
        tags=("数据", "证券时报"),
        enclosures=(
            Enclosure("https://stcn.example/a.mp3", "audio/mpeg", 1234),
            Enclosure(
                "https://stcn.example/a.pdf", "application/pdf", title="全文", duration=60, width=640, height=480
            ),
        ),
        language="zh-TW",
        contributors=(Author("王五", "wang@stcn.example", "https://stcn.example/wang"),),
        links=(Link("https://stcn.example/b.html", "via", "text/html", "另见", "zh-TW"),),
        comments="https://stcn.example/a.html?comments",
        image="https://stcn.example/a.jpg",
        licence="https://creativecommons.org/licenses/by/4.0/",
        episode=Episode(
            duration=60,
            season=2,
            number=7,
            kind="bonus",
            explicit=False,
            transcripts=(Transcript("https://stcn.example/a.vtt", "text/vtt", "zh-TW"),),
            chapters="https://stcn.example/a.chapters.json",
        ),
        guid="tag:finews.example,2022-03-14:NW202203142308379872",
        atom_id="https://stcn.example/id/1",
        revision=3,
    )


@pytest.fixture(scope="session")
def titles() -> dict[str, str]:
    return {"zhengquanshibao": "证券时报"}
