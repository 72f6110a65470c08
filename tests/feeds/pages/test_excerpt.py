"""The beginning of a text."""

from __future__ import annotations

from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.writing.excerpt import LENGTH, cut, excerpt


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", ""),
        ("plain", "plain"),
        ("<p>One.</p><p>Two.</p>", "One. Two."),
        ("<p>wo<b>rd</b>s <EM>and</EM>\n\n more</p>", "words and more"),
        ("a<br>b<hr>c", "a b c"),
        ('<img src="x" alt="a > b">after', "after"),
        ("<a title='>'>in</a>side", "inside"),
        ("a &lt;b&gt; &amp;amp; c&nbsp;d", "a <b> &amp; c d"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("　　段首空格", "段首空格"),
    ],
)
def test_markup_becomes_text(content: str, expected: str) -> None:
    assert excerpt(content) == expected


@pytest.mark.parametrize(
    ("text", "length", "expected"),
    [
        ("one two three", 13, "one two three"),
        ("one two three four", 15, "one two three…"),
        ("one twothreefour", 12, "one twothree…"),
        ("一二三四五，六七八九十", 6, "一二三四五…"),
        ("一二三四五六七八九十", 6, "一二三四五六…"),
    ],
)
def test_a_long_text_is_cut_at_a_word_if_one_is_near(text: str, length: int, expected: str) -> None:
    assert cut(text, length) == expected
    assert excerpt(text, length) == expected


def test_entities_do_not_make_an_excerpt_short() -> None:
    assert excerpt("&amp;" * 1000) == "&" * LENGTH + "…"


def test_no_more_is_read_than_is_needed() -> None:
    # Were it read to its end, the unclosed tag at the end would show.
    beginning = "<p>" + "字" * 1000 + "</p>"
    assert excerpt(beginning + "<p>never</p>" * 1000) == excerpt(beginning)


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs"]))))
def test_an_excerpt_is_the_cut_text(paragraphs: list[str]) -> None:
    content = "".join(f"<p>{escape(one)}</p>" for one in paragraphs)
    assert excerpt(content) == cut(" ".join(paragraphs))


@given(st.text(alphabet="<>\"'/ab& ;字"), st.integers(5, 50))
def test_anything_has_a_short_excerpt(content: str, length: int) -> None:
    found = excerpt(content, length)
    assert len(found) <= length + 1
    assert found == " ".join(found.split())
