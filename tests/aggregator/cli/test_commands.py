"""Each command's exit code and words."""

from __future__ import annotations

import json
import socket
import sqlite3
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

import pytest

from tests.aggregator.cli.conftest import SETTINGS
from tests.stores import about_sqlite

if TYPE_CHECKING:
    from pathlib import Path

    from tests.aggregator.cli.conftest import Terminal

_COMMANDS = [("run", "--once"), ("run",), ("pull",), ("publish",), ("serve",), ("status",), ("check",)]
_ENTRY = "public/entry/NW202203142308379872.html"


def _there(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_run_once(terminal: Terminal) -> None:
    done = terminal.type("run", "--once")
    assert (done.code, done.out) == (0, "")
    assert "feedmill: sources pulled: 2, failed: 0; entries new: 2, corrected: 0, withdrawn: 0\n" in done.err
    assert done.err.endswith(f"feedmill: files written: 22, removed: 0, in {terminal.folder}/public\n")
    assert "High tide" in (terminal.folder / _ENTRY).read_text()
    again = terminal.type("run", "--once")
    assert again.code == 0
    assert again.err == (
        "feedmill: sources pulled: 2, failed: 0; entries new: 0, corrected: 0, withdrawn: 0\n"
        f"feedmill: files written: 0, removed: 0, in {terminal.folder}/public\n"
    )


def test_run_once_with_a_source_that_fails(terminal: Terminal) -> None:
    (terminal.folder / "tides.xml").unlink()
    done = terminal.type("run", "--once")
    assert done.code == 3
    assert f"feedmill: tides: {terminal.folder}/tides.xml cannot be read: No such file or directory\n" in done.err
    assert "sources pulled: 2, failed: 1" in done.err
    assert (terminal.folder / _ENTRY).exists()


def test_run_once_without_a_folder(terminal: Terminal) -> None:
    terminal.write("feedmill.toml", SETTINGS.replace('directory = "public"', ""))
    done = terminal.type("run", "--once")
    assert done.code == 0
    assert "files written" not in done.err
    assert not (terminal.folder / "public").exists()


def test_what_is_wrong_with_posts_is_told(terminal: Terminal) -> None:
    terminal.write("_posts/2022-03-15-empty.md", "")
    done = terminal.type("run", "--once")
    assert done.code == 0
    assert "feedmill: posts: _posts/2022-03-15-empty.md: is empty\n" in done.err


@pytest.mark.parametrize("command", _COMMANDS, ids=" ".join)
def test_a_configuration_that_is_not_there(terminal: Terminal, command: tuple[str, ...]) -> None:
    done = terminal.type("-c", "other.toml", *command)
    assert (done.code, done.out) == (2, "")
    assert done.err == "feedmill: other.toml is not there: write one, or name another with --config\n"


@pytest.mark.parametrize("command", _COMMANDS, ids=" ".join)
def test_a_wrong_configuration_and_nothing_is_done(terminal: Terminal, command: tuple[str, ...]) -> None:
    terminal.write("feedmill.toml", SETTINGS.replace("port = 0", "port = -1\nhots = 1"))
    before = _there(terminal.folder)
    done = terminal.type(*command)
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "feedmill: feedmill.toml:11: [server] port: should be greater than or equal to 0, not -1\n"
        "feedmill.toml:12: [server] hots: there is no such setting: see whether it is spelled right\n"
    )
    assert _there(terminal.folder) == before


def test_a_rule_that_cannot_work_is_told_with_its_line(terminal: Terminal) -> None:
    terminal.write("feedmill.toml", SETTINGS + "drop = [\n  { title = 'advert(' },\n]\n")
    done = terminal.type("check")
    line = SETTINGS.count("\n") + 2
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        f"feedmill: feedmill.toml:{line}: [[source]] \"tides\" drop.title: 'advert(' is not a regular expression: "
        "missing ), unterminated subpattern at character 7\n"
    )


def test_broken_toml(terminal: Terminal) -> None:
    terminal.write("feedmill.toml", "[site")
    done = terminal.type("status")
    assert done.code == 2
    assert done.err.startswith("feedmill: feedmill.toml is not valid TOML: ")


@about_sqlite
@pytest.mark.parametrize("command", [("run", "--once"), ("pull",), ("publish",), ("serve",), ("status",)], ids=" ".join)
def test_a_database_that_cannot_be_used(terminal: Terminal, command: tuple[str, ...]) -> None:
    terminal.write("data/feedmill.db", "This is no database, but a text that is long enough to be one. " * 40)
    done = terminal.type(*command)
    assert done.code == 1
    assert done.err.startswith(f"feedmill: {terminal.folder}/data/feedmill.db is damaged or not a database")
    assert (terminal.folder / "data/feedmill.db").read_text().startswith("This is no database")


