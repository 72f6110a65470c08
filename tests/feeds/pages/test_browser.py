"""The pages in a real browser: on a phone and at a desk, in both lights, with and without JavaScript."""

from __future__ import annotations

import os
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import async_playwright

from feeds.site import Site
from tests.feeds.pages.library import ELSEWHERE, HOSTILE_ENTRY, PLAIN_ENTRY, RAW_ENTRY, RICH_ENTRY, served, slug

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from playwright.async_api import Page, Request

CHROMIUM = Path("/usr/bin/chromium")
AXE = Path(os.environ.get("FEEDMILL_AXE") or Path(__file__).parents[3] / ".venv" / "axe" / "axe.min.js")
PHONE, DESK = (390, 844), (1280, 900)
PAPER = {"light": "rgb(252, 251, 247)", "dark": "rgb(23, 22, 20)"}
PAGES = {
    "home": "/",
    "all": "/all.html",
    "category": f"/category/{slug(0)}.html",
    "paged": "/all/2.html",
    "entry": f"/entry/{RICH_ENTRY}.html",
    "plain": f"/entry/{PLAIN_ENTRY}.html",
    "hostile": f"/entry/{HOSTILE_ENTRY}.html",
    "subscribe": "/subscribe.html",
    "search": "/search.html",
    "found": f"/search.html?q=码头&category={slug(1)}&category={slug(4)}&medium=山间通讯",
    "nothing": "/search.html?q=nowhere",
    "refused": f"/search.html?q={'x' * 201}",
    "missing": "/no/such/page.html",
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists() and not os.environ.get("CI"), reason="no chromium on this machine"),
]


