"""The status page in a real browser without JavaScript, on a phone and at a desk."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import async_playwright

from tests.aggregator.web.operating import HOSTILE, Operated, served

if TYPE_CHECKING:
    from playwright.async_api import Page

CHROMIUM = Path("/usr/bin/chromium")
PHONE, DESK = (390, 844), (1180, 900)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists() and not os.environ.get("CI"), reason="no chromium on this machine"),
]


async def _overflow(page: Page) -> int:
    # Playwright evaluates in the page whether or not the page itself may run scripts.
    return int(await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("number", [1, 12, 2000])
async def test_reads_well(tmp_path: Path, size: tuple[int, int], scheme: str, number: int) -> None:
    told: list[str] = []
    with served(Operated(tmp_path, number)) as address:
        async with async_playwright() as tools:
            browser = await tools.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            page = await browser.new_page(
                viewport={"width": size[0], "height": size[1]},
                color_scheme="dark" if scheme == "dark" else "light",
                java_script_enabled=False,
            )
            page.on("console", lambda message: told.append(message.text))
            page.on("dialog", lambda dialog: told.append(dialog.message))
            await page.goto(f"{address}/status")
            if pictures := os.environ.get("FEEDMILL_PICTURES"):
                await page.screenshot(path=f"{pictures}/{size[0]}-{scheme}-{number}.png")
            assert await _overflow(page) == 0
            assert await page.locator("tbody tr").count() == min(number, 200)
            row = await page.locator("tbody tr").first.evaluate("row => getComputedStyle(row).display")
            assert row == ("grid" if size == PHONE else "table-row")
            paper = await page.evaluate("getComputedStyle(document.body).backgroundColor")
            assert paper == ("rgb(23, 22, 20)" if scheme == "dark" else "rgb(252, 251, 247)")
            await page.keyboard.press("Tab")
            assert await page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
            await browser.close()
    assert told == []


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
async def test_filter_and_sort_by_clicking(tmp_path: Path, size: tuple[int, int]) -> None:
    with served(Operated(tmp_path, 12)) as address:
        async with async_playwright() as tools:
            browser = await tools.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            page = await browser.new_page(viewport={"width": size[0], "height": size[1]}, java_script_enabled=False)
            await page.goto(f"{address}/status")
            names = page.locator("tbody th b")
            await page.locator(".totals .failing a").click()
            assert await names.all_inner_texts() == ["source 9", "source 6", "source 3", HOSTILE]
            await page.get_by_label("Name or address").fill("s6.example")
            await page.get_by_role("button", name="Show").click()
            assert await names.all_inner_texts() == ["source 6"]
            await page.get_by_role("link", name="Show all").click()
            await page.get_by_label("Sort by").select_option("failures")
            await page.get_by_role("button", name="Show").click()
            assert (await names.all_inner_texts())[:2] == ["source 9", "source 6"]
            if size == DESK:
                await page.get_by_role("columnheader").get_by_role("link", name="Failures").click()
                assert (await names.all_inner_texts())[-1] == "source 9"
                assert await page.locator("[aria-sort=ascending]").inner_text() == "Failures"
            await browser.close()
