"""What Jekyll 4 answers for the same posts (its documentation's table of placeholders and styles)."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.posts.permalink import file_slug, permalink

MOMENT = datetime(2022, 3, 4, 8, 5, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
PATH = "_posts/2022-03-04-Two_words here.md"


@pytest.mark.parametrize(
    ("template", "page"),
    [
        ("date", "/news/36ke/2022/03/04/Two_words-here.html"),
        ("", "/news/36ke/2022/03/04/Two_words-here.html"),
        ("pretty", "/news/36ke/2022/03/04/Two_words-here/"),
        ("ordinal", "/news/36ke/2022/063/Two_words-here.html"),
        ("weekdate", "/news/36ke/2022/W09/Fri/Two_words-here.html"),
        ("none", "/news/36ke/Two_words-here.html"),
        ("/:year/:i_month/:i_day/:slug", "/2022/3/4/two-words-here"),
        ("/:short_year-:y_day/:title/", "/22-063/Two_words-here/"),
        ("/:hour:minute:second/:title:output_ext", "/080509/Two_words-here.html"),
        ("/:short_month/:long_month/:short_day/:long_day/:title", "/Mar/March/Fri/Friday/Two_words-here"),
        ("/:w_year/:week/:w_day/:title", "/2022/09/5/Two_words-here"),
        ("/:collection/:slugified_categories/:name/", "/posts/news/36ke/2022-03-04-two-words-here/"),
        ("/:year_:month/:title", "/2022_03/Two_words-here"),
        ("/a/../:title", "/a/Two_words-here"),
        ("/:unknown/:title", "/:unknown/Two_words-here"),
        ("no/slash.html", "/no/slash.html"),
    ],
)
def test_styles_and_placeholders(template: str, page: str) -> None:
    assert permalink(template, PATH, "", ["News", "36ke", "news"], MOMENT) == page


def test_words_of_every_script_are_percent_encoded() -> None:
    page = permalink("none", "_posts/2022-03-04-港口 100%？.md", "", ["证券时报", "a(b)"], MOMENT)
    assert page == "/%E8%AF%81%E5%88%B8%E6%97%B6%E6%8A%A5/a(b)/%E6%B8%AF%E5%8F%A3-100.html"


def test_front_matter_may_give_the_slug() -> None:
    assert permalink("none", PATH, "My Slug", [], MOMENT) == "/My-Slug.html"


def test_without_a_date_its_parts_are_empty() -> None:
    assert permalink("date", "_posts/init.md", "", [], None) == "/init.html"


@pytest.mark.parametrize(
    ("path", "slug"),
    [
        ("_posts/2021-12-01-init.md", "init"),
        ("a/_posts/2021-1-1-init.markdown", "init"),
        ("_posts/2022-03-14-NW202203142308379872.md", "NW202203142308379872"),
        ("_posts/-202205262391921712.md", "-202205262391921712"),
        ("_posts/2021-12-01-.md", "2021-12-01-"),
        ("init.v2.html", "init.v2"),
    ],
)
def test_the_word_of_a_file_name(path: str, slug: str) -> None:
    assert file_slug(path) == slug


@given(st.text(max_size=30), st.text(max_size=30), st.lists(st.text(max_size=10), max_size=3))
def test_a_permalink_is_a_clean_path(template: str, slug: str, categories: list[str]) -> None:
    page = permalink(template, PATH, slug, categories, MOMENT)
    assert page.startswith("/")
    assert page.isascii()
    assert "//" not in page
    assert ".." not in page
    assert not set(page) & set(' "<>?#')
