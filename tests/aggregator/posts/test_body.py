from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.posts.body import trim

SHARE = "<http://h.example/html_News/NewsShare.html?infoCode=NW202203141000000001>"
BACK = "[返回海港日报新闻](//site.example/category/haigangribao.html)｜[返回首页](//site.example/)"

# Lines that stand at the end of bodies, and are not content.
ENDS = (
    SHARE,
    SHARE[1:-1],
    "<https://m.example:81/NewsShare.html>",
    "<http://finance.eastmoney.com/news/1345,202112081000000001.html>",
    "<http://stock.eastmoney.com/a/202112081000000001.html>",
    "<>",
    "<  >",
    BACK,
    BACK.replace("｜", " | "),
    "[返回海港日报新闻](../emnews/)",
    "[返回首页](../)",
    "[返回海港日报新闻](../emnews/)｜",
    "[返回安信(香港)新闻](//site.example/category/anxin(xianggang).html)",
    "[返回Tech Web新闻](//site.example/category/Tech Web.html)",
    "[返回[早]报新闻](../category/a.html)\\",
)
# Lines that look like them, and are content.
CONTENT = (
    "正文。",
    f"见 {SHARE}",
    f"{SHARE}。",
    "<http://h.example/other.html>",
    "<http://data.eastmoney.com/>",
    "<em>",
    "[返回舱着陆](https://h.example/a)",
    "[返回舱着陆](https://h.example/a)｜[返回首页](../)",
    f"{BACK}后面还有字",
    "[返回",
    "（文章来源：晨报）",
    '<p class="em_media">（文章来源：晨报）</p>',
    "> 摘要",
)
UNSEEN = ("<!-- 图 -->", '<p style="display: none">x</p>', "&nbsp;", "<br>", "", " \u3000\t")


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("before", ["正文。\n", "正文。\n\n", "<p>正文。</p> \n\n \n"])
def test_the_end_is_taken_off(before: str, end: str) -> None:
    assert trim(f"{before}{end}").text == before.rstrip()
    assert trim(f"{before}{end} \u3000\n\n\t").text == before.rstrip()


@pytest.mark.parametrize("line", CONTENT)
def test_content_stays(line: str) -> None:
    assert trim(f"正文。\n\n{line}\n\n{SHARE}\n\n{BACK}").text == f"正文。\n\n{line}"


@pytest.mark.parametrize(
    "ends", [(SHARE, BACK), (BACK, SHARE), (SHARE, *BACK.split("｜")), ("<>", SHARE), (SHARE, "<>")]
)
def test_the_share_link_is_found_in_any_order(ends: tuple[str, ...]) -> None:
    assert trim("正文。\n\n" + "\n\n".join(ends)).share_link == SHARE[1:-1]


def test_above_the_way_back_any_address_is_the_share_link() -> None:
    assert trim(f"正文。\n\n<https://w.example/1>\n\n{BACK}").share_link == "https://w.example/1"
    assert trim("正文。\n\n<https://w.example/1>").share_link == ""
    assert trim(f"正文。\n\n<https://w.example/1>\n\n<>\n\n{BACK}").text == "正文。\n\n<https://w.example/1>"


# The way back would make a share link of the address above it.
@given(
    st.lists(
        st.sampled_from((*(line for line in CONTENT if not line.startswith("<http")), *UNSEEN, *ENDS)), max_size=12
    )
)
def test_only_the_end_is_lost(lines: list[str]) -> None:
    trimmed = trim("\n".join(lines))
    kept = trimmed.text.split("\n")

    assert trim(trimmed.text).text == trimmed.text
    content = max((at + 1 for at, line in enumerate(lines) if line in CONTENT), default=0)
    assert kept[:content] == lines[:content]
    assert not set(kept[content:]) & set(ENDS)
    assert sorted(filter(str.strip, kept[content:])) == sorted(
        line for line in lines[content:] if line.strip() and line in UNSEEN
    )


@given(st.text(max_size=500) | st.text("<>[]()返回首页｜\n &;-!/p:h文章来源（）", max_size=500))
def test_any_text_keeps_its_lines(text: str) -> None:
    trimmed = trim(text)
    assert trim(trimmed.text).text == trimmed.text
    lost = Counter(map(str.strip, text.split("\n"))) - Counter(map(str.strip, trimmed.text.split("\n")))
    assert all(line == "" or line.startswith(("<", "[返回", "http", "//")) for line in lost)


@pytest.mark.parametrize(
    ("end", "medium"),
    [
        ('<p>文。</p><p class="em_media">（文章来源：海港日报）</p>', "海港日报"),
        ("<p class='x em_media'>(文章来源:海港日报)</p>", "海港日报"),
        ('<p class="em_media">（文章来源：<a href="http://a.example/（1）">海港<b>日报</b></a>）</p>', "海港日报"),
        ('<p class="em_media">（文章来源：海港(北岸)日报）</p><p style="display:none">x</p>', "海港(北岸)日报"),
        ('<p class="em_media">（文章来源：A&amp;B 通讯社）</p>', "A&B 通讯社"),
        ('<p class="em_media">（文章来源：）</p>', ""),
        ('<p class="em_media">编辑：某</p>', ""),
        ("一段话。（文章来源：海港日报）", "海港日报"),
        ("<p>（文章来源：海港日报）</p>\n<!-- x -->\n&nbsp;", "海港日报"),
        ("文章来源：[海港日报](http://a.example/b)", "海港日报"),
        ("<p>文章来源：海港日报</p>", "海港日报"),
        ("他说文章来源：不明", ""),
        ("（文章来源：海港日报）但有后话。", ""),
        ("（文章来源：海港日报）\n后话。", ""),
        ("（文章来源：海港日报", ""),
        ("文章来源：一句话。又一句话", ""),
        ("没有来源。", ""),
    ],
)
def test_the_medium(end: str, medium: str) -> None:
    trimmed = trim(f"{end}\n\n{SHARE}\n\n{BACK}\n")
    assert (trimmed.medium, trimmed.text) == (medium, end)


@pytest.mark.parametrize(
    ("body", "digest"),
    [
        ("> 摘要。\n\n正文。", "摘要。"),
        ("\n\n>摘要。\n正文。", "摘要。"),
        ("> 【头】某<b>公司</b>*说*：A &amp; B。\n&nbsp;<p>正文。</p>", "【头】某公司说：A & B。"),
        ("> one\n> two\n\n> three", "one two"),
        (">", ""),
        ("正文。\n\n> 引文。", ""),
        ("&gt; 不是", ""),
    ],
)
def test_the_digest(body: str, digest: str) -> None:
    trimmed = trim(body)
    assert (trimmed.digest, trimmed.text) == (digest, body)


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "piece",
    [
        "<>\n&nbsp;\n",
        "[返回",
        "[返回首页](a)｜",
        "em_media",
        "（文章来源：",
        "> <!--",
        "<p style=display:none>",
        "[返回[](()",
        "<http://a/NewsShare.html?",
    ],
)
def test_hostile_repetition_takes_no_time(piece: str) -> None:
    """A pattern that goes back over what it read would need hours."""
    for end in ("", "\n", SHARE, BACK):
        trim(piece * 20_000 + end)
        trim((piece * (1900 // len(piece)) + "\n") * 50 + end)
