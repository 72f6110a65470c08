"""``feedmill publish``: rehearsed, taken back, and brought to another place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from feeds.publishing import validation
from tests.aggregator.cli.conftest import POST, SETTINGS
from tests.feeds.publishing.shelf import files

if TYPE_CHECKING:
    from tests.aggregator.cli.conftest import Terminal

_HELD = (
    "feedmill: {folder}/public is left as it is since a publication was taken back: feedmill publish brings it up to "
    "date, and lets it be written to again\n"
)
_SECOND = "_posts/2022-03-15-NW202203152308379873.md"


@pytest.fixture
def site(terminal: Terminal) -> Terminal:
    """A site that is read and published."""
    assert terminal.type("run", "--once").code == 0
    return terminal


def _published(site: Terminal) -> dict[str, bytes]:
    return files(site.folder / "public")


def _second_post(site: Terminal) -> None:
    site.write(_SECOND, POST.replace("High tide", "Spring tide"))


def test_a_dry_run_of_a_first_publication(terminal: Terminal) -> None:
    terminal.type("pull")
    done = terminal.type("publish", "--dry-run")
    assert done.code == 0
    assert done.out.startswith("added:\n  all.atom\n  all.html\n")
    assert done.err == (
        "feedmill: files that would be added: 22, changed: 0, removed: 0; wrong: 0; "
        f"nothing was written in {terminal.folder}/public\n"
    )
    assert not (terminal.folder / "public").exists()


def test_a_dry_run_lists_what_would_change(site: Terminal) -> None:
    before = _published(site)
    _second_post(site)
    site.type("pull")
    site.write("public/category/stranger.txt", "mine")
    done = site.type("publish", "--dry-run")
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[:4] == ["added:", "  entry/NW202203152308379873.html", "changed:", "  all.atom"]
    assert lines[-2:] == ["removed:", "  category/stranger.txt"]
    assert "files that would be added: 1, changed: 12, removed: 1; wrong: 0" in done.err
    (site.folder / "public" / "category" / "stranger.txt").unlink()
    assert _published(site) == before


def test_a_long_list_is_cut(terminal: Terminal) -> None:
    for number in range(30):
        terminal.write(f"_posts/2022-03-15-NW2022031523083798{number:02}.md", POST)
    terminal.type("pull")
    done = terminal.type("publish", "--dry-run")
    assert len(done.out.splitlines()) == 22
    assert done.out.endswith("\n  and 32 more\n")


def test_a_dry_run_finds_what_is_wrong(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal.type("pull")
    monkeypatch.setattr(validation, "_fault_of_ids", lambda listed: "an entry has no id" if listed else "")
    done = terminal.type("publish", "--dry-run")
    assert done.code == 3
    assert "feedmill: category/harbour.rss: an entry has no id\n" in done.err
    assert "wrong: 10;" in done.err
    assert not (terminal.folder / "public").exists()


def test_a_rollback_and_what_comes_after_it(site: Terminal) -> None:
    before = _published(site)
    _second_post(site)
    site.type("run", "--once")
    after = _published(site)
    done = site.type("publish", "--rollback")
    assert (done.code, done.err) == (
        0,
        f"feedmill: files written: 12, removed: 1, in {site.folder}/public\n"
        "feedmill: what that publication withdrew or closed is there again, and nothing is published there until "
        "feedmill publish is used; the server's own answers are as before\n",
    )
    assert _published(site) == before
    held = _HELD.format(folder=site.folder)
    for command in (("run", "--once"), ("entry", "withdraw", "NW202203142308379872"), ("category", "hide", "tides")):
        done = site.type(*command)
        assert done.code == 0
        assert done.err.endswith(held)
        assert _published(site) == before
    assert site.type("status").out.endswith(held.removeprefix("feedmill: "))
    again = site.type("publish", "--rollback")
    assert again.code == 2
    assert "was taken back already, and what was before that is not kept" in again.err
    site.type("entry", "restore", "NW202203142308379872")
    site.type("category", "show", "tides")
    assert site.type("publish").code == 0
    assert set(_published(site)) == set(after)
    assert held not in site.type("run", "--once").err


def test_a_rollback_of_nothing(terminal: Terminal) -> None:
    done = terminal.type("publish", "--rollback")
    assert (done.code, done.err) == (
        2,
        f"feedmill: {terminal.folder}/public is not there: nothing was published yet\n",
    )
    terminal.type("run", "--once")
    done = terminal.type("publish", "--rollback")
    assert (done.code, done.err) == (
        2,
        f"feedmill: the last publication to {terminal.folder}/public was its first: nothing was before it\n",
    )


def test_two_things_at_once(terminal: Terminal) -> None:
    done = terminal.type("publish", "--rollback", "--dry-run")
    assert done.code == 2
    assert "choose one" in done.err


def test_help(terminal: Terminal) -> None:
    done = terminal.type("publish", "--help")
    assert "--dry-run" in done.out
    assert "--rollback" in done.out


def _uploading(site: Terminal, address: str) -> None:
    site.write("feedmill.toml", SETTINGS.replace('"public"\n', f'"public"\nupload = "{address}"\n'))


def test_upload(terminal: Terminal) -> None:
    _uploading(terminal, f"file://{terminal.folder}/www")
    done = terminal.type("run", "--once")
    assert done.code == 0
    assert done.err.endswith("feedmill: files uploaded: 22, removed there: 0\n")
    assert files(terminal.folder / "www") == _published(terminal)
    done = terminal.type("entry", "withdraw", "NW202203142308379872")
    assert done.err.endswith("feedmill: files uploaded: 13, removed there: 1\n")
    assert files(terminal.folder / "www") == _published(terminal)
    assert terminal.type("publish", "--rollback").err.endswith("feedmill: files uploaded: 14, removed there: 0\n")
    assert files(terminal.folder / "www") == _published(terminal)


@pytest.mark.parametrize("command", [("run", "--once"), ("publish",)], ids=" ".join)
def test_an_upload_that_fails(terminal: Terminal, command: tuple[str, ...]) -> None:
    terminal.type("pull")
    terminal.write("www", "a file")
    _uploading(terminal, f"file://{terminal.folder}/www")
    done = terminal.type(*command)
    assert done.code == 3
    lines = done.err.splitlines()
    assert lines[-2] == f"feedmill: files written: 22, removed: 0, in {terminal.folder}/public"
    assert lines[-1].startswith(f"feedmill: file://{terminal.folder}/www cannot be written: ")
    assert lines[-1].endswith("files that wait for the next time: 22")
    (terminal.folder / "www").unlink()
    assert terminal.type(*command).code == 0
    assert files(terminal.folder / "www") == _published(terminal)
