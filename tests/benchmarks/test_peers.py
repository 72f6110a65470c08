from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

import pytest
import yaml

from benchmarks.peers import hugo, jekyll, plain
from benchmarks.peers.posts import copy_post, copy_store, paths, read_post
from benchmarks.store import ROLLING, add_post, write_store
from feeds.reading import read

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

POSTS, CATEGORIES = 400, 30


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = tmp_path_factory.mktemp("peers") / "store"
    write_store(store, POSTS, CATEGORIES, 1_500)
    return store


def test_a_copy_says_the_same_and_can_be_read(store: Path, tmp_path: Path) -> None:
    slugs = copy_store(store, tmp_path / "copy")
    assert len(slugs) == CATEGORIES
    copies = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "copy").iterdir()}
    assert len(copies) == POSTS
    for path in paths(store):
        post = read_post(path)
        _, head, body = copies[post.name].split("---\n", 2)
        said = yaml.safe_load(head)
        assert said["title"] == post.title
        assert said["categories"] == list(post.slugs)
        assert said["published"] is post.published
        assert datetime.fromisoformat(said["date"]).utcoffset() is not None
        assert path.read_text(encoding="utf-8").endswith(f"---\n{body}")
        assert re.match(r"\d{4}-\d\d-\d\d-.+[.]md", post.name)
    assert any('"' in read_post(path).title for path in paths(store))
    assert sum(not read_post(path).published for path in paths(store)) > 0


def test_a_share_of_the_posts(store: Path, tmp_path: Path) -> None:
    copy_store(store, tmp_path / "copy", share=8)
    assert len(list((tmp_path / "copy").iterdir())) == POSTS / 8


def test_what_is_no_post_of_a_store(tmp_path: Path) -> None:
    (tmp_path / "post.md").write_text("Without a head.")
    with pytest.raises(ValueError, match=r"post[.]md is not a post of a generated store"):
        copy_post(tmp_path / "post.md", tmp_path)


def test_the_plainest_python_makes_feeds_of_the_newest_posts(store: Path, tmp_path: Path) -> None:
    posts = [post for post in map(read_post, paths(store)) if post.published]
    slugs = {slug for post in posts for slug in post.slugs}
    assert plain.build(store, tmp_path / "out") == len(slugs) + 1
    rolling = read((tmp_path / f"out/{ROLLING.slug}.rss").read_bytes())
    moments = [datetime.fromisoformat(post.written) for post in posts if ROLLING.slug in post.slugs]
    assert [entry.published for entry in rolling.entries] == sorted(moments, reverse=True)[:50]
    assert rolling.problems == ()
    assert all(entry.content and "<p>" in entry.content.value for entry in rolling.entries)


@pytest.mark.parametrize("peer", [hugo, pytest.param(jekyll, marks=pytest.mark.slow)])
def test_what_a_generator_makes(peer: ModuleType, store: Path, tmp_path: Path) -> None:
    program = peer.find()
    if isinstance(program, str):
        pytest.skip(program)
    expected = peer.prepare(store, tmp_path / "site")
    peer.build(program, tmp_path / "site")
    feeds = peer.feeds(tmp_path / "site")
    assert expected - 2 <= len(feeds) <= expected
    (tmp_path / "_posts").mkdir()
    (tmp_path / "category").mkdir()
    added = add_post(tmp_path, ROLLING.slug, 7, 1_500)
    copy_post(added, peer.posts(tmp_path / "site"))
    peer.build(program, tmp_path / "site")
    document = read(peer.feed(tmp_path / "site", ROLLING.slug).read_bytes())
    assert 1 < len(document.entries) <= 50
    newest = document.entries[0]
    assert newest.title
    assert newest.title.value == read_post(added).title
    assert all(entry.content and "<p>" in entry.content.value for entry in document.entries)
