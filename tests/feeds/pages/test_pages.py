"""What each page shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from feeds.writing import pages
from storage.category import ALL, Category
from storage.entry import Author, Enclosure, Episode, Origin, Transcript, as_info_code

if TYPE_CHECKING:
    from collections.abc import Callable

    from feeds.site import Site
    from storage.entry import Entry

TITLES = {"hebianribao": "河边日报", "shanqu": "山区"}


def texts(elements: list[Any]) -> list[str]:
    return [one.text for one in elements]


def test_home_shows_the_latest_and_then_all_categories(chinese: Site, make: Callable[..., Entry], read: Any) -> None:
    latest = [
        make(origin=Origin("山间通讯")),
        make(info_code=as_info_code("NW202203142308379871"), title="第二条", categories=("shanqu", "weiming")),
    ]
    categories = [Category("shanqu", "山区", entries=2), Category("hebianribao", "河边日报", entries=12345)]
    categories += [Category(ALL, "", entries=12347), Category("weiming", "", entries=2)]
    page = read(pages.home(chinese, categories, latest, TITLES))

    assert page.one("h1").text == "金融消息"
    assert texts(page.all("h2")) == ["最新", "分类"]
    assert texts(page.all("h3")) == ["水库今日开闸", "第二条"]
    assert texts(page.all("p", class_="meta")) == [
        "2022年3月14日 18:35 河边日报 山间通讯",
        "2022年3月14日 18:35 山区 weiming 河边日报",
    ]
    assert page.all("a", href="entry/NW202203142308379871.html")
    lines = page.source.partition('<ul class="index"')[2].partition(">")[2].partition("</ul>")[0]
    assert texts(read(lines.encode()).all("li")) == ["河边日报 12,345", "山区 2", "weiming 2"]
    subscribe = page.one("nav", aria_label="订阅")
    assert subscribe.text == "订阅 RSS Atom JSON OPML"
    for href in ("all.rss", "all.atom", "all.json", "feeds.opml"):
        assert page.all("a", href=href)


def test_a_source_is_not_told_again_where_a_category_has_its_name(
    chinese: Site, make: Callable[..., Entry], read: Any
) -> None:
    page = read(pages.home(chinese, [], [make()], TITLES))
    assert page.one("p", class_="meta").text == "2022年3月14日 18:35 河边日报"


def test_home_has_a_line_for_each_of_many_categories(chinese: Site, read: Any) -> None:
    categories = [Category(f"c{number}", f"名{number}", entries=number) for number in range(2000)]
    page = read(pages.home(chinese, categories, [], {}))
    assert len(page.all("li")) == 2000
    assert page.all("li")[0].text == "名1999 1,999"
    assert page.all("a", href="category/c1999.html")


@pytest.mark.parametrize(("language", "nothing"), [("zh-CN", "这里还没有文章。"), ("en", "Nothing here yet.")])
def test_a_site_without_entries_says_so(chinese: Site, read: Any, language: str, nothing: str) -> None:
    site = replace(chinese, language=language)
    assert nothing in texts(read(pages.home(site, [], [], {})).all("p"))
    assert nothing in texts(read(pages.category(site, Category("a", "A"), [], {})).all("p"))


def test_a_category_shows_its_feeds_to_copy_and_its_entries(
    chinese: Site, make: Callable[..., Entry], read: Any
) -> None:
    entries = [
        make(),
        make(title="有摘要", summary="  这是\n摘要。 ", categories=("hebianribao", "shanqu"), origin=Origin("别处")),
    ]
    page = read(pages.category(chinese, Category("hebianribao", "河边日报", entries=1234), entries, TITLES))

    assert page.one("h1").text == "河边日报"
    assert page.one("title").text == "河边日报 · 金融消息"
    assert page.all("p", class_="meta")[0].text == "1,234 篇 这里是最新的 2 篇"
    assert texts(page.all("code")) == [
        f"https://news.example/category/hebianribao.{suffix}" for suffix in ("rss", "atom", "json")
    ]
    assert page.all("a", href="../category/hebianribao.atom")
    assert texts(page.all("h2"))[1:] == ["水库今日开闸", "有摘要"]
    assert texts(page.all("p", class_="excerpt")) == ["第一段。 第二段，要紧。", "这是 摘要。"]
    assert texts(page.all("p", class_="meta"))[1:] == ["2022年3月14日 18:35", "2022年3月14日 18:35 山区 别处"]


@pytest.mark.parametrize(("entries", "said"), [(1, "1 entry"), (2, "2 entries"), (0, "1 entry")])
def test_a_category_that_is_all_here_only_counts(
    english: Site, make: Callable[..., Entry], read: Any, entries: int, said: str
) -> None:
    # A count from before an entry came in is put right by what is there.
    shown = [make()] * max(entries, 1)
    page = read(pages.category(english, Category("a", "A", entries=entries), shown, {}))
    assert page.all("p", class_="meta")[0].text == said


def test_everything_is_a_category_at_the_root(english: Site, make: Callable[..., Entry], read: Any) -> None:
    page = read(pages.category(english, Category(ALL, "", entries=1), [make()], {}))
    assert page.one("h1").text == "Everything"
    assert page.all("a", href="entry/NW202203142308379872.html")
    assert page.all("p", class_="meta")[1].text == "14 Mar 2022, 10:35 hebianribao 河边日报"
    assert texts(page.all("code"))[0] == "https://ledger.example/mill/all.rss"


def test_an_entry_shows_where_it_came_from_and_leads_on(chinese: Site, make: Callable[..., Entry], read: Any) -> None:
    page = read(pages.entry(chinese, make(categories=("hebianribao", "shanqu")), TITLES))

    assert page.one("h1").text == "水库今日开闸"
    assert page.one("p", class_="kicker").text == "河边日报 山区"
    assert page.one("p", class_="meta").text == "2022年3月14日 18:35 河边日报 李记者"
    assert page.one("time").attributes["datetime"] == "2022-03-14T18:35:49+08:00"
    assert page.one("a", href="https://river.example/").text == "河边日报"
    assert page.one("a", href="https://river.example/news/1.html").text == "阅读原文river.example"
    assert texts(page.all("a", href="../category/hebianribao.html")) == ["河边日报", "返回河边日报"]
    assert "<p>第一段。</p><p>第二段，<strong>要紧</strong>。</p>" in page.source
    assert page.one("meta", property="og:type").attributes["content"] == "article"
    assert page.one("meta", name="description").attributes["content"] == "第一段。 第二段，要紧。"
    assert "lang" not in page.one("article").attributes


def test_a_time_is_the_sites(english: Site, make: Callable[..., Entry], read: Any) -> None:
    summer = make(published=datetime(2022, 7, 1, 23, 5, tzinfo=UTC), language="en-gb")
    time = read(pages.entry(english, summer, {})).one("time")
    assert (time.attributes["datetime"], time.text) == ("2022-07-02T00:05:00+01:00", "2 July 2022, 00:05")


@pytest.mark.parametrize("revision", [1, 2])
def test_a_correction_is_told_with_its_time(
    chinese: Site, make: Callable[..., Entry], read: Any, revision: int
) -> None:
    entry = make(revision=revision)
    page = read(pages.entry(chinese, replace(entry, updated=entry.updated + timedelta(hours=3)), TITLES))
    corrected = texts(page.all("span", class_="corrected"))
    assert corrected == (["更正于 2022年3月14日 21:35"] if revision > 1 else [])


def test_an_entry_in_another_language_says_so(chinese: Site, make: Callable[..., Entry], read: Any) -> None:
    entry = make(title="Sluices open", language="en")
    page = read(pages.entry(chinese, entry, TITLES))
    assert page.one("article").attributes["lang"] == "en"
    # What the site itself says within the article stays in the site's language.
    assert page.one("p", class_="kicker").attributes["lang"] == "zh-CN"
    assert page.one("p", class_="meta").attributes["lang"] == "zh-CN"
    assert read(pages.home(chinese, [], [entry], TITLES)).one("h3").attributes["lang"] == "en"
    assert read(pages.category(chinese, Category("a", "A"), [entry], TITLES)).one("li", lang="en")


def test_enclosures_are_played_or_linked(chinese: Site, make: Callable[..., Entry], read: Any) -> None:
    files = (
        Enclosure("https://river.example/a/%E6%92%AD.mp3?x=1", "audio/mpeg", 12_345_678),
        Enclosure("https://river.example/v.mp4", "Video/mp4", 999),
        Enclosure("https://river.example/", "application/pdf", 999_950),
        Enclosure("ftp://river.example/d.zip", "application/zip"),
    )
    page = read(pages.entry(chinese, make(enclosures=files), TITLES))
    assert page.one("audio").attributes["src"] == files[0].url
    assert page.one("video").attributes["src"] == files[1].url
    assert texts(page.all("figcaption")) == [
        "播.mp3 audio/mpeg, 12.3 MB",
        "v.mp4 Video/mp4, 999 B",
        "https://river.example/ application/pdf, 1.0 MB",
    ]


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "//x.example/", "", "http://"])
def test_only_the_web_is_linked_to(chinese: Site, make: Callable[..., Entry], read: Any, address: str) -> None:
    entry = make(link=address, origin=Origin("河边日报", address), enclosures=(Enclosure(address, "audio/mpeg"),))
    page = read(pages.entry(chinese, entry, TITLES))
    assert address not in [one.attributes.get("href") for one in page.all("a")]
    assert not page.all("audio")
    assert "阅读原文" not in page.source
    assert "河边日报" in page.one("p", class_="meta").text


def test_the_host_that_is_shown_is_the_host_that_is_opened(
    chinese: Site, make: Callable[..., Entry], read: Any
) -> None:
    page = read(pages.entry(chinese, make(link="HTTPS://bank.example@evil.example/x"), TITLES))
    assert "阅读原文evil.example" in texts(page.all("a"))


def test_an_entry_with_little_is_still_a_page(english: Site, make: Callable[..., Entry], read: Any) -> None:
    bare = make(title=" ", content="", summary="Only <this>.", origin=Origin(""), authors=(), categories=(), link="")
    page = read(pages.entry(english, bare, {}))
    assert page.one("h1").text == "Untitled"
    assert page.one("div", class_="content").text == "Only <this>."
    assert page.one("nav", aria_label="Read on").text == "Back to Everything"
    assert page.one("p", class_="meta").text == "14 Mar 2022, 10:35"
    assert not page.all("p", class_="kicker")


def test_a_medium_that_is_its_own_author_is_named_once(chinese: Site, make: Callable[..., Entry], read: Any) -> None:
    entry = make(authors=(Author("河边日报"), Author("李记者"), Author("王记者")))
    assert read(pages.entry(chinese, entry, TITLES)).one("p", class_="meta").text.endswith("河边日报 李记者、王记者")


def test_a_missing_page_names_what_was_asked_for(english: Site, read: Any) -> None:
    page = read(pages.missing(english, "/category/%E6%B2%B3.html"))
    assert page.one("h1").text == "No such page"
    assert page.one("code").text == "category/河.html"
    assert page.one("link", rel="stylesheet").attributes["href"] == "../style.css"


def test_a_missing_page_is_short_however_long_its_address(english: Site) -> None:
    assert len(pages.missing(english, "/".join("a" * 20_000))) < 5_000


def test_a_withdrawn_entry_says_by_whom_and_when(
    chinese: Site, english: Site, make: Callable[..., Entry], read: Any
) -> None:
    entry = make()
    page = read(pages.gone(english, entry.info_code, entry.updated))
    assert "This entry was withdrawn by its publisher on 14 Mar 2022, 10:35." in texts(page.all("p"))
    assert page.one("code").text == entry.info_code
    page = read(pages.gone(chinese, entry.info_code, entry.updated))
    assert "这篇文章已由发布者撤回，时间是 2022年3月14日 18:35。" in texts(page.all("p"))
    assert entry.title not in page.source


@pytest.mark.parametrize(
    ("language", "word"),
    [
        ("zh", "订阅"),
        ("zh-TW", "订阅"),
        ("ZH_cn", "订阅"),
        ("en-US", "Subscribe"),
        ("zhx", "Subscribe"),
        ("", "Subscribe"),
    ],
)
def test_the_interface_speaks_chinese_or_english(chinese: Site, read: Any, language: str, word: str) -> None:
    page = read(pages.home(replace(chinese, language=language), [], [], {}))
    assert page.one("nav").attributes["aria-label"] == word


@pytest.mark.parametrize(
    ("language", "people", "beside"),
    [
        ("zh-CN", "参与：王五、赵六", ["文字稿 (en)", "文字稿 (text/vtt)", "章节", "评论", "许可"]),
        ("en", "with 王五, 赵六", ["Transcript (en)", "Transcript (text/vtt)", "Chapters", "Comments", "Licence"]),
    ],
)
def test_an_episode_shows_all_that_it_brings(
    chinese: Site, make: Callable[..., Entry], read: Any, language: str, people: str, beside: list[str]
) -> None:
    transcripts = (
        Transcript("https://a.example/1", "text/html", "en"),
        Transcript("https://a.example/2", "text/vtt"),
        Transcript("javascript:x", "text/vtt"),
    )
    entry = make(
        contributors=(Author("王五"), Author("赵六")),
        image="https://a.example/i.jpg?a&b",
        comments="https://a.example/#c",
        licence="https://licence.example/by",
        enclosures=(
            Enclosure("https://a.example/a.mp3", "audio/mpeg", 1000, "第七集"),
            Enclosure("https://a.example/a.mp4", "video/mp4", duration=75),
            Enclosure("https://a.example/a.pdf", "application/pdf"),
        ),
        episode=Episode(duration=3723, transcripts=transcripts, chapters="https://a.example/chapters"),
    )
    page = read(pages.entry(replace(chinese, language=language), entry, TITLES))
    assert people in page.one("p", class_="meta").text
    assert page.one("a", class_="picture").attributes["href"] == "https://a.example/i.jpg?a&b"
    captions = ["第七集 audio/mpeg, 1.0 kB, 1:02:03", "a.mp4 video/mp4, 1:15", "a.pdf application/pdf"]
    assert texts(page.all("figcaption")) == captions
    assert page.one("p", class_="beside").text == " ".join(beside)
    assert page.one("a", rel="license").attributes["href"] == "https://licence.example/by"


def test_a_picture_that_is_shown_anyhow_is_not_shown_twice(
    chinese: Site, make: Callable[..., Entry], read: Any
) -> None:
    address = "https://a.example/i.jpg?a&b"
    content = '<p><img src="https://a.example/i.jpg?a&amp;b"></p>'
    assert len(read(pages.entry(chinese, make(image=address, content=content), TITLES)).all("a", href=address)) == 1
    file = Enclosure(address, "image/jpeg")
    assert read(pages.entry(chinese, make(image=address, enclosures=(file,)), TITLES)).all("a", class_="picture") == []


def test_a_licence_without_an_address_is_told_in_its_own_words(
    chinese: Site, make: Callable[..., Entry], read: Any
) -> None:
    page = read(pages.entry(chinese, make(licence="保留所有权利 <b>"), TITLES))
    assert page.one("p", class_="beside").text == "保留所有权利 <b>"
    assert page.all("a", rel="license") == []


def test_home_shows_the_latest_titles_of_large_categories(chinese: Site, make: Callable[..., Entry], read: Any) -> None:
    harbour, hills = Category("hebianribao", "河边日报", entries=1234), Category("shanqu", "", entries=2)
    english = make(title="Sluices open", language="en", info_code=as_info_code("NW202203142308379871"))
    shelves = [(harbour, [make(), english]), (hills, [make()])]
    page = read(pages.home(chinese, [harbour, hills], [], TITLES, shelves))
    assert texts(page.all("h3")) == ["河边日报 1,234", "shanqu 2"]
    titles = ["水库今日开闸", "Sluices open", "水库今日开闸"]
    assert [one.text for one in page.all("li", dir="auto")] == titles
    assert page.all("li", dir="auto")[1].attributes["lang"] == "en"


def test_a_category_leads_to_what_it_does_not_show(chinese: Site, make: Callable[..., Entry], read: Any) -> None:
    category = Category("100%", "名", entries=340)
    page = read(pages.category(chinese, category, [make()], TITLES, earlier=3))
    assert page.one("nav", aria_label="分页").text == "较早"
    assert page.one("a", href="../category/100%2525/3.html")
    assert not read(pages.category(chinese, category, [make()], TITLES)).all("nav", aria_label="分页")


@pytest.mark.parametrize(
    ("number", "last", "turns"),
    [
        (1, False, ["Newest", "Later"]),
        (2, False, ["Newest", "Later", "Earlier"]),
        (3, False, ["Newest", "Later", "Earlier", "Oldest"]),
        (4, True, ["Newest", "Earlier", "Oldest"]),
        (1, True, ["Newest"]),
    ],
)
def test_pages_lead_to_their_neighbours(
    english: Site, make: Callable[..., Entry], read: Any, number: int, last: bool, turns: list[str]
) -> None:
    entries = [make(published=datetime(2022, 3, day, tzinfo=UTC)) for day in (14, 12)]
    page = read(pages.paged(english, Category("a", "A", entries=9), number, entries, {}, last=last))
    nav = page.one("nav", aria_label="Pages")
    assert nav.text == " ".join(turns)
    assert page.one("h1").text == f"Page {number}"
    assert page.one("title").text == f"A · Page {number} · The Ledger"
    assert page.all("p", class_="meta")[0].text == "12 Mar 2022, 00:00 – 14 Mar 2022, 00:00"
    assert page.all("a", href="../../category/a.html")
    assert page.all("a", href="../../entry/NW202203142308379872.html")
    front = read(pages.paged(english, Category(ALL, "", entries=9), number, entries, {}, last=last))
    assert front.one("p", class_="kicker").text == "Everything"
    assert front.all("a", href="../all.html")


def test_corrections_show_what_became_of_each_part(english: Site, make: Callable[..., Entry], read: Any) -> None:
    first = make(content="<p>One. Two. Three. Four. <b>Five</b> &lt;i&gt;.</p>", language="en")
    second = replace(first, revision=2, title="Better", updated=first.updated + timedelta(hours=1))
    third = replace(
        second,
        revision=3,
        content=first.content.replace("Five", "Six"),
        published=first.published - timedelta(days=1),
        updated=first.updated + timedelta(hours=2),
    )
    page = read(pages.entry(english, third, {}, (), [first.said, second.said]))
    assert texts(page.all("summary")) == ["Revision 3 14 Mar 2022, 12:35", "Revision 2 14 Mar 2022, 11:35"]
    assert texts(page.all("h3")) == ["Date", "Text", "Title"]
    assert texts(page.all("del")) == ["14 Mar 2022, 10:35", "Five <i>.", "水库今日开闸"]
    assert texts(page.all("ins")) == ["13 Mar 2022, 10:35", "Six <i>.", "Better"]
    # One line of what stayed stands around what changed; more is left out.
    assert texts(page.all("p", dir="auto"))[3:7] == ["…", "Four.", "Five <i>.", "Six <i>."]


def test_endless_corrections_do_not_make_an_endless_page(english: Site, make: Callable[..., Entry]) -> None:
    said = [replace(make().said, number=n, content=f"<p>{chr(97 + n) * 20_000}</p>") for n in range(1, 9)]
    now = make(revision=9, content="<p>z</p>")
    page = pages.entry(english, now, {}, (), said)
    assert len(page) < 100_000
    assert "Earlier changes are too long to be shown." in page.decode()


def test_feeds_to_choose_from(chinese: Site, read: Any) -> None:
    categories = [
        Category("a&b", "名 <b>", entries=2),
        Category("c", "", entries=1234),
        Category(ALL, ""),
    ]
    page = read(pages.subscribe(chinese, categories))
    form = page.one("form")
    assert (form.attributes["method"], form.attributes["action"]) == ("get", "feeds.opml")
    assert [one.attributes["value"] for one in page.all("input")] == ["", "c", "a&b"]
    assert texts(page.all("label")) == ["全部", "c", "名 <b>"]
    assert texts(page.all("code")) == [f"https://news.example/all.{suffix}" for suffix in ("rss", "atom", "json")]
