"""Who sees the operator's pages, and what is on them."""

from __future__ import annotations

import base64
import contextlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient

from aggregator.config import ConfigError, parse_config
from aggregator.glance import glances
from storage import days, followers
from storage.entry import InfoCode
from storage.event import Event, EventKind
from storage.follower import Follower, FollowerKind
from storage.source import PullOutcome, Trouble
from tests.aggregator.web.operating import HOSTILE, KEY, Operated

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HERE = ("127.0.0.1", 50_000)
FAR = ("203.0.113.9", 50_000)
_EVENT = Event(1, EventKind.CREATED, InfoCode("NW202203142308379872"), 1, datetime(2026, 11, 24, tzinfo=UTC))


@pytest.fixture
def operated(tmp_path: Path) -> Iterator[Operated]:
    made = Operated(tmp_path, 450)
    yield made
    made.database.close()


@pytest.fixture
def keyed(tmp_path: Path) -> Iterator[Operated]:
    made = Operated(tmp_path, 3, key=KEY)
    yield made
    made.database.close()


def at(operated: Operated, client: tuple[str, int] = HERE, host: str = "localhost:8080") -> TestClient:
    return TestClient(operated.app, base_url=f"http://{host}", client=client)


@pytest.mark.parametrize("path", ["/status", "/metrics"])
@pytest.mark.parametrize(
    ("client", "host", "fields", "status"),
    [
        (HERE, "localhost:8080", {}, 200),
        (HERE, "127.0.0.1", {}, 200),
        (("::1", 1), "[::1]:8080", {}, 200),
        (("::ffff:127.0.0.1", 1), "localhost", {}, 200),
        (FAR, "localhost", {}, 403),
        (HERE, "evil.example", {}, 403),
        (HERE, "localhost", {"X-Forwarded-For": "127.0.0.1"}, 403),
        (HERE, "localhost", {"X-Forwarded-Proto": "https"}, 403),
        (HERE, "localhost", {"Forwarded": "for=127.0.0.1"}, 403),
        (HERE, "localhost", {"X-Real-IP": "127.0.0.1"}, 403),
        (HERE, "localhost", {"Via": "1.1 proxy"}, 403),
    ],
)
def test_without_a_key(
    operated: Operated, path: str, client: tuple[str, int], host: str, fields: dict[str, str], status: int
) -> None:
    answer = at(operated, client, host).get(path, headers=fields)
    assert answer.status_code == status
    assert answer.headers["cache-control"] == "no-store"
    if status == 403:
        assert "[server] key" in answer.text
        assert "source 1" not in answer.text


def basic(password: str) -> str:
    return "Basic " + base64.b64encode(f"anyone:{password}".encode()).decode()


@pytest.mark.parametrize(
    ("field", "status"),
    [
        (f"Bearer {KEY}", 200),
        (f"bearer {KEY}", 200),
        (basic(KEY), 200),
        (basic(KEY + "x"), 401),
        (basic(""), 401),
        ("Basic !", 401),
        ("Bearer ", 401),
        (f"Digest {KEY}", 401),
        (None, 401),
    ],
)
def test_with_a_key(keyed: Operated, field: str | None, status: int) -> None:
    answer = at(keyed, FAR, "news.example.org").get("/status", headers={"Authorization": field} if field else {})
    assert answer.status_code == status
    assert ("www-authenticate" in answer.headers) is (status == 401)
    assert KEY not in answer.text


def test_a_short_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="at least 16 characters") as caught:
        parse_config('[server]\nkey = "short-secret"\n', tmp_path / "feedmill.toml")
    assert "short-secret" not in str(caught.value)


def test_everything_is_escaped_and_no_login_shown(operated: Operated) -> None:
    answer = at(operated).get("/status", params={"q": HOSTILE})
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "&lt;script&gt;" in answer.text
    assert "<script" not in answer.text
    assert "<img" not in answer.text
    assert 'href="javascript' not in answer.text
    assert "hidden@" not in at(operated).get("/status").text


