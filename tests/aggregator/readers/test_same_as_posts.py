"""The lists that a site's posts are written from give the entries that the posts give.

``Writer`` writes posts as the site's own program does, from the same data that the lists are made of.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from aggregator.slugs import medium_slug
from storage.source import PullOutcome
from tests.aggregator.readers.conftest import Upstream, held, milling

if TYPE_CHECKING:
    from pathlib import Path

    from storage.entry import Entry

SHARE = "http://finews.example.net/html_News/NewsShare.html?infoCode="
BACK = "[返回{name}新闻](//finews.example/category/{slug}.html)｜[返回首页](//finews.example/)"


@dataclass(frozen=True)
class Article:
    code: str
    title: str
    medium: str
    time: str
    text: str
    digest: str = ""


def _paragraphs(*texts: str, medium: str = "") -> str:
    named = f'<p class="em_media">（文章来源：{medium}）</p>' if medium else ""
    return "&nbsp;" + "\n ".join(f"<p>{text}</p>" for text in texts) + named


ARTICLES = (
    Article(
        "NW202203142308379872", "“潮位”要涨了！港口：6点前请移船", "证券时报", "2022-03-14 18:35:49",
        _paragraphs("港口今早通知，大潮将至。 ", '请<span web="1" href="https://q.example/1" data-code="1,600160" '
                    'class="em_stock_key_common">海潮股份</span>的船先走。', medium="证券时报"),
    ),
    Article("NW202203150000000001", "短讯", "36氪", "2022-03-15 00:00:05", "海面平静，船只照常出港。"),
    Article(
        "NW202203150000000002", "*ST海潮：5~10元，涨幅1~2%", "TechWeb", "2022-03-15 09:01:00",
        _paragraphs("*ST海潮今日开盘*ST海潮收盘，5~10元，涨幅1~2%。", "<!-- EM_StockImg_Start -->"
                    '<center><img src="https://img.example/a.png"></center><!-- EM_StockImg_End -->', medium="TechWeb"),
    ),
    Article(
        "NW202203150000000003", 'AT&T 说 "Tide" 之夜', "安信国际证券(香港)", "2022-03-15 09:02:00",
        _paragraphs('<strong>第一节</strong>', '<a href="https://a.example/x">详情</a>', medium="安信国际证券(香港)")
        + '<p style="display:none">看不见</p>',
    ),
    Article("NW202203150000000004", "两个名字的媒体", "21世纪经济报道 21财经APP", "2022-03-15 09:03:00",
            _paragraphs("一段。", medium="21世纪经济报道")),
    Article("NW202203150000000005", "重庆银行：存款多了", "重庆日报", "2022-03-15 23:59:59",
            "<p align=\"center\"><strong>标题</strong></p>\u3000\u3000正文直接跟在后面。\n\n还有一段。"),
)  # fmt: skip
ROLLING = tuple(
    replace(
        one, medium="滚动", digest=f"【{one.title.replace('*', '').replace('~', '至')}】港口  说：{number}号船先走。"
    )
    for number, one in enumerate(ARTICLES)
)


def post(article: Article) -> str:
    """The post that the writer makes of *article*."""
    slug = medium_slug(article.medium)
    quoted = f"> {article.digest}\n\n" if article.digest else ""
    return (
        f'---\nlayout: post\ntitle: "{article.title}"\ndate: {article.time} +0800\ncategories: {slug}\n'
        f"tags: {article.medium}新闻\n---\n{quoted}{article.text}\n\n<{SHARE}{article.code}>\n\n"
        + BACK.format(name=article.medium, slug=slug)
        + "\n"
    )


def _node_list(articles: tuple[Article, ...]) -> Any:
    names = ("title", "from", "showtime", "infocode")
    return {"nodeList": [dict(zip(names, (a.title, a.medium, a.time, a.code), strict=True)) for a in articles]}


def _record(articles: tuple[Article, ...]) -> Any:
    names = ("title", "medianame", "datetime", "infoCode")
    return {"record": [dict(zip(names, (a.title, a.medium, a.time, a.code), strict=True)) for a in articles]}


def _records(articles: tuple[Article, ...]) -> Any:
    return {
        "records": [
            {"title": a.title, "digest": a.digest, "showtime": a.time, "infoCode": a.code, "url_w": SHARE + a.code}
            for a in articles
        ]
    }


SHAPES: dict[str, Any] = {
    "nodeList": (ARTICLES, _node_list, "text", {
        "items": "nodeList",
        "fields": {"id": "infocode", "title": "title", "medium": "from", "date": "showtime",
                   "link": SHARE + "{infocode}"},
        "date_format": "%Y-%m-%d %H:%M:%S",
        "text": {"url": "{infocode}", "path": "text"},
    }),
    "record": (ARTICLES, _record, "content", {
        "items": "record",
        "fields": {"id": "infoCode", "title": "title", "medium": "medianame", "date": "datetime",
                   "link": SHARE + "{infoCode}"},
        "text": {"url": "{infoCode}", "path": ["text", "content"]},
    }),
    "records": (ROLLING, _records, "content", {
        "items": "records",
        "fields": {"id": "infoCode", "title": "title", "summary": "digest", "date": "showtime", "link": "url_w"},
        "defaults": {"medium": "滚动"},
        "text": {"url": "{infoCode}", "path": ["text", "content"]},
    }),
}  # fmt: skip


def serve(upstream: Upstream, shape: str, script: str = "%s") -> dict[str, Any]:
    """Let *upstream* have the list of *shape* and its texts; returns the source's settings."""
    articles, listed, member, mapping = SHAPES[shape]
    upstream.documents["/list"] = (script % json.dumps(listed(articles), ensure_ascii=False)).encode()
    for article in articles:
        upstream.documents[f"/text/{article.code}.json"] = json.dumps({member: article.text}).encode()
    text = mapping["text"] | {"url": f"{upstream.url}/text/{mapping['text']['url']}.json"}
    return {
        "name": "wire", "kind": "json", "url": f"{upstream.url}/list", "private": True, "info_codes": "trusted",
        "json": mapping | {"text": text, "as_posts": True},
    }  # fmt: skip


