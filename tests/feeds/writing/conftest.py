"""The rules of each format and our own beside them, checked on whole documents; and values to write."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from lxml import etree

from feeds.site import Site
from storage.category import Category
from storage.entry import Author, Enclosure, Entry, Episode, InfoCode, Link, Origin, Transcript
from tests.feeds.validators import atom, json_feed, rss
from tests.feeds.validators.words import is_rfc_3339, twice

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

_CHANNEL = {"title", "link", "description", "docs", "generator", "language", "lastBuildDate"}
_ITEM = {
    "title", "link", "description", "guid", "pubDate", "source", "enclosure", "category", "comments", ENCODED, LICENSE,
    *(f"{DC}{name}" for name in ("creator", "identifier", "language", "source", "rights")),
    *(f"{ATOM}{name}" for name in ("updated", "contributor", "link")),
    *(f"{MEDIA}{name}" for name in ("content", "thumbnail")),
    *(f"{ITUNES}{name}" for name in ("image", "duration", "season", "episode", "episodeType", "explicit")),
    *(f"{PODCAST}{name}" for name in ("chapters", "transcript")),
}  # fmt: skip
_ITEM_HAS = ("link", "guid[@isPermaLink='false']", "pubDate", f"{DC}identifier")
_JSON_ITEM = {
    "id", "url", "title", "content_html", "summary", "date_published", "date_modified", "authors", "tags", "language",
    "attachments", "_feedmill", "image",
}  # fmt: skip


def _lacks(parent: etree._Element, paths: Iterable[str]) -> list[str]:
    return [f"{parent.tag} has no {path}" for path in paths if parent.find(path) is None]


def check_rss(data: bytes) -> list[str]:
    """What is wrong with a document, and what of ours it lacks or has beside."""
    problems = [str(problem) for problem in rss.check(data)]
    channel = etree.fromstring(data)[0]
    problems += _lacks(channel, sorted(_CHANNEL))
    problems += [f"unknown {child.tag}" for child in channel if child.tag not in _CHANNEL | {"item", f"{ATOM}link"}]
    for item in channel.iter("item"):
        problems += _lacks(item, _ITEM_HAS)
        problems += [f"unknown {child.tag}" for child in item if child.tag not in _ITEM]
        problems += [
            "no type" for file in item.iter(f"{MEDIA}content") if not (file.get("medium") and file.get("type"))
        ]
        problems += ["contributor without name" for one in item.iter(f"{ATOM}contributor") if not one[0].text]
        problems += ["atom:link without rel" for link in item.iter(f"{ATOM}link") if not link.get("rel")]
        problems += [f"date: {one.text}" for one in item.iter(f"{ATOM}updated") if not is_rfc_3339(one.text or "")]
    return problems


def check_atom(data: bytes) -> list[str]:
    """What is wrong with a document, and what of ours it lacks."""
    problems = [str(problem) for problem in atom.check(data)]
    root = etree.fromstring(data)
    children = [child.tag for child in root]
    entries = root.findall(f"{ATOM}entry")
    problems += _lacks(root, [f"{ATOM}author", f"{ATOM}link[@rel='self'][@type='application/atom+xml']"])
    if entries and set(children[children.index(f"{ATOM}entry") :]) - {f"{ATOM}entry", DELETED}:
        problems.append("metadata after an entry")
    ids = [entry.findtext(f"{ATOM}id", "") for entry in entries]
    problems += [f"id twice: {name}" for name in twice(ids)]
    for parent in [root, *entries]:
        problems += _lacks(parent, [f"{ATOM}link[@rel='alternate'][@type='text/html']"])
    return problems


def check_json(data: bytes) -> list[str]:
    """What is wrong with a document, and what of ours it lacks or has beside."""
    problems = [str(problem) for problem in json_feed.check(data)]
    feed: dict[str, Any] = json.loads(data)
    problems += [f"no {name}" for name in ("language", "authors", "home_page_url", "feed_url") if not feed.get(name)]
    for item in feed["items"]:
        problems += [f"unknown {name}" for name in item.keys() - _JSON_ITEM]
        problems += [f"empty {name}" for name in item if not item[name] and name != "content_html"]
        problems += [f"no {name}" for name in ("url", "content_html", "_feedmill") if name not in item]
        problems += [f"tag twice: {tag}" for tag in twice(item.get("tags", []))]
        problems += ["author without name" for author in item.get("authors", []) if not author.get("name")]
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
