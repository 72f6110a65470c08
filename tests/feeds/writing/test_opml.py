from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from lxml import etree

from feeds.writing import opml
from storage.category import ALL, Category

if TYPE_CHECKING:
    from feeds.site import Site


def outlines(categories: list[Category], site: Site) -> list[dict[str, str]]:
    root = etree.fromstring(opml.document(categories, site))
    assert (root.tag, root.get("version")) == ("opml", "2.0")
    assert root.findtext("head/title") == site.title
    return [{str(name): str(value) for name, value in outline.items()} for outline in root.findall("body/outline")]


def test_everything_comes_first_then_each_category(category: Category, site: Site) -> None:
    assert outlines([category, Category("世界", "")], site) == [
        {
            "type": "rss",
            "text": "金融消息",
            "title": "金融消息",
            "xmlUrl": "https://finews.example/all.atom",
            "htmlUrl": "https://finews.example/",
        },
        {
            "type": "rss",
            "text": "证券时报",
            "title": "证券时报 - 金融消息",
            "xmlUrl": "https://finews.example/category/zhengquanshibao.atom",
            "htmlUrl": "https://finews.example/category/zhengquanshibao.html",
        },
        {
            "type": "rss",
            "text": "世界",
            "title": "世界 - 金融消息",
            "xmlUrl": "https://finews.example/category/%E4%B8%96%E7%95%8C.atom",
            "htmlUrl": "https://finews.example/category/%E4%B8%96%E7%95%8C.html",
        },
    ]


def test_the_feed_of_everything_is_listed_once(category: Category, site: Site) -> None:
    assert outlines([Category(ALL, "all"), category], site) == outlines([category], site)


def test_forbidden_characters_are_left_out(category: Category, site: Site) -> None:
    listed = outlines([replace(category, title="证券\x00\ud800<时报>")], site)
    assert listed[1]["text"] == "证券<时报>"


@pytest.mark.parametrize("name", ["", "-", "a\t\n\r\"'<>&]]>\x0b汉😀", "\u00a0 "])
def test_an_outline_is_what_libxml2_writes(site: Site, name: str) -> None:
    named = replace(site, title=f"{name}-")
    category = Category("a&b", name)
    told = opml.document([category], named)
    assert told == etree.tostring(etree.fromstring(told), encoding="UTF-8", xml_declaration=True)
    assert opml.line(named, category).encode() in told
    assert opml.document([], named, everything=False).endswith(b"<body/></opml>")
