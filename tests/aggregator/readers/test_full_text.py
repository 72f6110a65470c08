"""The article's own page in place of what a feed says of it."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

import pytest

from aggregator.config import ConfigError, load_config
from aggregator.readers import full_text
from tests.aggregator.readers.conftest import Upstream, held, milling

if TYPE_CHECKING:
    from pathlib import Path

    from storage.entry import Entry

installed = pytest.mark.skipif(not full_text.is_installed(), reason="the extra is not installed")
SENTENCES = (
    "The water came in at six and stayed until noon, while the ferries waited.",
    "Nobody was hurt, and the quay was dry again by the evening, the harbour master said.",
    "By then the market had moved up the hill, where it will stay for the rest of the week at the town's expense.",
    "A second tide is due tonight; the lock keepers ask all crews to double their lines and to leave the inner basin.",
)


def page(number: int, *sentences: str) -> bytes:
    linked = f'<p>What the sea brought <a href="/more/{number}">to the shore</a> is shown in the old customs house.</p>'
    paragraphs = linked.join(f"<p>{sentence}</p>" for sentence in sentences)
    return (
        '<!DOCTYPE html><html><head><meta charset="utf-8"><title>Tide</title></head><body><nav><a href="/">Home</a>'
        f'<a href="/news">News</a></nav><article><h2>Tide {number}</h2>{paragraphs}</article>'
        "<footer>All rights are the sea's</footer><script>track()</script></body></html>"
    ).encode()


def feed(upstream: Upstream, *numbers: int, note: str = "Note") -> None:
    items = "".join(
        f"<item><title>Tide {n}</title><guid>{n}</guid><link>{upstream.url}/page/{n}</link>"
        f"<description>{note} {n}.</description><pubDate>Mon, 14 Mar 2022 0{n}:00:00 GMT</pubDate></item>"
        for n in numbers
    )
    upstream.documents["/feed"] = f'<rss version="2.0"><channel><title>Tides</title>{items}</channel></rss>'.encode()
    for n in numbers:
        upstream.documents.setdefault(f"/page/{n}", page(n, *SENTENCES))


def source(upstream: Upstream, **more: Any) -> dict[str, Any]:
    given = {"name": "tides", "kind": "feed", "url": f"{upstream.url}/feed", "private": True, "full_text": True}
    return given | more


def entry_of(entries: dict[str, Entry], title: str) -> Entry:
    return next(entry for entry in entries.values() if entry.title == title)


@installed
async def test_an_article_is_fetched_once_and_stays(upstream: Upstream, tmp_path: Path) -> None:
    feed(upstream, 1, 2)
    async with milling(tmp_path, source(upstream)) as mill:
        [pull] = await mill.pull(mill.config.source)
        assert (pull.state.failure, pull.problems) == ("", ())
        entry = entry_of(held(mill), "Tide 1")
        assert all(sentence in entry.content for sentence in SENTENCES)
        assert f'href="{upstream.url}/more/1"' in entry.content
        assert not any(word in entry.content for word in ("Home", "rights", "track"))
        assert upstream.requests[1].headers["Accept"].startswith("text/html")
        upstream.asked()
        feed(upstream, 1, 2, 3)
        await mill.pull(mill.config.source)
        assert upstream.asked("/page") == ["/page/3"]
        assert entry_of(held(mill), "Tide 1") == entry


@installed
@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        (403, "answers with status 403"),
        (b"<html><body></body></html>", "has no article that can be told from what is around it"),
        (b"", "is no article: this is no web page"),
        (page(1, "Short."), "has less text than the feed itself"),
    ],
)
async def test_what_is_no_article_leaves_the_feeds_own_text_and_is_told_once(
    bad: bytes | int, problem: str, upstream: Upstream, tmp_path: Path
) -> None:
    upstream.documents["/page/1"] = bad
    feed(upstream, 1, note="A much longer note than the article is, " * 5)
    async with milling(tmp_path, source(upstream)) as mill:
        [pull] = await mill.pull(mill.config.source)
        [told] = pull.problems
        assert told.startswith(f"{upstream.url}/page/1 {problem}")
        assert "A much longer note" in entry_of(held(mill), "Tide 1").content
        upstream.asked()
        feed(upstream, 1, 2, note="A much longer note than the article is, " * 5)
        [pull] = await mill.pull(mill.config.source)
        assert upstream.asked("/page") == ["/page/2"]


@installed
async def test_a_page_that_fails_for_now_is_asked_again(upstream: Upstream, tmp_path: Path) -> None:
    upstream.documents["/page/1"] = 500
    feed(upstream, 1)
    async with milling(tmp_path, source(upstream)) as mill:
        await mill.pull(mill.config.source)
        assert entry_of(held(mill), "Tide 1").content == "Note 1."
        upstream.documents["/page/1"] = page(1, *SENTENCES)
        [pull] = await mill.pull(mill.config.source)
        assert pull.kept.corrected == 1
        assert SENTENCES[0] in entry_of(held(mill), "Tide 1").content


def test_without_the_extra_it_is_a_wrong_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(full_text, "find_spec", lambda name: None if "traf" in name else importlib.util.find_spec(name))
    path = tmp_path / "feedmill.toml"
    path.write_text(
        '[site]\nurl = "https://a.example"\n[[source]]\nname = "a"\nkind = "feed"\nurl = "https://a.example/f"\n'
        "full_text = true\n"
    )
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert str(caught.value) == (
        f'{path}:7: [[source]] "a" full_text: reads articles with trafilatura, which is not installed: '
        "pip install 'feedmill[full-text]'"
    )
