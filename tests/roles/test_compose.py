"""What ``docker-compose.yml`` says is true of the program: its commands run, are healthy, and end in time."""

from __future__ import annotations

import shutil
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import pytest

from tests.roles.compose import NGINX, Plain, services
from tests.roles.processes import ROOT, until
from tests.stores import postgresql_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ROLES = ("scheduler", "worker", "web")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What containers have: the site, its secrets, and a folder to publish to."""
    ignored = shutil.ignore_patterns("data", "public")
    shutil.copytree(ROOT / "examples" / "site", tmp_path / "site", ignore=ignored)
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "database_url").write_text(postgresql_at(tmp_path / "site", template="blank") + "\n")
    (tmp_path / "secrets" / "server_key").write_text("k" * 24 + "\n")
    return tmp_path


@pytest.fixture
def started(folder: Path) -> Iterator[dict[str, list[Plain]]]:
    """Every service of the form with several processes, in the order in which they depend on one another."""
    there = services()
    begun = {
        name: [Plain(name, there[name], folder, number) for number in range(there[name]["deploy"].get("replicas", 1))]
        for name in ("migrate", *_ROLES, "proxy")
    }
    try:
        [migrate] = begun["migrate"]
        migrate.start()
        assert migrate.popen is not None
        assert migrate.popen.wait(120) == 0, migrate.said
        for name in _ROLES:
            for one in begun[name]:
                one.start()
        for name in _ROLES:
            for one in begun[name]:
                one.until_healthy()
        yield begun
    finally:
        for some in begun.values():
            for one in some:
                one.kill()


def _get(port: int, path: str, headers: dict[str, str] | None = None) -> tuple[int, dict[str, str], bytes]:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read()


def test_every_service_has_what_it_needs() -> None:
    there = services()
    for name, service in there.items():
        assert service["deploy"]["resources"]["limits"].keys() >= {"cpus", "memory", "pids"}, name
        assert service["restart"] in {"unless-stopped", "on-failure:5"}, name
        assert "healthcheck" in service, name
    assert {name for name, service in there.items() if service.get("profiles") == ["single"]} == {"feedmill"}
    assert there["worker"]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_same_commands_as_plain_processes(folder: Path, started: dict[str, list[Plain]]) -> None:
    first, second = started["web"]
    feed = folder / "public" / "all.atom"

    def told() -> str:
        return "\n".join(one.said[-800:] for some in started.values() for one in some if one.log.exists())

    until(lambda: feed.exists() and b"<entry>" in feed.read_bytes(), told)
    for one in (first, second):  # with no folder: rendered by each, and the same
        until(lambda port=one.port: _get(port, "/all.atom")[2] == feed.read_bytes(), told)  # type: ignore[misc]
    if NGINX is not None:
        _through_nginx(started["proxy"][0], second.port, feed.read_bytes())
    for name in _ROLES:
        for one in started[name]:
            assert one.end() == 0, one.said


def _through_nginx(proxy: Plain, web: int, feed: bytes) -> None:
    proxy.start_nginx(web)
    if shutil.which("wget"):
        proxy.until_healthy()
    else:
        until(lambda: _get(proxy.port, "/healthz")[0] == 200, lambda: proxy.said)
    status, headers, body = _get(proxy.port, "/all.atom")
    assert (status, headers["Content-Type"]) == (200, "application/atom+xml; charset=utf-8")
    assert body == feed
    assert _get(proxy.port, "/")[0] == 200  # a file
    assert _get(proxy.port, "/search.html?q=tide")[0] == 200  # only a server can
    assert _get(proxy.port, "/no-such-page.html")[0] == 404
    assert _get(proxy.port, "/.feedmill.json")[0] == 404
    assert _get(proxy.port, "/status")[0] == 401  # it knows that somebody asks through a proxy
    assert _get(proxy.port, "/status", {"Authorization": "Bearer " + "k" * 24})[0] == 200
    assert _get(proxy.port, "/all.atom", {"Authorization": "Bearer fm_unknown"})[0] == 401
    assert proxy.end() == 0
