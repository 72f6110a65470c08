from __future__ import annotations

import hashlib
import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from pypinyin import lazy_pinyin

from benchmarks.store import ROLLING, add_post, main, write_store

if TYPE_CHECKING:
    from pathlib import Path

POSTS, CATEGORIES, SIZE = 1_500, 90, 2_000


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("store") / "site"
    write_store(root, POSTS, CATEGORIES, SIZE)
    return root


@pytest.fixture(scope="module")
def texts(root: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in root.glob("*/*.md")}


def digest(root: Path) -> str:
    whole = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        whole.update(str(path.relative_to(root)).encode() + b"\0")
        whole.update(path.read_bytes() if path.is_file() else b"")
    return whole.hexdigest()


def categories(text: str) -> list[str]:
    found = re.search(r"^categories: ?(.*(?:\n- .*)*)$", text, re.MULTILINE)
    assert found
    return re.sub(r"[\[\],]|\n- ", " ", found[1]).split()


def test_the_same_arguments_give_the_same_tree(tmp_path: Path) -> None:
    for name, seed in (("one", 7), ("same", 7), ("other", 8)):
        write_store(tmp_path / name, posts=300, categories=20, size=SIZE, seed=seed)
    assert digest(tmp_path / "one") == digest(tmp_path / "same") != digest(tmp_path / "other")


def test_as_many_posts_and_categories_and_bytes_as_asked(texts: dict[str, str]) -> None:
    used = Counter(slug for text in texts.values() for slug in categories(text))
    mean = sum(len(text.encode()) for text in texts.values()) / POSTS
    assert (len(texts), len(used)) == (POSTS, CATEGORIES)
    assert mean == pytest.approx(SIZE, rel=0.2)


@pytest.mark.parametrize(
    ("posts", "slugs", "size"), [(1, 1, 1_500), (120, 1, 1_500), (120, 120, 5_000), (300, 9, 9_000)]
)
def test_other_sizes(tmp_path: Path, posts: int, slugs: int, size: int) -> None:
    write_store(tmp_path, posts, slugs, size)
    found = [path.read_text(encoding="utf-8") for path in tmp_path.glob("*/*.md")]
    assert len(found) == posts
    assert len({slug for text in found for slug in categories(text)}) == slugs


def test_categories_are_unequal_and_the_rolling_news_is_the_largest(texts: dict[str, str]) -> None:
    used = Counter(slug for text in texts.values() for slug in categories(text))
    assert used.most_common(1)[0][0] == ROLLING.slug
    assert used[ROLLING.slug] > 20 * used.most_common()[-1][1]


def test_only_the_newest_three_days_are_still_on_the_site(root: Path) -> None:
    new = {path.name[:10] for path in root.glob("_posts/20*.md")}
    old = {path.name[:10] for path in root.glob("old_post/20*.md")}
    assert new == {"2022-05-29", "2022-05-30", "2022-05-31"}
    assert min(old) == "2021-12-03"
    assert max(old) == "2022-05-28"


def test_a_second_file_of_an_article_stands_under_the_rolling_news(texts: dict[str, str]) -> None:
    files: dict[str, list[str]] = {}
    for name, text in texts.items():
        if code := re.search(r"infoCode=(NW\d{18})>", text):
            files.setdefault(code[1], []).append(name)
    doubled = [names for names in files.values() if len(names) > 1]
    assert len(doubled) == pytest.approx(POSTS / 50, rel=0.2)
    for names in doubled:
        slugs = [categories(texts[name])[0] for name in names]
        assert len(slugs) == 2
        assert slugs.count(ROLLING.slug) == 1