@pytest.fixture(scope="module", params=["zh-CN", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def address(language: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    title = "潮汐观察" if language == "zh-CN" else "The Tide Observer"
    site = Site(
        title, "https://tide.example", ZoneInfo("Asia/Shanghai"), language=language, author="编辑部", search=True
    )
    with served(tmp_path_factory.mktemp("library") / "mill.db", site) as at:
        yield at


@pytest.fixture(scope="module")
def axe() -> Path:
    if not AXE.exists():
        missing = f"there is no {AXE}: run `make axe`, or set FEEDMILL_AXE"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return AXE


class Seen:
    """A page, and what it said and asked for."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.told: list[str] = []
        self.asked: list[Request] = []
        page.on("console", lambda message: self.told.append(message.text))
        page.on("pageerror", lambda error: self.told.append(str(error)))
        page.on("dialog", lambda dialog: self.told.append(dialog.message))
        page.on("request", lambda request: self.asked.append(request))

    def strange(self, address: str) -> list[str]:
        """What was asked for from other hosts; what the policy forbids is told as a request, but is none."""
        asked = [request.url for request in self.asked if request.failure != "csp"]
        return [url for url in asked if not url.startswith((address, "data:"))]


@asynccontextmanager
async def _seen(**options: Any) -> AsyncIterator[Seen]:
    async with async_playwright() as tools:
        browser = await tools.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            yield Seen(await browser.new_page(**options))
        finally:
            await browser.close()


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_reads_well(address: str, language: str, size: tuple[int, int], scheme: str) -> None:
    viewport = {"width": size[0], "height": size[1]}
    async with _seen(viewport=viewport, color_scheme=scheme) as seen:
        for name, path in PAGES.items():
            await seen.page.goto(address + path)
            if pictures := os.environ.get("FEEDMILL_PICTURES"):
                where = f"{pictures}/{name}-{language}-{size[0]}-{scheme}.png"
                await seen.page.screenshot(path=where, full_page=name == "entry")
            width = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert await seen.page.evaluate(width) == 0, name
            paper = await seen.page.evaluate("getComputedStyle(document.body).backgroundColor")
            assert paper == PAPER[scheme]
            assert await seen.page.title() != "run"
        assert seen.strange(address) == []
    # Chromium says so itself where a page is not there, or refused.
    assert [text for text in seen.told if "404" not in text and "400" not in text] == []


async def test_no_script_is_needed_to_read(address: str) -> None:
    async with _seen(java_script_enabled=False) as seen:
        await seen.page.goto(address)
        assert await seen.page.locator(".index li:visible").count() == 40
        assert await seen.page.locator("input").count() == 0
        await seen.page.locator(".shelves h3 a").first.click()
        await seen.page.locator(".list h2 a").first.click()
        assert await seen.page.locator("article").count() == 1
        assert seen.told == []  # below, Chromium's own player complains of our policy where scripts are off
        await seen.page.goto(f"{address}/entry/{RICH_ENTRY}.html")
        assert await seen.page.locator(".picture").count() == 3
        assert await seen.page.locator("del").count() == await seen.page.locator("ins").count() == 3
        assert seen.strange(address) == []


async def test_a_reader_turns_to_the_oldest_entry(address: str) -> None:
    async with _seen(java_script_enabled=False) as seen:
        await seen.page.goto(f"{address}/all.html")
        found: set[str] = set()
        while True:
            links = seen.page.locator(".list h2 a, .wire h2 a")
            found |= {await link.get_attribute("href") or "" for link in await links.all()}
            earlier = seen.page.locator(".turns a", has_text="Earlier").or_(
                seen.page.locator(".turns a", has_text="较早")
            )
            if not await earlier.count():
                break
            await earlier.click()
        assert len({path.rpartition("/")[2] for path in found}) == 443


async def test_finds_a_category_while_one_types(address: str, language: str) -> None:
    async with _seen() as seen:
        await seen.page.goto(address)
        shown = seen.page.locator(".index li:visible")
        field = seen.page.get_by_role("searchbox")
        await field.fill("weekly9 TIDE")
        assert await shown.count() == 1
        assert await seen.page.locator(".find output").inner_text() == (
            "找到 1 个" if language == "zh-CN" else "1 found"
        )
        await field.fill("LEIXING12")  # by its address, as pinyin is
        assert await shown.count() == 1
        await field.fill("")
        assert await shown.count() == 40


async def test_chosen_categories_come_as_opml(address: str) -> None:
    async with _seen() as seen:
        await seen.page.goto(f"{address}/subscribe.html")
        await seen.page.get_by_role("searchbox").fill("leixing1")
        await seen.page.get_by_role("searchbox").press("Enter")  # sends nothing
        await seen.page.locator(f"input[value={slug(1)}]").check()
        await seen.page.get_by_role("searchbox").fill("leixing3")
        await seen.page.locator(f"input[value={slug(3)}]").check()
        async with seen.page.expect_request("**/feeds.opml*") as asked:
            await seen.page.get_by_role("button").click()
        url = (await asked.value).url
        assert urlsplit(url).query == f"category={slug(1)}&category={slug(3)}" or "leixing3&" in url
        answer = await seen.page.request.get(url)
        assert (await answer.text()).count("<outline") == 2


async def test_one_searches_without_a_script(address: str, language: str) -> None:
    async with _seen(java_script_enabled=False) as seen:
        await seen.page.goto(address)
        name = "搜索" if language == "zh-CN" else "Search"
        await seen.page.get_by_role("link", name=name).click()
        assert await seen.page.locator(".list").count() == 0
        await seen.page.get_by_role("searchbox").fill("闸放 水库")
        await seen.page.get_by_role("button", name=name).click()
        found = seen.page.locator(".list h2 a")
        assert await found.count() == 50
        assert all("水库今日开闸放水" in title for title in await found.all_inner_texts())
        await seen.page.locator("summary").click()
        await seen.page.locator("#medium").fill("山间通讯")
        await seen.page.get_by_role("button", name=name).click()
        assert await seen.page.get_by_role("searchbox").input_value() == "闸放 水库"
        assert 0 < await found.count() < 50
        await seen.page.get_by_role("checkbox").uncheck()
        await seen.page.get_by_role("button", name=name).click()
        assert await found.count() == 50
        href = await seen.page.locator("link[type='application/atom+xml']").get_attribute("href")
        answer = await seen.page.request.get((href or "").replace("https://tide.example", address))
        assert (await answer.text()).count("<entry") == 50


@pytest.mark.parametrize("code", [HOSTILE_ENTRY, RAW_ENTRY], ids=["cleaned", "raw"])
async def test_a_hostile_entry_is_words(address: str, code: str) -> None:
    async with _seen() as seen:
        await seen.page.goto(f"{address}/entry/{code}.html")
        await seen.page.wait_for_load_state("networkidle")
        assert await seen.page.locator("h1").inner_text() == "<script>document.title='run'</script>"
        assert await seen.page.title() != "run"
        assert seen.strange(address) == []


async def test_a_readers_autodiscovery_finds_the_feeds(address: str) -> None:
    async with _seen() as seen:
        await seen.page.goto(f"{address}/category/{slug(2)}.html")
        links = seen.page.locator("link[rel=alternate]")
        found = [await link.get_attribute("href") for link in await links.all()]
        assert found == [f"https://tide.example/category/{slug(2)}.{suffix}" for suffix in ("rss", "atom", "json")]
        for href in found:
            answer = await seen.page.request.get(address + urlsplit(href or "").path)
            assert answer.ok


async def test_the_header_forbids_what_the_page_does(address: str) -> None:
    async with _seen() as seen:
        answer = await seen.page.goto(f"{address}/no/such/page")
        assert answer is not None
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert ELSEWHERE not in answer.headers["content-security-policy"]


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "light"), (DESK, "dark")], ids=["phone", "desk"])
async def test_axe_finds_nothing(address: str, axe: Path, size: tuple[int, int], scheme: str) -> None:
    viewport = {"width": size[0], "height": size[1]}
    async with _seen(viewport=viewport, color_scheme=scheme, bypass_csp=True) as seen:
        for name, path in PAGES.items():
            await seen.page.goto(address + path)
            await seen.page.add_script_tag(path=axe)
            run = "axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})"
            found = (await seen.page.evaluate(run))["violations"]
            assert [(name, one["id"], [node["html"] for node in one["nodes"]][:3]) for one in found] == []
