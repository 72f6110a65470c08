"""``feedmill source``: what is typed, what is said, what is in the file afterwards."""

from __future__ import annotations

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from aggregator.config import load_config
from tests.aggregator.cli.conftest import FEED, SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.aggregator.cli.conftest import Terminal

_TOLD = "feedmill: feedmill.toml was changed; a Feedmill that is running takes it over when it is started again\n"
_LINKS = "".join(f'<link rel="alternate" type="application/rss+xml" href="/{name}">' for name in ("feed", "ships"))
_SHIPS = FEED.replace("Tides", "Ships &amp; more").replace("tides.example", "ships.example")
_DOCUMENTS = {"/feed": FEED, "/ships": _SHIPS, "/page": f"<html>{_LINKS}", "/bare": "<html>", "/empty/": "<html>"}


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        document = _DOCUMENTS.get(self.path)
        self.send_response(404 if document is None else 200)
        self.end_headers()
        self.wfile.write((document or "").encode())

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def _text(terminal: Terminal) -> str:
    return (terminal.folder / "feedmill.toml").read_text()


def test_a_feed_is_added_and_pulled(terminal: Terminal, server: str) -> None:
    done = terminal.type(
        "source", "add", f"{server}/ships", "--private", "--category", "harbour", "--category", "news", "--every", "2h"
    )
    assert (done.code, done.err) == (0, _TOLD)
    assert done.out == f"ships-and-more: added, rss 2.0, 1 entries, newest 2022-03-14, at {server}/ships\n"
    assert _text(terminal) == SETTINGS + (
        f'\n[[source]]\nname = "ships-and-more"\nkind = "feed"\nurl = "{server}/ships"\nprivate = true\n'
        'categories = ["harbour", "news"]\nevery = "2h"\n'
    )
    assert "entries new: 1" in terminal.type("source", "pull", "ships-and-more").err


def test_names_are_made_unique_or_given(terminal: Terminal, server: str) -> None:
    assert terminal.type("source", "add", f"{server}/feed", "--private").out.startswith("tides-2: added")
    done = terminal.type("source", "add", f"{server}/ships", "--private", "--name", "tides")
    assert (done.code, done.out) == (2, "")
    assert "'tides' is the name of two sources" in done.err
    assert terminal.type("source", "add", f"{server}/ships", "--private", "--name", "The ships").code == 0
    assert [source.name for source in load_config(terminal.folder / "feedmill.toml").source][-1] == "The ships"


def test_what_is_a_source_already(terminal: Terminal, server: str) -> None:
    terminal.type("source", "add", f"{server}/feed", "--private")
    before = _text(terminal)
    again = terminal.type("source", "add", f"{server}/feed/#top", "--private")
    assert (again.code, again.err) == (0, "")
    assert again.out == "tides-2: is a source already; nothing was changed\n"
    done = terminal.type("source", "add", "tides.xml")
    told = "tides: is a source already; nothing was changed\n"
    assert (done.code, done.out) == (0, told)
    done = terminal.type("source", "add", ".")
    assert (done.code, done.out) == (0, "posts: is a source already; nothing was changed\n")
    assert _text(terminal) == before