def test_pages_lead_through_all(operated: Operated) -> None:
    client = at(operated)
    texts = [client.get("/status", params={"sort": "name", "page": page}).text for page in (1, 2, 3)]
    assert [text.count('<tr role="row">') - 1 for text in texts] == [200, 200, 50]
    assert all("450" in text for text in texts)
    assert client.get("/status?page=9&sort=nothing&state=none&order=x").status_code == 200


@pytest.mark.parametrize(
    "sort", ["name", "state", "failures", "success", "next", "late", "took", "rhythm", "days", "entries"]
)
def test_every_column_sorts_both_ways(operated: Operated, sort: str) -> None:
    for order, said in (("up", "ascending"), ("down", "descending")):
        answer = at(operated).get("/status", params={"sort": sort, "order": order})
        assert f'aria-sort="{said}"' in answer.text


def test_measures(operated: Operated) -> None:
    operated.measures.pulled(PullOutcome.FAILED, Trouble.BUSY, 0.3)
    operated.measures.pushed(good=False)
    operated.measures.published(5, 2)
    operated.measures.delivered(FollowerKind.TOPIC, taken=False)
    with operated.database.writing() as connection:
        followers.save(connection, Follower("hub:https://hub.example/", 0, failures=2))
        followers.bury(connection, Follower("hub:https://hub.example/", 0), [_EVENT], datetime.now(UTC))
    text = at(operated).get("/metrics").text
    assert 'feedmill_deliveries_total{kind="topic",outcome="failed"} 1.0' in text
    assert 'feedmill_deliveries_total{kind="webhook",outcome="taken"} 0.0' in text
    assert "feedmill_deliveries_owed 0.0" in text
    assert "feedmill_deliveries_dead 1.0" in text
    assert "feedmill_followers_failing 1.0" in text
    known = glances(operated.database, operated.config, datetime.now(UTC))
    assert 'feedmill_pulls_total{outcome="failed",trouble="busy"} 1.0' in text
    assert 'feedmill_pushes_total{signature="bad"} 1.0' in text
    assert 'feedmill_published_files_total{change="written"} 5.0' in text
    assert "feedmill_pull_seconds_count 1.0" in text
    assert f"feedmill_sources_failing {float(sum(one.failing for one in known))}" in text
    assert f'feedmill_sources{{state="not found"}} {float(sum(one.word == "not found" for one in known))}' in text
    late = next(line for line in text.splitlines() if line.startswith("feedmill_lateness_seconds "))
    assert float(late.split()[1]) >= 3 * 3600
    assert "source 1" not in text


def test_what_is_said_of_the_site(tmp_path: Path) -> None:
    (tmp_path / "out" / "category").mkdir(parents=True)
    operated = Operated(tmp_path, 1, output=tmp_path / "out")
    with contextlib.closing(operated.database):
        with operated.database.writing() as connection:
            followers.save(connection, Follower("hub:https://hub.example/", 0, failures=2))
        text = at(operated).get("/status").text
    assert "Followers: 1, failing: 1; owed: 0, dead: 0 (feedmill delivery list)" in text
    assert "out holds a site that Feedmill did not write: empty it" in text


def test_ready(operated: Operated) -> None:
    client = at(operated, FAR, "news.example.org")
    assert client.get("/readyz").text == "ready\n"
    operated.ticked = datetime.now(UTC) - timedelta(minutes=2)
    assert client.get("/readyz").status_code == 503
    operated.ticked = None
    assert client.get("/readyz").text == "the scheduler has not begun\n"


def test_not_ready_when_the_schema_is_anothers(operated: Operated) -> None:
    with operated.database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    assert at(operated, FAR).get("/readyz").status_code == 503


def test_days_add_up_and_are_forgotten(operated: Operated) -> None:
    today = datetime(2030, 1, 2, tzinfo=UTC).date()
    with operated.database.writing() as connection:
        days.add(connection, {("new", today): 2, ("new", today - timedelta(days=1)): 1})
        days.add(connection, {("new", today): 3})
        days.add(connection, {})
        assert days.recent(connection, today) == {"new": {today: 5}}
        days.forget(connection, today)
        assert days.recent(connection, today - timedelta(days=9)) == {"new": {today: 5}}