@about_sqlite
def test_a_database_that_was_damaged_in_the_middle(terminal: Terminal) -> None:
    assert terminal.type("run", "--once").code == 0
    path = terminal.folder / "data/feedmill.db"
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)
    path.write_bytes(data)
    for command in (("run", "--once"), ("status",), ("publish",)):
        done = terminal.type(*command)
        assert done.code == 1, command
        assert "is damaged" in done.err
    assert path.read_bytes() == data


@about_sqlite
def test_a_database_of_another_program(terminal: Terminal) -> None:
    (terminal.folder / "data").mkdir()
    with sqlite3.connect(terminal.folder / "data/feedmill.db") as connection:
        connection.execute("CREATE TABLE cats (name)")
    connection.close()
    done = terminal.type("run", "--once")
    assert done.code == 1
    assert done.err == (
        f"feedmill: {terminal.folder}/data/feedmill.db is a database of another program: "
        "name another file in [storage] url\n"
    )


@about_sqlite
def test_a_folder_in_place_of_the_database(terminal: Terminal) -> None:
    (terminal.folder / "data" / "feedmill.db").mkdir(parents=True)
    done = terminal.type("status")
    assert done.code == 1
    assert done.err == (
        f"feedmill: {terminal.folder}/data/feedmill.db: unable to open database file. "
        "See that the folder exists, may be written to, and has room\n"
    )


@about_sqlite
def test_a_file_in_place_of_the_databases_folder(terminal: Terminal) -> None:
    terminal.write("data", "")
    done = terminal.type("run", "--once")
    assert done.code == 1
    assert done.err.startswith(f"feedmill: the folder of {terminal.folder}/data/feedmill.db cannot be made: ")


@pytest.mark.parametrize("command", [("run", "--once"), ("publish",)], ids=" ".join)
def test_an_output_folder_of_somebody_else(terminal: Terminal, command: tuple[str, ...]) -> None:
    terminal.write("public/index.html", "mine")
    done = terminal.type(*command)
    assert done.code == 1
    assert f"feedmill: {terminal.folder}/public holds a site that Feedmill did not write" in done.err
    assert _there(terminal.folder / "public") - {".feedmill.lock"} == {"index.html"}


def test_pull_by_name(terminal: Terminal) -> None:
    done = terminal.type("pull", "tides")
    assert done.code == 0
    assert "sources pulled: 1, failed: 0; entries new: 1" in done.err
    assert not (terminal.folder / "public").exists()
    assert "sources pulled: 2, failed: 0; entries new: 1" in terminal.type("pull").err


def test_pull_an_unknown_name(terminal: Terminal) -> None:
    done = terminal.type("pull", "tides", "nobody")
    assert (done.code, done.err) == (2, "feedmill: there is no source named 'nobody'; there are: posts, tides\n")
    assert not (terminal.folder / "data").exists()


def test_pull_a_source_that_fails(terminal: Terminal) -> None:
    terminal.write("tides.xml", "no feed at all")
    done = terminal.type("pull", "tides")
    assert done.code == 3
    assert "feedmill: tides: " in done.err
    assert "sources pulled: 1, failed: 1" in done.err


def test_publish(terminal: Terminal) -> None:
    terminal.type("pull")
    done = terminal.type("publish")
    assert (done.code, done.err) == (0, f"feedmill: files written: 22, removed: 0, in {terminal.folder}/public\n")
    (terminal.folder / _ENTRY).write_text("spoiled")
    terminal.write("public/entry/NW1.html", "stale")
    done = terminal.type("publish")
    assert (done.code, done.err) == (0, f"feedmill: files written: 1, removed: 1, in {terminal.folder}/public\n")


def test_publish_without_a_folder(terminal: Terminal) -> None:
    terminal.write("feedmill.toml", SETTINGS.replace('directory = "public"', ""))
    done = terminal.type("publish")
    assert done.code == 2
    assert done.err == 'feedmill: feedmill.toml: [publish] directory is missing: name a folder, as in "public"\n'


def test_status_in_words(terminal: Terminal) -> None:
    done = terminal.type("status")
    assert (done.code, done.err) == (0, "")
    assert done.out.count("never pulled") == 2
    assert done.out.count("due") == 2
    terminal.type("pull")
    terminal.write("tides.xml", "no feed at all")
    terminal.type("pull", "tides")
    terminal.type("pull", "tides")
    posts, tides = terminal.type("status").out.splitlines()[1:]
    assert posts.split()[:2] == ["posts", "changed"]
    assert "ago" in posts
    assert "in 1" in posts
    assert tides.split()[:2] == ["tides", "unreadable"]
    assert "2 failures: " in tides


