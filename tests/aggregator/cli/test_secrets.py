"""No command shows what lets a source in, whatever happens to it."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from tests.aggregator.cli.conftest import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.aggregator.cli.conftest import Terminal

_SOURCES = """
[[source]]
name = "wire"
kind = "feed"
url = "http://127.0.0.1:{port}/feed"
private = true
username = "s3cret"
password = "s3cret"
headers = {{ X-Key = "s3cret" }}
proxy = "http://s3cret:s3cret@127.0.0.1:{port}"

[[source]]
name = "list"
kind = "feed"
url = "http://127.0.0.1:{port}/list"
private = true
token = "s3cret"
ca_file = "none.pem"

[[source]]
name = "address"
kind = "feed"
url = "http://s3cret:s3cret@127.0.0.1:{port}/feed"
private = true
"""


@pytest.fixture
def closed_port() -> Iterator[int]:
    """Where nobody listens."""
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        yield unheard.getsockname()[1]


def test_no_command_shows_a_secret(terminal: Terminal, closed_port: int) -> None:
    (terminal.folder / "feedmill.toml").write_text(SETTINGS + _SOURCES.format(port=closed_port))
    for command in (
        "pull", "status", "status --json", "check", "source list", "source list --json", "source export",
        "source show wire", "source show wire --json", "source show list", "source show address --json",
    ):  # fmt: skip
        done = terminal.type(*command.split())
        assert done.out + done.err, command
        assert "s3cret" not in done.out + done.err, command
        asterisks = command.startswith("source show") and "address" not in command
        assert ("**********" in done.out) is asterisks, command


def test_a_wrong_setting_shows_no_secret(terminal: Terminal) -> None:
    wrong = '\n[[source]]\nname = "wire"\nkind = "feed"\nurl = "http://wire.example"\n'
    for line in ("token = 531197", 'password = "s3cret\\n"', "headers = ['s3cret']", "proxy = 'ftp://s3cret:s3cret@p'"):
        (terminal.folder / "feedmill.toml").write_text(SETTINGS + wrong + line)
        done = terminal.type("check")
        assert (done.code, "s3cret" in done.err, "531197" in done.err) == (2, False, False)
