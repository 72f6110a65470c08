"""``feedmill entry``: what people see of one entry, and what withdrawing it by hand does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.aggregator.cli.conftest import POST

if TYPE_CHECKING:
    from tests.aggregator.cli.conftest import Terminal

CODE = "NW202203142308379872"
FILE = f"_posts/2022-03-14-{CODE}.md"
PAGE = f"https://tide.example/entry/{CODE}.html"
LINK = "https://tides.example/1"


@pytest.fixture
def site(terminal: Terminal) -> Terminal:
    """A site that is read and published."""
    assert terminal.type("run", "--once").code == 0
    return terminal


def correct(site: Terminal) -> None:
    site.write(FILE, POST.replace("came.", "came. It went. 水退了。").replace("High tide", "Higher tide"))
    (site.folder / FILE).touch()
    assert site.type("pull", "posts").code == 0


@pytest.mark.parametrize("name", [CODE, PAGE, f"https://tide.example/html_News/NewsShare.html?infoCode={CODE}"])
def test_an_entry_is_found_by_its_code_and_its_page(site: Terminal, name: str) -> None:
    done = site.type("entry", "show", name)

    assert done.code == 0
    for line in (
        f"infoCode: {CODE}",
        "state: published",
        "title: High tide",
        "published: 2022-03-14 10:35:49+00:00",
        "categories: harbour",
        f"found: posts: {FILE}",
        "content: The water came.",
    ):
        assert line in done.out.splitlines()


@pytest.mark.parametrize("name", [LINK, "http://www.tides.example/1/?utm_source=x"])
def test_and_by_its_link(site: Terminal, name: str) -> None:
    shown = json.loads(site.type("entry", "show", "--json", name).out)

    assert (shown["title"], shown["link"], shown["scope"], shown["withdrawn"]) == ("Low tide", LINK, "tides", None)
    assert shown["found"] == [{"source": "tides", "place": shown["infoCode"], "gone": False}]
    assert shown["published"] == "2022-03-14T01:00:00+00:00"


def test_all_that_an_entry_has_is_shown(site: Terminal) -> None:
    podcast = "http://www.itunes.com/dtds/podcast-1.0.dtd"
    parts = (
        f'<itunes:duration xmlns:itunes="{podcast}">1:01</itunes:duration><itunes:episode xmlns:itunes="{podcast}">12'
        '</itunes:episode><comments>https://tides.example/2#c</comments><enclosure url="https://tides.example/2.mp3"/>'
    )
    item = f"<item><guid>2</guid><link>https://tides.example/2</link>{parts}</item></channel>"
    site.write("tides.xml", (site.folder / "tides.xml").read_text().replace("</channel>", item))
    assert site.type("pull", "tides").code == 0
    shown = site.type("entry", "show", "https://tides.example/2").out.splitlines()
    told = json.loads(site.type("entry", "show", "--json", "https://tides.example/2").out)

    assert "comments: https://tides.example/2#c" in shown
    assert "enclosures: https://tides.example/2.mp3" in shown
    assert "episode: duration 61, number 12" in shown
    assert (told["episode"]["duration"], told["enclosures"][0]["media_type"]) == (61, "audio/mpeg")


def test_what_is_not_there_is_told(site: Terminal) -> None:
    names = ["NW202203142308379873", "https://nowhere.example/1", "港口", "http://[bad", "https://tide.example/"]
    commands = ["show", "history", "diff", "withdraw", "restore"]
    for command, name in zip(commands, names, strict=True):
        done = site.type("entry", command, name)
        assert (done.code, done.out) == (2, "")
        assert done.err.startswith(f"feedmill: {name}: there is no such entry. Name an infoCode, ")


def test_a_link_of_two_entries_names_both(site: Terminal) -> None:
    two = (
        (site.folder / "tides.xml")
        .read_text()
        .replace("</channel>", f"<item><guid>2</guid><link>{LINK}</link></item></channel>")
    )
    site.write("tides.xml", two)
    assert site.type("pull", "tides").code == 0
    done = site.type("entry", "withdraw", LINK)

    assert done.code == 2
    assert "2 entries have this link: name one of FM" in done.err


def test_the_history_of_an_entry(site: Terminal) -> None:
    correct(site)
    lines = site.type("entry", "history", CODE).out.splitlines()
    rows = json.loads(site.type("entry", "history", CODE, "--json").out)

    assert [row["revision"] for row in rows] == [1, 2]
    assert [row["changed"] for row in rows] == [[], ["title", "content"]]
    assert lines[0] == "1  2022-03-14 10:35:49+00:00  -  High tide"
    assert lines[1].endswith("  title, content  Higher tide")


def test_the_difference_of_two_revisions(site: Terminal) -> None:
    correct(site)
    expected = ["title:", "- High tide", "+ Higher tide", "content:", "  The water came.", "+ It went.", "+ 水退了。"]

    assert site.type("entry", "diff", CODE).out.splitlines() == expected
    assert site.type("entry", "diff", CODE, "1", "2").out.splitlines() == expected
    assert "+ High tide" in site.type("entry", "diff", CODE, "2", "1").out.splitlines()
    assert (
        site.type("entry", "diff", CODE, "1", "3").err == f"feedmill: {CODE}: there is no revision 3; there are 1, 2\n"
    )


def test_a_first_revision_has_none_before_it(site: Terminal) -> None:
    done = site.type("entry", "diff", CODE)

    assert (done.code, done.err) == (2, f"feedmill: {CODE}: revision 1 has none before it\n")


def test_withdrawn_and_restored(site: Terminal) -> None:
    page, feed = site.folder / "public/entry" / f"{CODE}.html", site.folder / "public/category/harbour.atom"
    assert page.exists()
    done = site.type("entry", "withdraw", PAGE)
    assert (done.code, done.out) == (0, "")
    assert done.err.startswith("feedmill: entries withdrawn: 1\nfeedmill: files written: ")
    assert not page.exists()
    assert "deleted-entry" in feed.read_text()
    assert "state: withdrawn by the operator" in site.type("entry", "show", CODE).out
    again = site.type("entry", "withdraw", CODE)
    assert (again.code, again.err) == (2, f"feedmill: {CODE} was withdrawn already, by the operator\n")

    correct(site)  # its source still lists it
    assert "state: withdrawn by the operator" in site.type("entry", "show", CODE).out

    assert site.type("entry", "restore", CODE).code == 0
    assert page.exists()
    assert "deleted-entry" not in feed.read_text()
    shown = json.loads(site.type("entry", "show", CODE, "--json").out)
    assert (shown["state"], shown["updated"]) == ("published", shown["restored"])
    again = site.type("entry", "restore", CODE)
    assert (again.code, again.err) == (2, f"feedmill: {CODE} is not withdrawn\n")


def test_all_or_none(site: Terminal) -> None:
    assert site.type("entry", "withdraw", LINK, "NW202203142308379873").code == 2
    assert "state: published" in site.type("entry", "show", LINK).out
    assert site.type("entry", "withdraw", LINK, CODE, CODE).err.startswith("feedmill: entries withdrawn: 2\n")


def test_what_front_matter_withdraws_is_restored_there(site: Terminal) -> None:
    site.write(FILE, POST.replace("---\ntitle", "---\nwithdrawn: true\ntitle"))
    (site.folder / FILE).touch()
    site.type("pull", "posts")
    done = site.type("entry", "restore", CODE)

    assert done.code == 2
    assert done.err == f"feedmill: {CODE} is withdrawn in the front matter of {FILE}: change it there\n"
    (site.folder / FILE).unlink()
    site.type("pull", "posts")
    assert site.type("entry", "restore", CODE).code == 0


def test_what_its_source_retracted_before_stays_restored(site: Terminal) -> None:
    stone = '<at:deleted-entry ref="1" when="2026-01-01T00:00:00Z"/>'
    space = 'xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0"'
    feed = f"<feed {space}><id>f</id><title>Tides</title>{stone}</feed>"
    site.write("tides.xml", feed)
    site.type("pull", "tides")
    assert "state: withdrawn by the source" in site.type("entry", "show", LINK).out
    site.type("entry", "restore", LINK)
    site.write("tides.xml", feed.replace("Tides", "Tides again"))
    site.type("pull", "tides")
    assert "state: published" in site.type("entry", "show", LINK).out
    site.write("tides.xml", feed.replace("2026-01-01", "2126-01-01"))
    site.type("pull", "tides")
    assert "state: withdrawn by the source" in site.type("entry", "show", LINK).out


def test_without_a_folder_nothing_is_written(site: Terminal) -> None:
    site.write("feedmill.toml", (site.folder / "feedmill.toml").read_text().replace('directory = "public"', ""))

    assert site.type("entry", "withdraw", CODE).err == "feedmill: entries withdrawn: 1\n"
