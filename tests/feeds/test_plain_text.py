from __future__ import annotations

import html
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from feeds.document import TextKind
from feeds.plain_text import clean_text, excerpt, first_sentence, plain_text, plain_title

any_text = st.text(st.characters(exclude_categories=[]), max_size=80)  # lone surrogates too


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("", ""),
        ("  two\n\twords  ", "two words"),
        ("a\u3000\u00a0b&nbsp;c&#12288;d", "a b c d"),
        ("<p>one</p><p>two</p>", "one two"),
        ("第一段。<br/>第二段。", "第一段。 第二段。"),
        ("H<sub>2</sub>O and <b>bo</b>ld", "H2O and bold"),
        ("AT&amp;T &amp;lt;b&amp;gt; &#8220;q&#x201D; &copy", "AT&T &lt;b&gt; “q” ©"),
        ("a<script>alert('<p>x</p>')</script>b<STYLE type=x>p{}</STYLE >c", "abc"),
        ("a<!-- <p>no</p> -->b<!-->c<!---->d", "abcd"),
        ("<a title=\"1 > 0\" href='>'>x</a>", "x"),
        ("<a title=\"it's\">x</a> it's <b>y</b>", "x it's y"),
        ("a < b and c > d, 1<2", "a < b and c > d, 1<2"),
        ("a <3 b <- c", "a <3 b <- c"),
        ("</>a</ x>b<!DOCTYPE html>c<?php echo 1 ?>d", "abcd"),
        ("before<p", "before"),
        ("before<script>never closed", "before"),
        ("x<noscript><img src=x></noscript>y", "xy"),
        ("a&#0;&#1;b&#xD800;", "a\ufffdb\ufffd"),
        ("&lt;script&gt;", "<script>"),
    ],
)
def test_markup_becomes_one_line(markup: str, expected: str) -> None:
    assert plain_text(markup) == expected


@given(any_text)
def test_escaped_text_is_read_back_once(text: str) -> None:
    assert plain_text(html.escape(text)) == " ".join(clean_text(text).split())


@given(any_text)
@example("<p>" * 1000)
def test_plain_text_is_one_clean_line(markup: str) -> None:
    line = plain_text(markup)
    assert line == " ".join(clean_text(line).split())


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "piece", ["<", "<p", "<p a='", '<p a="<b>', "<!--", "<script>", "</", "&", "&#", "<svg><a>", "<p> "]
)
def test_hostile_markup_ends_soon(piece: str) -> None:
    assert len(plain_text(piece * (1_000_000 // len(piece)))) <= 1_000_000


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        ("Tom &amp; <b>Jerry</b>\n\x07 ", TextKind.TEXT, "Tom &amp; <b>Jerry</b>"),
        ("Tom &amp; <b>Jerry</b>\n\x07 ", TextKind.HTML, "Tom & Jerry"),
        ("a < b", TextKind.HTML, "a < b"),
        ("　标题　", TextKind.TEXT, "标题"),
    ],
)
def test_a_title_is_read_as_its_kind_says(value: str, kind: TextKind, expected: str) -> None:
    assert plain_title(value, kind) == expected


@pytest.mark.parametrize(
    "forbidden",
    ["\x00", "\x08", "\x0b", "\x0c", "\x0e", "\x1f", "\x7f", "\x85", "\x9f", "\ud800", "\ufeff", "\ufffe", "\uffff"],
)
def test_what_xml_forbids_or_advises_against_goes(forbidden: str) -> None:
    assert clean_text(f"a{forbidden}b") == "ab"


@pytest.mark.parametrize(
    "allowed", ["\t", "\n", "\r", " ", "\xa0", "\ud7ff", "\ue000", "\ufffd", "\U00010000", "\U0010ffff"]
)
def test_what_xml_allows_stays(allowed: str) -> None:
    assert clean_text(f"a{allowed}b") == f"a{allowed}b"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("今天天气很好。明天下雨。", "今天天气很好。"),
        ("他说：“好！”然后走了。", "他说：“好！”"),
        ("真的吗？！是的。", "真的吗？！"),
        ("Rates rose 3.5 % today. More tomorrow.", "Rates rose 3.5 % today."),
        ('He said "no." Then left.', 'He said "no."'),
        ("no end at all", "no end at all"),
        ("", ""),
        ("字" * 70 + "。", "字" * 59 + "…"),
    ],
)
def test_the_first_sentence(text: str, expected: str) -> None:
    assert first_sentence(text) == expected


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        (" short ", 10, "short"),
        ("exactly ten", 11, "exactly ten"),
        ("第一句。第二句。第三句。", 9, "第一句。第二句。"),
        ("第一句。然后是很长很长的一句", 12, "第一句。然后是很长很长…"),
        ("One. Two three four five", 20, "One. Two three four…"),
        ("A whole sentence. And more of it.", 20, "A whole sentence."),
        ("Version 3.5 is out", 10, "Version…"),
        ("one, two, three", 10, "one, two…"),
        ("unbreakable" * 3, 12, "unbreakable…"),
        ("e\u0301e\u0301e\u0301", 4, "e\u0301…"),
        ("👩\u200d👩\u200d👧 family", 5, "…"),
        ("👍🏽👍🏽👍🏽", 4, "👍🏽…"),
        ("ab", 1, "…"),
    ],
)
def test_an_excerpt(text: str, limit: int, expected: str) -> None:
    assert excerpt(text, limit) == expected


@given(any_text, st.integers(1, 40))
def test_an_excerpt_fits_and_begins_as_the_text(text: str, limit: int) -> None:
    cut = excerpt(text, limit)
    assert len(cut) <= limit
    kept = cut.removesuffix("…")
    assert text.strip().startswith(kept)
    if cut != text.strip():
        assert not kept or unicodedata.category(text.strip()[len(kept)])[0] != "M"


def test_an_excerpt_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="limit is 0, but must be at least 1"):
        excerpt("text", 0)
