"""``feedmill source why`` and ``move``, as they are typed."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import pytest

from tests.aggregator.publishers import Publisher, publishing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.aggregator.cli.conftest import Done, Terminal

_SETTINGS = """\
[site]
title = "Tides"
url = "https://tide.example"
timezone = "Asia/Shanghai"

[[source]]
name = "tides"  # of the harbour
kind = "feed"
url = "{url}"
private = true
every = "1h"
"""


@pytest.fixture
async def publisher() -> AsyncIterator[Publisher]:
    async with publishing() as publisher:
        yield publisher


async def typed(terminal: Terminal, *arguments: str) -> Done:
    """What a command comes to, while the publisher answers it."""
    return await asyncio.to_thread(terminal.type, *arguments)


async def test_why(terminal: Terminal, publisher: Publisher) -> None:
    terminal.write("feedmill.toml", _SETTINGS.format(url=publisher.url))
    assert (await typed(terminal, "source", "why", "tides")).out == "tides was never pulled, and is due at once.\n"
    await typed(terminal, "pull")
    told = (await typed(terminal, "source", "why", "tides")).out
    assert told.startswith("tides is pulled next at ")
    assert re.search(r" CST \(in [67]\d", told)  # up to a fifth of an hour later
    assert told.endswith(" min): it is wished for every 60 min.\n")
    publisher.status = 410
    await typed(terminal, "pull")
    assert (await typed(terminal, "source", "why", "tides")).out == (
        "tides is not pulled by itself: its server says that it is gone for good (410), so it is pulled by name only.\n"
    )
    await typed(terminal, "source", "pause", "tides")
    told = (await typed(terminal, "source", "why", "tides")).out
    assert told == "tides is paused: it is pulled by name only.\n"
    result = await typed(terminal, "source", "why", "nobody")
    assert (result.code, "nobody" in result.err) == (2, True)


async def test_move_to_an_address(terminal: Terminal, publisher: Publisher) -> None:
    terminal.write("feedmill.toml", _SETTINGS.format(url=publisher.url))
    new = publisher.url.replace("/feed", "/new.xml")
    result = await typed(terminal, "source", "move", "tides", new)
    assert (result.code, result.out) == (0, f"tides: moved to {new}, which has 2 entries\n")
    assert (terminal.folder / "feedmill.toml").read_text() == _SETTINGS.format(url=new)


async def test_move_to_where_it_was_found_again(terminal: Terminal, publisher: Publisher) -> None:
    terminal.write("feedmill.toml", _SETTINGS.format(url=publisher.url))
    result = await typed(terminal, "source", "move", "tides")
    assert result.code == 2
    assert "no other address is known; name one, as in feedmill source move NAME ADDRESS" in result.err
    publisher.redirects["/feed"] = (301, "/new.xml")
    await typed(terminal, "pull")
    result = await typed(terminal, "source", "move", "tides")
    assert result.code == 0
    assert publisher.url.replace("/feed", "/new.xml") in (terminal.folder / "feedmill.toml").read_text()


async def test_move_to_what_is_no_feed(terminal: Terminal, publisher: Publisher) -> None:
    before = _SETTINGS.format(url=publisher.url)
    terminal.write("feedmill.toml", before)
    publisher.pages["/page"] = '<link rel="alternate" type="application/rss+xml" href="/feed">'
    page = publisher.url.replace("/feed", "/page")
    result = await typed(terminal, "source", "move", "tides", page)
    assert result.code == 3
    assert f"{page} is a page, not a feed; its feed is {publisher.url}; nothing was changed" in result.err
    publisher.statuses["/none"] = 404
    result = await typed(terminal, "source", "move", "tides", publisher.url.replace("/feed", "/none"))
    assert (result.code, "status 404" in result.err) == (3, True)
    result = await typed(terminal, "source", "move", "tides", "ftp://tide.example/feed")
    assert (result.code, "is no address in http or https" in result.err) == (2, True)
    assert (terminal.folder / "feedmill.toml").read_text() == before
