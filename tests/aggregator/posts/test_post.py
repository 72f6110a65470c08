"""Every folder in tests/data/posts/ holds one post, where it would stand in a store, and what is read of it."""

from __future__ import annotations

import json
import os
from dataclasses import fields, is_dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.posts.errors import PostError
from aggregator.posts.jekyll import JekyllSettings
from aggregator.posts.post import read_post

SHANGHAI = ZoneInfo("Asia/Shanghai")
SETTINGS = JekyllSettings(url="https://site.example.org", baseurl="/news")
CASES = Path(__file__).parents[2] / "data" / "posts"
SEED = os.environ.get("FEEDMILL_SEED_POSTS")


def told(value: object) -> object:
    """*value* as JSON: only what is not empty; a text by itself."""
    if is_dataclass(value) and not isinstance(value, type):
        parts = {field.name: getattr(value, field.name) for field in fields(value)}
        return {name: told(part) for name, part in parts.items() if part not in ("", (), None, False)}
    if isinstance(value, datetime):
        return value.isoformat()
    return [told(one) for one in value] if isinstance(value, tuple) else value


@pytest.mark.parametrize("expected", sorted(CASES.glob("*/expected.json")), ids=lambda path: path.parent.name)
def test_a_post_is_read(expected: Path) -> None:
    [file] = (path for path in expected.parent.rglob("*") if path.is_file() and path != expected)
    path = file.relative_to(expected.parent).as_posix()

    post = read_post(file.read_bytes(), path, SETTINGS, SHANGHAI)

    assert told(post) == json.loads(expected.read_text())


def test_every_case_has_what_is_expected() -> None:
    assert sorted(CASES.iterdir()) == [path.parent for path in sorted(CASES.glob("*/expected.json"))]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no front matter"),
        (b"just text\n", "no front matter"),
        (b"---\ntitle: x\n", "not closed"),
        ("---\ntitle: 海港\n---\n".encode("gbk"), "not UTF-8: byte 11 "),
    ],
)
def test_what_is_no_post_is_named(data: bytes, reason: str) -> None:
    with pytest.raises(PostError, match=reason):
        read_post(data, "_posts/2022-03-14-x.md", SETTINGS, SHANGHAI)


def test_a_name_that_is_not_utf8_is_named() -> None:
    with pytest.raises(PostError, match="rename"):
        read_post(b"---\n---\n", os.fsdecode(b"_posts/\xff.md"), SETTINGS, SHANGHAI)


def test_moving_a_post_to_the_old_ones_keeps_its_id() -> None:
    data = b"---\ntitle: x\n---\nbody\n"
    new = read_post(data, "_posts/2022-03-14-x.md", SETTINGS, SHANGHAI)
    old = read_post(data, "old_post/2022-03-14-x.md", SETTINGS, SHANGHAI)
    assert new == old


def test_without_the_sites_address_there_is_no_link() -> None:
    entry = read_post(b"---\n---\nx\n", "_posts/2022-03-14-x.md", JekyllSettings(), SHANGHAI).entry
    assert (entry.link, entry.base) == ("", "")


@given(st.text(max_size=200), st.text(max_size=400), st.sampled_from(["md", "markdown", "html"]))
def test_no_head_and_no_body_stops_a_post(head: str, body: str, suffix: str) -> None:
    data = f"---\n{head}\n---\n{body}".encode()
    entry = read_post(data, f"_posts/2022-03-14-x.{suffix}", SETTINGS, SHANGHAI).entry
    assert entry.title is not None
    assert entry.title.value
    assert entry.published is not None
    assert entry.published.tzinfo is not None


@pytest.mark.skipif(SEED is None, reason="FEEDMILL_SEED_POSTS names no folder of real posts")
def test_real_posts_are_read_whole() -> None:
    files = sorted(Path(SEED or "").glob("*.md"))
    assert files
    for file in files:
        entry = read_post(file.read_bytes(), f"_posts/{file.name}", SETTINGS, SHANGHAI).entry
        assert entry.content is not None
        assert entry.info_code == file.stem[-20:]
        assert entry.authors[0].name
        assert "NewsShare.html" not in entry.content.value
        assert "返回首页" not in entry.content.value
