"""Which texts are nearly the same: a table of pairs in both kinds of script."""

from __future__ import annotations

import re

import pytest

from aggregator.likeness import alike, bands, likeness

PORT = (
    "The harbour authority said on Monday that its new container terminal will open in spring after two years of work. "
    "Twelve cranes were delivered last week, and the first ships are expected in April, according to the "
    "chief engineer, "
    "Marta Lindqvist. Fishermen who lost their berths will be given new ones behind the northern mole. The "
    "town council "
    "had argued for months about noise at night, until a wall of earth and oak trees was promised to the "
    "nearest houses. "
    "Rail freight will leave the quay four times a day, which the authority calls a modest beginning. Critics "
    "doubt that "
    "the single line through the valley can carry more, and ask who would pay for a second track."
)
TUNNEL = (
    "Engineers have finished boring the road tunnel beneath the strait, nine months later than they had once hoped. "
    "Water broke in three times during the winter, and pumps had to be flown in from abroad. No one was hurt. "
    "The island "
    "now waits for its first bridge to be taken down, since salt has eaten at the piers for half a century. Tolls will "
    "stay what they are until the loans are repaid, the minister promised, though she would not say in which year."
)
HAFEN = (
    "青岩港务局周一表示，新集装箱码头历时两年建设，将于明年春天正式启用。上周已有12台岸桥运抵现场，首批货轮预计4月靠泊。"
    "总工程师林海川介绍，原有泊位被占用的渔民将在北防波堤内侧获得新的泊位。镇议会曾就夜间噪声问题争论数月，直到港务局承诺"
    "在最近的居民区前修筑土堤并种植橡树，争议才告平息。码头投运后，铁路货运班列每天将开行4趟，港务局称这只是一个开始。"
    "也有批评者认为，穿过山谷的单线铁路难以承担更多运量，第二条线路由谁出资仍无答案。港务局预计三年之内吞吐量可以翻一番，"
    "届时码头将新增岗位六百多个，其中一半留给本地居民。"
)
NOTICE = (
    "{0}股份有限公司关于召开{1}年第{2}次临时股东大会的通知。会议召开时间为{3}月{4}日下午{5}时，股权登记日为{3}月{6}日，会议地点为公司总部"
    "会议室。本次会议审议关于变更注册资本并修订公司章程的议案、关于续聘会计师事务所的议案以及关于使用部分闲置自有资金进行现金管理"
    "的议案。股东可以通过现场投票或者网络投票参加表决，证券代码{7}，网络投票代码为{8}。联系电话{9}。公司董事会及全体董事保证本公告内容"
    "不存在任何虚假记载、误导性陈述或者重大遗漏，并对其内容的真实性、准确性和完整性承担法律责任。特此公告。"
)
ONE_NOTICE = NOTICE.format("青岩", 2022, 1, 4, 18, 2, 11, 690001, 790001, "0571-5550101")
OTHER_NOTICE = NOTICE.format("云浦", 2022, 3, 5, 20, 3, 13, 690347, 790347, "0592-5550388")
FLASH = (
    "青岩指数收盘上涨{}%，银行板块领涨，两市成交额较前一交易日略有放大，盘面上个股涨多跌少，市场情绪有所回暖，北向资金全天净流入，"
    "分析人士认为短期仍将维持震荡。"
)
MIXED = "Feedmill 发布 2.0 版：支持 RSS、Atom 与 JSON Feed 三种 format。" + HAFEN

SAME = {
    "itself": (PORT, PORT),
    "markup": (PORT, "<p>" + PORT.replace(". ", ".</p>\n<p>") + "</p>"),
    "capitals": (PORT, PORT.upper()),
    "a header and a byline": (PORT, f"<p>COAST, March 14 (Harbour Wire) –</p><p>{PORT}</p><p>Edited by A. Reyes.</p>"),
    "words changed": (PORT, PORT.replace("modest", "humble").replace("April", "May")),
    "chinese: itself": (HAFEN, HAFEN),
    "chinese: punctuation and spaces": (HAFEN, "　　" + HAFEN.replace("，", ", ").replace("。", ". ")),
    "chinese: a header and a byline": (
        HAFEN,
        f"<p>青岩日报3月14日讯（记者 陈一）</p><p>{HAFEN}</p><p>（责任编辑：王二）</p>",
    ),
    "chinese: words changed": (HAFEN, HAFEN.replace("介绍", "透露").replace("正式启用", "投入使用")),
    "mixed": (MIXED, MIXED.replace("三种 format", "三种格式")),
    "a flash, word for word": (FLASH.format(1.2), f"<p>{FLASH.format(1.2)}</p>"),
}
DIFFERENT = {
    "another article": (PORT, TUNNEL),
    "another language": (PORT, HAFEN),
    "chinese: another article": (HAFEN, ONE_NOTICE),
    "one template, another firm": (ONE_NOTICE, OTHER_NOTICE),
    "a flash with another figure": (FLASH.format(1.2), FLASH.format(2.1)),
    "a flash with another word": (FLASH.format(1.2), FLASH.format(1.2).replace("上涨", "下跌")),
    "half of it": (PORT, PORT[: len(PORT) // 2]),
}


def same(one: str, other: str) -> bool:
    first, second = likeness(one), likeness(other)
    return first is not None and second is not None and alike(first, second)


@pytest.mark.parametrize("case", SAME)
def test_these_are_one_story(case: str) -> None:
    one, other = SAME[case]
    assert same(one, other)
    assert same(other, one)
    assert set(bands(one)) & set(bands(other)), "found by none of its bands"


@pytest.mark.parametrize("case", DIFFERENT)
def test_these_are_two(case: str) -> None:
    assert not same(*DIFFERENT[case])
    assert not same(*reversed(DIFFERENT[case]))


@pytest.mark.parametrize(
    "text", ["", "<p></p>", "Watch the video.", "点击观看视频", "A股收涨1.2%", "<img src='x'>" * 9]
)
def test_what_says_next_to_nothing_is_like_nothing(text: str) -> None:
    assert likeness(text) is None
    assert bands(text) == ()


def test_bands_are_those_of_the_likeness() -> None:
    for text in (PORT, HAFEN, MIXED):
        known = likeness(text)
        assert known is not None
        assert bands(text) == known.bands
        assert all(0 <= band < 2**32 for band in known.bands)


def test_numbers_decide_between_texts_that_share_nearly_all_else() -> None:
    told = HAFEN + "编号" + "、".join(str(number) for number in range(100, 108))
    other = re.sub(r"\d+", lambda found: str(int(found[0]) + 500), told)
    assert same(told, told + "（完）")
    assert not same(told, other)


def test_sketches_stay_what_they_are() -> None:
    """They are stored: another release of the library that hashes otherwise must be noticed."""
    assert bands(PORT) == (555545111, 1870500255, 41862254, 547808134)
