"""Any entry, written as a post and read again from its file, is the same entry."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings

from aggregator.identity import identify
from aggregator.normalise import normalise
from aggregator.posts.front_matter import decode, split
from aggregator.posts.jekyll import read_category_pages, read_settings
from aggregator.posts.post import read_post
from aggregator.posts.writing import category_page, post, site_settings
from feeds.document import Format, SourceFeed
from storage.entry import Author, CategoryName, Entry, InfoCode, Origin
from tests.aggregator.saying import CONTEXT, NOW, SITE, entries

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

POSTS = replace(CONTEXT, literal_categories=True)
# Ids belong to a store: a post carries the infoCode, and a store that never saw it makes the ids anew.
NOT_CARRIED = {"own_id", "atom_id", "guid"}


def read_again(path: str, data: bytes, folder: Path, seen: datetime) -> Entry:
    read = read_post(data, path, read_settings(folder), SITE.timezone)
    assert read.problems == ()
    code = identify(read.entry, POSTS.scope)
    assert code is not None
    return normalise(read.entry, code, SourceFeed(Format.POST), POSTS, seen, NOW)


def differences(entry: Entry, folder: Path) -> dict[str, tuple[object, object]]:
    (folder / "_config.yml").write_text(site_settings(SITE).text)
    titles = {vote.slug: vote.name for vote in entry.category_names}
    written = post(entry, SITE, titles)
    file = folder / written.path
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(written.text.encode())
    again = read_again(written.path, file.read_bytes(), folder, entry.first_seen)
    file.unlink()
    names = (field.name for field in fields(Entry) if field.name not in NOT_CARRIED)
    pairs = {name: (getattr(again, name), getattr(entry, name)) for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("site")


@settings(max_examples=60, deadline=None)
@given(entry=entries())
def test_a_post_that_is_written_and_read_again_is_the_same_entry(entry: Entry, folder: Path) -> None:
    assert differences(entry, folder) == {}


SHARE = "http://finews.example/html_News/NewsShare.html?infoCode=NW202203142308379872"
PLAIN = Entry(
    info_code=InfoCode("NW202203142308379872"),
    title="数据交易场所揭牌",
    content="<p>今天揭牌。</p>\n<p>（文章来源：证券时报）</p>",
    published=NOW.replace(year=2022),
    updated=NOW.replace(year=2022),
    first_seen=NOW.replace(year=2022),
    scope="site",
    source="harbour",
    origin=Origin("证券时报"),
    link=SHARE,
    authors=(Author("证券时报"),),
    categories=("zhengquanshibao",),
    category_names=(CategoryName("zhengquanshibao", "证券时报"),),
    tags=("证券时报新闻",),
)


def test_an_entry_of_the_sites_own_has_the_shape_of_its_posts() -> None:
    written = post(PLAIN, SITE, {"zhengquanshibao": "证券时报"})
    assert written.path == "_posts/2022-01-01-NW202203142308379872.md"
    assert written.text == (
        "---\n"
        "layout: post\n"
        'title: "数据交易场所揭牌"\n'
        "date: 2022-01-01 08:00:00 +0800\n"
        "categories: zhengquanshibao\n"
        "tags: 证券时报新闻\n"
        "---\n"
        '<p>今天揭牌。</p>\n<p class="em_media">（文章来源：证券时报）</p>\n'
        "\n"
        f"<{SHARE}>\n"
        "\n"
        "[返回证券时报](//news.example/category/zhengquanshibao.html)｜[返回首页](//news.example/)\n"
    )


@pytest.mark.parametrize(
    "content",
    [
        "<p>a</p>\n---\n<p>b</p>",
        "---",
        "{{ site.title }} and {% include x %}",
        f"<p>a</p>\n{SHARE}",
        f"<p>a</p>\n  {SHARE}\n<br>\n[返回首页](../)",
        "[返回首页](../)",
        "&lt;&gt;",
        "&gt; quoted\n&gt; twice",
        "plain *stars* and _lines_\n\n    code",
        "<pre>a\n\n\n  b</pre>",
        '<p class="x">“a” "b" \'c\' \\d</p>',
        "（文章来源：海港日报）",
        "em_media&gt;（文章来源：海港日报）",
        "",
    ],
)
def test_hostile_content_comes_back(content: str, folder: Path) -> None:
    from aggregator.clean_html import clean_html

    assert differences(replace(PLAIN, content=clean_html(content)), folder) == {}


@pytest.mark.parametrize(
    "changes",
    [
        {"title": 'a "b" \\ c: #d'},
        {"title": "---"},
        {"title": "null"},
        {"info_code": InfoCode("FM" + "0A" * 13), "link": "https://a.example/1"},
        {"info_code": InfoCode("NW202203142308379873")},
        {"link": "https://a.example/" + "x" * 3000},
        {"link": ""},
        {"tags": ()},
        {"tags": ("新闻",), "category_names": (CategoryName("zhengquanshibao", "新闻"),)},
        {"categories": ("no", "a b", "#x~", "安(", "[x]"), "category_names": ()},
        {"authors": ()},
        {"summary": "---"},
    ],
)
def test_what_the_shape_cannot_say_stands_in_front_matter(changes: dict[str, object], folder: Path) -> None:
    assert differences(replace(PLAIN, **changes), folder) == {}  # type: ignore[arg-type]


@pytest.mark.parametrize("slug", ["zhengquanshibao", "anxin(xianggang)", "#sharp", "~home~", ".dot", "a/b", "新闻#"])
def test_a_category_keeps_its_name(slug: str, tmp_path: Path) -> None:
    page = category_page(slug, 'The "name"')
    (tmp_path / "category").mkdir()
    (tmp_path / page.path).write_text(page.text)
    pages = read_category_pages(tmp_path)
    assert (dict(pages.titles), pages.problems) == ({slug: 'The "name"'}, ())


@settings(max_examples=50, deadline=None)
@given(entry=entries())
@example(PLAIN)
def test_a_posts_head_is_valid_yaml(entry: Entry) -> None:
    import yaml

    text = post(entry, SITE, {}).text
    head = yaml.safe_load(text[4:].partition("\n---\n")[0])
    assert head["title"] == entry.title
    assert split(decode(text.encode())).problems == ()
