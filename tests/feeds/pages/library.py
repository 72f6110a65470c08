"""A store whose pages are worth looking at: many categories, long titles, a hostile entry, corrections, tellings."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from aggregator.clean_html import clean_html
from feeds.publishing.documents import Documents
from feeds.publishing.rendering import Renderer
from feeds.publishing.search_index import SearchIndex
from feeds.web.app import application
from storage import stories
from storage.entry import Author, Enclosure, Origin
from storage.story import Place
from tests.feeds.publishing.shelf import Shelf, catch_up, code, made
from tests.serving import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from feeds.site import Site
    from storage.entry import Entry

NAMES = ("河边日报", "山间通讯", "港口观察", "Tide & Harbour Weekly", "潮汐科技评论", "灯塔经济周刊（海外版）")
TITLES = (
    "上游来水减缓，水库今日开闸放水三小时",
    "夜航船恢复班次：首日载客逾千人，沿岸四个码头同时开放候船厅",
    "The harbour opens a second pier, and the old one stays for fishermen",
    "灯塔换上新灯",
    "一季度渔获量同比增长 12.7%，沿海冷链仓库利用率升至九成",
)
ELSEWHERE = "https://elsewhere.invalid"
RICH = (
    "<p>上游来水减缓，管理处说今天不再加开闸门。下午三时，水位回落到警戒线以下，沿岸道路陆续恢复通行。</p>"
    "<h2>沿岸情况</h2>"
    '<p>记者在 <a href="https://tide.example/a">第二码头</a> 看到，<strong>候船厅</strong>已开放。</p>'
    f'<figure><img src="{ELSEWHERE}/gate.jpg" alt="开闸的水库" width="1200" height="800">'
    "<figcaption>水库东侧的三号闸门。</figcaption></figure>"
    f'<p><a href="https://tide.example/b"><img src="{ELSEWHERE}/small.jpg" alt="缩略图"></a></p>'
    "<blockquote><p>水往低处走，人往闸上看。</p></blockquote>"
    "<ul><li>一号闸：关闭</li><li>二号闸：半开</li></ul>"
    "<table><tr><th>时间</th><th>水位（米）</th><th>流量（立方米每秒）</th><th>闸门</th><th>值班</th></tr>"
    "<tr><td>12:00</td><td>31.42</td><td>1,280</td><td>一、二、三号</td><td>东组</td></tr></table>"
    "<pre><code>a very long line of code that does not break = anywhere(at, all, and, goes, on, for, ever)</code></pre>"
    f'<audio src="{ELSEWHERE}/a.mp3" controls></audio>'
    f'<video src="{ELSEWHERE}/v.mp4" poster="{ELSEWHERE}/p.jpg"></video>'
)
HOSTILE = (
    "<p>harmless</p><script>document.title='run'</script><img src=x onerror=\"document.title='run'\">"
    f'<style>@import "{ELSEWHERE}/x.css"; body {{ background: url({ELSEWHERE}/x) }}</style>'
    f'<iframe src="{ELSEWHERE}/frame"></iframe><link rel="stylesheet" href="{ELSEWHERE}/y.css">'
    f'<svg onload="document.title=\'run\'"></svg><object data="{ELSEWHERE}/o"></object><embed src="{ELSEWHERE}/e">'
    f'<form action="{ELSEWHERE}/send"><button autofocus onfocus="document.title=\'run\'">go</button></form>'
    f'<img srcset="{ELSEWHERE}/s.jpg 2x" src="{ELSEWHERE}/t.jpg"><a href="javascript:document.title=\'run\'">click</a>'
)
RICH_ENTRY, HOSTILE_ENTRY, RAW_ENTRY, PLAIN_ENTRY = code(900), code(901), code(902), code(1)


def slug(number: int) -> str:
    return f"leixing{number}"


def rich() -> Entry:
    return made(
        900,
        slug(0),
        slug(1),
        title=TITLES[1],
        content=RICH,
        authors=(Author("李记者"), Author("王记者")),
        image=f"{ELSEWHERE}/lead.jpg",
        language="zh-CN",
        category_names=(),
        enclosures=(
            Enclosure(f"{ELSEWHERE}/episode.mp3", "audio/mpeg", 12_345_678, "第七集"),
            Enclosure(f"{ELSEWHERE}/report.pdf", "application/pdf", 999_950),
        ),
    )


def fill(shelf: Shelf, categories: int, entries: int) -> None:
    """*entries* in *categories*, more of them in the first ones."""
    told = []
    for number in range(1, entries + 1):
        title = TITLES[number % len(TITLES)]
        which = slug((number * number) % max(categories * number // entries, 1) % categories)
        content = f"<p>{title}。这是第 {number} 篇。潮水在午后转向，船只等候进港，码头上的人比昨天多了一些。</p>"
        entry = made(number, which, title=f"{title}（{number}）", content=content, language="zh-CN", category_names=())
        told.append(replace(entry, origin=Origin(NAMES[number % len(NAMES)], "https://tide.example/")))
    shelf.put(*told)
    shelf.put(*(made(2000 + number, slug(number), category_names=()) for number in range(categories)))
    shelf.put(rich())
    title = "<script>document.title='run'</script>"
    # As it is stored; and as it never is, to see that the policy holds where cleaning did not.
    for number, content in ((901, clean_html(HOSTILE, "https://tide.example/")), (902, HOSTILE)):
        shelf.put(made(number, slug(0), title=title, content=content, category_names=()))
    shelf.correct(
        900, title="夜航船恢复班次：首日载客逾两千人", content=RICH.replace("三时", "四时").replace("半开", "全开")
    )
    shelf.name(**{slug(number): f"{NAMES[number % len(NAMES)]}{number or ''}" for number in range(categories)})
    with shelf.database.writing() as connection:
        published = rich().published
        places = [
            Place(one, RICH_ENTRY, published + timedelta(minutes=n))
            for n, one in enumerate((RICH_ENTRY, code(1), code(2)))
        ]
        stories.arrange(connection, [], places)


@contextlib.contextmanager
def served(path: Path, site: Site, categories: int = 40, entries: int = 400) -> Iterator[str]:
    """The address of a real server of such a store."""
    shelf = Shelf(path)
    fill(shelf, categories, entries)
    catch_up(SearchIndex(shelf.database))
    app = application(Documents(shelf.database, Renderer(site)), site)
    with contextlib.closing(shelf.database), serving(app) as address:
        yield address
