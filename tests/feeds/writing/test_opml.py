from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

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
