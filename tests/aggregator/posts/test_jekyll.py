from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from aggregator.posts.errors import PostError
from aggregator.posts.jekyll import JekyllSettings, read_category_pages, read_settings

if TYPE_CHECKING:
    from pathlib import Path


def write(root: Path, path: str, text: str) -> Path:
    place = root / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)
    return place


def test_settings_are_read(tmp_path: Path) -> None:
    write(
        tmp_path,
        "_config.yml",
        "# 站点\ntitle: 海港消息\nurl: https://site.example.org/\nbaseurl: news/\ntimezone: Asia/Shanghai\n"
        "lang: zh-CN\nauthor:\n  name: 周一\npermalink: pretty\nplugins: [jekyll-feed]\n",
    )
    assert read_settings(tmp_path) == JekyllSettings(
        title="海港消息",
        url="https://site.example.org",
        baseurl="/news",
        timezone="Asia/Shanghai",
        language="zh-CN",
        author="周一",
        permalink="pretty",
    )


def test_without_a_file_everything_is_empty(tmp_path: Path) -> None:
    assert read_settings(tmp_path) == JekyllSettings()


def test_what_is_wrong_is_named_with_its_place_and_costs_only_itself(tmp_path: Path) -> None:
    write(
        tmp_path, "_config.yml", "title: 海港\nrubbish\nurl: site.example.org\ntimezone: Asia/Nowhere\nauthor: 周一\n"
    )
    settings = read_settings(tmp_path)
    assert (settings.title, settings.author, settings.url, settings.timezone) == ("海港", "周一", "", "")
    assert settings.problems == (
        "_config.yml: line 2: 'rubbish' is not valid YAML; it is passed over",
        "_config.yml: url 'site.example.org' is not absolute; write https:// before it",
        "_config.yml: timezone 'Asia/Nowhere' is not known; write a name such as Asia/Shanghai",
    )


@pytest.mark.parametrize("zone", ["../etc/passwd", "/etc/passwd", "Asia", "\\0"])
def test_a_time_zone_opens_no_other_file(tmp_path: Path, zone: str) -> None:
    write(tmp_path, "_config.yml", f'timezone: "{zone}"\n')
    assert read_settings(tmp_path).timezone == ""


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "_config.yml").write_bytes(b"title: \xff\n")
    with pytest.raises(PostError, match=r"_config\.yml is not UTF-8: byte 7 "):
        read_settings(tmp_path)


def test_a_folder_in_the_files_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "_config.yml").mkdir()
    with pytest.raises(PostError, match=r"_config\.yml is not a file"):
        read_settings(tmp_path)


def page(title: str, *, slug: str = "", layout: str = "category") -> str:
    return (
        f"---\nlayout: {layout}\ntitle: {title}\n"
        + (f"category: {slug}\n" if slug else "")
        + "---\n{% include list %}\n"
    )


def test_category_pages_name_slugs(tmp_path: Path) -> None:
    write(tmp_path, "category/haigangribao.html", page("海港日报新闻", slug="haigangribao"))
    write(tmp_path, "category/anxin(xianggang).html", page("安信(香港)新闻", slug="anxin(xianggang)"))
    write(tmp_path, "category/Tech Web.html", page("Tech Web新闻"))
    write(tmp_path, "category/Techweb.md", page('"他说"好"新闻"', slug="Techweb"))
    write(tmp_path, "category/index.html", page("全部", layout="page"))
    write(tmp_path, "category/style.css", "a {}")
    write(tmp_path, "category/.x.html", "")
    write(tmp_path, "category/deep/x.html", page("深"))
    pages = read_category_pages(tmp_path)
    assert pages.problems == ()
    assert pages.titles == {
        "haigangribao": "海港日报新闻",
        "anxin(xianggang)": "安信(香港)新闻",
        "Tech Web": "Tech Web新闻",
        "Techweb": '他说"好"新闻',
    }


def test_a_bad_page_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    outside = write(tmp_path, "outside.html", page("外"))
    root = tmp_path / "site"
    write(root, "category/a.html", page("甲"))
    write(root, "category/b.html", page("乙", slug="a"))
    write(root, "category/c.html", "no head")
    write(root, "category/d.html", page(""))
    write(root, "category/e.html", "").write_bytes(b"---\n\xff")
    (root / "category/f.html").symlink_to(outside)
    (root / "category/g.html").symlink_to("g.html")
    (root / "category/h.html").symlink_to("gone.html")
    (root / "category/i.html").mkdir()
    os.mkfifo(root / "category/j.html")
    write(root, "category/k.html", page("癸"))
    pages = read_category_pages(root)
    assert pages.titles == {"a": "甲", "k": "癸"}
    assert [problem.partition(":")[0] for problem in pages.problems] == [
        f"category/{letter}.html" for letter in "bcdefghij"
    ]


def test_without_a_folder_there_are_no_names(tmp_path: Path) -> None:
    assert read_category_pages(tmp_path).titles == {}
