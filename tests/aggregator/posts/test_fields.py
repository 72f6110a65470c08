from __future__ import annotations

import pytest

from aggregator.posts.fields import Fields
from storage.entry import Author


@pytest.mark.parametrize("word", ["y", "Y", "yes", "Yes", "true", "TRUE", "on", " On "])
def test_words_for_yes(word: str) -> None:
    assert Fields({"x": word}, []).truth("x") is True


@pytest.mark.parametrize("word", ["n", "No", "false", "FALSE", "Off"])
def test_words_for_no(word: str) -> None:
    assert Fields({"x": word}, []).truth("x") is False


@pytest.mark.parametrize("word", ["", "2022-03-14", "是", "0", "1"])
def test_any_other_word_is_neither(word: str) -> None:
    assert Fields({"x": word}, []).truth("x") is None


def test_words_follow_jekyll() -> None:
    fields = Fields(
        {"tags": "a  b\ta", "tag": "c d", "categories": ["a b", ["c", "", "a b"]], "category": ["e", "f g"]}, []
    )
    assert fields.words("tags", "tag") == ("a", "b", "c d")
    assert fields.words("categories", "category") == ("a b", "c", "e", "f g")


def test_a_text_that_yaml_took_for_a_list_is_one_again() -> None:
    assert Fields({"title": ["快讯", "早"]}, []).text("title") == "快讯 早"


def test_authors_have_every_form() -> None:
    values = {
        "author": {"name": "周一", "email": "z@site.example", "uri": "https://site.example/z"},
        "authors": ["周二", {"name": "周一"}, {"email": "nobody@site.example"}, ["周三"], "周二"],
    }
    assert Fields(values, []).authors() == (
        Author("周一", "z@site.example", "https://site.example/z"),
        Author("周二"),
        Author("周一"),
        Author("周三"),
    )


def test_a_mapping_in_a_texts_place_is_a_problem() -> None:
    problems: list[str] = []
    fields = Fields({"title": {"a": "b"}, "tags": ["x", {"a": "b"}]}, problems)
    assert fields.text("title") == ""
    assert fields.words("tags", "tag") == ("x",)
    assert [problem.partition(":")[0] for problem in problems] == ["title", "tags"]
