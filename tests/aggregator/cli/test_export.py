"""``feedmill export posts``: a folder that another site reads as the same entries, and what is never touched in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from aggregator.config import load_config
from aggregator.posts.export import LIST_NAME, Wanted, export_posts
from storage import entries
from storage.database import open_database
from tests import stores
from tests.aggregator.cli.conftest import FEED, POST, SETTINGS

if TYPE_CHECKING:
    from pathlib import Path

    from storage.entry import Entry, InfoCode
    from tests.aggregator.cli.conftest import Terminal

NATIVE = "_posts/2022-03-14-NW202203142308379872.md"
CARRIED = (
    *("info_code", "title", "content", "summary", "link", "published", "updated", "categories", "category_names"),
    *("tags", "origin", "authors", "enclosures", "language", "contributors", "links", "comments", "image", "licence"),
    "episode",
)
EPISODE = (
    '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Tides</title><item>'
    '<title>A tide: {{ so }} "high"</title><guid>2</guid><link>https://tides.example/2</link>'
    "<description>&lt;b&gt;Bold&lt;/b&gt; *words*\n\n---\n</description><category>World News</category>"
    '<enclosure url="https://tides.example/2.mp3" type="audio/mpeg" length="7"/><dc:creator>Ada</dc:creator>'
    "<pubDate>Tue, 15 Mar 2022 01:00:00 GMT</pubDate></item></channel></rss>"
)


@pytest.fixture
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("exported") / "out"


def _files(folder: Path) -> dict[str, bytes]:
    there = (path for path in folder.rglob("*") if path.is_file() and path.name != LIST_NAME)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in there}


def _stored(folder: Path) -> dict[InfoCode, Entry]:
    database = stores.open_at(folder / "data" / "feedmill.db")
    try:
        with database.reading() as connection:
            return entries.find(connection, entries.chosen(connection))
    finally:
        database.close()


def test_an_exported_folder_is_read_as_the_same_entries(
    terminal: Terminal, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal.write("tides.xml", EPISODE)
    assert terminal.type("pull").code == 0
    done = terminal.type("export", "posts", str(out))
    assert (done.code, done.out) == (0, "")
    assert done.err == f"feedmill: entries exported: 2; files written: 5, removed: 0, in {out}\n"

    settings = SETTINGS.partition("[[source]]")[0] + '[[source]]\nname = "again"\nkind = "posts"\npath = "."\n'
    (out / "feedmill.toml").write_text(settings)
    for name, value in stores.environment(out / "data" / "feedmill.db").items():
        monkeypatch.setenv(name, value)
    assert terminal.type("-c", str(out / "feedmill.toml"), "check").code == 0
    assert terminal.type("-c", str(out / "feedmill.toml"), "pull").code == 0
    before, after = _stored(terminal.folder), _stored(out)
    assert before.keys() == after.keys()
    for code, entry in before.items():
        for name in CARRIED:
            assert getattr(after[code], name) == getattr(entry, name), name


def test_what_did_not_change_is_not_written_again(terminal: Terminal, out: Path) -> None:
    terminal.type("pull")
    terminal.type("export", "posts", str(out))
    before = (out / NATIVE).stat()
    done = terminal.type("export", "posts", str(out))
    assert "entries exported: 2; files written: 0, removed: 0" in done.err
    assert (out / NATIVE).stat().st_mtime_ns == before.st_mtime_ns


def test_a_correction_and_another_date_take_the_files_place(terminal: Terminal, out: Path) -> None:
    terminal.type("pull")
    terminal.type("export", "posts", str(out))
    terminal.write(NATIVE, POST.replace("2022-03-14", "2022-03-13").replace("came.", "came and went."))
    terminal.type("pull")
    done = terminal.type("export", "posts", str(out))
    assert "files written: 1, removed: 1" in done.err
    files = _files(out)
    assert NATIVE not in files
    assert b"came and went" in files[NATIVE.replace("03-14", "03-13")]


def test_a_withdrawn_entry_leaves_the_folder(terminal: Terminal, out: Path) -> None:
    terminal.type("pull")
    terminal.type("export", "posts", str(out))
    terminal.write(NATIVE, POST.replace("title:", "withdrawn: true\ntitle:"))
    terminal.type("pull")
    done = terminal.type("export", "posts", str(out))
    assert "entries exported: 1; files written: 0, removed: 1" in done.err
    assert NATIVE not in _files(out)


@pytest.mark.parametrize("name", [NATIVE, "_config.yml", "category/harbour.html"])
def test_a_file_of_anothers_is_left_alone(terminal: Terminal, out: Path, name: str) -> None:
    terminal.type("pull")
    mine = out / name
    mine.parent.mkdir(parents=True, exist_ok=True)
    mine.write_text("mine\n")
    done = terminal.type("export", "posts", str(out))
    assert done.code == 1
    assert f"{mine} was not written by an export, or was changed since" in done.err
    assert mine.read_text() == "mine\n"
    mine.unlink()
    assert terminal.type("export", "posts", str(out)).code == 0


def test_a_post_that_was_changed_by_hand_is_left_alone(terminal: Terminal, out: Path) -> None:
    terminal.type("pull")
    terminal.type("export", "posts", str(out))
    (out / NATIVE).write_text("mine\n")
    done = terminal.type("export", "posts", str(out))
    assert (done.code, (out / NATIVE).read_text()) == (1, "mine\n")


@pytest.mark.parametrize("place", [".", "out", "a/b"])
def test_a_folder_that_a_source_reads_is_refused(terminal: Terminal, place: str) -> None:
    terminal.type("pull")
    before = _files(terminal.folder)
    done = terminal.type("export", "posts", place)
    assert done.code == 2
    assert done.err == f"feedmill: {place} lies in the folder of the source 'posts': name one outside of it\n"
    assert _files(terminal.folder) == before


@pytest.mark.parametrize(
    ("options", "titles"),
    [
        (("--category", "harbour"), {"High tide"}),
        (("--category", "harbour", "--category", "tides"), {"High tide", "Low tide"}),
        (("--source", "tides"), {"Low tide"}),
        (("--since", "2022-03-14"), {"High tide", "Low tide"}),
        (("--since", "2022-03-15"), set()),
        (("--source", "tides", "--category", "harbour"), set()),
    ],
)
def test_only_what_is_wanted(terminal: Terminal, out: Path, options: tuple[str, ...], titles: set[str]) -> None:
    terminal.type("pull")
    assert terminal.type("export", "posts", str(out), *options).code == 0
    posts = [text.decode() for path, text in _files(out).items() if path.startswith("_posts/")]
    assert {text.partition('title: "')[2].partition('"')[0] for text in posts} == titles


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--category", "habour"), "there is no category 'habour'"),
        (("--source", "tide"), "nothing was pulled from a source named 'tide'; there are: posts, tides"),
        (("--since", "yesterday"), "does not match"),
    ],
)
def test_a_wrong_wish_is_told(terminal: Terminal, out: Path, options: tuple[str, ...], message: str) -> None:
    terminal.type("pull")
    done = terminal.type("export", "posts", str(out), *options)
    assert done.code == 2
    assert message in done.err
    assert not (out).exists()


def test_a_list_that_is_damaged_is_told(terminal: Terminal, out: Path) -> None:
    terminal.type("pull")
    out.mkdir()
    (out / LIST_NAME).write_text("[1]")
    done = terminal.type("export", "posts", str(out))
    assert (done.code, "is damaged" in done.err) == (1, True)


def test_a_folder_that_cannot_be_written_is_told(terminal: Terminal, out: Path) -> None:
    terminal.type("pull")
    out.write_text("a file")
    done = terminal.type("export", "posts", str(out))
    assert done.code == 1
    assert f"{out}: cannot be written: Not a directory" in done.err


def test_an_entry_that_no_post_can_hold_is_named(terminal: Terminal, out: Path) -> None:
    long = FEED.replace("<pubDate>", f"<description>{'word ' * 20_000}</description><body>x</body><pubDate>")
    terminal.write("tides.xml", long)
    terminal.type("pull")
    done = terminal.type("export", "posts", str(out))
    assert done.code == 3
    assert "was left out: what stands before its text would be over 64 KB" in done.err
    assert "entries exported: 1; files written: 4" in done.err


def test_what_was_written_before_a_stop_is_listed(terminal: Terminal, out: Path) -> None:
    terminal.type("pull")
    config = load_config(terminal.folder / "feedmill.toml")
    database = open_database(config.storage.url)

    def stop(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    try:
        with pytest.raises(KeyboardInterrupt):
            export_posts(database, config.published_site, out, Wanted(), stop)
        assert {path for path, _ in json.loads((out / LIST_NAME).read_bytes()).values()} == _files(out).keys()
    finally:
        database.close()
