"""What is published is valid by validators that know nothing of what wrote it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from feeds.outline import Folder, Outline
from feeds.publishing.documents import Documents
from feeds.publishing.found import Difference, Document
from feeds.publishing.rendering import Renderer
from feeds.publishing.static_site import StaticSite
from feeds.writing import opml
from storage import stories
from storage.story import Place, Stories
from tests.feeds.pages import library
from tests.feeds.publishing.conftest import empty
from tests.feeds.publishing.shelf import NOON, ODD_SLUGS, ROOT, SITE, Shelf, code, files, made
from tests.feeds.validators.documents import CHECKS, feeds_of, problems_of

if TYPE_CHECKING:
    from pathlib import Path

    from feeds.site import Site

__all__ = ["empty"]

HUB = replace(SITE, hub="https://hub.example/", entries_per_feed=20)


def published(shelf: Shelf, site: Site, folder: Path) -> dict[str, bytes]:
    """Every document of *shelf*, as a static host would have it."""
    StaticSite(folder / "public", shelf.database, Renderer(site)).publish()
    return files(folder / "public")


def test_what_the_other_tests_expect() -> None:
    expected = [path for suffix in CHECKS for path in (ROOT / "tests" / "data" / "writing").rglob(f"expected.{suffix}")]
    assert len(expected) >= 18
    assert problems_of({str(path): path.read_bytes() for path in expected}) == []


def test_the_example_site_and_sources_with_odd_addresses(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples" / "site", tmp_path / "site")
    config = tmp_path / "site" / "feedmill.toml"
    with config.open("a") as file:
        for path in sorted((ROOT / "tests" / "data" / "addresses").iterdir()):
            file.write(f'\n[[source]]\nname = "{path.suffix[1:]}"\nkind = "feed"\npath = "{path}"\n')
    command = [sys.executable, "-m", "aggregator", "--config", str(config)]
    done = subprocess.run([*command, "run", "--once"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    documents = files(tmp_path / "site" / "public")
    kinds = Counter(path.rpartition(".")[2] for path in feeds_of(documents))
    assert min(kinds[suffix] for suffix in ("atom", "rss", "json")) > 10
    assert (kinds["opml"], kinds["xml"]) == (1, 3)
    assert {"category/atom.atom", "category/rss.atom"} <= documents.keys()
    assert problems_of(documents) == []


def test_a_store_with_every_kind_of_document(empty: Shelf, tmp_path: Path) -> None:
    """Corrections, tombstones, archive pages that are full and that grow, odd names, files and hostile words."""
    library.fill(empty, categories=8, entries=300)
    empty.put(*(made(number, slug) for number, slug in enumerate(ODD_SLUGS, 3000)))
    for number in (7, 250, 280, 902):  # the last has markup as the store never holds it
        empty.withdraw(number)
    for number in (3, 9, 299):
        empty.correct(number, title="Put right")
    documents = published(empty, HUB, tmp_path)
    archives = [path for path in documents if "archive/" in path]
    assert len(archives) >= 5
    assert sum(b"deleted-entry" in documents[path] for path in archives) >= 3
    assert b"Put right" in documents["all.atom"]
    assert b"deleted-entry" in documents["all.atom"]
    assert b'rel="prev-archive"' in documents["all.rss"]
    assert problems_of(documents) == []


def test_each_story_once(empty: Shelf, tmp_path: Path) -> None:
    empty.put(*(made(number, "pier") for number in range(1, 31)))
    with empty.database.writing() as connection:
        first = NOON + timedelta(minutes=1)
        places = [Place(code(number), code(1), first + timedelta(seconds=number)) for number in (1, 2, 3)]
        stories.arrange(connection, [], places)
    documents = published(empty, replace(HUB, stories=Stories.FIRST), tmp_path)
    assert documents["category/pier.atom"].count(b"<entry>") < 30
    assert problems_of(documents) == []


@pytest.mark.parametrize("suffix", ["atom", "rss", "json"])
def test_what_is_new_in_a_feed(empty: Shelf, suffix: str) -> None:
    """The body of a 226 (RFC 3229) is a feed by itself."""
    empty.put(*(made(number, "pier") for number in range(1, 31)))
    documents = Documents(empty.database, Renderer(HUB))
    path = f"category/pier.{suffix}"
    whole = documents.find(path)
    assert isinstance(whole, Document)
    empty.put(made(31, "pier"))
    empty.correct(3, title="Put right")
    empty.withdraw(30)
    new = documents.difference(path, whole.etag)
    assert isinstance(new, Difference)
    assert code(31).encode() in new.document.body
    assert code(29).encode() not in new.document.body
    assert problems_of({path: new.document.body}) == []


def test_a_site_without_an_entry(empty: Shelf, tmp_path: Path) -> None:
    documents = published(empty, HUB, tmp_path)
    assert {"all.atom", "all.rss", "all.json", "feeds.opml", "sitemap.xml", "news-sitemap.xml"} <= documents.keys()
    assert problems_of(documents) == []


def test_the_list_of_what_is_read() -> None:
    boats, tides = Folder("Boats"), Folder("Tides & <more>")
    feeds = [
        Outline("https://pier.example/feed?a=1&b=2", "The pier", link="https://pier.example/", folders=(boats, tides)),
        Outline("https://quay.example/feed", "quay", folders=(boats,)),
        Outline("https://tide.example/feed", "Tide\x00"),
    ]
    assert problems_of({"all.opml": opml.subscriptions("What is read", feeds)}) == []