async def from_posts(folder: Path, articles: tuple[Article, ...]) -> dict[str, Entry]:
    (folder / "_posts").mkdir(parents=True)
    for article in articles:
        (folder / "_posts" / f"{article.time[:10]}-{article.code}.md").write_text(post(article), encoding="utf-8")
    async with milling(folder, {"name": "posts", "kind": "posts", "path": folder}) as mill:
        [pull] = await mill.pull(mill.config.source)
        assert (pull.kept.created, pull.problems) == (len(articles), ())
        return held(mill)


def alike(entries: dict[str, Entry]) -> dict[str, Entry]:
    """*entries* without what tells only through which source, and when, they came."""
    then = datetime(2022, 1, 1, tzinfo=UTC)
    return {
        code: replace(entry, source="", first_seen=then, change=0, atom_id=entry.guid)
        for code, entry in entries.items()
    }


@pytest.mark.parametrize("shape", SHAPES)
async def test_a_list_and_the_posts_made_from_it_give_the_same_entries(
    shape: str, upstream: Upstream, tmp_path: Path
) -> None:
    articles: tuple[Article, ...] = SHAPES[shape][0]
    source = serve(upstream, shape)
    async with milling(tmp_path / "list", source) as mill:
        [pull] = await mill.pull(mill.config.source)
        assert (pull.state.failure, pull.problems, pull.kept.created) == ("", (), len(articles))
        listed = held(mill)
    posted = await from_posts(tmp_path / "site", articles)
    assert set(posted) == {article.code for article in articles}
    assert alike(listed) == alike(posted)
    assert {entry.scope for entry in listed.values()} == {"site"}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("first", ["list", "posts"])
async def test_both_in_one_store_are_one_entry_without_a_correction(
    first: str, shape: str, upstream: Upstream, tmp_path: Path
) -> None:
    articles: tuple[Article, ...] = SHAPES[shape][0]
    source = serve(upstream, shape)
    posted = await from_posts(tmp_path / "site", articles)
    posts = {"name": "posts", "kind": "posts", "path": tmp_path / "site"}
    async with milling(tmp_path / "both", *([source, posts] if first == "list" else [posts, source])) as mill:
        for one in mill.config.source:
            [pull] = await mill.pull([one])
            assert pull.state.failure == ""
            assert pull.kept.rejected == 0
        both = held(mill)
    assert alike(both) == alike(posted)
    assert {entry.revision for entry in both.values()} == {1}


@pytest.mark.parametrize("script", ["var list = %s;", "callback(%s)", "/**/ my.call_1(%s);\n", ")]}',\n%s", " %s "])
async def test_a_script_in_place_of_data(script: str, upstream: Upstream, tmp_path: Path) -> None:
    async with milling(tmp_path / "list", serve(upstream, "nodeList", script)) as mill:
        [pull] = await mill.pull(mill.config.source)
        assert pull.state.outcome is PullOutcome.CHANGED
        assert set(held(mill)) == {article.code for article in ARTICLES}
