"""What the pages themselves say, in each language that they speak."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


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
    revision: str
    part: dict[str, str]
    unshown: str
    before_this: str
    picture: str
    find: str
    found: str
    choose: str
    choose_text: str
    take_list: str
    feeds_of_all: str
    of_category: str
    earlier: str
    later: str
    newest_page: str
    oldest_page: str
    pages: str
    page: str
    date: str
    months: tuple[str, ...]
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
    search: str
    search_words: str
    search_text: str
    narrow: str
    quoted: str
    one_category: str
    one_tag: str
    one_medium: str
    either: str
    slug_hint: str
    search_empty: str
    search_too_long: str
    not_found: str

    def moment(self, when: datetime) -> str:
        """*when*, in the zone that it is in, as people write it."""
        month = self.months[when.month - 1]
        return self.date.format(year=when.year, month=month, day=when.day, time=f"{when.hour:02}:{when.minute:02}")

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
        revision="Revision {}",
        part={
            "title": "Title",
            "link": "Link",
            "published": "Date",
            "summary": "Summary",
            "content": "Text",
            "enclosures": "Attachments",
        },
        unshown="Earlier changes are too long to be shown.",
        before_this="What was corrected",
        picture="Picture",
        find="Find a category",
        found="{} found",
        choose="Choose categories",
        choose_text="Tick what you want to follow. You get an OPML file that any feed reader takes in.",
        take_list="Get the OPML file",
        feeds_of_all="Everything, in one feed",
        of_category="The feeds of one category are on its page.",
        earlier="Earlier",
        later="Later",
        newest_page="Newest",
        oldest_page="Oldest",
        pages="Pages",
        page="Page {}",
        date="{day} {month} {year}, {time}",
        months=("Jan", "Feb", "Mar", "Apr", "May", "June", "July", "Aug", "Sept", "Oct", "Nov", "Dec"),
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
        search="Search",
        search_words="Words",
        search_text="All of these words, in titles and texts. What is found is a feed as well: it brings what is new.",
        narrow="Narrow the search",
        quoted="“{}”",
        one_category="Category",
        one_tag="Tag",
        one_medium="Medium",
        either=" or ",
        slug_hint="As its address has it: /category/….html",
        search_empty="Say what to search for: words in q, or a category, tag or medium.",
        search_too_long="Words are at most {0} characters; categories, tags and media at most {1}, of {0} characters.",
        not_found="Nothing was found.",
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
        revision="第 {} 版",
        part={
            "title": "标题",
            "link": "链接",
            "published": "时间",
            "summary": "摘要",
            "content": "正文",
            "enclosures": "附件",
        },
        unshown="更早的改动太长，不再列出。",
        before_this="更正记录",
        picture="图片",
        find="查找分类",
        found="找到 {} 个",
        choose="选择分类",
        choose_text="勾选想订阅的分类，即可得到一个 OPML 文件，任何阅读器都能导入。",
        take_list="取得 OPML 文件",
        feeds_of_all="一个订阅源，包括全部文章",
        of_category="单个分类的订阅源在该分类的页面上。",
        earlier="较早",
        later="较新",
        newest_page="最新",
        oldest_page="最早",
        pages="分页",
        page="第 {} 页",
        date="{year}年{month}月{day}日 {time}",
        months=tuple(str(month) for month in range(1, 13)),
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
        search="搜索",
        search_words="关键词",
        search_text="在标题和正文中查找全部这些词。结果也是一个订阅源：订阅后，有新文章就会收到。",
        narrow="缩小范围",
        quoted="“{}”",
        one_category="分类",
        one_tag="标签",
        one_medium="媒体",
        either="或",
        slug_hint="地址 /category/….html 中的那一段",
        search_empty="请说明要找什么：q 中的关键词，或者分类、标签、媒体。",
        search_too_long="关键词最多 {0} 个字；其他条件最多 {1} 个，每个最多 {0} 个字。",
        not_found="没有找到。",
    ),
}


@cache
def words_for(language: str) -> Words:
    """The texts for a site's language tag (BCP 47): Chinese for any kind of Chinese, English for the rest."""
    return _WORDS["zh" if re.match(r"zh(?![a-z])", language, re.IGNORECASE) else "en"]
