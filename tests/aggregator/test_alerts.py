"""The operator is told once that a source is broken, and once that it is well: by a command, a web hook, or both."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from structlog.testing import capture_logs

from aggregator import alerts as alerting
from aggregator.alerts import Alerts
from aggregator.fetching.client import Fetcher
from aggregator.settings import AlertSettings
from storage.source import PullState, SourceKind, Trouble
from tests.aggregator.publishers import feed, milling, publishing, pulled

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

_SITE = "https://tide.example"
_WELL = PullState("tides", SourceKind.FEED, last_success=datetime(2022, 3, 14, 18, tzinfo=UTC))


class Pager:
    """A command that writes down what it is told, and the address of a web hook that does the same."""

    def __init__(self, folder: Path) -> None:
        self._told = folder / "told.jsonl"
        self.status = 204
        self.posted: list[Any] = []
        self.url = ""
        script = folder / "page.py"
        script.write_text(
            f"import sys\nwith open({str(self._told)!r}, 'a') as told: told.write(sys.stdin.read() + '\\n')\n"
        )
        self.command = (sys.executable, str(script))

    @property
    def told(self) -> list[Any]:
        return [json.loads(line) for line in self._told.read_text().splitlines()] if self._told.exists() else []

    async def answer(self, request: web.Request) -> web.Response:
        assert request.content_type == "application/json"
        self.posted.append(await request.json())
        return web.Response(status=self.status)


@pytest.fixture
async def pager(tmp_path: Path) -> AsyncIterator[Pager]:
    pager = Pager(tmp_path)
    app = web.Application()
    app.router.add_post("/hook", pager.answer)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    pager.url = str(server.make_url("/hook"))
    yield pager
    await server.close()


def broken(failures: int, **facts: Any) -> PullState:
    given: dict[str, Any] = {"failure": "it is shut", "trouble": Trouble.NOT_FOUND} | facts
    return replace(_WELL, failures=failures, **given)


async def test_once_when_it_is_broken_for_longer_and_once_when_it_is_well(pager: Pager) -> None:
    alerts = Alerts(AlertSettings(command=pager.command, after=3), _SITE, None)
    state, told = _WELL, []
    for failures in (0, 1, 2, 3, 4, 5, 50, 0, 0, 1, 0):
        state = broken(failures, alerted=state.alerted) if failures else replace(_WELL, alerted=state.alerted)
        state = await alerts.tell(state)
        told.append(len(pager.told))
        assert (state.alerted is not None) == (failures in {4, 5, 50})
    assert told == [0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2]
    first, second = pager.told
    assert first == {
        "event": "broken",
        "site": _SITE,
        "source": "tides",
        "trouble": "not found",
        "failure": "it is shut",
        "failures": 4,
        "lastSuccess": "2022-03-14T18:00:00+00:00",
        "nextPull": None,
        "proposal": "",
    }
    assert (second["event"], second["failures"]) == ("well", 0)


async def test_one_that_is_gone_is_told_of_at_once(pager: Pager) -> None:
    alerts = Alerts(AlertSettings(command=pager.command), _SITE, None)
    await alerts.tell(broken(1, trouble=Trouble.GONE))
    assert [told["trouble"] for told in pager.told] == ["gone"]


async def test_a_web_hook(pager: Pager) -> None:
    async with Fetcher("Feedmill/0.1") as fetcher:
        alerts = Alerts(AlertSettings(webhook=pager.url, command=pager.command, after=1), _SITE, fetcher)
        state = await alerts.tell(broken(2))
        assert pager.posted == pager.told
        assert (await alerts.tell(replace(state, failures=0, failure="", trouble=None))).alerted is None
        assert [told["event"] for told in pager.posted] == ["broken", "well"]


async def test_what_did_not_arrive_is_sent_again(pager: Pager) -> None:
    pager.status = 500
    async with Fetcher("Feedmill/0.1") as fetcher:
        alerts = Alerts(AlertSettings(webhook=pager.url + "?key=s3cret", after=1), _SITE, fetcher)
        with capture_logs() as lines:
            state = await alerts.tell(broken(2))
        assert state.alerted is None
        assert lines[0]["log_level"] == "error"
        assert "answers with status 500" in lines[0]["reason"]
        pager.status = 200
        assert (await alerts.tell(state)).alerted is not None
        assert len(pager.posted) == 2


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("/nowhere/page",), "/nowhere/page cannot be run: "),
        ((sys.executable, "-c", "import sys; sys.exit('the pager is off')"), "exit code 1: the pager is off"),
        ((sys.executable, "-c", "import time; time.sleep(60)"), "did not end in 0.5 seconds"),
    ],
)
async def test_a_command_that_fails(arguments: tuple[str, ...], reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerting, "_PATIENCE", 0.5)
    alerts = Alerts(AlertSettings(command=arguments, after=1), _SITE, None)
    with capture_logs() as lines:
        assert (await alerts.tell(broken(2))).alerted is None
    assert reason in lines[0]["reason"]


async def test_nobody_to_tell() -> None:
    state = broken(100)
    assert await Alerts(AlertSettings(), _SITE, None).tell(state) is state


async def test_a_pull_tells_and_the_store_remembers(pager: Pager, tmp_path: Path) -> None:
    async with publishing() as publisher:
        publisher.status = 404
        alert = AlertSettings(command=pager.command, after=1)
        for times in (0, 1, 1):
            async with milling(tmp_path, {"name": "tides", "url": publisher.url}, alert=alert) as mill:
                await pulled(mill)
            assert [told["event"] for told in pager.told] == ["broken"] * times
        publisher.status, publisher.body = 200, feed(1)
        for _ in range(2):
            async with milling(tmp_path, {"name": "tides", "url": publisher.url}, alert=alert) as mill:
                await pulled(mill)
            assert [told["event"] for told in pager.told] == ["broken", "well"]
