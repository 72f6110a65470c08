"""The rules that other tests rely on do object: a valid document, one thing changed, at least one objection."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from feeds.writing import atom, json_feed, rss

if TYPE_CHECKING:
    from collections.abc import Callable

    from feeds.site import Site
    from storage.category import Category
    from storage.entry import Entry

GUID = b'<guid isPermaLink="false">tag:finews.example,2022-03-14:NW202203142308379872</guid>'
CHANGES = [
    ("rss", b"<docs>", b"<description>again</description><docs>"),
    ("rss", b"<language>zh-CN</language>", b""),
    ("rss", b' rel="self"', b' rel="alternate"'),
    ("rss", b"Mon, 14 Mar 2022", b"Tue, 14 Mar 2022"),
    ("rss", b"18:35:49 +0800", b"18:35:49 CEST"),
    ("rss", GUID, b""),
    ("rss", GUID, GUID + GUID),
    ("rss", b'isPermaLink="false"', b""),
    ("rss", b'length="1234" ', b""),
    ("rss", b"<link>https://stcn.example", b"<link>"),
    ("rss", b'<source url="https://stcn.example/feed.xml">', b"<source>"),
    ("rss", b"</item>", b"<media:x xmlns:media='urn:x'/></item>"),
    ("rss", b"</channel>", b"<ttl>1</ttl></channel>"),
    ("rss", b"<category>gundongxinwen", b"<category>"),
    ("atom", b"<updated>2022-03-15T09:02:03+08:00</updated><author>", b"<author>"),
    ("atom", b"2022-03-14T18:35:49+08:00", b"2022-03-14T18:35:49"),
    ("atom", b"2022-03-14T18:35:49+08:00", b"14.3.2022"),
    ("atom", b"<id>https://stcn.example/id/1</id>", b"<id></id>"),
    ("atom", b"<id>https://stcn.example/id/1</id>", b""),
    ("atom", b' rel="self" type="application/atom+xml"', b""),
    (
        "atom",
        b'type="text/html"/><link href="https://stcn.example/a.mp3"',
        b'/><link href="https://stcn.example/a.mp3"',
    ),
    ("atom", b'href="https://stcn.example/a.mp3"', b'href="/a.mp3"'),
    ("atom", b'type="audio/mpeg"', b'type="audio"'),
    ("atom", b' term="gundongxinwen"', b""),
    ("atom", b'xml:lang="zh-TW"', b'xml:lang="zh_TW"'),
    ("rss", b"<comments>https:", b"<comments>"),
    ("rss", b"<creativeCommons:license>https:", b"<creativeCommons:license>"),
    ("rss", b'<atom:link rel="via"', b"<atom:link"),
    ("rss", b"<atom:name>", b"<atom:name/><atom:name>"),
    ("rss", b"<atom:updated>2022-03-15T", b"<atom:updated>2022-03-15 "),
    ("rss", b' medium="document"', b""),
    ("rss", b'width="640"', b'width="0"'),
    ("rss", b"<itunes:season>2", b"<itunes:season>0"),
    ("rss", b'<podcast:transcript url="https:', b'<podcast:transcript url="'),
    ("rss", b"<itunes:explicit>false", b"<itunes:explicit>no"),
    ("atom", b'<itunes:image href="https:', b'<itunes:image href="'),
    ("atom", b"<itunes:episodeType>bonus", b"<itunes:episodeType>extra"),
    ("atom", b' type="application/json+chapters"', b""),
    ("atom", b'rel="via" type="text/html" hreflang="zh-TW"', b'rel="alternate" type="text/html"'),
    ("atom", b"<itunes:duration>60", b"<itunes:duration>1:00"),
    ("json", b'"duration_in_seconds":60', b'"duration_in_seconds":""'),
    ("json", '"title":"全文"'.encode(), b'"title":""'),
    ("atom", b"</feed>", b"<rights>none</rights></feed>"),
    ("atom", b"<entry", b"<entry xmlns=''"),
    ("atom", b"zhang@stcn.example", b"zhang"),
    ("json", b"version/1.1", b"version/1"),
    ("json", b'"id":"https://stcn.example/id/1"', b'"id":""'),
    ("json", b'"content_html":"', b'"content":"'),
    ("json", b'"url":"https://stcn.example/2022/a.html"', b'"url":"a.html"'),
    ("json", b"2022-03-14T18:35:49+08:00", b"2022-03-14"),
    ("json", "李四".encode(), b""),
    ("json", '"数据"'.encode(), '"证券时报"'.encode()),
    ("json", b'"audio/mpeg"', b'"audio"'),
    ("json", b'"revision":3', b'"revision":3},"infoCode":{"x":1'),
]


@pytest.mark.parametrize(("suffix", "old", "new"), CHANGES)
def test_a_broken_document_is_objected_to(
    suffix: str,
    old: bytes,
    new: bytes,
    entry: Entry,
    category: Category,
    site: Site,
    titles: dict[str, str],
    checks: dict[str, Callable[[bytes], list[str]]],
) -> None:
    writer = {"rss": rss, "atom": atom, "json": json_feed}[suffix]
    document = writer.document(category, site, [writer.fragment(entry, site, titles)])
    assert checks[suffix](document) == []
    assert old in document
    try:
        problems = checks[suffix](document.replace(old, new))
    except KeyError as absent:
        problems = [f"no {absent}"]
    assert problems


@pytest.mark.parametrize("suffix", ["rss", "atom", "json"])
def test_an_identity_given_twice_is_objected_to(
    suffix: str,
    entry: Entry,
    category: Category,
    site: Site,
    checks: dict[str, Callable[[bytes], list[str]]],
) -> None:
    writer = {"rss": rss, "atom": atom, "json": json_feed}[suffix]
    fragment = writer.fragment(entry, site, {})
    assert [
        problem for problem in checks[suffix](writer.document(category, site, [fragment] * 2)) if "twice" in problem
    ]
