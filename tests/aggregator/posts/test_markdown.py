from __future__ import annotations

import pytest

from aggregator.posts.markdown import to_html
from aggregator.posts.plain import first_sentence


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("一行\n二行", "<p>一行\n二行</p>\n"),
        ("**“强调”**之后", "<p><strong>“强调”</strong>之后</p>\n"),
        ("~~删~~", "<p><del>删</del></p>\n"),
        ("5~10元，1~2%", "<p>5~10元，1~2%</p>\n"),
        ("*ST海运*ST北岸", "<p>*ST海运*ST北岸</p>\n"),
        ("**ST板块** *斜*", "<p><strong>ST板块</strong> <em>斜</em></p>\n"),
        ("\\*ST海运", "<p>*ST海运</p>\n"),
        ("http://a.example/", "<p>http://a.example/</p>\n"),
        ("“引号”... --", "<p>“引号”... --</p>\n"),
        ("&nbsp;<p>*a*</p>\n <p>b</p>", "<p>*a*</p>\n <p>b</p>\n"),
        ("&nbsp;文字", "<p>\u00a0文字</p>\n"),
        ("> 摘要\n&nbsp;文字", "<blockquote>\n<p>摘要</p>\n</blockquote>\n<p>\u00a0文字</p>\n"),
        ("> 摘要\n　　文字", "<blockquote>\n<p>摘要</p>\n</blockquote>\n<p>　　文字</p>\n"),
        ("> 摘要\n续行", "<blockquote>\n<p>摘要\n续行</p>\n</blockquote>\n"),
        ("<p>a</p>\n*b*", "<p>a</p>\n<p><em>b</em></p>\n"),
        ("<p>a</p>*b*", "<p>a</p>\n<p><em>b</em></p>\n"),
        ("<p>a</p><p>b</p>\n <p>c</p>", "<p>a</p><p>b</p>\n <p>c</p>\n"),
        ("词\n\n: 释义", "<dl>\n<dt>词</dt>\n<dd>\n<p>释义</p>\n</dd>\n</dl>\n"),
        ("<script>x</script>", "<script>x</script>\n"),
    ],
)
def test_markdown_is_read_as_jekyll_reads_it(text: str, html: str) -> None:
    assert to_html(text) == html


@pytest.mark.parametrize(
    ("markup", "sentence"),
    [
        ("<p>净利增3.5%，同比持平。第二句！</p>", "净利增3.5%，同比持平"),
        ("<p><strong>标题</strong></p><p>正文。</p>", "标题"),
        ("<p>一<br>二。</p>", "一"),
        ('<p style="display:none">隐藏。</p><p>显？！”后</p>', "显？！”"),
        ("It rose 3.5 percent. Then it fell.", "It rose 3.5 percent"),
        ("<!-- 注。 --><p>　　&nbsp;A &amp; B！</p>", "A & B！"),
        ("长" * 60 + "。", "长" * 60),
        ("长" * 61 + "。", "长" * 59 + "…"),
        ("。。", "。。"),
        ("<img src=x>", ""),
        ("<!-- 没有结束", ""),
        ("", ""),
    ],
)
def test_the_first_sentence_is_a_title(markup: str, sentence: str) -> None:
    assert first_sentence(markup) == sentence