def test_a_page_with_several_feeds(terminal: Terminal, server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    page = f"{server}/page"
    done = terminal.type("source", "add", page, "--private")
    assert done.code == 2
    assert done.out == (
        f"  1  Tides: rss 2.0, 1 entries, newest 2022-03-14\n     {server}/feed\n"
        f"  2  Ships & more: rss 2.0, 1 entries, newest 2022-03-14\n     {server}/ships\n"
    )
    assert done.err == f"feedmill: {page} has 2 feeds; nothing was added. Say which with --choose\n"
    done = terminal.type("source", "add", page, "--private", "--choose", "3")
    assert (done.code, done.err) == (2, f"feedmill: there is no feed number 3: {page} has 2; nothing was added\n")
    assert _text(terminal) == SETTINGS
    assert terminal.type("source", "add", page, "--private", "--choose", "2").out.startswith("ships-and-more: added")
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.prompt", lambda *_args, **_more: 1)
    assert "tides-2: added" in terminal.type("source", "add", page, "--private").out


def test_usual_places_are_tried(terminal: Terminal, server: str) -> None:
    assert f"at {server}/feed\n" in terminal.type("source", "add", f"{server}/bare", "--private").out


def test_failures_are_sentences(terminal: Terminal, server: str) -> None:
    done = terminal.type("source", "add", f"{server}/feed")
    assert done.code == 3
    assert "which is not a public address" in done.err
    assert done.err.endswith("add it with --private\n")
    done = terminal.type("source", "add", f"{server}/lost", "--private")
    assert (done.code, done.err) == (3, f"feedmill: {server}/lost answers with status 404 (Not Found)\n")
    terminal.write("page.html", "<html>")
    done = terminal.type("source", "add", "page.html")
    assert (done.code, done.err[:23]) == (3, "feedmill: page.html: th")
    (terminal.folder / "nothing").mkdir()
    done = terminal.type("source", "add", "nothing")
    assert (done.code, "nothing holds neither _posts/ nor" in done.err) == (3, True)
    for place in ("./missing.xml", "ftp://tides.example/", "https://"):
        done = terminal.type("source", "add", place)
        assert (done.code, "is neither an address in http or https" in done.err) == (2, True)
    done = terminal.type("source", "add", f"{server}/feed", "--private", "--every", "often")
    assert (done.code, '"tides-2" every: a duration is' in done.err) == (2, True)
    assert _text(terminal) == SETTINGS


def test_files_and_folders(terminal: Terminal) -> None:
    terminal.write("feeds/ships.xml", _SHIPS)
    terminal.write("old/_posts/2022-03-14-a.md", "---\ntitle: A\n---\nA.\n")
    assert terminal.type("source", "add", "feeds/ships.xml").out == (
        "ships-and-more: added, rss 2.0, 1 entries, in feeds/ships.xml\n"
    )
    assert terminal.type("source", "add", "old").out.startswith("posts-2: added")
    ships, posts = load_config(terminal.folder / "feedmill.toml").source[-2:]
    assert (ships.path, posts.path) == (terminal.folder / "feeds/ships.xml", terminal.folder / "old")
    assert 'path = "feeds/ships.xml"' in _text(terminal)
    assert terminal.type("pull").code == 0


def test_list_and_show(terminal: Terminal) -> None:
    secret = '\n[[source]]\nname = "far"\nkind = "feed"\nurl = "https://mate:secret@far.example/"\npaused = true\n'
    terminal.write("feedmill.toml", SETTINGS + secret + 'categories = ["a", "b"]\nevery = "90m"\n')
    terminal.type("pull")
    done = terminal.type("source", "list")
    assert (done.code, done.err) == (0, "")
    assert done.out.split("\n")[0].split() == (
        ["Source", "Kind", "Address", "Categories", "State", "Last", "success", "Next", "pull", "Entries"]
    )
    far = next(line for line in done.out.splitlines() if line.startswith("far"))
    assert far.split() == ["far", "feed", "https://far.example/", "a,", "b", "paused", "never", "-", "0"]
    _, tides, far_row = json.loads(terminal.type("source", "list", "--json").out)
    assert (tides["address"], tides["entries"], tides["paused"]) == (str(terminal.folder / "tides.xml"), 1, False)
    assert (far_row["state"], far_row["nextPull"], far_row["categories"]) == ("paused", None, ["a", "b"])
    shown = terminal.type("source", "show", "far").out
    assert "every:            90m\n" in shown
    assert "paused:           true\n" in shown
    assert "categories:       a, b\n" in shown
    assert "secret" not in shown + terminal.type("source", "show", "far", "--json").out + str(far_row)
    shown = terminal.type("source", "show", "tides").out
    assert "entries:          1\n" in shown
    assert shown.splitlines()[-1].startswith("  2022-03-14 01:00  FM")
    assert shown.endswith("  Low tide\n")
    told = json.loads(terminal.type("source", "show", "tides", "--json").out)
    assert told["newest"][0]["title"] == "Low tide"
    assert told["settings"]["every"] is None


def test_list_without_sources(terminal: Terminal) -> None:
    terminal.write("feedmill.toml", SETTINGS.partition("[[source]]")[0])
    assert terminal.type("source", "list").out == "No source is configured in feedmill.toml.\n"
    assert json.loads(terminal.type("source", "list", "--json").out) == []


def test_paused_sources_are_left_alone(terminal: Terminal) -> None:
    done = terminal.type("source", "pause", "tides")
    assert (done.code, done.out, done.err) == (0, "tides: paused\n", _TOLD)
    done = terminal.type("source", "pause", "tides")
    assert (done.code, done.out, done.err) == (0, "tides: already paused\n", "")
    assert "sources pulled: 1," in terminal.type("run", "--once").err
    assert "sources pulled: 1," in terminal.type("pull").err
    tides = terminal.type("status").out.splitlines()[2]
    assert tides.split() == ["tides", "paused", "never", "-", "0"]
    assert "sources pulled: 1, failed: 0; entries new: 1" in terminal.type("source", "pull", "tides").err
    done = terminal.type("source", "resume", "tides", "posts")
    assert (done.out, done.err) == ("tides: active\nposts: already active\n", _TOLD)
    assert _text(terminal) == SETTINGS
    assert "sources pulled: 2," in terminal.type("pull").err


def test_remove(terminal: Terminal) -> None:
    terminal.type("run", "--once")
    done = terminal.type("source", "remove", "tides")
    assert (done.code, done.out, done.err) == (0, "tides: removed; its entries stay as they are\n", _TOLD)
    assert _text(terminal) == SETTINGS.partition('\n[[source]]\nname = "tides"')[0]
    terminal.type("run", "--once")
    assert "Low tide" in (terminal.folder / "public/all.rss").read_text()


@pytest.mark.parametrize("command", ["show", "pull", "pause", "resume", "remove"])
def test_an_unknown_name(terminal: Terminal, command: str) -> None:
    done = terminal.type("source", command, "Tide")
    assert (done.code, done.err) == (2, "feedmill: there is no source named 'Tide'; do you mean 'tides'?\n")
    assert _text(terminal) == SETTINGS


def test_import_and_export(terminal: Terminal) -> None:
    outlines = (
        '<outline text="News"><outline text="Far" xmlUrl="https://far.example/"/></outline><outline text="A note"/>'
        '<outline text="Far again" xmlUrl="https://far.example"/><outline text="Near" xmlUrl="feed.xml"/>'
    )
    terminal.write("list.opml", f'<opml version="2.0"><body>{outlines}</body></opml>')
    left_out = (
        "feedmill: A note: has no xmlUrl\n"
        "feedmill: Far again: is listed twice: far\n"
        "feedmill: Near: 'feed.xml' is no address in http or https\n"
    )
    done = terminal.type("source", "import", "list.opml", "--dry-run")
    assert (done.code, done.out) == (0, "far: https://far.example/ in news\n")
    assert done.err == left_out + "feedmill: sources to add: 1, outlines left out: 3\n"
    assert _text(terminal) == SETTINGS
    done = terminal.type("source", "import", "list.opml")
    assert (done.code, done.out) == (0, "")
    assert done.err == left_out + _TOLD + "feedmill: sources added: 1, outlines left out: 3\n"
    before = _text(terminal)
    assert before.startswith(SETTINGS)
    again = terminal.type("source", "import", "list.opml").err
    assert again.endswith("feedmill: sources added: 0, outlines left out: 4\n")
    done = terminal.type("source", "export")
    assert done.code == 0
    assert done.err == "".join(
        f"feedmill: {name}: left out, since it is no feed at an address\n" for name in ("posts", "tides")
    )
    assert 'xmlUrl="https://far.example/"' in done.out
    assert terminal.type("source", "export", "out.opml").code == 0
    terminal.type("source", "remove", "far")
    terminal.type("source", "import", "out.opml")
    assert _text(terminal) == before
    assert terminal.type("source", "export", "no/such/out.opml").code == 1


def test_import_of_what_is_no_list(terminal: Terminal) -> None:
    done = terminal.type("source", "import", "tides.xml")
    assert (done.code, done.err) == (2, "feedmill: tides.xml: this is no OPML: its root is <rss>\n")
    done = terminal.type("source", "import", "none.opml")
    assert (done.code, done.err) == (2, "feedmill: none.opml cannot be read: No such file or directory\n")


def test_thousands_are_imported_in_one_write(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    from aggregator import editing

    written: list[str] = []
    plain = editing._replace

    def replaced(path: Path, text: str, edited: str) -> None:
        written.append("once")
        plain(path, text, edited)

    monkeypatch.setattr(editing, "_replace", replaced)
    outlines = "".join(f'<outline text="A feed" xmlUrl="https://far.example/{number}"/>' for number in range(3_000))
    terminal.write("list.opml", f'<opml version="2.0"><body>{outlines}</body></opml>')
    assert "sources added: 3000, outlines left out: 0" in terminal.type("source", "import", "list.opml").err
    assert written == ["once"]
    sources = load_config(terminal.folder / "feedmill.toml").source
    assert [source.name for source in sources[2:5]] == ["a-feed", "a-feed-2", "a-feed-3"]
    assert terminal.type("source", "remove", sources[1500].name).code == 0
    assert len(load_config(terminal.folder / "feedmill.toml").source) == 3_001