@pytest.mark.parametrize(
    "shape",
    [
        r'title: "[^"\n]*"[^"\n]+"[^"\n]*"\n',
        r'title: ""\ndate:  \+0800\n',
        r"date: 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\n",
        r"date: \n",
        r"categories: \[\S+, \S+\]\n",
        r"categories: \S+ \S+\n",
        r"categories:\n- \S+\n- \S+\n",
        r"published: false\n",
        r"---\n> 【.+】.+\n\n",
        r"---\n&nbsp;<p>.+</p>\n <p>",
        r"---\n&nbsp;<p>[^\n]+</p>\*\*",
        r"\n### .+\n\n- ",
        r"\n\| --- \| ---: \|\n",
        r"　　",
        r'<p align="center"><strong>',
        r'<center><img src="https://',
        r'<span web="1" href="[^"]+" class="em_stock_key_common" data-code="1,\d{6}">',
        r'<p style="display:none;">',
        r"<!-- EM_StockImg_Start -->.*<!-- EM_StockImg_End -->",
        r'<p class="em_media">（文章来源：[^<]+）</p>\n\n<http',
        r'<p class="em_media">（文章来源：<a href="[^"]+">.+</a>）</p>',
        r"\n<http://finews[.]example[.]org/html_News/NewsShare[.]html\?infoCode=NW\d{18}>\n",
        r"\n<https://www[.]example[.]com/html_News/NewsShare[.]html\?infoCode=NW\d{18}>\n",
        r"\n<http://finance[.]eastmoney[.]com/news/1345,\d{18}[.]html>\n",
        r"\n<>\n",
        r"\n\[返回.+新闻\]\(//.+/category/.+[.]html\)｜\[返回首页\]\(//.+/\)\n$",
        r"\n\[返回.+新闻\]\(//.+\)\n\n\[返回首页\]\(//.+/\)\n$",
        r"\n\[返回.+新闻\]\([.][.]/.+/\)｜\[返回首页\]\([.][.]/\)\n$",
        r">\n$",
    ],
)
def test_every_shape_of_a_post_occurs(texts: dict[str, str], shape: str) -> None:
    assert any(re.search(shape, text) for text in texts.values())


@pytest.mark.parametrize(
    "shape",
    [
        r"20\d\d-\d\d-\d\d-NW\d{18}[.]md",
        r"20\d\d-\d\d-\d\d-\d{18}[.]md",
        r"-\d{18}[.]md",
        r"20\d\d-\d\d-\d\d-init\S*[.]md",
    ],
)
def test_every_shape_of_a_name_occurs(texts: dict[str, str], shape: str) -> None:
    assert any(re.fullmatch(shape, name) for name in texts)


def test_most_categories_have_a_page_and_a_few_a_wrong_one(root: Path) -> None:
    title = re.compile(r"title: (.+)新闻\ncategory: (.+)\n")
    pages = [title.search(path.read_text(encoding="utf-8")) for path in root.glob("category/*.html")]
    named = {page[2]: page[1] for page in pages if page}
    right = [slug for slug, name in named.items() if "".join(lazy_pinyin(name)) == slug]
    assert CATEGORIES * 0.8 < len(named) < CATEGORIES
    assert len(named) * 0.9 < len(right) < len(named)
    assert any(" (" in path.name for path in root.glob("category/*.html"))


def test_slugs_that_differ_only_in_case_are_two(texts: dict[str, str]) -> None:
    assert {"PortWeb", "Portweb"} <= {slug for text in texts.values() for slug in categories(text)}


def test_one_post_more(tmp_path: Path) -> None:
    write_store(tmp_path, posts=60, categories=3, size=SIZE)
    before = {path.name for path in tmp_path.glob("*/*.md")}
    first, second = add_post(tmp_path, "PortWeb", 0), add_post(tmp_path, "PortWeb", 1)
    text = second.read_text(encoding="utf-8")
    assert categories(text) == ["PortWeb"]
    assert "tags: PortWeb新闻\n" in text
    assert f"infoCode={second.stem[-20:]}>" in text
    assert max(before) < first.name < second.name
    assert {path.name for path in tmp_path.glob("_posts/*")} == {
        *(name for name in before if (tmp_path / "_posts" / name).exists()),
        first.name,
        second.name,
    }
    assert add_post(tmp_path, "PortWeb", 1).read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--posts", "3", "--categories", "4"], "3 posts cannot fill 4 categories"),
        (["--posts", "3", "--categories", "0"], "3 posts cannot fill 0 categories"),
        (["--posts", "3", "--categories", "2", "--size", "10"], "10 bytes is too small"),
    ],
)
def test_arguments_that_cannot_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], problem: str
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([str(tmp_path / "new"), *arguments])
    assert stopped.value.code == 2
    assert problem in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "kept.txt").write_text("kept")
    for place in (tmp_path, tmp_path / "kept.txt"):
        with pytest.raises(SystemExit):
            main([str(place), "--posts", "3", "--categories", "2"])
        assert f"{place} is not an empty folder" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["kept.txt"]


def test_the_command_line_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([str(tmp_path / "a"), "--posts", "30", "--categories", "4", "--size", "1500", "--seed", "3"])
    write_store(tmp_path / "b", 30, 4, 1_500, 3)
    assert digest(tmp_path / "a") == digest(tmp_path / "b")
    assert "30 posts in 4 categories" in capsys.readouterr().out
