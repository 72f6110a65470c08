"""``feedmill db copy``: a site that has been lived in goes from SQLite to PostgreSQL and back, and nobody notices."""

from __future__ import annotations

import re
from contextlib import closing
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from storage.database import open_database
from storage.moving import copy_store
from tests import stores
from tests.aggregator.cli.conftest import POST
from tests.storage.held import dump

if TYPE_CHECKING:
    from pathlib import Path

    from tests.aggregator.cli.conftest import Terminal

_POST = "_posts/2022-03-1{0}-NW20220314230837{0:04}.md"
_DERIVED = ("search_document", "search_mark")
"""What is indexed anew: the numbers of documents are others."""


def _post(title: str, categories: str) -> str:
    return POST.replace("High tide", title).replace("harbour", categories)


@pytest.fixture
def lived_in(terminal: Terminal) -> Terminal:
    """Entries, corrections, a withdrawal, a renamed and a hidden category, a partner who is owed something."""
    for number in range(1, 9):
        terminal.write(
            _POST.format(number), POST.replace("High tide", f"春天的港口 {number}").replace("harbour", "[a, b]")
        )
    for arguments in (
        ("run", "--once"),
        ("partner", "add", "acme", "--all", "--webhook", "https://acme.example/hook"),
        ("category", "rename", "a", "bay"),
        ("category", "hide", "harbour"),
        ("entry", "withdraw", "NW202203142308379872"),
    ):
        assert terminal.type(*arguments).code == 0, arguments
    terminal.write(
        _POST.format(3), POST.replace("High tide", "Corrected").replace("harbour", "[a, c]") + "\0\x07 more\n"
    )
    assert terminal.type("run", "--once").code == 0
    return terminal


@pytest.fixture
def places(tmp_path: Path) -> list[str]:
    """Where the store is at first, and a PostgreSQL and a SQLite database to be made."""
    server = stores.postgresql_at(tmp_path / "to", "blank")
    return [stores.url_at(tmp_path / "data" / "feedmill.db"), server, f"sqlite:///{tmp_path / 'back' / 'feedmill.db'}"]


def published(terminal: Terminal, url: str, patch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """All that is published of the store at *url*."""
    patch.setenv("FEEDMILL_STORAGE__URL", url)
    folder = terminal.folder / "public"
    assert terminal.type("publish").code == 0
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return {name: body for name, body in found.items() if not name.startswith(".feedmill")}


def held(url: str) -> dict[str, list[str]]:
    with closing(open_database(url)) as database, database.reading() as connection:
        return dump(connection, _DERIVED)


def test_a_store_goes_there_and_back(lived_in: Terminal, places: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    before = published(lived_in, places[0], monkeypatch)
    for source, target in pairwise(places):
        rows = held(source)
        assert rows["follower"]
        assert rows["event"]
        done = lived_in.type("db", "copy", source, target)
        assert done.code == 0, done.err
        assert re.search(r"rows copied and compared: [1-9]\d+; .* is now what .* was", done.err)
        assert held(target) == rows
        assert published(lived_in, target, monkeypatch) == before
        with closing(open_database(target)) as there, there.reading() as connection:
            assert connection.execute(text("SELECT count(*) FROM search_document")).scalar_one() == 9
        assert lived_in.type("run", "--once").code == 0
        assert held(target)["entry"] == rows["entry"]  # and it goes on from there


def test_what_is_not_empty_is_refused(lived_in: Terminal, places: list[str]) -> None:
    assert lived_in.type("db", "copy", places[0], places[1]).code == 0
    rows = held(places[1])
    done = lived_in.type("db", "copy", places[0], places[1])

    assert done.code == 2
    assert "is not empty: name a database that nothing is in yet" in done.err
    assert held(places[1]) == rows


@pytest.mark.usefixtures("lived_in")
def test_a_copy_that_is_not_the_same_is_not_kept(places: list[str]) -> None:
    with closing(open_database(places[0])) as source, closing(open_database(places[2])) as target:
        with target.writing() as connection:
            connection.execute(
                text("CREATE TRIGGER spoil AFTER INSERT ON entry BEGIN UPDATE entry SET title = 'x'; END")
            )
        with pytest.raises(Exception, match="the copy of the table 'entry' is not the same: nothing is kept"):
            copy_store(source, target)
        with target.reading() as connection:
            assert dump(connection)["entry"] == []
            assert connection.execute(text("SELECT count(*) FROM store")).scalar_one() == 1


def test_what_cannot_be_copied_is_a_sentence(terminal: Terminal, places: list[str]) -> None:
    missing = f"sqlite:///{terminal.folder / 'missing.db'}"
    for arguments, code, said in (
        ((missing, places[1]), 2, "missing.db is not there: name the file of a store"),
        ((places[1], places[1]), 2, "FROM and TO are one database"),
        ((places[1], "mysql://x/y"), 1, "[storage] url begins with mysql://"),
        ((places[1], f"postgresql://mill:hidden@/x?host={terminal.folder}"), 1, "See that PostgreSQL runs there"),
    ):
        done = terminal.type("db", "copy", *arguments)
        assert (done.code, said in done.err) == (code, True), done.err
        assert "hidden" not in done.err
    assert not (terminal.folder / "missing.db").exists()
