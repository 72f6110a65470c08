"""What the pages themselves say, in each language that they speak."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """The interface's texts in one language. ``{}`` takes a number or a name."""

    skip: str
    site: str
    onward: str
    everything: str
    latest: str
    categories: str
    subscribe: str
    copy: str
    one_entry: str
    entries: str
    newest: str
    nothing: str
    untitled: str
    corrected: str
    original: str
    back: str
    enclosures: str
    others: str
    contributors: str
    comments: str
    licence: str
    transcript: str
    chapters: str
    missing: str
    missing_text: str
    gone: str
    gone_before: str
    gone_after: str
    comma: str
    colon: str

    def count(self, number: int) -> str:
        """How many entries, as ``1,234 entries``."""
        return (self.one_entry if number == 1 else self.entries).format(f"{number:,}")


_WORDS = {
    "en": Words(
        skip="Skip to the content",
        site="This site",
        onward="Read on",
        everything="Everything",
        latest="Latest",
        categories="Categories",
        subscribe="Subscribe",
        copy="Copy an address into your feed reader.",
        one_entry="{} entry",
        entries="{} entries",
        newest="the newest {} are here",
        nothing="Nothing here yet.",
        untitled="Untitled",
        corrected="corrected",
        original="Read the original",
        back="Back to {}",
        enclosures="Attachments",
        others="Also told by",
        contributors="with {}",
        comments="Comments",
        licence="Licence",
        transcript="Transcript",
        chapters="Chapters",
        missing="No such page",
        missing_text="Nothing stands at this address. It may be mistyped, or never have been.",
        gone="Withdrawn",
        gone_before="This entry was withdrawn by its publisher on",
        gone_after=".",
        comma=", ",
        colon=": ",
    ),
    "zh": Words(
        skip="跳到正文",
        site="本站",
        onward="继续阅读",
        everything="全部",
        latest="最新",
        categories="分类",
        subscribe="订阅",
        copy="把地址复制到阅读器即可订阅。",
        one_entry="{} 篇",
        entries="{} 篇",
        newest="这里是最新的 {} 篇",
        nothing="这里还没有文章。",
        untitled="无题",
        corrected="更正于",
        original="阅读原文",
        back="返回{}",
        enclosures="附件",
        others="其他媒体的报道",
        contributors="参与：{}",
        comments="评论",
        licence="许可",
        transcript="文字稿",
        chapters="章节",
        missing="没有这一页",
        missing_text="这个地址下没有内容：可能是写错了，也可能从来没有过。",
        gone="已撤回",
        gone_before="这篇文章已由发布者撤回，时间是",
        gone_after="。",
        comma="、",
        colon="：",
    ),
}


def words_for(language: str) -> Words:
    """The texts for a site's language tag (BCP 47): Chinese for any kind of Chinese, English for the rest."""
    return _WORDS["zh" if re.match(r"zh(?![a-z])", language, re.IGNORECASE) else "en"]
