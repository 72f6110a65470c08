"""Where two revisions differ, for people."""

from __future__ import annotations

from dataclasses import replace

from aggregator.words import changed, difference, lines_of, same_words
from storage.entry import Enclosure
from tests.storage.held import entry

SAID = replace(entry(1).said, content="<p>潮水来了。港口关闭！</p><ul><li>One. Two.</li><li>Three</li></ul>")


def test_sentences_and_blocks_are_lines() -> None:
    assert lines_of(SAID.content) == ["潮水来了。", "港口关闭！", "One.", "Two.", "Three"]
    assert lines_of("a<br>b <b>c</b>") == ["a", "b c"]
    assert lines_of("") == []


def test_only_what_differs_is_shown() -> None:
    after = replace(SAID, title="Other", content=SAID.content.replace("关闭", "开放"))

    assert changed(SAID, after) == ("title", "content")
    assert list(difference(SAID, after)) == [
        "title:",
        "- Title 1",
        "+ Other",
        "content:",
        "  潮水来了。",
        "- 港口关闭！",
        "+ 港口开放！",
        "  One.",
        "  Two.",
        "  Three",
    ]
    assert list(difference(SAID, SAID)) == []


def test_other_words_are_a_correction() -> None:
    assert same_words(SAID, replace(SAID, title=f" {SAID.title}\n"))
    for other in (
        replace(SAID, title="Other"),
        replace(SAID, content="<p>x</p>"),
        replace(SAID, link="https://a.example/"),
        replace(SAID, enclosures=(Enclosure("https://a.example/1.mp3"),)),
        replace(SAID, published=SAID.published.replace(year=2025)),
    ):
        assert not same_words(SAID, other)