def test_status_for_programs(terminal: Terminal) -> None:
    before = datetime.now(UTC)
    terminal.write("_posts/2022-03-15-empty.md", "")
    terminal.type("run", "--once")
    done = terminal.type("status", "--json")
    assert (done.code, done.err) == (0, "")
    posts, tides = json.loads(done.out)
    assert posts["source"] == "posts"
    assert (posts["kind"], posts["state"], posts["entries"], posts["unreadable"]) == ("posts", "changed", 1, 1)
    assert posts["warning"] == "_posts/2022-03-15-empty.md: is empty"
    assert (tides["kind"], tides["entries"], tides["rejected"], tides["failures"], tides["failure"]) == (
        "feed",
        1,
        0,
        0,
        "",
    )
    for name in ("lastPull", "lastSuccess"):
        assert before <= datetime.fromisoformat(tides[name]) <= datetime.now(UTC)
    assert datetime.fromisoformat(tides["nextPull"]) > datetime.now(UTC)


def test_status_before_anything_for_programs(terminal: Terminal) -> None:
    posts, _ = json.loads(terminal.type("status", "--json").out)
    assert (posts["state"], posts["lastPull"], posts["nextPull"], posts["entries"]) == ("never pulled", None, None, 0)


def test_status_without_sources(terminal: Terminal) -> None:
    terminal.write("feedmill.toml", SETTINGS.partition("[[source]]")[0])
    done = terminal.type("status")
    assert (done.code, done.out) == (0, "No source is configured in Tide Notes.\n")
    assert json.loads(terminal.type("status", "--json").out) == []


def test_check(terminal: Terminal) -> None:
    before = _there(terminal.folder)
    done = terminal.type("check")
    assert (done.code, done.out, done.err) == (0, "feedmill.toml: sources: 2, problems: 0\n", "")
    assert _there(terminal.folder) == before


def test_check_names_what_is_wrong(terminal: Terminal) -> None:
    terminal.write("_posts/2022-03-15-empty.md", "")
    terminal.write("_config.yml", "timezone: Mars/Olympus\n")
    terminal.write("tides.xml", "no feed at all")
    more = '\n[[source]]\nname = "none"\nkind = "posts"\npath = "none"\n'
    more += '\n[[source]]\nname = "far"\nkind = "feed"\nurl = "https://tides.example/feed"\n'
    terminal.write("feedmill.toml", SETTINGS + more)
    done = terminal.type("check")
    assert done.code == 3
    *told, last = done.out.splitlines()
    assert last == "feedmill.toml: sources: 4, problems: 4"
    assert told[0] == "posts: _config.yml: timezone 'Mars/Olympus' is not known; write a name such as Asia/Shanghai"
    assert told[1] == "posts: _posts/2022-03-15-empty.md: is empty"
    assert told[2].startswith("tides: ")
    assert told[3].startswith(f"none: {terminal.folder}/none cannot be listed: No such file or directory")


def test_version(terminal: Terminal) -> None:
    assert terminal.type("--version").out == f"feedmill {version('feedmill')}\n"
    assert terminal.type("--version").code == 0


def test_help_names_every_command(terminal: Terminal) -> None:
    done = terminal.type("-h")
    assert done.code == 0
    for command in ("run", "pull", "publish", "serve", "status", "check"):
        assert command in done.out
    assert "--once" in terminal.type("run", "--help").out


@pytest.mark.parametrize("arguments", [(), ("nope",), ("run", "--nope"), ("--config",), ("status", "extra")])
def test_wrong_use(terminal: Terminal, arguments: tuple[str, ...]) -> None:
    assert terminal.type(*arguments).code == 2


def test_the_environment_goes_before_the_file(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEEDMILL_PUBLISH__DIRECTORY", "elsewhere")
    terminal.type("run", "--once")
    assert (terminal.folder / "elsewhere/index.html").exists()
    assert not (terminal.folder / "public").exists()


def test_verbose_tells_what_did_not_change(terminal: Terminal) -> None:
    terminal.type("pull")
    assert "outcome=unchanged" not in terminal.type("pull", "tides").err
    assert "outcome=unchanged" in terminal.type("-v", "pull", "tides").err


def test_a_port_that_is_taken(terminal: Terminal) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        terminal.write("feedmill.toml", SETTINGS.replace("port = 0", f"port = {port}"))
        for command in ("run", "serve"):
            done = terminal.type(command)
            assert done.code == 1
            assert done.err == (
                f"feedmill: cannot listen at 127.0.0.1 port {port}: Address already in use. "
                "Change [server] host or port, or stop what listens there\n"
            )


def test_run_with_a_folder_of_somebody_else(terminal: Terminal) -> None:
    terminal.write("public/index.html", "mine")
    done = terminal.type("run")
    assert done.code == 1
    assert f"feedmill: {terminal.folder}/public holds a site that Feedmill did not write" in done.err.splitlines()[-1]


@pytest.mark.slow
def test_exit_codes_of_a_process(terminal: Terminal) -> None:
    assert terminal.start("run", "--once").code == 0
    assert terminal.start("-c", "none.toml", "run", "--once").code == 2
    (terminal.folder / "tides.xml").unlink()
    assert terminal.start("run", "--once").code == 3
